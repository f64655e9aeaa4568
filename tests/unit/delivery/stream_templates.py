"""Small templates of streams, as CloudFormation has them, and what tests put into them."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

from serverless_patterns.testing.delivery import Delivery, Held, KinesisRecord, TableChange, deliver

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from serverless_patterns.testing.delivery import LambdaContext

STREAM: dict[str, Any] = {"Fn::GetAtt": ["Stream", "Arn"]}
TABLE: dict[str, Any] = {"Fn::GetAtt": ["Table", "StreamArn"]}
REPORTS: dict[str, Any] = {"FunctionResponseTypes": ["ReportBatchItemFailures"]}
TO_QUEUE: dict[str, Any] = {
    "DestinationConfig": {"OnFailure": {"Destination": {"Fn::GetAtt": ["Dead", "Arn"]}}}
}
TO_BUCKET: dict[str, Any] = {
    "DestinationConfig": {"OnFailure": {"Destination": {"Fn::GetAtt": ["Kept", "Arn"]}}}
}
DAY = 86_400


def function(**properties: Any) -> dict[str, Any]:
    return {"Type": "AWS::Lambda::Function", "Properties": properties}


def mapping(source: Any = STREAM, name: str = "Handler", **properties: Any) -> dict[str, Any]:
    """A mapping; a property that is ``None`` is left out."""
    everything = {
        "EventSourceArn": source,
        "FunctionName": {"Ref": name},
        "StartingPosition": "TRIM_HORIZON",
        **properties,
    }
    there = {key: value for key, value in everything.items() if value is not None}
    return {"Type": "AWS::Lambda::EventSourceMapping", "Properties": there}


def template(*, stream: Any = None, **resources: Any) -> dict[str, Any]:
    """A stream, a function, a queue and a bucket, and what else is given."""
    return {
        "Resources": {
            "Stream": {"Type": "AWS::Kinesis::Stream", "Properties": stream or {}},
            "Handler": function(Timeout=10),
            "Dead": {"Type": "AWS::SQS::Queue"},
            "Kept": {"Type": "AWS::S3::Bucket"},
            **resources,
        }
    }


def kinesis(**properties: Any) -> dict[str, Any]:
    """A stream with one shard, and a mapping of these properties."""
    return template(Mapping=mapping(**properties))


def dynamodb(*, table: dict[str, Any] | None = None, **properties: Any) -> dict[str, Any]:
    """A table with a stream, and a mapping of these properties."""
    shape = {
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "StreamSpecification": {"StreamViewType": "NEW_AND_OLD_IMAGES"},
        **(table or {}),
    }
    return template(
        Table={"Type": "AWS::DynamoDB::Table", "Properties": shape},
        Mapping=mapping(TABLE, **properties),
    )


def record(name: str, at: float = 0.0, **options: Any) -> KinesisRecord:
    """A record whose data is its name."""
    options.setdefault("partition_key", "key")
    return KinesisRecord(data=name.encode(), id=name, at=at, **options)


def records(names: Iterable[str], at: float = 0.0) -> list[KinesisRecord]:
    return [record(name, at) for name in names]


def change(item: str, at: float = 0.0, **options: Any) -> TableChange:
    """A change of the item of this id."""
    options.setdefault("keys", {"id": {"S": item}})
    return TableChange(id=item, at=at, **options)


def names(event: dict[str, Any]) -> list[str]:
    """The names of the records of a Lambda event."""
    return [
        base64.b64decode(each["kinesis"]["data"]).decode()
        if "kinesis" in each
        else each["dynamodb"]["Keys"]["id"]["S"]
        for each in event["Records"]
    ]


class Recorder:
    """A handler that notes its batches, and does what a test wants with each."""

    def __init__(self, does: Callable[[list[str], dict[str, Any]], Any] | None = None) -> None:
        self.batches: list[list[str]] = []
        self.events: list[dict[str, Any]] = []
        self._does = does

    def __call__(self, event: dict[str, Any], _: LambdaContext) -> Any:
        self.batches.append(names(event))
        self.events.append(event)
        return self._does(self.batches[-1], event) if self._does else None


def throws_on(*poison: str) -> Recorder:
    def does(batch: list[str], _: dict[str, Any]) -> None:
        if set(poison) & set(batch):
            raise ValueError(poison)

    return Recorder(does)


def reports(*poison: str) -> Recorder:
    """A handler that names these as failed, as Powertools' batch processor does."""

    def does(batch: list[str], event: dict[str, Any]) -> dict[str, Any]:
        pairs = zip(batch, event["Records"], strict=True)
        failed = [sequence(each) for name, each in pairs if name in poison]
        return {"batchItemFailures": [{"itemIdentifier": each} for each in failed]}

    return Recorder(does)


def sequence(each: dict[str, Any]) -> str:
    found = each.get("kinesis", {}).get("sequenceNumber")
    return str(found or each["dynamodb"]["SequenceNumber"])


def filtering(*patterns: Any) -> dict[str, Any]:
    return {"FilterCriteria": {"Filters": [{"Pattern": json.dumps(each)} for each in patterns]}}


def run(
    shape: dict[str, Any],
    events: Iterable[KinesisRecord | TableChange],
    handler: Callable[..., Any] | None = None,
    **options: Any,
) -> Delivery:
    """Deliver to the one function of a template, which by default does nothing."""
    return deliver(shape, events, handlers={"Handler": handler or Recorder()}, **options)


def pointer(at: float, reason: str) -> Held:
    """What the queue holds of a record that came at the start."""
    return Held("Dead", at, reason, is_pointer=True, until=DAY)
