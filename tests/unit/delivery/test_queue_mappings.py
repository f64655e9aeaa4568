from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from serverless_patterns.testing.delivery import (
    Assumptions,
    Fault,
    Faults,
    Outcome,
    Result,
)
from tests.unit.delivery.queue_templates import (
    ALWAYS,
    REPORTS,
    Recorder,
    became,
    leg_of,
    message,
    polled,
    raises,
    run,
    times,
    where,
)

if TYPE_CHECKING:
    from serverless_patterns.testing.delivery import Invocation


def test_messages_that_are_there_are_handed_over_in_batches_of_ten() -> None:
    handler = Recorder()
    delivery = run(polled(), *(message(str(n)) for n in range(73)), handler=handler)
    assert [len(batch) for batch in handler.batches] == [*[10] * 7, 3]
    assert {leg.path for leg in delivery.handled} == {("Queue", "Handler")}
    assert delivery.ended_at == 0


def test_a_batch_size_of_its_own_is_kept() -> None:
    handler = Recorder()
    run(polled(of_mapping={"BatchSize": "2"}), *map(message, "abc"), handler=handler)
    assert handler.batches == [["a", "b"], ["c"]]


def test_q2_only_what_was_reported_is_tried_again() -> None:
    handler = Recorder({"b": 1})
    delivery = run(polled(of_mapping=REPORTS), *map(message, "abc"), handler=handler)
    assert handler.batches == [["a", "b", "c"], ["b"]]
    assert times(leg_of(delivery, "b")) == [0, 30]
    assert delivery.counts()["handled"] == 3


def test_one_exception_fails_the_whole_batch() -> None:
    handler = Recorder({"b": 1}, reports=False)
    run(polled(of_mapping=REPORTS), *map(message, "abc"), handler=handler)
    assert handler.batches == [["a", "b", "c"], ["a", "b", "c"]]


def test_q6_a_window_and_timeout_longer_than_the_visibility_timeout_extend_it() -> None:
    window = {"MaximumBatchingWindowInSeconds": 20}
    leg = leg_of(
        run(
            polled(receives=1, of_mapping=window, of_function={"Timeout": 30}),
            handler=raises,
        )
    )
    assert (times(leg), where(leg)[0][:2]) == ([20], ("DeadLetters", 80))


def test_a_window_within_the_visibility_timeout_leaves_it() -> None:
    window = {"MaximumBatchingWindowInSeconds": 20}
    leg = leg_of(run(polled(receives=2, of_mapping=window), handler=raises))
    assert times(leg) == [20, 50]  # 30 s after each receive, and a window
    assert where(leg)[0][:2] == ("DeadLetters", 60)


def test_a_window_ends_at_its_time_or_with_a_full_batch() -> None:
    handler = Recorder()
    options = {"MaximumBatchingWindowInSeconds": 20, "BatchSize": 3}
    delivery = run(
        polled(of_mapping=options),
        *(message(name, at=at) for name, at in [("a", 0), ("b", 5), ("c", 7), ("d", 8)]),
        handler=handler,
    )
    assert handler.batches == [["a", "b", "c"], ["d"]]
    assert [times(leg_of(delivery, name)) for name in "acd"] == [[7], [7], [28]]


def test_a_payload_is_split_at_six_megabytes() -> None:
    handler = Recorder()
    bodies = [message(name, body="x" * 1_000_000) for name in "abcdefgh"]
    run(polled(), *bodies, handler=handler)
    assert handler.batches == [["a", "b", "c", "d", "e", "f"], ["g", "h"]]


def test_message_attributes_take_their_part_of_a_payload() -> None:
    handler = Recorder()
    attributes = {"raw": b"x" * 750_000}  # 1,000,000 bytes as JSON has them
    run(polled(), *(message(name, attributes=attributes) for name in "abcdefgh"), handler=handler)
    assert handler.batches == [["a", "b", "c", "d", "e", "f"], ["g", "h"]]


@pytest.mark.parametrize("enabled", [False, "false"])
def test_a_mapping_that_is_disabled_polls_nothing(enabled: object) -> None:
    delivery = run(polled(of_mapping={"Enabled": enabled}))
    assert became(delivery.legs) == [Outcome.HELD]


