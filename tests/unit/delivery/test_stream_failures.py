from __future__ import annotations

from typing import Any

import pytest

from serverless_patterns.testing.delivery import (
    Assumptions,
    Attempt,
    Fault,
    Faults,
    Invocation,
    Result,
)
from tests.unit.delivery.stream_templates import (
    DAY,
    REPORTS,
    TO_QUEUE,
    Recorder,
    change,
    dynamodb,
    kinesis,
    pointer,
    record,
    records,
    reports,
    run,
    throws_on,
)


def throttled_until(end: float) -> Faults:
    def fault(invocation: Invocation) -> Fault | None:
        return Fault.THROTTLE if invocation.time < end else None

    return Faults(invocations=fault)


def test_k1_one_retry_makes_two_attempts() -> None:
    handler = throws_on("r0")
    shape = kinesis(BatchSize=1, MaximumRetryAttempts=1, **TO_QUEUE)
    delivery = run(shape, records(["r0"]), handler)

    [leg] = delivery.held
    assert leg.path == ("Stream", "Handler")
    assert leg.attempts == [
        Attempt(0, "Handler", Result.FAILED),
        Attempt(1, "Handler", Result.FAILED),
    ]
    assert leg.held == [pointer(1, "RetryAttemptsExhausted")]


def test_k2_progress_gives_what_is_left_all_retries() -> None:
    handler = reports("r5")
    shape = kinesis(BatchSize=3, MaximumRetryAttempts=3, **REPORTS, **TO_QUEUE)
    delivery = run(shape, records(["r0", "r1", "r2", "r3", "r4", "r5"]), handler)

    assert handler.batches == [["r0", "r1", "r2"], ["r3", "r4", "r5"], *[["r5"]] * 4]
    assert [leg.event for leg in delivery.held] == ["r5"]
    assert [leg.event for leg in delivery.handled] == ["r0", "r1", "r2", "r3", "r4"]


def test_k3_only_what_is_too_old_is_discarded_unseen() -> None:
    handler = Recorder()
    shape = kinesis(MaximumBatchingWindowInSeconds=80, MaximumRecordAgeInSeconds=60, **TO_QUEUE)
    delivery = run(shape, [record("r0"), record("r1", 30), record("r2", 70)], handler)

    assert handler.batches == [["r1", "r2"]]
    [leg] = delivery.held
    assert (leg.event, leg.attempts) == ("r0", [])
    assert leg.held == [pointer(80, "RecordAgeExceeded")]


def test_k4_a_throttle_takes_no_retry() -> None:
    handler = Recorder()
    shape = kinesis(MaximumRetryAttempts=0, MaximumRecordAgeInSeconds=60)
    delivery = run(shape, records(["r0"]), handler, faults=throttled_until(30))

    [leg] = delivery.handled
    assert [attempt.result for attempt in leg.attempts] == [*[Result.THROTTLED] * 5, Result.HANDLED]
    assert leg.attempts[-1].time == 31


def test_k5_bisecting_isolates_the_poison() -> None:
    handler = throws_on("3")
    shape = kinesis(BisectBatchOnFunctionError=True, MaximumRetryAttempts=1)
    delivery = run(shape, records("1234"), handler)

    assert handler.batches == [list("1234"), ["1", "2"], ["3", "4"], ["3"], ["3"], ["4"]]
    [lost] = delivery.lost
    assert (lost.event, lost.lost_because) == ("3", "RetryAttemptsExhausted")
    assert [leg.event for leg in delivery.handled] == ["1", "2", "4"]


def test_k6_poison_blocks_a_table_for_a_day_and_is_lost() -> None:
    handler = throws_on("poison")
    delivery = run(dynamodb(), [change("poison"), change("later", 10)], handler)

    [lost] = delivery.lost
    assert (lost.event, lost.lost_at, lost.lost_because) == ("poison", DAY, "trimmed")
    assert len(lost.attempts) < 1_500
    [later] = delivery.handled
    assert (later.event, later.handled_at) == ("later", DAY)


def test_a_failure_repeats_the_whole_batch_and_blocks_the_shard() -> None:
    def does(_: list[str], __: dict[str, Any]) -> None:
        if len(handler.batches) < 3:
            raise ValueError

    handler = Recorder(does)
    run(kinesis(BatchSize=2), records("abc"), handler)

    assert handler.batches == [["a", "b"], ["a", "b"], ["a", "b"], ["c"]]


def test_without_a_destination_what_is_discarded_is_lost() -> None:
    shape = kinesis(MaximumRetryAttempts=0)
    delivery = run(shape, records("ab"), throws_on("a"))

    assert [(leg.event, leg.lost_because) for leg in delivery.lost] == [
        ("a", "RetryAttemptsExhausted"),
        ("b", "RetryAttemptsExhausted"),
    ]


def test_a_crash_and_a_timeout_are_failures() -> None:
    faults = Faults(invocations=lambda it: [Fault.CRASH, Fault.TIMEOUT, None][it.number])
    delivery = run(kinesis(), records("a"), Recorder(), faults=faults)

    [leg] = delivery.handled
    assert [(each.time, each.result) for each in leg.attempts] == [
        (0, Result.CRASHED),
        (1, Result.TIMED_OUT),
        (13, Result.HANDLED),
    ]


