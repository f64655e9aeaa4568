"""Failures that would come back over the bus that invokes their handler."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_events as events
from aws_cdk import aws_lambda_destinations as destinations
from aws_cdk import aws_s3 as s3

from serverless_patterns import EventBridgeTrigger, PatternError, PythonFunction
from tests.messages import exactly
from tests.unit.trigger_templates import ORDERS, properties

if TYPE_CHECKING:
    from collections.abc import Callable

    Pattern = Callable[[s3.IBucket], events.EventPattern]

FROM_LAMBDA = events.EventPattern(source=["lambda"])


LOOP = (
    "Shop/Orders: on_failure must be something else than the bus whose events invoke the handler, "
    "which would be invoked with its own failures for ever, got its bus, and a pattern that "
    'matches them; omit it to get a queue, or ask for a source other than "lambda"'
)


@pytest.mark.parametrize("kind", ["own", "default", "default by name"])
@pytest.mark.parametrize(
    "pattern",
    [
        FROM_LAMBDA,
        events.EventPattern(detail_type=["Lambda Function Invocation Result \u2013 Failure"]),
        events.EventPattern(source=events.Match.prefix("lam")),
        events.EventPattern(source=events.Match.anything_but("shop")),
        events.EventPattern(source=events.Match.anything_but_prefix("shop")),
        events.EventPattern(source=events.Match.suffix("da")),
        events.EventPattern(source=events.Match.wildcard("l*a")),
        events.EventPattern(account=["111122223333"]),
    ],
)
def test_failures_do_not_go_to_the_bus_that_they_come_from(
    stack: cdk.Stack, handler: PythonFunction, pattern: events.EventPattern, kind: str
) -> None:
    bus: events.IEventBus | None = None
    if kind == "own":
        bus = events.EventBus(stack, "Bus")
    elif kind == "default by name":
        bus = events.EventBus.from_event_bus_name(stack, "Bus", "default")
    destination = destinations.EventBridgeDestination(bus)
    with pytest.raises(PatternError, match=exactly(LOOP)):
        EventBridgeTrigger(
            stack, "Orders", handler=handler, event_pattern=pattern, bus=bus, on_failure=destination
        )


@pytest.mark.parametrize(
    "pattern",
    [
        ORDERS,
        events.EventPattern(source=events.Match.prefix("shop.")),
        events.EventPattern(source=["lambda"], detail_type=["Another"]),
        events.EventPattern(source=events.Match.anything_but("lambda")),
        events.EventPattern(source=events.Match.anything_but_prefix("lam")),
        events.EventPattern(source=events.Match.suffix(".orders")),
        events.EventPattern(source=events.Match.wildcard("shop.*")),
    ],
)
def test_failures_may_go_to_a_bus_whose_events_are_others(
    stack: cdk.Stack, handler: PythonFunction, pattern: events.EventPattern
) -> None:
    bus = events.EventBus(stack, "Bus")
    destination = destinations.EventBridgeDestination(bus)
    EventBridgeTrigger(
        stack, "Orders", handler=handler, event_pattern=pattern, bus=bus, on_failure=destination
    )

    assert len(properties(stack, "AWS::Lambda::EventInvokeConfig")) == 1


def test_failures_may_go_to_another_bus(stack: cdk.Stack, handler: PythonFunction) -> None:
    destination = destinations.EventBridgeDestination(events.EventBus(stack, "Failures"))
    EventBridgeTrigger(
        stack, "Orders", handler=handler, event_pattern=FROM_LAMBDA, on_failure=destination
    )

    assert len(properties(stack, "AWS::Lambda::EventInvokeConfig")) == 1


THROUGH_BUCKET = (
    "Shop/Orders: {} must be something else than a bucket that tells the bus of its objects, as "
    "the handler would be invoked with its own failures for ever, got Shop/Bucket, and a pattern "
    "that matches them; {}, or ask for the objects of another bucket, or for other keys than those "
    "under aws/lambda/"
)


def of_objects(detail: Any = None) -> events.EventPattern:
    return events.EventPattern(
        source=["aws.s3"],
        detail_type=["Object Created"],
        detail=detail or {"reason": ["PutObject"]},
    )


@pytest.mark.parametrize(
    "pattern",
    [
        lambda _: of_objects(),
        lambda bucket: of_objects({"bucket": {"name": [bucket.bucket_name]}}),
        lambda _: of_objects({"bucket": {"name": events.Match.prefix("up")}}),
        lambda _: of_objects({"object": {"key": events.Match.prefix("aws/")}}),
        lambda _: of_objects({"object": {"key": events.Match.suffix(".json")}}),
    ],
)
@pytest.mark.parametrize("later", [False, True])
def test_failures_do_not_go_to_a_bucket_that_tells_the_bus_of_them(
    stack: cdk.Stack, handler: PythonFunction, pattern: Pattern, *, later: bool
) -> None:
    bucket = s3.Bucket(stack, "Bucket", event_bridge_enabled=not later)
    made = EventBridgeTrigger(
        stack, "Orders", handler=handler, event_pattern=pattern(bucket), on_failure=bucket
    )
    if later:
        bucket.enable_event_bridge_notification()

    message = THROUGH_BUCKET.format("on_failure", "omit it to get a queue")
    assert made.node.validate() == [message]


def test_nor_do_those_that_a_handler_itself_sends_there(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    bucket = s3.Bucket(stack, "Bucket", event_bridge_enabled=True)
    handler.configure_async_invoke(on_failure=destinations.S3Destination(bucket))
    made = EventBridgeTrigger(stack, "Orders", handler=handler, event_pattern=of_objects())

    otherwise = "leave Shop/Handler/EventInvokeConfig out to get a queue"
    assert made.node.validate() == [THROUGH_BUCKET.format("handler.on_failure", otherwise)]


@pytest.mark.parametrize(
    ("pattern", "tells"),
    [
        (lambda _: of_objects(), False),
        (lambda _: ORDERS, True),
        (lambda _: of_objects({"bucket": {"name": ["another"]}}), True),
        (lambda _: of_objects({"bucket": {"name": [cdk.Aws.STACK_NAME]}}), True),
        (lambda _: of_objects({"object": {"key": events.Match.prefix("in/")}}), True),
        (lambda _: of_objects({"object": {"key": ["in/one"]}}), True),
        (lambda _: of_objects({"object": ["one"]}), True),
    ],
)
def test_failures_may_go_to_a_bucket_whose_objects_are_not_asked_for(
    stack: cdk.Stack, handler: PythonFunction, pattern: Pattern, *, tells: bool
) -> None:
    bucket = s3.Bucket(stack, "Bucket", event_bridge_enabled=tells)
    made = EventBridgeTrigger(
        stack, "Orders", handler=handler, event_pattern=pattern(bucket), on_failure=bucket
    )

    assert made.node.validate() == []


def test_a_bucket_tells_the_default_bus_alone(stack: cdk.Stack, handler: PythonFunction) -> None:
    bucket = s3.Bucket(stack, "Bucket", event_bridge_enabled=True)
    made = EventBridgeTrigger(
        stack,
        "Orders",
        handler=handler,
        event_pattern=of_objects(),
        bus=events.EventBus(stack, "Bus"),
        on_failure=bucket,
    )

    assert made.node.validate() == []
