"""What Lambda writes about a batch of a stream that it gave up."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

_BATCH_INFO = {"KinesisBatchInfo": "kinesis", "DDBStreamBatchInfo": "dynamodb"}
# Where a record of the event holds its sequence number.
_SEQUENCE_NUMBER = {"kinesis": "sequenceNumber", "dynamodb": "SequenceNumber"}


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
                return cls._of(service, said[key], said)
        raise ReplayError(
            f"a failure record must hold {' or '.join(_BATCH_INFO)}, got "
            f"{', '.join(map(str, said)) or 'nothing'}; it is none of a stream's"
        )

    @classmethod
    def _of(cls, service: str, info: Mapping[str, Any], said: Mapping[str, Any]) -> FailedBatch:
        try:
            batch = cls(
                service=service,
                stream_arn=info["streamArn"],
                shard_id=info["shardId"],
                start=info["startSequenceNumber"],
                end=info["endSequenceNumber"],
                batch_size=info["batchSize"],
                function_arn=said.get("requestContext", {}).get("functionArn", ""),
            )
        except KeyError as error:
            raise ReplayError(
                f"a failure record must hold {error}, got none; was it cut?"
            ) from None
        payload = said.get("payload")
        event = _parsed(payload or {})
        held = [each for each in event.get("Records", ()) if batch.holds(each)]
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
        """The sequence number of a record of an event."""
        return int(record[self.service][_SEQUENCE_NUMBER[self.service]])

    def __str__(self) -> str:
        return f"{self.shard_id} of {self.stream_arn}"


def _unwrapped(record: str | Mapping[str, Any]) -> Mapping[str, Any]:
    said = _parsed(record)
    return _parsed(said["Message"]) if said.get("Type") == "Notification" else said


def _parsed(record: object) -> Mapping[str, Any]:
    said = record
    if isinstance(record, str):
        try:
            said = json.loads(record)
        except json.JSONDecodeError as error:
            raise ReplayError(f"a failure record must be JSON, got {record[:40]!r}") from error
    if not isinstance(said, Mapping):
        raise ReplayError(f"a failure record must be a JSON object, got {said!r}")
    return said
