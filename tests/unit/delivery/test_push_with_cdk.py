"""Asynchronous invocation by templates that CDK made of its own constructs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_destinations as destinations
from aws_cdk import aws_lambda_event_sources as sources
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_s3_notifications as notifications
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from aws_cdk import aws_sqs as sqs

from serverless_patterns.testing.delivery import (
    BusEvent,
    Outcome,
    S3Event,
    SnsMessage,
    deliver,
)
from tests.unit.delivery.push_handlers import fail, only, places, succeed, times

if TYPE_CHECKING:
    from collections.abc import Callable

    from constructs import IConstruct

    from serverless_patterns.testing.delivery import Delivery


def make(stack: cdk.Stack, name: str = "Handler", **options: Any) -> lambda_.Function:
    return lambda_.Function(
        stack,
        name,
        runtime=lambda_.Runtime.PYTHON_3_14,
        handler="index.handler",
        code=lambda_.Code.from_inline("def handler(event, context): ..."),
        **options,
    )


def named(construct: IConstruct) -> str:
    """The logical id of an L2."""
    child = construct.node.default_child
    assert isinstance(child, cdk.CfnElement)
    return str(cdk.Stack.of(child).resolve(child.logical_id))


def run(stack: cdk.Stack, event: Any, **handlers: Any) -> Delivery:
    """Deliver an event; the keywords are ids of functions in the stack."""
    found = {named(stack.node.find_child(name)): handler for name, handler in handlers.items()}
    return deliver(stack, [event], handlers=found)


PUT = S3Event(key="images/a.jpg")
MESSAGE = SnsMessage(message="order 1")
EVENT = BusEvent(source="shop", detail_type="Order")


def test_an_s3_notification(stack: cdk.Stack) -> None:
    bucket = s3.Bucket(stack, "Bucket")
    bucket.add_event_notification(
        s3.EventType.OBJECT_CREATED,
        notifications.LambdaDestination(make(stack)),
        s3.NotificationKeyFilter(prefix="images/", suffix=".jpg"),
    )
    assert only(run(stack, PUT, Handler=succeed)).outcome is Outcome.HANDLED
    assert only(run(stack, S3Event(key="a.jpg"), Handler=succeed)).outcome is Outcome.FILTERED


def test_an_s3_event_source(stack: cdk.Stack) -> None:
    bucket = s3.Bucket(stack, "Bucket")
    make(stack).add_event_source(
        sources.S3EventSource(bucket, events=[s3.EventType.OBJECT_CREATED])
    )
    assert only(run(stack, PUT, Handler=fail)).outcome is Outcome.LOST


def test_s3_to_sns_to_two_subscribers(stack: cdk.Stack) -> None:
    topic = sns.Topic(stack, "Topic")
    s3.Bucket(stack, "Bucket", enforce_ssl=True).add_event_notification(
        s3.EventType.OBJECT_CREATED, notifications.SnsDestination(topic)
    )
    topic.add_subscription(subscriptions.LambdaSubscription(make(stack)))
    second = make(stack, "Second", dead_letter_queue_enabled=True)
    topic.add_subscription(subscriptions.LambdaSubscription(second))
    delivery = run(stack, PUT, Handler=succeed, Second=fail)
    assert len(delivery.handled) == 1
    (held,) = delivery.held
    assert times(held) == [0, 60, 180]


def test_s3_to_a_queue_that_is_encrypted(stack: cdk.Stack) -> None:
    queue = sqs.Queue(stack, "Queue", encryption=sqs.QueueEncryption.KMS)
    s3.Bucket(stack, "Bucket").add_event_notification(
        s3.EventType.OBJECT_CREATED, notifications.SqsDestination(queue)
    )
    assert only(run(stack, PUT)).outcome is Outcome.HELD


def test_s3_to_event_bridge_to_a_function(stack: cdk.Stack) -> None:
    s3.Bucket(stack, "Bucket", event_bridge_enabled=True)
    events.Rule(
        stack,
        "Rule",
        event_pattern=events.EventPattern(source=["aws.s3"], detail_type=["Object Created"]),
        targets=[targets.LambdaFunction(make(stack))],
    )
    assert only(run(stack, PUT, Handler=succeed)).outcome is Outcome.HANDLED


def test_sns_with_a_filter_and_a_dead_letter_queue(stack: cdk.Stack) -> None:
    topic = sns.Topic(stack, "Topic", enforce_ssl=True)
    dead_letters = sqs.Queue(stack, "DeadLetters", enforce_ssl=True)
    topic.add_subscription(
        subscriptions.LambdaSubscription(
            make(stack),
            dead_letter_queue=dead_letters,
            filter_policy={"kind": sns.SubscriptionFilter.string_filter(allowlist=["order"])},
        )
    )
    message = SnsMessage(message="1", attributes={"kind": "order"})
    assert only(run(stack, message, Handler=fail)).outcome is Outcome.LOST
    assert only(run(stack, MESSAGE, Handler=fail)).outcome is Outcome.FILTERED


def test_a_subscription_whose_permission_is_gone(stack: cdk.Stack) -> None:
    topic = sns.Topic(stack, "Topic")
    dead_letters = sqs.Queue(stack, "DeadLetters", enforce_ssl=True)
    sns.Subscription(
        stack,
        "Subscription",
        topic=topic,
        protocol=sns.SubscriptionProtocol.LAMBDA,
        endpoint=make(stack).function_arn,
        dead_letter_queue=dead_letters,
    )
    leg = only(run(stack, MESSAGE, Handler=succeed))
    assert [at for at, _, _ in places(leg)] == [named(dead_letters)]


def test_sns_to_a_queue_that_a_function_polls(stack: cdk.Stack) -> None:
    queue = sqs.Queue(stack, "Queue", enforce_ssl=True)
    topic = sns.Topic(stack, "Topic")
    topic.add_subscription(subscriptions.SqsSubscription(queue, raw_message_delivery=True))
    make(stack).add_event_source(sources.SqsEventSource(queue))
    assert only(run(stack, MESSAGE, Handler=succeed)).outcome is Outcome.HANDLED


def test_a_rule_with_a_dead_letter_queue(stack: cdk.Stack) -> None:
    bus = events.EventBus(stack, "Bus")
    events.Rule(
        stack,
        "Rule",
        event_bus=bus,
        event_pattern=events.EventPattern(source=events.Match.prefix("sho")),
        targets=[
            targets.LambdaFunction(
                make(stack),
                dead_letter_queue=sqs.Queue(stack, "DeadLetters", enforce_ssl=True),
                retry_attempts=2,
                max_event_age=cdk.Duration.hours(1),
            )
        ],
    )
    event = BusEvent(source="shop", detail_type="Order", bus=named(bus))
    assert only(run(stack, event, Handler=fail)).outcome is Outcome.LOST


def test_a_rule_to_a_queue_and_a_topic(stack: cdk.Stack) -> None:
    topic = sns.Topic(stack, "Topic")
    topic.add_subscription(subscriptions.EmailSubscription("ops@example.com"))
    queue = sqs.Queue(stack, "Queue", enforce_ssl=True)
    events.Rule(
        stack,
        "Rule",
        event_pattern=events.EventPattern(source=["shop"]),
        targets=[targets.SqsQueue(queue), targets.SnsTopic(topic)],
    )
    assert len(run(stack, EVENT).held) == 2


DESTINATIONS: list[Callable[[cdk.Stack], lambda_.IDestination]] = [
    lambda stack: destinations.SqsDestination(sqs.Queue(stack, "Kept", enforce_ssl=True)),
    lambda stack: destinations.S3Destination(s3.Bucket(stack, "Kept", enforce_ssl=True)),
    lambda stack: destinations.LambdaDestination(make(stack, "Second")),
]


@pytest.mark.parametrize("destination", DESTINATIONS)
@pytest.mark.parametrize("is_alias", [False, True])
def test_destinations(
    stack: cdk.Stack,
    destination: Callable[[cdk.Stack], lambda_.IDestination],
    *,
    is_alias: bool,
) -> None:
    function = make(stack)
    invoked: lambda_.IFunction = function
    if is_alias:
        invoked = lambda_.Alias(stack, "Live", alias_name="live", version=function.current_version)
    invoked.configure_async_invoke(on_failure=destination(stack), retry_attempts=0)
    sns.Topic(stack, "Topic").add_subscription(subscriptions.LambdaSubscription(invoked))
    handlers: dict[str, Any] = {"Handler": fail}
    if stack.node.try_find_child("Second"):
        handlers["Second"] = succeed
    leg = only(run(stack, MESSAGE, **handlers))
    assert times(leg)[0] == 0
    assert leg.outcome in (Outcome.HELD, Outcome.HANDLED)


@pytest.mark.parametrize("is_default", [False, True])
def test_a_bus_as_the_destination(stack: cdk.Stack, *, is_default: bool) -> None:
    bus = None if is_default else events.EventBus(stack, "Bus")
    function = make(stack, on_failure=destinations.EventBridgeDestination(bus))
    sns.Topic(stack, "Topic").add_subscription(subscriptions.LambdaSubscription(function))
    events.Rule(
        stack,
        "Rule",
        event_bus=bus,
        event_pattern=events.EventPattern(source=["lambda"]),
        targets=[targets.LambdaFunction(make(stack, "Second"))],
    )
    delivery = run(stack, MESSAGE, Handler=fail, Second=succeed)
    assert delivery.lost == []
    assert len(delivery.handled) == 1


def test_a_topic_as_the_destination_that_nobody_subscribes(stack: cdk.Stack) -> None:
    failures = sns.Topic(stack, "Failures")
    function = make(stack, on_failure=destinations.SnsDestination(failures))
    topic = sns.Topic(stack, "Topic")
    topic.add_subscription(subscriptions.LambdaSubscription(function))
    message = SnsMessage(message="1", topic=named(topic))
    assert run(stack, message, Handler=fail).lost != []


def test_a_role_that_may_not_send(stack: cdk.Stack) -> None:
    queue = sqs.Queue(stack, "Kept")
    function = make(stack)
    lambda_.CfnEventInvokeConfig(
        stack,
        "Config",
        function_name=function.function_name,
        qualifier="$LATEST",
        destination_config={"onFailure": {"destination": queue.queue_arn}},
    )
    sns.Topic(stack, "Topic").add_subscription(subscriptions.LambdaSubscription(function))
    assert only(run(stack, MESSAGE, Handler=fail)).outcome is Outcome.LOST
