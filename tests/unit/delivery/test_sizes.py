"""Messages and events that are larger than what they are sent to takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from serverless_patterns.testing.delivery import (
    BusEvent,
    DeliveryError,
    Faults,
    SnsMessage,
    deliver,
)
from tests.messages import exactly
from tests.unit.delivery.push_handlers import fail, only, succeed
from tests.unit.delivery.push_templates import (
    arn,
    configured,
    failing_to,
    queue,
    redriven,
    ref,
    resource,
    ruled,
    subscribed,
    subscription,
    topic,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from serverless_patterns.testing.delivery import Leg

KIB = 1_024
GONE = Faults(missing=frozenset({"Handler"}))


def test_sns_takes_256_kib_with_the_attributes() -> None:
    attributes = {"n": "x" * 9}  # a name of 1, String of 6 and a value of 9 bytes
    most = 256 * KIB - 16
    message = SnsMessage(message="a" * most, attributes=attributes, id="a")
    assert only(deliver(subscribed(), [message], handlers={"Handler": succeed})).handled_at == 0
    message = SnsMessage(message="a" * (most - 1) + "é", attributes=attributes, id="a")
    text = (
        "Topic: message of 'a' must be of at most 262144 bytes, got 262145; send less, or where it "
        "is stored"
    )
    with pytest.raises(DeliveryError, match=exactly(text)):
        deliver(subscribed(), [message], handlers={"Handler": succeed})


def event(size: int) -> BusEvent:
    """One whose entry takes so many bytes."""
    detail = size - len("shop") - len("Order") - len('{"x": ""}')
    return BusEvent(source="shop", detail_type="Order", detail={"x": "a" * detail}, id="a")


def test_event_bridge_takes_1_mib() -> None:
    handlers = {"Handler": succeed}
    assert only(deliver(ruled(), [event(KIB * KIB)], handlers=handlers)).handled_at == 0
    message = (
        "default: entry of 'a' must be of at most 1048576 bytes, got 1048577; send less, or where "
        "it is stored"
    )
    with pytest.raises(DeliveryError, match=exactly(message)):
        deliver(ruled(), [event(KIB * KIB + 1)], handlers=handlers)


def failed(
    *parts: Mapping[str, Any], destination: Any = None, size: int = 2 * KIB, handler: Any = fail
) -> Leg:
    """Handler fails with a message of this size, to a destination."""
    config = configured(MaximumRetryAttempts=0, DestinationConfig=failing_to(destination))
    sent = [SnsMessage(message="a" * size, topic="Topic")]
    return deliver(subscribed(config, *parts), sent, handlers={"Handler": handler}).legs[0]


POLL = resource(
    "Poll",
    "AWS::Lambda::EventSourceMapping",
    EventSourceArn=arn("Queue"),
    FunctionName=ref("Handler"),
)


@pytest.mark.parametrize("others", [(), (POLL,)], ids=["kept", "polled"])
def test_a_queue_loses_a_record_that_is_larger_than_it_takes(others: Any) -> None:
    leg = failed(queue(MaximumMessageSize=KIB), *others)
    assert leg.lost_because == (
        "RetriesExhausted; the record is too large for Queue (DestinationDeliveryFailures)"
    )


def test_a_topic_loses_a_record_that_is_larger_than_it_takes() -> None:
    mail = subscription("ops@example.com", "email", "Mail", TopicArn=ref("Failures"))
    parts = (topic("Failures"), mail)
    leg = failed(*parts, destination=ref("Failures"), size=256 * KIB - 64)
    assert leg.lost_because == (
        "RetriesExhausted; the record is too large for Failures (DestinationDeliveryFailures)"
    )
    assert failed(*parts, destination=ref("Failures")).held


def test_a_bus_loses_a_record_that_is_larger_than_it_takes() -> None:
    bus = resource("Bus", "AWS::Events::EventBus", Name="b")
    assert failed(bus, destination=arn("Bus")).lost_because == (
        "RetriesExhausted; nothing takes it from Bus"
    )
    assert failed(bus, destination=arn("Bus"), handler=raise_much).lost_because == (
        "RetriesExhausted; the record is too large for Bus (DestinationDeliveryFailures)"
    )


def raise_much(_event: Any, _context: Any) -> None:
    raise ValueError("x" * KIB * KIB)


def test_a_dead_letter_queue_of_a_topic_loses_what_is_larger_than_it_takes() -> None:
    model = subscribed(
        redriven(MaximumMessageSize=KIB),
        RedrivePolicy={"deadLetterTargetArn": arn("DeadLetters")},
    )
    sent = [SnsMessage(message="a" * KIB)]
    leg = only(deliver(model, sent, handlers={"Handler": succeed}, faults=GONE))
    assert leg.lost_because == "Handler was deleted; the record is too large for DeadLetters"