def test_a_crash_and_a_timeout_fail_the_whole_batch() -> None:
    faults = {0: Fault.CRASH, 1: Fault.TIMEOUT}
    delivery = run(
        polled(of_function={"Timeout": 20}),
        *map(message, "ab"),
        faults=Faults(invocations=lambda invocation: faults.get(invocation.number)),
    )
    for leg in delivery.legs:
        assert [(attempt.time, attempt.result) for attempt in leg.attempts] == [
            (0, Result.CRASHED),
            (30, Result.TIMED_OUT),
            (60, Result.HANDLED),
        ]


def test_visibility_counts_from_the_receive_not_from_the_answer() -> None:
    template = polled(of_function={"Timeout": 20}, of_mapping=REPORTS)
    leg = leg_of(run(template, handler=Recorder({"a": 1}), durations={"Handler": 12.0}))
    assert (times(leg), leg.handled_at) == ([0, 30], 42)


def test_q8_a_throttled_batch_may_be_dead_lettered_without_having_been_tried() -> None:
    handler = Recorder()
    template = polled(
        receives=1,
        of_queue={"VisibilityTimeout": 100},
        of_mapping={"BatchSize": 1},
        of_function={"Timeout": 100, "ReservedConcurrentExecutions": 1},
    )
    delivery = run(template, *map(message, "ab"), handler=handler, durations={"Handler": 100.0})
    assert handler.batches == [["a"]]
    assert (leg_of(delivery, "a").outcome, leg_of(delivery, "a").handled_at) == (
        Outcome.HANDLED,
        100,
    )
    throttled = leg_of(delivery, "b")
    assert {attempt.result for attempt in throttled.attempts} == {Result.THROTTLED}
    assert where(throttled)[0][:2] == ("DeadLetters", 100)


def test_a_throttled_batch_is_tried_again_with_growing_waits_until_its_messages_reappear() -> None:
    delivery = run(polled(), faults=Faults(invocations=throttled_until(45)))
    assert times(leg_of(delivery)) == [0, 1, 3, 7, 15, 30, 31, 33, 37, 45]


def test_the_waits_after_a_throttle_are_an_assumption() -> None:
    delivery = run(
        polled(),
        faults=Faults(invocations=throttled_until(10)),
        assumptions=Assumptions(queue_retry_delay=2, queue_retry_growth=1),
    )
    assert times(leg_of(delivery)) == [0, 2, 4, 6, 8, 10]


def throttled_until(time: float) -> Any:
    def fault(invocation: Invocation) -> Fault | None:
        return Fault.THROTTLE if invocation.time < time else None

    return fault


def test_a_batch_that_runs_past_its_visibility_timeout_is_received_again_meanwhile() -> None:
    """When it succeeds at 36 its receipt handle is old, so the failure at 59 counts."""
    batches: list[float] = []

    def handler(_event: Any, _context: Any) -> None:
        batches.append(len(batches))
        if len(batches) == 2:
            raise RuntimeError

    delivery = run(
        polled(of_function={"Timeout": 30}),
        handler=handler,
        durations={"Handler": 29.0},
        faults=Faults(invocations=throttled_until(7)),
    )
    leg = leg_of(delivery)
    ran = [each for each in leg.attempts if each.result is not Result.THROTTLED]
    assert [(each.time, each.result) for each in ran] == [
        (7, Result.HANDLED),
        (30, Result.FAILED),
        (60, Result.HANDLED),
    ]
    assert (leg.handled_at, delivery.ended_at) == (36, 89)


def test_a_batch_that_is_given_up_makes_room_for_another() -> None:
    options = {"ScalingConfig": {"MaximumConcurrency": 2}}
    faults = Faults(invocations=throttled_until(120))
    leg = leg_of(run(polled(of_mapping=options), faults=faults))
    assert (leg.handled_at, leg.attempts[-1].time) == (120, 120)


def test_a_part_of_a_split_batch_may_be_visible_again_before_there_is_room_for_it() -> None:
    handler = Recorder()
    options = {"ScalingConfig": {"MaximumConcurrency": 2}}
    large = [message(name, body="x" * 1_000_000, at=1) for name in "abcdefgh"]
    delivery = run(
        polled(of_mapping=options, of_function={"Timeout": 30}),
        message("first"),
        *large,
        handler=handler,
        durations={"Handler": 25.0},
    )
    assert handler.batches == [["first"], [*"abcdef"], ["g", "h"], ["g", "h"]]
    assert times(leg_of(delivery, "g")) == [25, 31]


