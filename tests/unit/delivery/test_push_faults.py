"""Whatever goes wrong, every event that Lambda is invoked with asynchronously ends somewhere."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from serverless_patterns.testing.delivery import (
    BusEvent,
    Fault,
    Faults,
    S3Event,
    SnsMessage,
    deliver,
)
from tests.unit.delivery.push_handlers import succeed
from tests.unit.delivery.push_templates import (
    arn,
    configured,
    failing_to,
    notified,
    queue,
    redriven,
    rule_dead_letters,
    ruled,
    subscribed,
)

KEPT = queue() | configured(DestinationConfig=failing_to())
SOURCES: list[tuple[Any, Any]] = [
    (
        lambda part: subscribed(
            part, redriven(), RedrivePolicy={"deadLetterTargetArn": arn("DeadLetters")}
        ),
        SnsMessage(message="order 1"),
    ),
    (
        lambda part: ruled(part, rule_dead_letters(), DeadLetterConfig={"Arn": arn("DeadLetters")}),
        BusEvent(source="shop", detail_type="Order"),
    ),
    (notified, S3Event(key="a.jpg")),
]
FAULTS = st.builds(
    lambda invocations, copies, down, gone: Faults(
        invocations=lambda one: invocations[one.number % len(invocations)],
        duplicates={"event-0": copies},
        unavailable={"Handler": [down]},
        missing=frozenset({"Handler"} if gone else ()),
    ),
    st.lists(st.sampled_from([None, *Fault]), min_size=1, max_size=8),
    st.integers(0, 2),
    st.tuples(st.integers(0, 300), st.integers(0, 100_000)),
    st.booleans(),
)


@given(st.sampled_from(SOURCES), FAULTS, st.booleans())
@settings(max_examples=60, deadline=None)
def test_every_event_ends_somewhere(source: tuple[Any, Any], faults: Faults, kept: bool) -> None:  # noqa: FBT001 - hypothesis passes it so
    make, event = source
    model = make(KEPT if kept else {})
    delivery = deliver(model, [event], handlers={"Handler": succeed}, faults=faults)
    assert delivery.legs
    assert delivery.pending == []


@given(st.sampled_from(SOURCES[:2]), FAULTS)
@settings(max_examples=60, deadline=None)
def test_what_has_both_a_destination_and_a_dead_letter_queue_loses_nothing(
    source: tuple[Any, Any], faults: Faults
) -> None:
    make, event = source
    delivery = deliver(make(KEPT), [event], handlers={"Handler": succeed}, faults=faults)
    assert delivery.lost == []
