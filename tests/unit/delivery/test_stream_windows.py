from __future__ import annotations

from typing import Any

import pytest

from serverless_patterns.testing.delivery import Fault, Faults, KinesisRecord, Outcome
from tests.unit.delivery.stream_templates import DAY, Recorder, kinesis, record, records, run

# Windows divide time from 1970, so one of 60 seconds begins with second 0.


def counting(limit: int | None = None) -> Recorder:
    """A handler that counts records in the state; its last invocation may fail."""

    def does(batch: list[str], event: dict[str, Any]) -> dict[str, Any]:
        if limit is not None and event["isFinalInvokeForWindow"]:
            failed.append(event)
            if len(failed) <= limit:
                raise ValueError
        return {"state": {"count": event["state"].get("count", 0) + len(batch)}}

    failed: list[Any] = []
    return Recorder(does)


def test_a_window_hands_its_state_on() -> None:
    handler = counting()
    shape = kinesis(TumblingWindowInSeconds=60)
    delivery = run(shape, [record("a", 5), record("b", 10), record("c", 65)], handler)

    told = [(event["state"], event["isFinalInvokeForWindow"]) for event in handler.events]
    assert told == [
        ({}, False),
        ({"count": 1}, False),
        ({"count": 2}, True),
        ({}, False),
        ({"count": 1}, True),
    ]
    assert handler.batches == [["a"], ["b"], [], ["c"], []]
    assert delivery.counts()["handled"] == 3
    assert delivery.ended_at == 120


def test_the_event_of_a_window() -> None:
    handler = counting()
    run(kinesis(TumblingWindowInSeconds=60), [record("a", 65)], handler)

    del handler.events[0]["Records"]
    assert handler.events[0] == {
        "window": {"start": "2026-01-01T00:01:00Z", "end": "2026-01-01T00:02:00Z"},
        "state": {},
        "shardId": "shardId-000000000000",
        "eventSourceARN": "arn:aws:kinesis:us-east-1:123456789012:stream/Stream",
        "isFinalInvokeForWindow": False,
        "isWindowTerminatedEarly": False,
    }


def test_a_batch_is_of_one_window() -> None:
    handler = counting()
    shape = kinesis(TumblingWindowInSeconds=60, MaximumBatchingWindowInSeconds=300)
    delivery = run(shape, [record("a", 50), record("b", 70)], handler)

    assert handler.batches == [["a"], [], ["b"], []]
    assert [leg.handled_at for leg in delivery.handled] == [60, 120]


@pytest.mark.parametrize(
    ("waiting", "batches"),
    [
        ([record("b", 58), record("c", 70)], [["a"], ["b"], [], ["c"], []]),
        ([record("c", 70)], [["a"], [], ["c"], []]),
    ],
)
def test_what_waited_while_a_window_ended_belongs_to_its_own(
    waiting: list[KinesisRecord], batches: list[list[str]]
) -> None:
    handler = counting()
    shape = kinesis(TumblingWindowInSeconds=60)
    shape["Resources"]["Handler"]["Properties"]["Timeout"] = 60
    run(shape, [record("a", 50), *waiting], handler, durations={"Handler": 30})

    assert handler.batches == batches


@pytest.mark.parametrize("answer", [None, {}, {"state": None}, {"batchItemFailures": []}])
def test_an_answer_without_state_fails(answer: Any) -> None:
    shape = kinesis(TumblingWindowInSeconds=60, MaximumRetryAttempts=1)
    delivery = run(shape, records("a"), Recorder(lambda *_: answer))

    assert [attempt.result.value for attempt in delivery.lost[0].attempts] == [
        "malformed answer",
        "malformed answer",
    ]


def test_a_retried_batch_gets_the_same_state() -> None:
    def does(batch: list[str], event: dict[str, Any]) -> dict[str, Any]:
        event["state"]["count"] = event["state"].get("count", 0) + len(batch)
        if len(handler.events) == 2:
            raise ValueError
        return {"state": event["state"]}

    handler = Recorder(does)
    run(kinesis(TumblingWindowInSeconds=60), [record("a"), record("b", 1)], handler, until=30)

    assert handler.events[-1]["state"] == {"count": 2}


def test_nothing_goes_on_while_the_last_invocation_of_a_window_fails() -> None:
    handler = counting(limit=2)
    shape = kinesis(TumblingWindowInSeconds=60)
    run(shape, [record("a"), record("b", 61)], handler, until=70)

    assert handler.batches == [["a"], [], [], [], ["b"]]


def test_a_state_that_is_dropped_is_warned_of() -> None:
    handler = counting(limit=99)
    shape = kinesis(TumblingWindowInSeconds=60, MaximumRetryAttempts=1)
    delivery = run(shape, [record("a")], handler)

    assert handler.batches == [["a"], [], []]
    assert delivery.warnings == (
        "Mapping: the state of the window from 2026-01-01T00:00:00.000Z of shardId-000000000000 "
        "was dropped, as its last invocation failed",
    )


def test_a_last_invocation_that_always_fails_blocks_until_the_stream_has_nothing_of_it() -> None:
    handler = counting(limit=99_999)
    shape = kinesis(TumblingWindowInSeconds=60)
    delivery = run(shape, [record("a"), record("b", 10), record("c", 100)], handler, until=DAY + 50)

    assert [leg.event for leg in delivery.handled] == ["a", "b", "c"]
    assert delivery.handled[-1].handled_at == DAY + 10


def test_what_waits_behind_a_window_is_handled_once_that_is_given_up() -> None:
    def does(_: list[str], event: dict[str, Any]) -> dict[str, Any]:
        if event["isFinalInvokeForWindow"]:
            raise ValueError
        return {"state": {}}

    shape = kinesis(TumblingWindowInSeconds=60)
    events = [record("a", 59), record("b", 60), record("c", DAY + 300)]
    delivery = run(shape, events, Recorder(does), until=3 * DAY)

    assert delivery.of("c")[0].outcome is Outcome.HANDLED
    assert delivery.pending == []


def test_a_state_of_more_than_1_mb_ends_the_window_early() -> None:
    def does(batch: list[str], _: dict[str, Any]) -> dict[str, Any]:
        return {"state": {"all": "x" * 1_100_000 if "a" in batch else "y"}}

    handler = Recorder(does)
    run(kinesis(TumblingWindowInSeconds=60), [record("a"), record("b", 1)], handler)

    told = [
        (event["isFinalInvokeForWindow"], event["isWindowTerminatedEarly"], len(event["state"]))
        for event in handler.events
    ]
    assert told == [(False, False, 0), (True, True, 1), (False, False, 0), (True, False, 1)]


def test_a_last_invocation_waits_for_a_function_that_is_unavailable() -> None:
    faults = Faults(unavailable={"Handler": [(60, 62)]})
    handler = counting()
    shape = kinesis(TumblingWindowInSeconds=60)
    delivery = run(shape, [record("a")], handler, faults=faults)

    assert handler.batches == [["a"], []]
    assert delivery.ended_at == 63


def test_a_throttled_last_invocation_is_made_later() -> None:
    faults = Faults(invocations=lambda it: Fault.THROTTLE if 60 <= it.time < 62 else None)
    handler = counting()
    run(kinesis(TumblingWindowInSeconds=60), [record("a")], handler, faults=faults)

    assert handler.events[-1]["isFinalInvokeForWindow"]
