"""What a poller makes of values that are known at deployment."""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import assertions
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs

from serverless_patterns import PatternError, PythonFunction, SqsPoller
from tests.messages import exactly
from tests.queues import function, queue, queues, warnings

SECONDS = cdk.Duration.seconds


def test_tokens_are_not_guessed(stack: cdk.Stack) -> None:
    number = cdk.CfnParameter(stack, "Number", type="Number").value_as_number
    SqsPoller(
        stack,
        "Intake",
        handler=function(stack, timeout=SECONDS(number)),
        visibility_timeout=SECONDS(number),
        retention_period=SECONDS(number),
        max_receive_count=number,  # type: ignore[arg-type]
        batch_size=number,  # type: ignore[arg-type]
        max_concurrency=number,  # type: ignore[arg-type]
        max_batching_window=SECONDS(number),
    )

    assert not warnings(stack)


def test_a_window_that_is_a_token_counts_as_the_longest(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    number = cdk.CfnParameter(stack, "Number", type="Number").value_as_number
    message = (
        "Shop/Intake: visibility_timeout must be at least the 29 s timeout of handler and the "
        "300 s of max_batching_window, got 328 s; omit it to get 474 s"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        SqsPoller(
            stack,
            "Intake",
            handler=handler,
            visibility_timeout=SECONDS(328),
            max_batching_window=SECONDS(number),
        )


@pytest.fixture
def number(stack: cdk.Stack) -> float:
    """A number that is known at deployment."""
    return cdk.CfnParameter(stack, "Number", type="Number").value_as_number


@pytest.fixture
def text(stack: cdk.Stack) -> str:
    """A text that is known at deployment."""
    return cdk.CfnParameter(stack, "Text").value_as_string


def refused(message: str) -> Any:
    return pytest.raises(PatternError, match=exactly(f"Shop/Intake: {message}"))


@pytest.mark.parametrize("unit", ["minutes", "hours", "days", "millis"])
@pytest.mark.parametrize("name", ["visibility_timeout", "retention_period", "max_batching_window"])
def test_a_token_that_nothing_converts_is_refused(
    stack: cdk.Stack, number: float, name: str, unit: str
) -> None:
    duration = getattr(cdk.Duration, unit)(number)
    with refused(
        f"{name} must be in seconds where its value is a token, which nothing converts, got "
        f"Duration.{unit}; write cdk.Duration.seconds(...)"
    ):
        SqsPoller(stack, "Intake", handler=function(stack), **{name: duration})


@pytest.mark.parametrize("fifo", [True, False])
def test_a_name_that_is_a_token_is_taken(stack: cdk.Stack, text: str, *, fifo: bool) -> None:
    SqsPoller(stack, "Intake", handler=function(stack), fifo=fifo, queue_name=text)

    found = queues(stack)
    assert found["Queue"]["QueueName"] == {"Ref": "Text"}
    assert found["Queue"].get("FifoQueue", False) is fifo
    [arn] = found["DeadLetterQueue"]["RedriveAllowPolicy"]["sourceQueueArns"]
    assert arn["Fn::Join"][1][-1] == {"Ref": "Text"}


def test_a_name_that_ends_in_fifo_may_begin_with_a_token(stack: cdk.Stack, text: str) -> None:
    SqsPoller(stack, "Intake", handler=function(stack), fifo=True, queue_name=f"{text}.fifo")

    assert queues(stack)["Queue"]["QueueName"] == {"Fn::Join": ["", [{"Ref": "Text"}, ".fifo"]]}


@pytest.mark.parametrize(
    ("fifo", "ending", "remedy"),
    [(True, "-x", "write '{}.fifo'"), (False, ".fifo", "add fifo=True")],
)
def test_a_name_whose_end_is_known_is_held_to_it(
    stack: cdk.Stack, text: str, ending: str, remedy: str, *, fifo: bool
) -> None:
    name = f"{text}{ending}"
    with refused(
        "queue_name must end in .fifo if the queue is a FIFO queue, and only then, got "
        f"{name!r}; {remedy.format(name)}"
    ):
        SqsPoller(stack, "Intake", handler=function(stack), fifo=fifo, queue_name=name)


def test_two_tokens_are_not_compared(stack: cdk.Stack, number: float) -> None:
    letters = sqs.Queue(stack, "Letters", retention_period=SECONDS(number))
    SqsPoller(
        stack,
        "Intake",
        handler=function(stack),
        dead_letter_queue=letters,
        retention_period=SECONDS(number),
    )

    assert not warnings(stack)


def test_a_count_that_is_no_number_is_cloudformations_to_refuse(stack: cdk.Stack) -> None:
    existing = queue(stack)
    resource: Any = existing.node.default_child
    resource.redrive_policy = {**resource.redrive_policy, "maxReceiveCount": "five"}
    SqsPoller(stack, "Intake", handler=function(stack), queue=existing)

    assert not warnings(stack)


def test_shares_that_are_tokens_hide_no_others(stack: cdk.Stack, number: float) -> None:
    handler = function(stack, reserved_concurrent_executions=10)
    shares: dict[str, Any] = {"Intake": 6, "Audit": number, "Returns": 5}
    for name, share in shares.items():
        SqsPoller(stack, name, handler=handler, max_concurrency=share)

    with pytest.raises(RuntimeError) as raised:
        cdk.App.of(stack).synth()  # type: ignore[union-attr]
    [refusal] = str(raised.value).splitlines()[1:]
    assert refusal == (
        "  [Shop/Returns] Shop/Returns: max_concurrency must add up to at most the 10 executions "
        "that are reserved for handler over its 3 pollers, because throttled receives end in the "
        "dead-letter queue, got 11; give each poller its share as max_concurrency, or reserve more"
    )


def test_the_age_of_an_alarm_may_be_a_token_in_seconds(stack: cdk.Stack, number: float) -> None:
    poller = SqsPoller(stack, "Intake", handler=function(stack))
    action = actions.SnsAction(sns.Topic(stack, "Topic"))
    with refused(
        "age must be in seconds where its value is a token, which nothing converts, got "
        "Duration.minutes; write cdk.Duration.seconds(...)"
    ):
        poller.add_alarms(action, age=cdk.Duration.minutes(number))

    poller.add_alarms(action, age=SECONDS(number))
    assertions.Template.from_stack(stack).has_resource_properties(
        "AWS::CloudWatch::Alarm", {"Threshold": {"Ref": "Number"}}
    )


@pytest.mark.parametrize("age", [cdk.Duration.millis(1_500), SECONDS(0)], ids=["1.5 s", "0 s"])
def test_the_age_of_an_alarm_is_in_whole_seconds(
    stack: cdk.Stack, age: cdk.Duration, request: pytest.FixtureRequest
) -> None:
    poller = SqsPoller(stack, "Intake", handler=function(stack))
    with refused(
        f"age must be whole seconds from 1 to 1,209,600, got {request.node.callspec.id}; for "
        "example cdk.Duration.seconds(30)"
    ):
        poller.add_alarms(actions.SnsAction(sns.Topic(stack, "Topic")), age=age)
