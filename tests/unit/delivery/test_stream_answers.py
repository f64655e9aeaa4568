from __future__ import annotations

from typing import Any

import pytest

from serverless_patterns.testing.delivery import Assumptions, Attempt, Faults, Result
from tests.unit.delivery.stream_templates import (
    REPORTS,
    Recorder,
    kinesis,
    records,
    reports,
    run,
    throws_on,
)


def test_the_first_half_is_the_smaller_one() -> None:
    handler = throws_on("c")
    run(kinesis(BisectBatchOnFunctionError=True, MaximumRetryAttempts=0), records("abc"), handler)

    assert handler.batches == [list("abc"), ["a"], ["b", "c"], ["b"], ["c"]]


def test_bisecting_takes_no_retry() -> None:
    shape = kinesis(BisectBatchOnFunctionError=True, MaximumRetryAttempts=0)
    delivery = run(shape, records("abcd"), throws_on("b"))

    assert [leg.event for leg in delivery.lost] == ["b"]


def test_with_partial_answers_the_split_is_at_the_record_that_was_named() -> None:
    handler = reports("d")
    shape = kinesis(BisectBatchOnFunctionError=True, MaximumRetryAttempts=0, **REPORTS)
    delivery = run(shape, records("abcde"), handler)

    assert handler.batches == [list("abcde"), ["d", "e"]]
    assert [leg.event for leg in delivery.lost] == ["d", "e"]


def test_whether_a_batch_is_halved_that_did_not_get_on_is_an_assumption() -> None:
    handler = reports("d")
    shape = kinesis(BisectBatchOnFunctionError=True, MaximumRetryAttempts=0, **REPORTS)
    halved = Assumptions(bisect_without_progress=True)
    delivery = run(shape, records("abcde"), handler, assumptions=halved)

    assert handler.batches == [list("abcde"), ["d", "e"], ["d"], ["e"]]
    assert [leg.event for leg in delivery.lost] == ["d"]


def test_an_exception_bisects_although_partial_answers_are_on() -> None:
    handler = throws_on("b")
    shape = kinesis(BisectBatchOnFunctionError=True, MaximumRetryAttempts=0, **REPORTS)
    run(shape, records("abcd"), handler)

    assert handler.batches == [list("abcd"), ["a", "b"], ["a"], ["b"], ["c", "d"]]


def test_the_checkpoint_is_the_lowest_of_what_is_named() -> None:
    handler = reports("d", "b")
    delivery = run(kinesis(MaximumRetryAttempts=0, **REPORTS), records("abcde"), handler)

    assert handler.batches == [list("abcde"), list("bcde")]
    assert [leg.event for leg in delivery.handled] == ["a"]
    assert [each.result for each in delivery.of("c")[0].attempts] == [Result.REPORTED] * 2


def test_no_progress_takes_a_retry() -> None:
    handler = reports("a")
    delivery = run(kinesis(MaximumRetryAttempts=2, **REPORTS), records("ab"), handler)

    assert handler.batches == [["a", "b"]] * 3
    assert [leg.event for leg in delivery.lost] == ["a", "b"]


@pytest.mark.parametrize("answer", [None, {}, [], "", {"batchItemFailures": None}])
def test_an_empty_answer_acknowledges_without_handling(answer: Any) -> None:
    delivery = run(kinesis(**REPORTS), records("a"), Recorder(lambda *_: answer))

    [leg] = delivery.acknowledged
    assert leg.attempts == [Attempt(0, "Handler", Result.IGNORED)]


def test_an_empty_list_of_failures_is_success() -> None:
    delivery = run(kinesis(**REPORTS), records("a"), reports())

    assert [leg.event for leg in delivery.handled] == ["a"]


@pytest.mark.parametrize(
    "item",
    [
        {"itemIdentifier": ""},
        {"itemIdentifier": None},
        {"identifier": "a"},
        {"itemIdentifier": "17"},
    ],
)
def test_a_malformed_answer_fails_the_batch(item: Any) -> None:
    handler = Recorder(lambda *_: {"batchItemFailures": [item]})
    delivery = run(kinesis(MaximumRetryAttempts=1, **REPORTS), records("ab"), handler)

    assert [each.result for each in delivery.lost[0].attempts] == [Result.MALFORMED] * 2


def test_what_the_handler_names_is_not_asked_for() -> None:
    delivery = run(kinesis(), records("abcd"), reports("b", "d"))

    assert [leg.event for leg in delivery.handled] == ["a"]
    assert [leg.event for leg in delivery.acknowledged] == ["b", "c", "d"]
    assert delivery.of("b")[0].attempts == [Attempt(0, "Handler", Result.IGNORED)]


def test_a_duplicate_does_not_share_a_batch_with_what_it_repeats() -> None:
    handler = Recorder()
    delivery = run(kinesis(), records("ab"), handler, faults=Faults(duplicates={"b": 1}))

    assert handler.batches == [["a", "b"], ["b"]]
    first, second = (event["Records"][-1]["eventID"] for event in handler.events)
    assert first == second
    assert delivery.counts()["handled"] == 2
