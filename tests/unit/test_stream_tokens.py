"""What a consumer of a stream makes of values that are known at deployment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import assertions
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_kinesis as kinesis
from aws_cdk import aws_sns as sns

from tests.polled import made, refused
from tests.queues import function
from tests.streams import mapping

if TYPE_CHECKING:
    from serverless_patterns import PythonFunction

from serverless_patterns import KinesisConsumer

SECONDS = cdk.Duration.seconds
both = pytest.mark.parametrize("pattern", ["kinesis", "table"])


@pytest.fixture
def number(stack: cdk.Stack) -> float:
    """A number that is known at deployment."""
    return cdk.CfnParameter(stack, "Number", type="Number").value_as_number


@both
def test_the_age_of_a_record_may_be_a_token(stack: cdk.Stack, number: float, pattern: str) -> None:
    made(pattern, stack, max_record_age=SECONDS(number))

    assert mapping(stack)["MaximumRecordAgeInSeconds"] == {"Ref": "Number"}


def test_two_tokens_are_not_compared(stack: cdk.Stack, number: float) -> None:
    stream = kinesis.Stream(stack, "Stream")
    resource: Any = stream.node.default_child
    resource.retention_period_hours = number
    window = cdk.CfnParameter(stack, "Window", type="Number").value_as_number
    made(
        "kinesis",
        stack,
        stream=stream,
        handler=function(stack, timeout=SECONDS(number)),
        max_record_age=SECONDS(number),
        max_batching_window=SECONDS(window),
    )

    assert mapping(stack)["MaximumBatchingWindowInSeconds"] == {"Ref": "Window"}


@both
@pytest.mark.parametrize("unit", ["minutes", "hours", "days", "millis"])
@pytest.mark.parametrize("name", ["max_record_age", "max_batching_window", "tumbling_window"])
def test_a_token_that_nothing_converts_is_refused(
    stack: cdk.Stack, number: float, pattern: str, name: str, unit: str
) -> None:
    with refused(
        f"{name} must be in seconds where its value is a token, which nothing converts, got "
        f"Duration.{unit}; write cdk.Duration.seconds(...)"
    ):
        made(pattern, stack, **{name: getattr(cdk.Duration, unit)(number)})


@pytest.mark.parametrize("token", ["factor", "window"])
def test_a_factor_beside_a_tumbling_window_is_not_guessed(
    stack: cdk.Stack, number: float, token: str
) -> None:
    options: dict[str, Any] = {"tumbling_window": SECONDS(60), "parallelization_factor": number}
    if token == "window":
        options = {"tumbling_window": SECONDS(number), "parallelization_factor": 2}
    made("kinesis", stack, **options)

    assert {"Ref": "Number"} in mapping(stack).values()


def test_half_of_a_token_is_asked_for(stack: cdk.Stack, number: float) -> None:
    consumer = made("kinesis", stack, max_record_age=SECONDS(number))
    action = actions.SnsAction(sns.Topic(stack, "Topic"))
    with refused(
        "iterator_age must be given where max_record_age is a token, which nothing halves, got "
        "none; for example cdk.Duration.minutes(10)"
    ):
        consumer.add_alarms(action)

    consumer.add_alarms(action, iterator_age=cdk.Duration.minutes(10))
    assertions.Template.from_stack(stack).has_resource_properties(
        "AWS::CloudWatch::Alarm", {"Threshold": 600_000}
    )


def test_how_far_behind_is_too_far_may_be_a_token_in_milliseconds(
    stack: cdk.Stack, number: float
) -> None:
    consumer = made("kinesis", stack)
    action = actions.SnsAction(sns.Topic(stack, "Topic"))
    with refused(
        "iterator_age must be in millis where its value is a token, which nothing converts, got "
        "Duration.seconds; write cdk.Duration.millis(...)"
    ):
        consumer.add_alarms(action, iterator_age=SECONDS(number))

    consumer.add_alarms(action, iterator_age=cdk.Duration.millis(number))
    assertions.Template.from_stack(stack).has_resource_properties(
        "AWS::CloudWatch::Alarm",
        {
            "Threshold": {"Ref": "Number"},
            "AlarmDescription": "Shop/It is further behind its stream than it may be",
        },
    )


def test_an_alarm_that_always_rings_is_refused(stack: cdk.Stack) -> None:
    with refused("iterator_age must be above 0, got 0 s; omit it to get half of max_record_age"):
        made("kinesis", stack).add_alarms(
            actions.SnsAction(sns.Topic(stack, "Topic")), iterator_age=SECONDS(0)
        )


def test_streams_that_tokens_name_alike_in_two_stacks_are_told_apart(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    other = cdk.Stack(cdk.App.of(stack), "Other")
    for scope, name in ((stack, "Orders"), (other, "Returns")):
        named = cdk.CfnParameter(scope, "Name").value_as_string
        arn = f"arn:aws:kinesis:us-east-1:111122223333:stream/{named}"
        stream = kinesis.Stream.from_stream_arn(scope, f"{name}Stream", arn)
        KinesisConsumer(scope, name, handler=handler, stream=stream)

    cdk.App.of(stack).synth()  # type: ignore[union-attr]
