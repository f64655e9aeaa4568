"""What SQS is asked for when dead letters are moved, in this order and no other, and answers."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from botocore.stub import Stubber

ARN = "arn:aws:sqs:eu-west-1:123456789012:"
URL = "https://sqs.eu-west-1.amazonaws.com/123456789012/"
HANDLE = "handle-1"


def found(stub: Stubber, name: str, *, waiting: int = 0, letters: str | None = None) -> None:
    """It looks up a queue by its name."""
    stub.add_response("get_queue_url", {"QueueUrl": URL + name}, {"QueueName": name})
    described(stub, name, waiting=waiting, letters=letters)


def described(stub: Stubber, name: str, *, waiting: int = 0, letters: str | None = None) -> None:
    attributes = {"QueueArn": ARN + name, "ApproximateNumberOfMessages": str(waiting)}
    if letters:
        attributes["RedrivePolicy"] = json.dumps({"deadLetterTargetArn": ARN + letters})
    stub.add_response(
        "get_queue_attributes",
        {"Attributes": attributes},
        {"QueueUrl": URL + name, "AttributeNames": ["All"]},
    )


def listed(stub: Stubber, *tasks: dict[str, Any]) -> None:
    """It lists the tasks of the dead-letter queue."""
    stub.add_response(
        "list_message_move_tasks",
        {"Results": [*tasks]},
        {"SourceArn": f"{ARN}dead", "MaxResults": 10},
    )


def started(stub: Stubber, **options: Any) -> None:
    """It starts a task."""
    stub.add_response(
        "start_message_move_task",
        {"TaskHandle": HANDLE},
        {"SourceArn": f"{ARN}dead", **options},
    )


def cancelled(stub: Stubber) -> None:
    """It cancels the task."""
    stub.add_response("cancel_message_move_task", {}, {"TaskHandle": HANDLE})


def task(status: str, moved: int = 0, of: int = 50, at: int = 2, **more: Any) -> dict[str, Any]:
    return {
        "Status": status,
        "ApproximateNumberOfMessagesMoved": moved,
        "ApproximateNumberOfMessagesToMove": of,
        "StartedTimestamp": at,
        **more,
    }


def letter(name: str, **attributes: str) -> dict[str, Any]:
    return {
        "MessageId": f"id-{name}",
        "ReceiptHandle": f"receipt-{name}",
        "Body": name,
        "Attributes": {"DeadLetterQueueSourceArn": f"{ARN}orders", **attributes},
    }


def without_tasks(stub: Stubber) -> None:
    """It learns that there are no tasks here."""
    stub.add_client_error("list_message_move_tasks", "InvalidAction")


def received(stub: Stubber, *letters: dict[str, Any], at_most: int, name: str = "dead") -> None:
    """It receives."""
    stub.add_response(
        "receive_message",
        {"Messages": [*letters]} if letters else {},
        {
            "QueueUrl": URL + name,
            "MaxNumberOfMessages": at_most,
            "MessageSystemAttributeNames": ["All"],
            "MessageAttributeNames": ["All"],
            "VisibilityTimeout": 60,
            "WaitTimeSeconds": 1,
        },
    )


def sent(stub: Stubber, letter: dict[str, Any], *, to: str = "orders", **more: Any) -> None:
    """It sends."""
    asked = {"QueueUrl": URL + to, "MessageBody": letter["Body"], **more}
    stub.add_response("send_message", {"MessageId": "new"}, asked)


def deleted(stub: Stubber, letter: dict[str, Any], name: str = "dead") -> None:
    """It deletes."""
    asked = {"QueueUrl": URL + name, "ReceiptHandle": letter["ReceiptHandle"]}
    stub.add_response("delete_message", {}, asked)


def released(stub: Stubber, letter: dict[str, Any]) -> None:
    """It lets others receive a message at once."""
    stub.add_response(
        "change_message_visibility",
        {},
        {
            "QueueUrl": f"{URL}dead",
            "ReceiptHandle": letter["ReceiptHandle"],
            "VisibilityTimeout": 0,
        },
    )


def located(stub: Stubber, name: str) -> None:
    """It looks up the queue that a message came from."""
    stub.add_response(
        "get_queue_url",
        {"QueueUrl": URL + name},
        {"QueueName": name, "QueueOwnerAWSAccountId": "123456789012"},
    )
    described(stub, name)
