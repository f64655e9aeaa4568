"""Failure records in a queue and in a bucket."""

from __future__ import annotations

import io
import json
from typing import Any

from botocore.response import StreamingBody

from tests.unit.replay.answers import Clients, delivered, failure

QUEUE = "https://sqs.eu-west-1.amazonaws.com/111122223333/failed"


def complete(*numbers: int) -> str:
    """A failure record that holds what it is about."""
    info: dict[str, Any] = {
        "startSequenceNumber": str(numbers[0]),
        "endSequenceNumber": str(numbers[-1]),
        "batchSize": len(numbers),
    }
    return json.dumps({**failure(**info), "payload": {"Records": delivered(*numbers)}})


def expect_message(clients: Clients, *messages: tuple[str, str]) -> None:
    received = [
        {"MessageId": name, "Body": body, "ReceiptHandle": f"handle-{name}"}
        for name, body in messages
    ]
    clients["sqs"].add_response(
        "receive_message",
        {"Messages": received} if received else {},
        {
            "QueueUrl": QUEUE,
            "MaxNumberOfMessages": 1,
            "VisibilityTimeout": 960,  # an invocation may take 900
            "WaitTimeSeconds": 2,
        },
    )


def expect_release(clients: Clients, name: str) -> None:
    clients["sqs"].add_response(
        "change_message_visibility",
        {},
        {"QueueUrl": QUEUE, "ReceiptHandle": f"handle-{name}", "VisibilityTimeout": 0},
    )


def expect_deletion(clients: Clients, name: str) -> None:
    clients["sqs"].add_response(
        "delete_message", {}, {"QueueUrl": QUEUE, "ReceiptHandle": f"handle-{name}"}
    )


def expect_object(clients: Clients, key: str, body: str | bytes) -> None:
    content = body.encode() if isinstance(body, str) else body
    clients["s3"].add_response(
        "get_object",
        {"Body": StreamingBody(io.BytesIO(content), len(content))},
        {"Bucket": "failed", "Key": key},
    )
