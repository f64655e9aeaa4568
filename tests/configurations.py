"""What the tests of hosted configuration ask of a template."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import assertions

from serverless_patterns import AppConfigExtension, PatternError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aws_cdk import aws_cloudwatch as cloudwatch
    from aws_cdk import aws_lambda as lambda_

VERSION = "AWS::AppConfig::HostedConfigurationVersion"
PROFILE = "AWS::AppConfig::ConfigurationProfile"


def hosted(stack: cdk.Stack) -> Any:
    """The only configuration, read from its JSON."""
    [version] = assertions.Template.from_stack(stack).find_resources(VERSION).values()
    assert version["Properties"]["ContentType"] == "application/json"
    return json.loads(version["Properties"]["Content"])


def profile(stack: cdk.Stack) -> dict[str, Any]:
    """The properties of the only configuration profile."""
    [found] = assertions.Template.from_stack(stack).find_resources(PROFILE).values()
    properties: dict[str, Any] = found["Properties"]
    return properties


def refusal(stack: cdk.Stack, **options: Any) -> str:
    """Why the construct ``Limits`` is refused."""
    with pytest.raises(PatternError) as refused:
        AppConfigExtension(stack, "Limits", **options)
    return str(refused.value)


def flags_of(stack: cdk.Stack, name: str = "Flags", **options: Any) -> AppConfigExtension:
    """A feature flag, hosted."""
    return AppConfigExtension(stack, name, feature_flags={"sale": True}, **options)


def errors_of(function: lambda_.Function, name: str = "Errors") -> cloudwatch.Alarm:
    """An alarm on the errors of a function."""
    stack = cdk.Stack.of(function)
    return function.metric_errors().create_alarm(stack, name, threshold=1, evaluation_periods=1)


def resources(stack: cdk.Stack, kind: str) -> Mapping[str, Mapping[str, Any]]:
    """The resources of a type of AWS's, by their logical ids."""
    return assertions.Template.from_stack(stack).find_resources(f"AWS::{kind}")


def only(stack: cdk.Stack, kind: str) -> dict[str, Any]:
    """The properties of the only resource of a type."""
    [resource] = resources(stack, kind).values()
    properties: dict[str, Any] = resource["Properties"]
    return properties


def statements(stack: cdk.Stack) -> list[dict[str, Any]]:
    """What the policies of a stack allow."""
    return [
        statement
        for policy in resources(stack, "IAM::Policy").values()
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]
    ]


def flags_refusal(stack: cdk.Stack, **options: Any) -> str:
    """Why the feature flags ``Flags`` are refused."""
    with pytest.raises(PatternError) as refused:
        flags_of(stack, **options)
    return str(refused.value)
