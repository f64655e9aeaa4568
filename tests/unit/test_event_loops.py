"""Failures that would come back over the bus that invokes their handler."""

from __future__ import annotations

import aws_cdk as cdk
import pytest
from aws_cdk import aws_events as events
from aws_cdk import aws_lambda_destinations as destinations

from serverless_patterns import EventBridgeTrigger, PatternError, PythonFunction
from tests.messages import exactly
from tests.unit.trigger_templates import ORDERS, properties

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
