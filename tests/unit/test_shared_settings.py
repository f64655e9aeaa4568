"""What triggers of one handler share, and which of their settings contradict each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import assertions
from aws_cdk import aws_events as events
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_destinations as destinations
from aws_cdk import aws_sqs as sqs

from serverless_patterns import EventBridgeTrigger, PatternError, PythonFunction
from tests.messages import exactly

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

ORDERS = events.EventPattern(source=["shop.orders"])
CONFIG = "AWS::Lambda::EventInvokeConfig"


def trigger(stack: cdk.Stack, handler: lambda_.IFunction, **options: Any) -> EventBridgeTrigger:
    return EventBridgeTrigger(
        stack, options.pop("id", "Orders"), handler=handler, event_pattern=ORDERS, **options
    )


def resources(stack: cdk.Stack, kind: str) -> Mapping[str, Mapping[str, Any]]:
    return assertions.Template.from_stack(stack).find_resources(kind)


def number(stack: cdk.Stack, name: str) -> Any:
    return cdk.CfnParameter(stack, name, type="Number").value_as_number


@pytest.mark.parametrize("other", ["token", "value", "default"])
@pytest.mark.parametrize("name", ["retry_attempts", "max_event_age"])
def test_settings_that_only_a_deployment_tells_are_not_compared(
    stack: cdk.Stack, handler: PythonFunction, name: str, other: str
) -> None:
    made: dict[str, Callable[[Any], Any]] = {
        "retry_attempts": lambda value: value,
        "max_event_age": cdk.Duration.seconds,
    }
    known = {"retry_attempts": 1, "max_event_age": 3_600}
    second = {
        "token": {name: made[name](number(stack, "Second"))},
        "value": {name: made[name](known[name])},
        "default": {},
    }[other]
    trigger(stack, handler, **{name: made[name](number(stack, "First"))})
    trigger(stack, handler, id="Other", **second)

    [config] = resources(stack, CONFIG).values()
    assert {"Ref": "First"} in config["Properties"].values()


@pytest.mark.parametrize("options", ["retry_attempts", "max_event_age", "both"])
def test_an_age_and_retries_are_not_compared_with_a_token(
    stack: cdk.Stack, handler: PythonFunction, options: str
) -> None:
    asked = {
        "retry_attempts": {
            "retry_attempts": number(stack, "Retries"),
            "max_event_age": cdk.Duration.seconds(60),
        },
        "max_event_age": {
            "retry_attempts": 2,
            "max_event_age": cdk.Duration.seconds(number(stack, "Age")),
        },
        "both": {
            "retry_attempts": number(stack, "RetriesOf"),
            "max_event_age": cdk.Duration.seconds(number(stack, "AgeOf")),
        },
    }[options]
    trigger(stack, handler, **asked)

    assert len(resources(stack, CONFIG)) == 1


def test_delivery_settings_may_be_tokens(stack: cdk.Stack, handler: PythonFunction) -> None:
    trigger(
        stack,
        handler,
        delivery_retry_attempts=number(stack, "Retries"),
        max_delivery_age=cdk.Duration.seconds(number(stack, "Age")),
    )

    [rule] = resources(stack, "AWS::Events::Rule").values()
    assert rule["Properties"]["Targets"][0]["RetryPolicy"] == {
        "MaximumEventAgeInSeconds": {"Ref": "Age"},
        "MaximumRetryAttempts": {"Ref": "Retries"},
    }


def test_one_destination_is_the_same_by_whatever_construct_it_is_imported(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    for name in ("One", "Other"):
        arn = cdk.Fn.import_value("Failures")
        queue = sqs.Queue.from_queue_arn(stack, f"{name}Queue", arn)
        trigger(stack, handler, id=name, on_failure=destinations.SqsDestination(queue))

    assert len(resources(stack, CONFIG)) == 1


@pytest.mark.parametrize("value", [(1,), [1], "1", None, sqs.Queue, 1.5], ids=str)
def test_retries_are_a_number(stack: cdk.Stack, handler: PythonFunction, value: Any) -> None:
    message = (
        f"Shop/Orders: retry_attempts must be a whole number from 0 to 2, got {value!r}; omit it "
        "to get 2"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        trigger(stack, handler, retry_attempts=value)
