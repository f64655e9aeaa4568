from __future__ import annotations

from typing import Any

import pytest

from serverless_patterns.testing.delivery import DeliveryError, Result, SqsMessage, deliver
from serverless_patterns.testing.delivery._partial_batches import Report, named, reported
from tests.messages import exactly
from tests.unit.delivery.queue_templates import REPORTS, failures, polled

IDS = ["a", "b", "c"]
EMPTY = Report(is_empty=True)
MALFORMED = Report(is_malformed=True)


@pytest.mark.parametrize("is_stream", [False, True])
@pytest.mark.parametrize("answer", [None, {}, {"batchItemFailures": None}, {"statusCode": 200}])
def test_an_answer_that_says_nothing_is_empty(answer: Any, is_stream: bool) -> None:  # noqa: FBT001
    assert reported(answer, IDS, is_stream=is_stream) == EMPTY


@pytest.mark.parametrize("answer", [[], ""])
def test_an_empty_list_or_text_of_a_stream_is_empty(answer: Any) -> None:
    assert reported(answer, IDS, is_stream=True) == EMPTY


@pytest.mark.parametrize("is_stream", [False, True])
def test_an_empty_list_of_failures_says_that_nothing_failed(is_stream: bool) -> None:  # noqa: FBT001
    assert reported({"batchItemFailures": []}, IDS, is_stream=is_stream) == Report()


def test_failures_are_told_once_each_in_the_order_of_the_batch() -> None:
    assert reported(failures("c", "a", "c"), [*IDS, "a"]) == Report(failed=("a", "c"))


@pytest.mark.parametrize("is_stream", [False, True])
@pytest.mark.parametrize(
    "item",
    [
        {"itemIdentifier": ""},
        {"itemIdentifier": None},
        {"itemIdentifier": 123},
        {"itemIdentifier": "d"},
        {"messageId": "a"},
        {},
    ],
)
def test_a_failure_without_an_id_of_the_batch_makes_the_whole_answer_malformed(
    item: Any,
    is_stream: bool,  # noqa: FBT001
) -> None:
    answer = {"batchItemFailures": [{"itemIdentifier": "a"}, item]}
    assert reported(answer, IDS, is_stream=is_stream) == MALFORMED


@pytest.mark.parametrize(
    "answer", [[], "", "ok", 0, ["a"], {"batchItemFailures": "a"}, {"batchItemFailures": ["a"]}]
)
def test_an_answer_of_which_nothing_is_known_is_refused(answer: Any) -> None:
    with pytest.raises(
        DeliveryError,
        match=exactly(
            "Handler: answer must be an object with batchItemFailures, a list of objects with "
            f"itemIdentifier, got {answer!r}; what Lambda makes of another isn't documented"
        ),
    ):
        reported(answer, IDS, owner="Handler")


@pytest.mark.parametrize("answer", ["ok", ["a"], [[]]])
def test_a_stream_too_refuses_an_answer_of_which_nothing_is_known(answer: Any) -> None:
    with pytest.raises(DeliveryError):
        reported(answer, IDS, is_stream=True)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (failures("b"), {"b"}),
        ({"batchItemFailures": ["a", {"itemIdentifier": 1}, {"itemIdentifier": "b"}]}, {"b"}),
        ({"batchItemFailures": "b"}, set()),
        ("b", set()),
        (None, set()),
    ],
)
def test_what_nothing_asks_for_may_name_failures_all_the_same(
    answer: Any, expected: set[str]
) -> None:
    assert named(answer) == expected


def outcomes(answer: Any, *, asks: bool = True) -> dict[str, list[Result]]:
    """What three messages' attempts ended in, when the first answer is this and others are good."""
    answers = iter([answer])
    delivery = deliver(
        polled(of_mapping=REPORTS if asks else {}),
        [SqsMessage(body=name, id=name) for name in IDS],
        handlers={"Handler": lambda _event, _context: next(answers, failures())},
    )
    assert delivery.lost == []
    return {leg.event: [attempt.result for attempt in leg.attempts] for leg in delivery.legs}


@pytest.mark.parametrize("answer", [None, {}, {"batchItemFailures": None}])
def test_an_empty_answer_deletes_the_batch_of_which_it_says_nothing(answer: Any) -> None:
    assert outcomes(answer) == {name: [Result.IGNORED] for name in IDS}


def test_an_answer_without_failures_handles_the_batch() -> None:
    assert outcomes(failures()) == {name: [Result.HANDLED] for name in IDS}


def test_a_malformed_answer_fails_the_whole_batch() -> None:
    expected = [Result.MALFORMED, Result.HANDLED]
    assert outcomes(failures("a", "unknown")) == dict.fromkeys(IDS, expected)


def test_only_what_is_named_is_tried_again() -> None:
    assert outcomes(failures("b")) == {
        "a": [Result.HANDLED],
        "b": [Result.REPORTED, Result.HANDLED],
        "c": [Result.HANDLED],
    }


def test_q4_what_is_named_though_nothing_asks_is_deleted_unhandled() -> None:
    assert outcomes(failures("b"), asks=False) == {
        "a": [Result.HANDLED],
        "b": [Result.IGNORED],
        "c": [Result.HANDLED],
    }


def test_an_answer_that_nothing_asks_for_may_be_anything() -> None:
    assert outcomes("ok", asks=False) == {name: [Result.HANDLED] for name in IDS}
