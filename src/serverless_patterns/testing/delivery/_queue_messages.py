"""Messages of queues: which SQS takes, and what Lambda tells a handler of them.

- D: A message has a group on a FIFO queue and no delay of its own; a deduplication id only there;
  and counts with its attributes to the size:
  https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
- D: A record has these fields: https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
- D: A message sent to a FIFO queue has its group, deduplication id and sequence number among its
  attributes: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html
- O: A message keeps its ``messageId`` in the dead-letter queue, where an attribute tells from which
  queue it comes. A: Its receives are counted anew there.
"""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING, Any

from serverless_patterns.testing.delivery._errors import DeliveryError
from serverless_patterns.testing.delivery._stamps import REGION, arn

if TYPE_CHECKING:
    from serverless_patterns.testing.delivery._events import Attributes
    from serverless_patterns.testing.delivery._history import Leg
    from serverless_patterns.testing.delivery._queue_settings import QueueSettings

_MAX_DELAY = 900
_BYTES_A_CHARACTER = 4  # at most
_START = 1_767_225_600  # the model starts on 2026-01-01


class Message:
    """A message in a queue.

    Attributes:
        id: Its id.
        leg: Its history.
        body: Its body.
        attributes: Its message attributes.
        group: Its message group.
        deduplication: Its deduplication id.
        sequence: Its place in the queue's order.
        sent_at: When it came into the queue, in seconds; of a standard dead-letter queue, into the
            first one.
        expires_at: When its retention ends.
        receives: How often it was received.
        received_at: When it was received last.
        first_received_at: When it was received first.
        dead_letter_of: The queue whose dead letter it is.
        is_in_flight: Whether it is received and not yet visible again.
        is_gone: Whether its queue has it no more.
    """

    __slots__ = (
        "_md5",
        "attributes",
        "body",
        "dead_letter_of",
        "deduplication",
        "expires_at",
        "first_received_at",
        "group",
        "id",
        "is_gone",
        "is_in_flight",
        "leg",
        "received_at",
        "receives",
        "sent_at",
        "sequence",
    )

    def __init__(
        self,
        message_id: str,
        leg: Leg,
        body: str,
        attributes: Attributes,
        *,
        group: str | None,
        deduplication: str | None,
        sequence: int,
        sent_at: float,
        expires_at: float,
    ) -> None:
        self.id = message_id
        self.leg = leg
        self.body = body
        self.attributes = attributes
        self.group = group
        self.deduplication = deduplication
        self.sequence = sequence
        self.sent_at = sent_at
        self.expires_at = expires_at
        self.receives = 0
        self.received_at = 0.0
        self.first_received_at = 0.0
        self.dead_letter_of: str | None = None
        self.is_in_flight = False
        self.is_gone = False
        self._md5: str | None = None

    def received(self, now: float) -> None:
        """It is handed out."""
        self.receives += 1
        self.received_at = now
        self.is_in_flight = True
        if self.receives == 1:
            self.first_received_at = now

    def record(self, queue: str, *, is_fifo: bool) -> dict[str, Any]:
        """What a handler gets of it, which it may change.

        Args:
            queue: The name of the queue that it is in.
            is_fifo: Whether that is FIFO.
        """
        if self._md5 is None:
            self._md5 = hashlib.md5(self.body.encode(), usedforsecurity=False).hexdigest()
        attributes = {
            "ApproximateReceiveCount": str(self.receives),
            "SentTimestamp": _milliseconds(self.sent_at),
            "SenderId": "AIDAIENQZJOLO23YVJ4VO",
            "ApproximateFirstReceiveTimestamp": _milliseconds(self.first_received_at),
        }
        if self.group is not None:
            attributes["MessageGroupId"] = self.group
        if is_fifo:
            attributes["MessageDeduplicationId"] = self.deduplication or ""
            attributes["SequenceNumber"] = f"{self.sequence:020}"
        if self.dead_letter_of is not None:
            attributes["DeadLetterQueueSourceArn"] = arn("sqs", self.dead_letter_of)
        return {
            "messageId": self.id,
            "receiptHandle": f"{self.id}/{self.sequence}/{self.receives}",
            "body": self.body,
            "attributes": attributes,
            "messageAttributes": {
                name: _attribute(value) for name, value in self.attributes.items()
            },
            "md5OfBody": self._md5,
            "eventSource": "aws:sqs",
            "eventSourceARN": arn("sqs", queue),
            "awsRegion": REGION,
        }


def check_sent(
    owner: str,
    settings: QueueSettings,
    *,
    body: str,
    attributes: Attributes,
    group: str | None,
    deduplication: str | None,
    delay: float,
) -> None:
    """Refuse a message that SQS refuses to its sender.

    Raises:
        DeliveryError: If it would.
    """
    if settings.is_fifo and not group:
        raise DeliveryError(f"{owner} must have a group on a FIFO queue, got none; name one")
    if settings.is_fifo and delay:
        raise DeliveryError(
            f"{owner} must have no delay of its own on a FIFO queue, got {delay:g}; "
            "set the queue's DelaySeconds"
        )
    if not settings.is_fifo and deduplication is not None:
        raise DeliveryError(
            f"{owner} must have no deduplication id on a standard queue, got {deduplication!r}; "
            "omit it"
        )
    if not 0 <= delay <= _MAX_DELAY:
        raise DeliveryError(
            f"{owner} must have a delay from 0 to {_MAX_DELAY}, got {delay:g}; correct it"
        )
    if attributes or len(body) * _BYTES_A_CHARACTER > settings.max_size:
        size = size_of(body, attributes)
        if size > settings.max_size:
            raise DeliveryError(
                f"{owner} must be of at most {settings.max_size} bytes, got {size}; send less, or "
                "where it is stored"
            )


def hash_of(body: str) -> str:
    """The deduplication id that SQS makes of a body."""
    return hashlib.sha256(body.encode()).hexdigest()


def size_of(body: str, attributes: Attributes) -> int:
    """The bytes that SQS and SNS count: the body, and of each attribute name, type and value."""
    size = len(body.encode())
    for name, value in attributes.items():
        told = _attribute(value)
        raw = value if isinstance(value, bytes) else told["stringValue"].encode()
        size += len(name.encode()) + len(told["dataType"]) + len(raw)
    return size


def _attribute(value: str | float | bytes) -> dict[str, Any]:
    lists: dict[str, Any] = {"stringListValues": [], "binaryListValues": []}
    match value:
        case bytes():
            return {"binaryValue": base64.b64encode(value).decode(), **lists, "dataType": "Binary"}
        case str():
            return {"stringValue": value, **lists, "dataType": "String"}
    return {"stringValue": str(value), **lists, "dataType": "Number"}


def _milliseconds(time: float) -> str:
    return str(int((_START + time) * 1000))