def test_a_batch_under_way_keeps_the_next_one_waiting() -> None:
    handler = Recorder()
    events = [record("a"), record("b", 1), record("c", 2)]
    delivery = run(kinesis(), events, handler, durations={"Handler": 5})

    assert handler.batches == [["a"], ["b", "c"]]
    assert [leg.handled_at for leg in delivery.handled] == [5, 10, 10]


def test_the_wait_before_a_retry_is_an_assumption() -> None:
    curve = Assumptions(stream_retry_delay=3, stream_retry_growth=3, stream_retry_limit=10)
    shape = kinesis(MaximumRetryAttempts=4)
    delivery = run(shape, records("a"), throws_on("a"), assumptions=curve)

    assert [attempt.time for attempt in delivery.lost[0].attempts] == [0, 3, 12, 22, 32]


def test_a_retry_in_time_for_expiry_sees_only_what_the_stream_still_has() -> None:
    handler = throws_on("a")
    events = [record("a"), record("b", 100)]
    run(kinesis(MaximumBatchingWindowInSeconds=100), events, handler)

    assert handler.batches[0] == ["a", "b"]
    assert handler.batches[-1] == ["b"]


def test_a_longer_retention_blocks_for_longer() -> None:
    shape = kinesis()
    shape["Resources"]["Stream"]["Properties"] = {"RetentionPeriodHours": 48}
    delivery = run(shape, records("a"), throws_on("a"))

    assert delivery.lost[0].lost_at == 2 * DAY


def test_what_the_stream_dropped_is_lost_whatever_the_destination() -> None:
    delivery = run(kinesis(**TO_QUEUE), records("a"), throws_on("a"))

    assert (delivery.lost[0].lost_at, delivery.lost[0].lost_because) == (DAY, "trimmed")


def test_an_age_of_just_the_maximum_is_not_too_old() -> None:
    shape = kinesis(MaximumBatchingWindowInSeconds=60, MaximumRecordAgeInSeconds=60)

    assert run(shape, records("a"), Recorder()).lost == []


def test_age_ends_the_retries() -> None:
    shape = kinesis(MaximumRecordAgeInSeconds=60, **TO_QUEUE)
    delivery = run(shape, records("a"), throws_on("a"))

    [leg] = delivery.held
    assert [attempt.time for attempt in leg.attempts] == [0, 1, 3, 7, 15, 31]
    assert leg.held == [pointer(63, "RecordAgeExceeded")]


def test_what_is_left_of_an_expired_batch_has_all_its_retries() -> None:
    handler = throws_on("b")
    shape = kinesis(
        MaximumBatchingWindowInSeconds=58, MaximumRecordAgeInSeconds=60, MaximumRetryAttempts=2
    )
    delivery = run(shape, [record("a"), record("b", 50)], handler)

    assert handler.batches == [["a", "b"], ["a", "b"], ["b"], ["b"], ["b"]]
    assert [leg.lost_because for leg in delivery.lost] == [
        "RecordAgeExceeded",
        "RetryAttemptsExhausted",
    ]


def test_throttles_are_bounded_by_age() -> None:
    shape = kinesis(MaximumRecordAgeInSeconds=60, **TO_QUEUE)
    delivery = run(shape, records("a"), Recorder(), faults=throttled_until(1_000))

    assert delivery.held[0].held == [pointer(63, "RecordAgeExceeded")]


def test_no_reserved_concurrency_blocks_until_the_stream_drops_it() -> None:
    shape = kinesis(MaximumRetryAttempts=0)
    shape["Resources"]["Handler"]["Properties"]["ReservedConcurrentExecutions"] = 0
    delivery = run(shape, records("a"), Recorder())

    [leg] = delivery.lost
    assert {attempt.result for attempt in leg.attempts} == {Result.THROTTLED}
    assert leg.lost_at == DAY


@pytest.mark.parametrize(
    ("faults", "result"),
    [
        (Faults(unavailable={"Handler": [(0, 2)]}), Result.UNAVAILABLE),
        (Faults(missing=frozenset({"Handler"})), Result.REFUSED),
    ],
)
def test_what_is_not_invoked_takes_no_retry(faults: Faults, result: Result) -> None:
    shape = kinesis(MaximumRetryAttempts=0)
    delivery = run(shape, records("a"), Recorder(), faults=faults, until=10)

    assert [each.result for each in delivery.legs[0].attempts[:2]] == [result, result]


def test_a_stream_that_cannot_be_read_is_read_later() -> None:
    handler = Recorder()
    faults = Faults(unavailable={"Stream": [(0, 50)]})
    delivery = run(kinesis(), [record("a"), record("b", 20)], handler, faults=faults)

    assert handler.batches == [["a", "b"]]
    assert delivery.handled[0].handled_at == 50


def test_a_stream_that_was_deleted_takes_nothing() -> None:
    faults = Faults(missing=frozenset({"Stream"}))
    [lost] = run(kinesis(), records("a"), Recorder(), faults=faults).lost

    assert lost.lost_because == "the stream is missing"