def test_a_function_that_is_unavailable_is_retried_as_if_throttled() -> None:
    faults = Faults(unavailable={"Handler": [(0, 5)]})
    leg = leg_of(run(polled(), faults=faults))
    assert [(attempt.time, attempt.result) for attempt in leg.attempts] == [
        (0, Result.UNAVAILABLE),
        (1, Result.UNAVAILABLE),
        (3, Result.UNAVAILABLE),
        (7, Result.HANDLED),
    ]


def test_five_batches_run_at_once_and_three_hundred_more_after_a_minute() -> None:
    template = polled(
        of_queue={"VisibilityTimeout": 900},
        of_function={"Timeout": 900},
        of_mapping={"BatchSize": 1},
    )
    events = [message(str(n)) for n in range(400)]
    delivery = run(template, *events, durations={"Handler": 200.0})
    began = [times(leg)[0] for leg in delivery.legs]
    assert [began.count(time) for time in (0, 60, 120)] == [5, 300, 95]


def test_scaling_begins_anew_after_a_time_without_messages() -> None:
    template = polled(of_mapping={"BatchSize": 1}, of_function={"Timeout": 30})
    events = [message("first"), *(message(str(n), at=100) for n in range(10))]
    delivery = run(template, *events, durations={"Handler": 20.0})
    assert sorted(times(leg)[0] for leg in delivery.legs) == [0, *[100] * 5, *[120] * 5]


def test_max_concurrency_limits_the_batches_that_run_at_once() -> None:
    options = {"BatchSize": 1, "ScalingConfig": {"MaximumConcurrency": 2}}
    delivery = run(polled(of_mapping=options), *map(message, "abc"), durations={"Handler": 3.0})
    assert [times(leg_of(delivery, name)) for name in "abc"] == [[0], [0], [3]]


def test_filters_delete_what_none_of_them_takes() -> None:
    patterns = ['{"body": {"kind": ["order"]}}', '{"body": ["plain"]}']
    criteria = {"FilterCriteria": {"Filters": [{"Pattern": pattern} for pattern in patterns]}}
    bodies = {"a": '{"kind": "order"}', "b": '{"kind": "refund"}', "c": "plain", "d": "[]"}
    delivery = run(
        polled(of_mapping=criteria), *(message(name, body=body) for name, body in bodies.items())
    )
    assert [leg.event for leg in delivery.handled] == ["a", "c"]
    assert {leg.filtered_by for leg in delivery.filtered} == {"Mapping"}
    assert len(delivery.filtered) == 2


def test_what_is_filtered_leaves_its_place_in_the_batch_to_others() -> None:
    handler = Recorder()
    criteria = {"FilterCriteria": {"Filters": [{"Pattern": '{"body": ["x"]}'}]}, "BatchSize": 2}
    events = [message(name, body="x" if name in "bde" else "y") for name in "abcde"]
    run(polled(of_mapping=criteria), *events, handler=handler)
    assert handler.batches == [["b", "d"], ["e"]]


def test_the_mapping_may_name_an_alias_or_the_queue_by_its_name() -> None:
    alias = {"Type": "AWS::Lambda::Alias", "Properties": {"FunctionName": {"Ref": "Handler"}}}
    template = polled(
        of_queue={"QueueName": "orders"},
        of_mapping={
            "EventSourceArn": "arn:aws:sqs:eu-west-1:123456789012:orders",
            "FunctionName": {"Ref": "Live"},
        },
        Live=alias,
    )
    assert became(run(template).legs) == [Outcome.HANDLED]


def test_a_poison_message_takes_no_other_with_it_where_failures_are_reported() -> None:
    events = [message(str(n)) for n in range(50)]
    handler = Recorder({"7": ALWAYS})
    delivery = run(polled(receives=5, of_mapping=REPORTS), *events, handler=handler)
    assert delivery.counts() | {"handled": 49, "held": 1} == delivery.counts()
    assert leg_of(delivery, "7").held[0].at == "DeadLetters"
