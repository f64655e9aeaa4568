"""Records of Kinesis and DynamoDB streams, as Lambda hands them to a function.

- The form of a record: D, https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html and
  https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html
- Which images a record has, by the view of its stream: D,
  https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.html
- An item whose image a test doesn't give has nothing but its key: A.
- A duplicate keeps its sequence number, as Lambda repeats what the stream has once: A. A producer
  of Kinesis that sends again makes a record of its own; that is another event here.
"""

from __future__ import annotations

import base64
import hashlib
import json
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from serverless_patterns.testing.delivery._errors import DeliveryError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from serverless_patterns.testing.delivery._events import KinesisRecord, TableChange

_EPOCH = datetime(2026, 1, 1, tzinfo=UTC).timestamp()  # what second 0 is, in the tests' world
_REGION = "us-east-1"
_ROLE = "arn:aws:iam::123456789012:role/lambda-role"
_FIRST_KINESIS = 49590338271490256608559692538361571095921575989136588898
_FIRST_DYNAMODB = 100000000000000000000001
_IMAGES = {
    "KEYS_ONLY": (),
    "NEW_IMAGE": ("NewImage",),
    "OLD_IMAGE": ("OldImage",),
    "NEW_AND_OLD_IMAGES": ("NewImage", "OldImage"),
}
VIEWS = tuple(_IMAGES)


class Record:
    """A record in a shard.

    Args:
        sequence: Its sequence number.
        arrived_at: When it came into the stream, in seconds.
        order_key: What it is in order with.
        body: The Lambda event of it, without the ARN of its source.
        is_copy: Whether the stream has it once, and Lambda delivers it once more.

    Attributes:
        size: How much of a Lambda event it takes, in bytes.
    """

    def __init__(
        self,
        sequence: str,
        arrived_at: float,
        order_key: str,
        body: Mapping[str, Any],
        *,
        is_copy: bool,
    ) -> None:
        self.sequence = sequence
        self.arrived_at = arrived_at
        self.order_key = order_key
        self.is_copy = is_copy
        self._text = json.dumps(body)
        self.size = len(self._text)

    def event(self, source_arn: str) -> dict[str, Any]:
        """The record in a Lambda event, made anew, as a handler may change it."""
        event: dict[str, Any] = json.loads(self._text)
        event["eventSourceARN"] = source_arn
        return event

    @cached_property
    def data(self) -> Any:
        """What a filter of Kinesis sees as ``data``; ``None`` if it isn't JSON."""
        try:
            return json.loads(base64.b64decode(self.event("")["kinesis"]["data"]))
        except (RecursionError, ValueError):
            return None


def kinesis_record(
    event: KinesisRecord, number: int, now: float, shard_id: str, *, is_copy: bool
) -> Record:
    """A record of a Kinesis stream.

    Args:
        event: What was put.
        number: Its number, which grows along the stream.
        now: When, in seconds.
        shard_id: Its shard's id.
        is_copy: Whether Lambda delivers it once more.
    """
    sequence = str(_FIRST_KINESIS + number)
    body = {
        "kinesis": {
            "kinesisSchemaVersion": "1.0",
            "partitionKey": event.partition_key,
            "sequenceNumber": sequence,
            "data": base64.b64encode(event.data).decode("ascii"),
            "approximateArrivalTimestamp": round(_EPOCH + now, 3),
        },
        "eventSource": "aws:kinesis",
        "eventVersion": "1.0",
        "eventID": f"{shard_id}:{sequence}",
        "eventName": "aws:kinesis:record",
        "invokeIdentityArn": _ROLE,
        "awsRegion": _REGION,
    }
    return Record(sequence, now, event.partition_key, body, is_copy=is_copy)


def table_record(
    event: TableChange, number: int, now: float, view: str, *, is_copy: bool
) -> Record:
    """A record of a DynamoDB stream.

    Args:
        event: The change.
        number: Its number, which grows along the stream.
        now: When, in seconds.
        view: The stream's view type.
        is_copy: Whether Lambda delivers it once more.

    Raises:
        DeliveryError: If its key or images aren't JSON.
    """
    sequence = str(_FIRST_DYNAMODB + number)
    there = {
        "NewImage": None if event.name == "REMOVE" else event.new_image or event.keys,
        "OldImage": None if event.name == "INSERT" else event.old_image or event.keys,
    }
    images = {name: there[name] for name in _IMAGES[view] if there[name] is not None}
    try:
        size = len(json.dumps([event.keys, images]))
        order_key = json.dumps(event.keys, sort_keys=True)
    except (RecursionError, TypeError, ValueError) as error:
        raise DeliveryError(
            f"{event.id}: keys and images must be DynamoDB JSON, got {error}; "
            'write them as the API has them: {"id": {"S": "1"}}'
        ) from None
    body = {
        "eventID": hashlib.md5(sequence.encode(), usedforsecurity=False).hexdigest(),
        "eventName": event.name,
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": _REGION,
        "dynamodb": {
            "ApproximateCreationDateTime": float(int(_EPOCH + now)),
            "Keys": event.keys,
            **images,
            "SequenceNumber": sequence,
            "SizeBytes": size,
            "StreamViewType": view,
        },
    }
    return Record(sequence, now, order_key, body, is_copy=is_copy)


def stamp(time: float) -> str:
    """A time as AWS writes it, of seconds from the start."""
    moment = datetime.fromtimestamp(_EPOCH + time, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def window_of(time: float, width: int) -> float:
    """When the tumbling window began that a time is in: the windows divide all time from 1970."""
    moment = _EPOCH + time
    return moment - moment % width - _EPOCH
