"""Streams of Kinesis and DynamoDB, and who reads them.

- A partition key's MD5 hash decides its shard, of as many as ``ShardCount``, and on demand of 4: D,
  https://docs.aws.amazon.com/streams/latest/dev/key-concepts.html and
  https://docs.aws.amazon.com/streams/latest/dev/how-do-i-size-a-stream.html
- A record takes 1 MiB with its key, or ``MaxRecordSizeInKiB``: D,
  https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecord.html
- How many shards a table's stream has: A, ``Assumptions.table_shards``.
- Every mapping gets every record, through the stream or a consumer of it: D,
  https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html
- Kinesis keeps a record ``RetentionPeriodHours``, a table's stream 24 hours: D,
  https://docs.aws.amazon.com/streams/latest/dev/kinesis-extended-retention.html and
  https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.html
- The iterator moves past what a filter leaves out: D,
  https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html
- What no mapping reads at all the stream holds, for readers outside the template: A.
- A mapping that isn't enabled reads nothing, so that the stream drops the records: D,
  https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html

Splitting and merging shards isn't modelled, and a record that is too large for one invocation is
refused.
"""

from __future__ import annotations

import hashlib
import itertools
import json
from collections import Counter
from functools import partial
from typing import TYPE_CHECKING

from serverless_patterns.testing.delivery._errors import DeliveryError
from serverless_patterns.testing.delivery._events import KinesisRecord
from serverless_patterns.testing.delivery._history import Held, Result
from serverless_patterns.testing.delivery._mapping_sources import source_of
from serverless_patterns.testing.delivery._stamps import arn
from serverless_patterns.testing.delivery._stream_batches import PAYLOAD, Entry, Place
from serverless_patterns.testing.delivery._stream_lanes import Lane
from serverless_patterns.testing.delivery._stream_mapping import (
    KINESIS,
    StreamMapping,
    number,
    stream_mapping,
)
from serverless_patterns.testing.delivery._stream_records import (
    VIEWS,
    Record,
    kinesis_record,
    table_record,
)
from serverless_patterns.testing.delivery._stream_windows import TumblingLane

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from serverless_patterns.testing.delivery._events import TableChange
    from serverless_patterns.testing.delivery._history import Leg
    from serverless_patterns.testing.delivery._simulation import Simulation

_DAY = 86_400.0
_ON_DEMAND_SHARDS = 4
_MOST_READERS = 2  # https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.html
_LONGEST_KEY = 256  # https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecord.html


class Shard:
    """A shard, as one mapping reads it.

    Args:
        simulation: The run.
        mapping: The mapping.
        place: Where the shard is.
    """

    def __init__(self, simulation: Simulation, mapping: StreamMapping, place: Place) -> None:
        kind = TumblingLane if mapping.tumbling else Lane
        self._lanes = [kind(simulation, mapping, place) for _ in range(mapping.factor)]

    def add(self, entry: Entry) -> None:
        """Take a record, in order with those of its key."""
        lane = 0
        if len(self._lanes) > 1:
            lane = _hash(entry.record.order_key) % len(self._lanes)
        self._lanes[lane].add(entry)


