"""What holds whatever is sent and fails: nothing is forgotten, and nothing lost behind a DLQ."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from serverless_patterns.testing.delivery import (
    Assumptions,
    Delivery,
    Fault,
    Faults,
    Outcome,
    Result,
    SqsMessage,
    deliver,
)
from tests.unit.delivery.queue_templates import ALWAYS, REPORTS, Recorder, failures, polled

RECEIVES = 3
KEEPS = {"MessageRetentionPeriod": 1_209_600}
FAULTS = st.sampled_from([None, None, *Fault])
PLANS = st.lists(
    st.tuples(st.sampled_from([0, 0, 0, 1, 2, ALWAYS]), st.floats(0, 90), st.integers(0, 3)),
    min_size=1,
    max_size=40,
)
OPTIONS = st.fixed_dictionaries(
    {
        "BatchSize": st.integers(1, 10),
        "MaximumBatchingWindowInSeconds": st.integers(0, 40),
        "ScalingConfig": st.sampled_from([{}, {"MaximumConcurrency": 2}]),
    }
)
SETTINGS = settings(max_examples=60, deadline=None, derandomize=True)


def faults_of(plan: list[Fault | None]) -> Faults:
    return Faults(
        invocations=lambda invocation: (
            plan[invocation.number] if invocation.number < len(plan) else None
        )
    )


def run(template: Any, events: list[SqsMessage], handler: Any, **options: Any) -> Delivery:
    durations = {"Handler": 2.0}
    return deliver(template, events, handlers={"Handler": handler}, durations=durations, **options)


@given(PLANS, OPTIONS, st.lists(FAULTS, max_size=12), st.none() | st.integers(0, 9))
@SETTINGS
def test_every_message_is_handled_or_dead_lettered_after_all_its_receives(
    plans: list[tuple[int, float, int]],
    options: dict[str, Any],
    faults: list[Fault | None],
    seed: int | None,
) -> None:
    handler = Recorder({str(n): fails for n, (fails, _, _) in enumerate(plans)})
    events = [SqsMessage(body="", id=str(n), at=at) for n, (_, at, _) in enumerate(plans)]
    template = polled(
        receives=RECEIVES,
        of_dead_letters=KEEPS,
        of_function={"ReservedConcurrentExecutions": 2},
        of_mapping=options | REPORTS,
    )
    delivery = run(
        template, events, handler, faults=faults_of(faults), assumptions=Assumptions(seed=seed)
    )
    counts = delivery.counts()
    assert counts["handled"] + counts["held"] == len(events)
    for leg in delivery.legs:
        invoked = [each for each in leg.attempts if each.result is not Result.THROTTLED]
        assert len(invoked) <= RECEIVES
        assert (leg.outcome is Outcome.HANDLED) == (leg.handled_at is not None)
        if leg.outcome is Outcome.HELD:
            assert [held.at for held in leg.held] == ["DeadLetters"]
    received = Counter(
        (record["messageId"], record["attributes"]["ApproximateReceiveCount"])
        for event in handler.events
        for record in event["Records"]
    )
    assert set(received.values()) <= {1}  # an invocation for each receive at most


@given(PLANS, st.integers(1, 10), st.lists(FAULTS, max_size=12))
@SETTINGS
def test_groups_are_handled_in_order_whatever_fails(
    plans: list[tuple[int, float, int]], batch_size: int, faults: list[Fault | None]
) -> None:
    left = {str(n): fails for n, (fails, _, _) in enumerate(plans)}
    group_of = {str(n): f"group-{group}" for n, (_, _, group) in enumerate(plans)}
    handled: list[str] = []

    def handler(event: Any, _context: Any) -> Any:
        failed: list[str] = []
        stopped: set[str] = set()
        for record in event["Records"]:
            name = record["messageId"]
            if left[name] > 0 or group_of[name] in stopped:
                left[name] -= 1
                failed.append(name)
                stopped.add(group_of[name])
            else:
                handled.append(name)
        return failures(*failed)

    events = [
        SqsMessage(body="", id=str(n), at=at, group=group_of[str(n)])
        for n, (_, at, _) in enumerate(plans)
    ]
    template = polled(
        receives=RECEIVES,
        of_queue={"FifoQueue": True},
        of_dead_letters=KEEPS,
        of_mapping={"BatchSize": batch_size} | REPORTS,
    )
    delivery = run(template, events, handler, faults=faults_of(faults))
    counts = delivery.counts()
    assert counts["handled"] + counts["held"] == len(events)
    assert delivery.warnings == ()
    sent = [event.id for event in sorted(events, key=lambda event: event.at)]
    places: dict[str, list[int]] = defaultdict(list)
    for name in dict.fromkeys(handled):  # what crashed after it was done is done again
        places[group_of[name]].append(sent.index(name))
    assert all(found == sorted(found) for found in places.values())
