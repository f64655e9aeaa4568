"""Dead letters moved by a task of SQS's: what it is asked for, and what is said of it."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from serverless_patterns.redrive import Progress, RedriveError, redrive
from tests.messages import exactly
from tests.unit.redrive.answers import (
    ARN,
    HANDLE,
    URL,
    cancelled,
    described,
    found,
    listed,
    started,
    task,
)

if TYPE_CHECKING:
    from botocore.stub import Stubber


def test_a_task_of_sqs_moves_them_and_tells_how_far_it_is(
    sqs: Any, stub: Stubber, naps: list[float]
) -> None:
    found(stub, "dead")
    listed(stub)
    started(stub)
    listed(stub, task("RUNNING", 20, TaskHandle=HANDLE))
    listed(stub, task("COMPLETED", 50))

    assert [*redrive(sqs, "dead")] == [Progress(20, 50), Progress(50, 50)]
    assert naps == [1.0]


def test_an_earlier_task_is_not_taken_for_its_own(sqs: Any, stub: Stubber) -> None:
    found(stub, "dead")
    listed(stub, task("COMPLETED", 7, at=1))
    started(stub)
    listed(stub, task("COMPLETED", 7, at=1))
    listed(stub, task("COMPLETED", 50, at=2), task("COMPLETED", 7, at=1))

    assert [*redrive(sqs, "dead")] == [Progress(0, None), Progress(50, 50)]


@pytest.mark.parametrize(
    ("options", "asked"),
    [
        ({"max_per_second": 500}, {"MaxNumberOfMessagesPerSecond": 500}),
        ({"to": "orders"}, {"DestinationArn": f"{ARN}orders"}),
        (
            {"to": "orders", "max_per_second": 1},
            {"DestinationArn": f"{ARN}orders", "MaxNumberOfMessagesPerSecond": 1},
        ),
    ],
)
def test_where_to_and_how_fast_can_be_chosen(
    sqs: Any, stub: Stubber, options: dict[str, Any], asked: dict[str, Any]
) -> None:
    found(stub, "dead")
    if "to" in options:
        found(stub, "orders")
    listed(stub)
    started(stub, **asked)
    listed(stub, task("COMPLETED", 50))

    assert [*redrive(sqs, "dead", **options)] == [Progress(50, 50)]


def test_an_arn_names_the_queue(sqs: Any, stub: Stubber) -> None:
    stub.add_response(
        "get_queue_url",
        {"QueueUrl": f"{URL}dead"},
        {"QueueName": "dead", "QueueOwnerAWSAccountId": "123456789012"},
    )
    described(stub, "dead")
    listed(stub)
    started(stub)
    listed(stub, task("COMPLETED"))

    assert [*redrive(sqs, f"{ARN}dead")]


def test_a_url_is_taken_as_it_is(sqs: Any, stub: Stubber) -> None:
    described(stub, "dead")
    listed(stub)
    started(stub)
    listed(stub, task("COMPLETED"))

    assert [*redrive(sqs, f"{URL}dead")]


def test_who_stops_listening_cancels_the_task(sqs: Any, stub: Stubber) -> None:
    found(stub, "dead")
    listed(stub)
    started(stub)
    listed(stub, task("RUNNING", 20))
    cancelled(stub)

    with closing(redrive(sqs, "dead")) as steps:
        assert next(steps) == Progress(20, 50)


def test_a_task_that_ended_meanwhile_needs_no_cancelling(sqs: Any, stub: Stubber) -> None:
    found(stub, "dead")
    listed(stub)
    started(stub)
    listed(stub, task("RUNNING", 20))
    stub.add_client_error("cancel_message_move_task", "ResourceNotFoundException")

    with closing(redrive(sqs, "dead")) as steps:
        next(steps)


@pytest.mark.parametrize(
    ("ended", "message"),
    [
        (
            task("FAILED", 20, FailureReason="AccessDenied"),
            "dead: 20 messages were moved, then AccessDenied",
        ),
        (task("CANCELLED", 20), "dead: 20 messages were moved, then somebody cancelled it"),
    ],
)
def test_a_task_that_ends_early_is_an_error(
    sqs: Any, stub: Stubber, ended: dict[str, Any], message: str
) -> None:
    found(stub, "dead")
    listed(stub)
    started(stub)
    listed(stub, ended)

    with pytest.raises(RedriveError, match=exactly(message)):
        [*redrive(sqs, "dead")]


def test_messages_that_are_being_moved_are_left_to_that_task(sqs: Any, stub: Stubber) -> None:
    found(stub, "dead")
    listed(stub, task("RUNNING", 20))

    message = "a task moves the messages of dead already; SQS runs one at a time"
    with pytest.raises(RedriveError, match=exactly(message)):
        [*redrive(sqs, "dead")]


def test_a_queue_that_is_not_there_is_named(sqs: Any, stub: Stubber) -> None:
    stub.add_client_error("get_queue_url", "AWS.SimpleQueueService.NonExistentQueue")

    with pytest.raises(RedriveError, match=exactly("there is no queue dead in eu-west-1")):
        [*redrive(sqs, "dead")]


@pytest.mark.parametrize(
    ("code", "said", "message"),
    [
        (
            "InvalidParameterValue",
            "Source queue must be configured as a Dead Letter Queue.",
            "dead: Source queue must be configured as a Dead Letter Queue; did you mean its "
            f"dead-letter queue, {ARN}letters?",
        ),
        ("AccessDenied", "You may not.", "dead: You may not"),
    ],
)
@pytest.mark.parametrize("action", ["list_message_move_tasks", "start_message_move_task"])
def test_what_sqs_refuses_is_one_line(
    sqs: Any, stub: Stubber, *, action: str, code: str, said: str, message: str
) -> None:
    found(stub, "dead", letters="letters")
    if action == "start_message_move_task":
        listed(stub)
    stub.add_client_error(action, code, said)

    with pytest.raises(RedriveError, match=exactly(message)):
        [*redrive(sqs, "dead")]


def test_messages_stay_in_one_kind_of_queue(sqs: Any, stub: Stubber) -> None:
    found(stub, "dead")
    found(stub, "orders.fifo")

    message = (
        "dead is a standard queue and orders.fifo is a FIFO queue; messages move between queues of "
        "one kind"
    )
    with pytest.raises(RedriveError, match=exactly(message)):
        [*redrive(sqs, "dead", to="orders.fifo")]


def test_messages_are_not_moved_to_where_they_are(sqs: Any, stub: Stubber) -> None:
    found(stub, "dead")
    found(stub, "dead")

    message = "dead can't be moved to itself; name another queue"
    with pytest.raises(RedriveError, match=exactly(message)):
        [*redrive(sqs, "dead", to="dead")]


@pytest.mark.parametrize("rate", [0, 501])
def test_a_rate_that_sqs_does_not_know_is_refused(sqs: Any, rate: int) -> None:
    message = f"max_per_second must be 1 to 500, got {rate}"
    with pytest.raises(RedriveError, match=exactly(message)):
        [*redrive(sqs, "dead", max_per_second=rate)]
