"""What a template makes of a consumer of a stream."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import assertions

from serverless_patterns import PatternError
from tests.messages import exactly

if TYPE_CHECKING:
    from serverless_patterns import KinesisConsumer

MAPPING = "AWS::Lambda::EventSourceMapping"


def mapping(stack: cdk.Stack) -> dict[str, Any]:
    """The properties of the one mapping of ``stack``."""
    [found] = assertions.Template.from_stack(stack).find_resources(MAPPING).values()
    properties: dict[str, Any] = found["Properties"]
    return properties


def statements(consumer: KinesisConsumer) -> list[dict[str, Any]]:
    """What the consumer's own policy allows."""
    stack = cdk.Stack.of(consumer)
    policies = assertions.Template.from_stack(stack).find_resources("AWS::IAM::Policy")
    [policy] = [
        each for key, each in policies.items() if key.startswith(f"{consumer.node.id}Access")
    ]
    found: list[dict[str, Any]] = policy["Properties"]["PolicyDocument"]["Statement"]
    return found


def actions_of(statement: dict[str, Any]) -> list[str]:
    said = statement["Action"]
    return [said] if isinstance(said, str) else said


def seconds(value: float) -> cdk.Duration:
    return cdk.Duration.millis(int(value * 1000))


def refused(message: str) -> Any:
    return pytest.raises(PatternError, match=exactly(f"Shop/Orders: {message}"))
