"""What Lambda writes about a batch of a stream that it gave up."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

_BATCH_INFO = {"KinesisBatchInfo": "kinesis", "DDBStreamBatchInfo": "dynamodb"}
# Where a record of the event holds its sequence number.
_SEQUENCE_NUMBER = {"kinesis": "sequenceNumber", "dynamodb": "SequenceNumber"}

_NUMBER = r"\d{1,128}"
_STREAM_ARN = r"arn:[^:]+:(?:kinesis|dynamodb):[^:]+:\d*:.+"


class ReplayError(ValueError):
    """A failed batch that can't be fetched again, or that failed again."""


@dataclass(frozen=True, kw_only=True)
class FailedBatch:
    """Where the records of a failed batch are.

    Attributes:
        service: ``kinesis`` or ``dynamodb``.
        stream_arn: The ARN of the stream, as an event has it: with enhanced fan-out that of the
            consumer.
        shard_id: The shard.
        start: The sequence number of the first record.
        end: That of the last.
        batch_size: How many there are.
        function_arn: The function that failed on them.
        records: Those that the failure record itself holds, which is all of them in a bucket.
    """

    service: str
    stream_arn: str
    shard_id: str
    start: str
    end: str
    batch_size: int
    function_arn: str
    records: Sequence[Mapping[str, Any]] = ()

    @classmethod
    def from_record(cls, record: str | Mapping[str, Any]) -> FailedBatch:
        """Read what Lambda wrote to a bucket, a queue or a topic.

        Args:
            record: The object, or the body of the message, as text or parsed. A notification of
                SNS's, as a queue that subscribes to the topic gets it, is unwrapped.

        Raises:
            ReplayError: If it is no record of a failed batch of a stream.
        """
        said = _unwrapped(record)
        for key, service in _BATCH_INFO.items():
            if key in said:
                return cls._of(service, _object(said[key], key), said)
        raise ReplayError(
            f"a failure record must hold {' or '.join(_BATCH_INFO)}, got "
            f"{', '.join(map(str, said)) or 'nothing'}; it is none of a stream's"
        )

    @classmethod
    def _of(cls, service: str, info: Mapping[str, Any], said: Mapping[str, Any]) -> FailedBatch:
        context = _object(said.get("requestContext") or {}, "requestContext")
        batch = cls(
            service=service,
            stream_arn=_text(info, "streamArn", _STREAM_ARN, f"the ARN of a stream of {service}"),
            shard_id=_text(info, "shardId", r".+", "a text"),
            start=_text(info, "startSequenceNumber", _NUMBER, "a number in a text"),
            end=_text(info, "endSequenceNumber", _NUMBER, "a number in a text"),
            batch_size=_count(info, "batchSize"),
            function_arn=str(context.get("functionArn") or ""),
        )
        if batch.stream_arn.split(":")[2] != service:
            raise _spoilt("streamArn", f"the ARN of a stream of {service}", batch.stream_arn)
        records = _parsed(said.get("payload") or {}).get("Records") or []
        if not isinstance(records, list):
            raise _spoilt("Records", "a list", records)
        held = [each for each in records if batch.holds(each)]
        return cls(**{**vars(batch), "records": held})

    @property
    def region(self) -> str:
        """The region of the stream."""
        return self.stream_arn.split(":")[3]

    @property
    def is_complete(self) -> bool:
        """Whether no stream is needed for its records.

        Lambda may tell of several failures in one record, of which the payload is but the last.
        """
        numbers = {self.sequence_number(each) for each in self.records}
        return len(self.records) == self.batch_size and numbers >= {int(self.start), int(self.end)}

    def holds(self, record: Mapping[str, Any]) -> bool:
        """Whether a record of an event is one of those that failed.

        The batch was larger if the handler said at which record it failed.
        """
        return int(self.start) <= self.sequence_number(record) <= int(self.end)

    def sequence_number(self, record: Mapping[str, Any]) -> int:
        """The sequence number of a record of an event.

        Raises:
            ReplayError: If it has none.
        """
        try:
            return int(record[self.service][_SEQUENCE_NUMBER[self.service]])
        except (KeyError, TypeError, ValueError):
            wanted = f"records of {self.service} with their sequence numbers"
            raise _spoilt("Records", wanted, record) from None

    def __str__(self) -> str:
        return f"{self.shard_id} of {self.stream_arn}"


def _unwrapped(record: str | Mapping[str, Any]) -> Mapping[str, Any]:
    said = _parsed(record)
    return _parsed(said.get("Message")) if said.get("Type") == "Notification" else said


def _parsed(record: object) -> Mapping[str, Any]:
    said = record
    if isinstance(record, str):
        try:
            said = json.loads(record)
        except (ValueError, RecursionError) as error:
            raise ReplayError(f"a failure record must be JSON, got {_cut(record)}") from error
    if not isinstance(said, Mapping):
        raise ReplayError(f"a failure record must be a JSON object, got {_cut(said)}")
    return said


def _object(value: object, name: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise _spoilt(name, "an object", value)
    return value


def _text(info: Mapping[str, Any], name: str, pattern: str, wanted: str) -> str:
    value = _there(info, name)
    if not isinstance(value, str) or not re.fullmatch(pattern, value, re.ASCII):
        raise _spoilt(name, wanted, value)
    return value


def _count(info: Mapping[str, Any], name: str) -> int:
    value = _there(info, name)
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise _spoilt(name, "a number of records", value)
    return value


def _there(info: Mapping[str, Any], name: str) -> object:
    if name not in info:
        raise ReplayError(f"a failure record must hold {name!r}, got none; was it cut?")
    return info[name]


def _spoilt(name: str, wanted: str, value: object) -> ReplayError:
    return ReplayError(f"{name} of a failure record must be {wanted}, got {_cut(value)}")


def _cut(value: object) -> str:
    return f"{value!r:.60}"
