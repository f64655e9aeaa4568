"""Failures that are sent to where nobody gets them: told by a warning that can be acknowledged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import assertions
from aws_cdk import aws_events as events
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_destinations as destinations
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from aws_cdk import aws_sqs as sqs

from serverless_patterns import EventBridgeTrigger, PythonFunction
from tests.unit.trigger_templates import ORDERS, trigger

if TYPE_CHECKING:
    from collections.abc import Callable

    Make = Callable[[cdk.Stack, PythonFunction], Any]

MATCH = assertions.Match
PLACE = "/Shop/HandlerAsynchronous"


TOPIC = (
    "Shop/HandlerAsynchronous: on_failure, Shop/Failures, is a topic that nothing subscribes to, "
    "so what the handler fails on may be lost: subscribe a queue to it, or send failures to a "
    "queue [ack: serverless-patterns:failure-topic-without-subscription]"
)


BUS = (
    "Shop/HandlerAsynchronous: on_failure, Shop/Failures, is a bus without a rule or an archive, "
    "so what the handler fails on may be lost: add a rule to it, or send failures to a queue "
    "[ack: serverless-patterns:failure-bus-without-rule]"
)


FUNCTION = (
    "Shop/HandlerAsynchronous: on_failure, Shop/{}, is a function that holds nothing that it fails "
    "on, so what the handler fails on may be lost: give that function on_failure, or send failures "
    "to a queue [ack: serverless-patterns:failure-function-without-destination]"
)


def warnings(stack: cdk.Stack) -> list[str]:
    found = assertions.Annotations.from_stack(stack).find_warning(PLACE, MATCH.any_value())
    return [str(each.entry.data) for each in found]


def topic(stack: cdk.Stack, _: PythonFunction) -> sns.Topic:
    return sns.Topic(stack, "Failures")


def bus(stack: cdk.Stack, _: PythonFunction) -> lambda_.IDestination:
    return destinations.EventBridgeDestination(events.EventBus(stack, "Failures"))


def live(stack: cdk.Stack, other: PythonFunction) -> lambda_.IDestination:
    alias = lambda_.Alias(stack, "Live", alias_name="live", version=other.current_version)
    # What the function itself holds is nothing that the alias holds.
    other.configure_async_invoke(on_failure=destinations.SqsDestination(sqs.Queue(stack, "Queue")))
    return destinations.LambdaDestination(alias)


@pytest.mark.parametrize(
    ("destination", "warning"),
    [
        (topic, TOPIC),
        (lambda *given: destinations.SnsDestination(topic(*given)), TOPIC),
        (bus, BUS),
        (lambda _, other: destinations.LambdaDestination(other), FUNCTION.format("Other")),
        (live, FUNCTION.format("Live")),
    ],
)
def test_a_destination_that_passes_failures_on_to_nobody_is_warned_of(
    stack: cdk.Stack,
    handler: PythonFunction,
    other: PythonFunction,
    destination: Make,
    warning: str,
) -> None:
    trigger(stack, handler, on_failure=destination(stack, other))

    assert warnings(stack) == [warning]


def test_a_warning_can_be_acknowledged(stack: cdk.Stack, handler: PythonFunction) -> None:
    trigger(stack, handler, on_failure=sns.Topic(stack, "Failures"))
    cdk.Annotations.of(stack).acknowledge_warning(
        "serverless-patterns:failure-topic-without-subscription", "Subscribed to by another app."
    )

    assert warnings(stack) == []


def test_the_configuration_of_a_users_own_is_asked_as_well(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    failures = sns.Topic(stack, "Failures")
    handler.configure_async_invoke(on_failure=destinations.SnsDestination(failures))
    trigger(stack, handler)

    assert warnings(stack) == [TOPIC.replace("on_failure,", "handler.on_failure,")]


def subscribed(stack: cdk.Stack, _: PythonFunction) -> sns.Topic:
    failures = sns.Topic(stack, "Failures")
    failures.add_subscription(subscriptions.EmailSubscription("shop@example.com"))
    return failures


def subscribed_in_itself(stack: cdk.Stack, _: PythonFunction) -> sns.ITopic:
    told = sns.CfnTopic.SubscriptionProperty(endpoint="shop@example.com", protocol="email")
    failures = sns.CfnTopic(stack, "Failures", subscription=[told])
    return sns.Topic.from_topic_arn(stack, "Topic", failures.ref)


def ruled(stack: cdk.Stack, *, by_name: bool = False, **options: Any) -> lambda_.IDestination:
    failures = events.EventBus(stack, "Failures", event_bus_name="failures")
    listened = events.EventBus.from_event_bus_name(stack, "Bus", "failures")
    events.Rule(
        stack,
        "Rule",
        event_bus=listened if by_name else failures,
        event_pattern=events.EventPattern(source=["lambda"]),
        **options,
    )
    return destinations.EventBridgeDestination(failures)


def archived(stack: cdk.Stack, _: PythonFunction) -> lambda_.IDestination:
    failures = events.EventBus(stack, "Failures")
    failures.archive("Archive", event_pattern=events.EventPattern(source=["lambda"]))
    return destinations.EventBridgeDestination(failures)


def held(stack: cdk.Stack, other: PythonFunction) -> lambda_.IDestination:
    other.configure_async_invoke(on_failure=destinations.SqsDestination(sqs.Queue(stack, "Queue")))
    return destinations.LambdaDestination(other)


def dead_lettered(stack: cdk.Stack, _: PythonFunction) -> lambda_.IDestination:
    function = lambda_.Function(
        stack,
        "Last",
        code=lambda_.Code.from_inline("def handler(*_): ..."),
        handler="index.handler",
        runtime=lambda_.Runtime.PYTHON_3_14,
        dead_letter_queue_enabled=True,
    )
    return destinations.LambdaDestination(function)


def imported(stack: cdk.Stack, _: PythonFunction) -> sns.ITopic:
    return sns.Topic.from_topic_arn(stack, "Topic", "arn:aws:sns:eu-west-1:111122223333:failures")


@pytest.mark.parametrize(
    "destination",
    [
        subscribed,
        subscribed_in_itself,
        lambda stack, _: ruled(stack),
        lambda stack, _: ruled(stack, by_name=True),
        archived,
        held,
        dead_lettered,
        imported,
        lambda *_: destinations.EventBridgeDestination(),
        lambda stack, _: sqs.Queue(stack, "Failures"),
    ],
)
def test_a_destination_that_somebody_listens_to_or_that_is_unknown_is_not_warned_of(
    stack: cdk.Stack, handler: PythonFunction, other: PythonFunction, destination: Make
) -> None:
    trigger(stack, handler, on_failure=destination(stack, other))

    assert warnings(stack) == []


def test_a_rule_that_is_off_listens_to_nothing(stack: cdk.Stack, handler: PythonFunction) -> None:
    trigger(stack, handler, on_failure=ruled(stack, enabled=False))

    assert warnings(stack) == [BUS]


def test_a_function_that_a_trigger_invokes_as_well_holds_what_it_fails_on(
    stack: cdk.Stack, handler: PythonFunction, other: PythonFunction
) -> None:
    trigger(stack, handler, on_failure=destinations.LambdaDestination(other))
    EventBridgeTrigger(stack, "Second", handler=other, event_pattern=ORDERS)

    assert warnings(stack) == []
