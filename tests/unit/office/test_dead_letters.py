"""Dead letters go back, by SQS's own task or by hand, and none is lost on the way."""

from __future__ import annotations

import pytest

from office.dead_letters import DeadLetters, RedriveError
from tests.messages import exactly
from tests.unit.office.conftest import Queues


def letters_of(queues: Queues) -> DeadLetters:
    return DeadLetters(queues, url="letters", arn="arn:letters", queue="orders")


def test_letters_are_shown_and_stay() -> None:
    queues = Queues('{"id": "o-1"}', "poison", "[1]", '{"id": 7}')
    found = letters_of(queues).some()

    assert [(each.id, each.order, each.sent) for each in found] == [
        ("m-0", "o-1", "2026-11-25T14:51:15+00:00"),
        ("m-1", None, "2026-11-25T14:51:15+00:00"),
        ("m-2", None, "2026-11-25T14:51:15+00:00"),
        ("m-3", None, "2026-11-25T14:51:15+00:00"),
    ]
    assert (len(queues.letters), queues.hidden) == (4, set())
    assert letters_of(queues).count() == 4


def test_sqs_moves_them_by_its_task() -> None:
    queues = Queues("one")
    letters_of(queues).redrive()

    assert queues.tasks == [{"SourceArn": "arn:letters", "Status": "RUNNING"}]
    assert (queues.queue, len(queues.letters)) == ([], 1)
    task = letters_of(queues).last_task()
    assert task is not None
    assert (task.status, task.moved, task.reason) == ("running", 0, "")


def test_a_task_that_runs_already_is_told_of() -> None:
    queues = Queues("one")
    queues.running = True

    with pytest.raises(RedriveError, match=exactly("There is already a task running.")):
        letters_of(queues).redrive()
    assert queues.queue == []


def test_without_the_task_each_is_moved_by_hand() -> None:
    queues = Queues(*[f"order {number}" for number in range(23)], has_tasks=False)
    letters_of(queues).redrive()

    assert queues.letters == {}
    assert [each["MessageBody"] for each in queues.queue] == [f"order {n}" for n in range(23)]
    assert {each["QueueUrl"] for each in queues.queue} == {"orders"}
    [kind] = {each["MessageAttributes"]["kind"]["StringValue"] for each in queues.queue}
    assert kind == "order"
    assert letters_of(queues).last_task() is None


def test_what_cannot_be_sent_stays_and_is_shown_at_once() -> None:
    queues = Queues("one", "two", "three", has_tasks=False)
    queues.fails_at = "two"

    with pytest.raises(RedriveError, match=exactly("ServiceUnavailable")):
        letters_of(queues).redrive()

    assert [each["MessageBody"] for each in queues.queue] == ["one"]
    assert [*queues.letters.values()] == ["two", "three"]
    assert queues.hidden == set()


def test_what_arrives_meanwhile_waits_for_the_next_time() -> None:
    """An order that fails again at once would go round for ever."""
    queues = Queues("one", has_tasks=False)
    send = queues.send_message

    def send_and_fail(**sent: object) -> None:
        send(**sent)
        queues.letters[len(queues.queue)] = "one"

    queues.send_message = send_and_fail  # type: ignore[method-assign]
    letters_of(queues).redrive()

    assert (len(queues.queue), len(queues.letters)) == (1, 1)
