"""What the tests of hosted configuration ask of a template."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import assertions

from serverless_patterns import AppConfigExtension, PatternError

if TYPE_CHECKING:
    import aws_cdk as cdk

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
