"""Dead letters moved one by one, where SQS has no task for it."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from serverless_patterns.redrive import Progress, RedriveError, redrive
from tests.messages import exactly
from tests.unit.redrive.answers import (
    ARN,
    deleted,
    found,
    letter,
    located,
    received,
    released,
    sent,
    without_tasks,
)

if TYPE_CHECKING:
    from botocore.stub import Stubber


def test_without_tasks_each_is_received_sent_and_then_deleted(sqs: Any, stub: Stubber) -> None:
    one, two = letter("one"), letter("two")
    found(stub, "dead", waiting=2)
    without_tasks(stub)
    received(stub, one, two, at_most=2)
    located(stub, "orders")
    for each in (one, two):
        sent(stub, each)
        deleted(stub, each)

    assert [*redrive(sqs, "dead")] == [Progress(0, 2), Progress(1, 2), Progress(2, 2)]


def test_what_a_message_carries_goes_with_it(sqs: Any, stub: Stubber) -> None:
    attributes = {"kind": {"DataType": "String", "StringValue": "order"}}
    one = letter("one", AWSTraceHeader="Root=1", MessageGroupId="tenant")
    one["MessageAttributes"] = attributes
    found(stub, "dead", waiting=1)
    without_tasks(stub)
    received(stub, one, at_most=1)
    located(stub, "orders")
    sent(
        stub,
        one,
        MessageAttributes=attributes,
        MessageSystemAttributes={"AWSTraceHeader": {"DataType": "String", "StringValue": "Root=1"}},
        MessageGroupId="tenant",
    )
    deleted(stub, one)

    assert [*redrive(sqs, "dead")][-1] == Progress(1, 1)


def test_a_fifo_message_is_not_taken_for_the_one_that_was_sent_first(
    sqs: Any, stub: Stubber
) -> None:
    one = letter("one", MessageGroupId="a", MessageDeduplicationId="used")
    one["Attributes"]["DeadLetterQueueSourceArn"] = f"{ARN}orders.fifo"
    found(stub, "dead.fifo", waiting=1)
    without_tasks(stub)
    received(stub, one, at_most=1, name="dead.fifo")
    located(stub, "orders.fifo")
    sent(stub, one, to="orders.fifo", MessageGroupId="a", MessageDeduplicationId="id-one")
    deleted(stub, one, "dead.fifo")

    assert [*redrive(sqs, "dead.fifo")][-1] == Progress(1, 1)


def test_what_fails_again_does_not_go_round(sqs: Any, stub: Stubber) -> None:
    one = letter("one")
    found(stub, "dead", waiting=1)
    found(stub, "elsewhere")
    without_tasks(stub)
    received(stub, one, at_most=1)
    sent(stub, one, to="elsewhere")
    deleted(stub, one)

    assert [*redrive(sqs, "dead", to="elsewhere")][-1] == Progress(1, 1)


def test_messages_that_somebody_else_took_are_not_waited_for(sqs: Any, stub: Stubber) -> None:
    found(stub, "dead", waiting=2)
    without_tasks(stub)
    received(stub, at_most=2)

    assert [*redrive(sqs, "dead")] == [Progress(0, 2)]


def test_the_rate_is_kept_without_tasks_too(sqs: Any, stub: Stubber, naps: list[float]) -> None:
    one = letter("one")
    found(stub, "dead", waiting=1)
    without_tasks(stub)
    received(stub, one, at_most=1)
    located(stub, "orders")
    sent(stub, one)
    deleted(stub, one)

    [*redrive(sqs, "dead", max_per_second=4)]
    assert naps == [0.25]


def test_a_message_that_can_not_be_sent_stays(sqs: Any, stub: Stubber) -> None:
    one, two = letter("one"), letter("two")
    found(stub, "dead", waiting=2)
    without_tasks(stub)
    received(stub, one, two, at_most=2)
    located(stub, "orders")
    stub.add_client_error("send_message", "AccessDenied")
    released(stub, one)
    stub.add_client_error("change_message_visibility", "AccessDenied")

    with pytest.raises(sqs.exceptions.ClientError, match="SendMessage"):
        [*redrive(sqs, "dead")]


def test_who_stops_listening_leaves_the_others_where_they_are(sqs: Any, stub: Stubber) -> None:
    one, two = letter("one"), letter("two")
    found(stub, "dead", waiting=2)
    without_tasks(stub)
    received(stub, one, two, at_most=2)
    located(stub, "orders")
    sent(stub, one)
    deleted(stub, one)
    released(stub, two)

    with closing(redrive(sqs, "dead")) as steps:
        assert [next(steps), next(steps)] == [Progress(0, 2), Progress(1, 2)]


@pytest.mark.parametrize(
    ("letters", "remedy"),
    [
        (None, "say where to with --to"),
        ("letters", f"did you mean its dead-letter queue, {ARN}letters?"),
    ],
)
def test_a_message_that_came_from_no_queue_stays(
    sqs: Any, stub: Stubber, letters: str | None, remedy: str
) -> None:
    one = letter("one")
    del one["Attributes"]["DeadLetterQueueSourceArn"]
    found(stub, "dead", waiting=1, letters=letters)
    without_tasks(stub)
    received(stub, one, at_most=1)
    released(stub, one)

    message = f"dead: message id-one came from no other queue; {remedy}"
    with pytest.raises(RedriveError, match=exactly(message)):
        [*redrive(sqs, "dead")]
