"""What happens in the world outside: the events that sources take."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

Attributes: TypeAlias = Mapping[str, str | int | float | bytes]
"""Message attributes by name: a text, a number or bytes."""

TopicAttributes: TypeAlias = Mapping[str, str | int | float | bytes | Sequence[Any]]
"""Those of a topic's message, which may be lists too: the type ``String.Array``."""


@dataclass(frozen=True, kw_only=True)
class SqsMessage:
    """A message that somebody sends to a queue.

    Attributes:
        body: Its body.
        id: Its id, which is the test's name for it and its ``messageId``. Default - given in order.
        at: When it is sent, in seconds.
        queue: The queue, a construct or a logical id. Default - the only one that a function
            polls.
        attributes: Its message attributes.
        group: Its message group, on a FIFO queue.
        deduplication: Its deduplication id, on a FIFO queue. Default - the hash of its body, where
            the queue has ``ContentBasedDeduplication``, else its id.
        delay: Seconds until it can be received. Default - the queue's.
    """

    body: str
    id: str | None = None
    at: float = 0.0
    queue: Any = None
    attributes: Attributes = field(default_factory=dict)
    group: str | None = None
    deduplication: str | None = None
    delay: float = 0.0


@dataclass(frozen=True, kw_only=True)
class SnsMessage:
    """A message that somebody publishes to a topic.

    Attributes:
        message: Its text.
        id: Its id, which is the test's name for it and its ``MessageId``. Default - given in order.
        at: When it is published, in seconds.
        topic: The topic, a construct or a logical id. Default - the only one.
        subject: Its subject.
        attributes: Its message attributes.
        group: Its message group, on a FIFO topic.
    """

    message: str
    id: str | None = None
    at: float = 0.0
    topic: Any = None
    subject: str | None = None
    attributes: TopicAttributes = field(default_factory=dict)
    group: str | None = None


@dataclass(frozen=True, kw_only=True)
class S3Event:
    """Something that happens to an object.

    Attributes:
        key: The object's key, not encoded.
        id: The test's name for it. Default - given in order.
        at: When it happens, in seconds.
        bucket: The bucket, a construct or a logical id. Default - the only one that notifies
            somebody.
        name: What happens, without ``s3:``.
        size: The object's size in bytes.
    """

    key: str
    id: str | None = None
    at: float = 0.0
    bucket: Any = None
    name: str = "ObjectCreated:Put"
    size: int = 1


@dataclass(frozen=True, kw_only=True)
class BusEvent:
    """An event that somebody puts on an event bus.

    Attributes:
        source: Its source.
        detail_type: Its detail type.
        detail: Its detail.
        id: Its id, which is the test's name for it too. Default - given in order.
        at: When it is put, in seconds.
        bus: The bus, a construct or a logical id. Default - the account's default bus.
        resources: The ARNs that it concerns.
    """

    source: str
    detail_type: str
    detail: Mapping[str, Any] = field(default_factory=dict)
    id: str | None = None
    at: float = 0.0
    bus: Any = None
    resources: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class KinesisRecord:
    """A record that somebody puts into a Kinesis stream.

    Attributes:
        data: Its data.
        partition_key: What decides its shard, and what it is in order with.
        id: The test's name for it. Default - given in order.
        at: When it is put, in seconds.
        stream: The stream, a construct or a logical id. Default - the only one.
        shard: The number of its shard. Default - by the hash of its partition key.
    """

    data: bytes
    partition_key: str
    id: str | None = None
    at: float = 0.0
    stream: Any = None
    shard: int | None = None


@dataclass(frozen=True, kw_only=True)
class TableChange:
    """A change of an item that a DynamoDB stream tells.

    Attributes:
        keys: The item's key, as DynamoDB has it: ``{"id": {"S": "1"}}``.
        name: ``INSERT``, ``MODIFY`` or ``REMOVE``.
        new_image: The item after it.
        old_image: The item before it.
        id: The test's name for it. Default - given in order.
        at: When it happens, in seconds.
        table: The table, a construct or a logical id. Default - the only one that has a stream.
        shard: The number of its shard. Default - by the hash of its key.
    """

    keys: Mapping[str, Any]
    name: str = "INSERT"
    new_image: Mapping[str, Any] | None = None
    old_image: Mapping[str, Any] | None = None
    id: str | None = None
    at: float = 0.0
    table: Any = None
    shard: int | None = None


Event: TypeAlias = SqsMessage | SnsMessage | S3Event | BusEvent | KinesisRecord | TableChange
