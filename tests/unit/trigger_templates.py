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
    """The resources of a kind, by their logical ids."""
    return assertions.Template.from_stack(stack).find_resources(kind)


def trigger(stack: cdk.Stack, handler: lambda_.IFunction, **options: Any) -> EventBridgeTrigger:
    """Any trigger that invokes a handler asynchronously, as what it shares is the matter."""
    return EventBridgeTrigger(
        stack, options.pop("id", "Orders"), handler=handler, event_pattern=ORDERS, **options
    )


def topic(stack: cdk.Stack, name: str = "Topic") -> sns.Topic:
    """A topic that S3 may tell of its objects."""
    return sns.Topic(stack, name, enforce_ssl=True)


def properties(stack: cdk.Stack, kind: str) -> list[Mapping[str, Any]]:
    """What the resources of a kind are given."""
    found = assertions.Template.from_stack(stack).find_resources(kind)
    return [each["Properties"] for each in found.values()]