class Stream:
    """A Kinesis stream, or the stream of a DynamoDB table.

    Args:
        simulation: The run.
        logical_id: The logical id of the stream or the table.
    """

    def __init__(self, simulation: Simulation, logical_id: str) -> None:
        self._simulation = simulation
        self._logical_id = logical_id
        resources = simulation.resources
        properties = resources.properties(logical_id)
        self._is_kinesis = resources.kind(logical_id) == KINESIS
        if self._is_kinesis:
            name = properties.get("Name")
            self._shards = self._shard_count(properties)
            hours = number(logical_id, properties, "RetentionPeriodHours", 24, (24, 8_760))
            largest = number(logical_id, properties, "MaxRecordSizeInKiB", 1_024, (1_024, 10_240))
            self._retention, self._largest = hours * 3_600.0, largest * 1_024
            stream_arn = arn("kinesis", f"stream/{name if isinstance(name, str) else logical_id}")
        else:
            name = properties.get("TableName")
            self._shards = simulation.assumptions.table_shards
            self._retention = _DAY
            self._view = self._view_type(properties)
            self._key = _partition_key(properties)
            table = f"table/{name if isinstance(name, str) else logical_id}"
            stream_arn = arn("dynamodb", f"{table}/stream/2026-01-01T00:00:00.000")
        self._mappings = [
            stream_mapping(resources, name, found, stream_arn)
            for name, found in resources.of_kind("AWS::Lambda::EventSourceMapping")
            if source_of(resources, name, found) == logical_id
        ]
        self._readers = Counter(mapping.function for mapping in self._mappings)
        self._read: dict[tuple[str, int], Shard] = {}
        # Sequence numbers differ between streams, so that an idempotency key that is one does too.
        self._numbers = itertools.count((_hash(logical_id) >> 96) * 10**12)
        self._repeated: dict[str, int] = {}
        if not self._is_kinesis and len(self._mappings) > _MOST_READERS:
            simulation.warn(
                f"{logical_id}: {len(self._mappings)} mappings read the table's stream; DynamoDB "
                f"throttles more than {_MOST_READERS} readers of a shard"
            )

    def put(self, leg: Leg, event: KinesisRecord | TableChange) -> None:
        """Take a record into its shard.

        Args:
            leg: The event's leg, up to here.
            event: The record.

        Raises:
            DeliveryError: If it can't be one of this stream.
        """
        now = self._simulation.clock.now
        if self._logical_id in self._simulation.faults.missing:
            leg.tried(now, self._logical_id, Result.REFUSED)
            leg.lose(now, "the stream is missing")
            return
        shard = self._shard_of(event)
        record = self._record(leg.event, event, shard)
        if record.size > PAYLOAD:
            raise DeliveryError(
                f"{event.id}: record must fit into an invocation of {PAYLOAD} bytes, got "
                f"{record.size} in base64; what Lambda makes of a larger one isn't modelled"
            )
        if not self._mappings:
            gone = now + self._retention
            leg.hold(Held(self._logical_id, now, "no mapping reads it", until=gone))
        for mapping in self._mappings:
            onward = leg
            if self._readers[mapping.function] > 1:  # else the ways would be told as one
                onward = onward.via(mapping.logical_id)
            self._hand(mapping, Entry(record, onward.via(mapping.function)), shard)

    def _hand(self, mapping: StreamMapping, entry: Entry, shard: int) -> None:
        simulation = self._simulation
        if not mapping.is_enabled:
            gone = simulation.clock.now + self._retention
            simulation.clock.at(gone, partial(entry.leg.lose, gone, "trimmed"))
        elif mapping.takes(entry.record):
            key = (mapping.logical_id, shard)
            if key not in self._read:
                place = Place(self._logical_id, self._shard_id(shard), self._retention)
                self._read[key] = Shard(simulation, mapping, place)
            self._read[key].add(entry)
        else:
            entry.leg.filtered(mapping.logical_id)

    def _record(self, event_id: str, event: KinesisRecord | TableChange, shard: int) -> Record:
        is_copy = event_id in self._repeated
        position = self._repeated[event_id] if is_copy else next(self._numbers)
        if event_id in self._simulation.faults.duplicates:
            self._repeated[event_id] = position
        now = self._simulation.clock.now
        if isinstance(event, KinesisRecord):
            return kinesis_record(event, position, now, self._shard_id(shard), is_copy=is_copy)
        return table_record(event, position, now, self._view, is_copy=is_copy)

    def _shard_id(self, shard: int) -> str:
        if self._is_kinesis:
            return f"shardId-{shard:012}"
        return f"shardId-{1_767_225_600_000 + shard:020}-{_hash(self._logical_id) >> 96:08x}"

    def _shard_of(self, event: KinesisRecord | TableChange) -> int:
        if isinstance(event, KinesisRecord):
            self._check_size(event)
            key = event.partition_key
        else:
            value = event.keys if self._key is None else event.keys.get(self._key)
            key = json.dumps(value, sort_keys=True, default=str)
        if event.shard is None:
            return _hash(key) * self._shards >> 128
        if event.shard < 0 or (self._is_kinesis and event.shard >= self._shards):
            raise DeliveryError(
                f"{event.id}: shard must be one of the {self._shards} of {self._logical_id}, "
                f"counted from 0, got {event.shard}; omit it to have the key decide"
            )
        return event.shard

    def _check_size(self, event: KinesisRecord) -> None:
        if not 1 <= len(event.partition_key) <= _LONGEST_KEY:
            raise DeliveryError(
                f"{event.id}: partition_key must have 1 to {_LONGEST_KEY} characters, got "
                f"{len(event.partition_key)}; Kinesis refuses others"
            )
        size = len(event.data) + len(event.partition_key.encode())
        if size > self._largest:
            raise DeliveryError(
                f"{event.id}: data must take at most {self._largest} bytes with its key, got "
                f"{size}; Kinesis refuses larger records of {self._logical_id}"
            )

    def _shard_count(self, properties: Mapping[str, Any]) -> int:
        if properties.get("StreamModeDetails", {}).get("StreamMode") == "ON_DEMAND":
            return _ON_DEMAND_SHARDS
        return number(self._logical_id, properties, "ShardCount", 1, (1, 100_000))

    def _view_type(self, properties: Mapping[str, Any]) -> str:
        view = properties.get("StreamSpecification", {}).get("StreamViewType")
        if view not in VIEWS:
            raise DeliveryError(
                f"{self._logical_id}: StreamViewType must be one of {', '.join(VIEWS)}, got "
                f"{json.dumps(view)}; give the table a stream"
            )
        return str(view)


def _partition_key(properties: Mapping[str, Any]) -> str | None:
    """The attribute that decides the shard."""
    for part in properties.get("KeySchema", ()):
        if part.get("KeyType") == "HASH":
            return str(part.get("AttributeName"))
    return None


def _hash(text: str) -> int:
    return int.from_bytes(hashlib.md5(text.encode(), usedforsecurity=False).digest(), "big")
