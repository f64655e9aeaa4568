"""What tests of triggers define, and what they read of templates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
from aws_cdk import assertions
from aws_cdk import aws_events as events
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sns as sns

from serverless_patterns import EventBridgeTrigger

if TYPE_CHECKING:
    from collections.abc import Mapping

CONFIG = "AWS::Lambda::EventInvokeConfig"
ORDERS = events.EventPattern(source=["shop.orders"])


def resources(stack: cdk.Stack, kind: str) -> Mapping[str, Mapping[str, Any]]:
    return assertions.Template.from_stack(stack).find_resources(kind)


def trigger(stack: cdk.Stack, handler: lambda_.IFunction, **options: Any) -> EventBridgeTrigger:
    return EventBridgeTrigger(
        stack, options.pop("id", "Orders"), handler=handler, event_pattern=ORDERS, **options
    )


def topic(stack: cdk.Stack, name: str = "Topic") -> sns.Topic:
    return sns.Topic(stack, name, enforce_ssl=True)


def properties(stack: cdk.Stack, kind: str) -> list[Mapping[str, Any]]:
    found = assertions.Template.from_stack(stack).find_resources(kind)
    return [each["Properties"] for each in found.values()]
