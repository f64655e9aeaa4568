"""Dead letters moved one by one, where SQS's own task is missing."""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from serverless_patterns._queues.redrive_queue import Progress, Queue, RedriveError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import MessageTypeDef as Message

_BATCH = 10  # the most that SQS hands out at once
_HIDDEN_SECONDS = 60  # far longer than moving one batch takes


def move(
    client: SQSClient, source: Queue, target: Queue | None, max_per_second: int | None
) -> Iterator[Progress]:
    """Receive, send and delete, in that order, what is in a dead-letter queue now.

    Args:
        client: The client.
        source: The dead-letter queue.
        target: Where to move them. Default - the queue that each of them came from.
        max_per_second: The most messages a second.

    Yields:
        How far it is.

    Raises:
        RedriveError: If a message doesn't say where it came from.
    """
    sources: dict[str, Queue] = {}
    moved = 0
    yield Progress(0, source.messages)
    # Not until it is empty: what fails again would go round for ever.
    while moved < source.messages:
        waiting = client.receive_message(
            QueueUrl=source.url,
            MaxNumberOfMessages=min(_BATCH, source.messages - moved),
            MessageSystemAttributeNames=["All"],
            MessageAttributeNames=["All"],
            VisibilityTimeout=_HIDDEN_SECONDS,
            WaitTimeSeconds=1,
        ).get("Messages", [])
        if not waiting:
            return
        try:
            while waiting:
                message = waiting[0]
                destination = target or _origin(client, source, message, sources)
                client.send_message(**_sent(message, destination))
                client.delete_message(QueueUrl=source.url, ReceiptHandle=message["ReceiptHandle"])
                waiting.pop(0)
                moved += 1
                yield Progress(moved, source.messages)
                if max_per_second:
                    time.sleep(1 / max_per_second)
        finally:
            for message in waiting:
                with contextlib.suppress(ClientError):  # which would hide what broke
                    client.change_message_visibility(
                        QueueUrl=source.url,
                        ReceiptHandle=message["ReceiptHandle"],
                        VisibilityTimeout=0,
                    )


def _origin(client: SQSClient, source: Queue, message: Message, known: dict[str, Queue]) -> Queue:
    arn = message.get("Attributes", {}).get("DeadLetterQueueSourceArn")
    if arn is None:
        remedy = (
            f"did you mean its dead-letter queue, {source.letters}?"
            if source.letters
            else "say where to with --to"
        )
        raise RedriveError(
            f"{source.name}: message {message['MessageId']} came from no other queue; {remedy}"
        )
    if arn not in known:
        known[arn] = Queue.find(client, arn)
    return known[arn]


def _sent(message: Message, destination: Queue) -> dict[str, Any]:
    """What is sent of a message."""
    system = message.get("Attributes", {})
    sent: dict[str, Any] = {"QueueUrl": destination.url, "MessageBody": message["Body"]}
    if attributes := message.get("MessageAttributes"):
        sent["MessageAttributes"] = attributes
    if trace := system.get("AWSTraceHeader"):
        sent["MessageSystemAttributes"] = {
            "AWSTraceHeader": {"DataType": "String", "StringValue": trace}
        }
    if group := system.get("MessageGroupId"):
        sent["MessageGroupId"] = group
    if destination.is_fifo:
        # As SQS does it. Its own would be taken for the message that was sent first, and dropped,
        # within five minutes of that; and this one drops what is sent twice for want of a delete.
        sent["MessageDeduplicationId"] = message["MessageId"]
    return sent
