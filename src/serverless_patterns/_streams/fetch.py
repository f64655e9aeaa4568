"""Records of a stream, fetched by their sequence numbers, as Lambda's events have them."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from serverless_patterns._streams.failed_batch import FailedBatch, ReplayError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Page = list[dict[str, Any]]

# What DynamoDB answers at the end of an open shard, for ever; in the middle it is rare.
_EMPTY_PAGES = 50
_GONE = {
    "ResourceNotFoundException": "the stream or the shard is gone",
    "TrimmedDataAccessException": "it is older than what the stream keeps",
    "InvalidArgumentException": "the stream doesn't know its sequence number any more",
}


def fetch(batch: FailedBatch, client: Callable[..., Any]) -> list[dict[str, Any]]:
    """Fetch the records of a failed batch.

    Args:
        batch: The batch.
        client: Makes clients, as ``boto3.client`` does.

    Raises:
        ReplayError: If the stream no longer has all of them.
    """
    from botocore.exceptions import (  # noqa: PLC0415 - absent without the extra
        ClientError,
        ParamValidationError,
    )

    pages = {"kinesis": _kinesis_pages, "dynamodb": _dynamodb_pages}[batch.service]
    try:
        return _range_of(batch, pages(batch, client))
    except ClientError as error:
        why = _GONE.get(error.response["Error"]["Code"])
        if why is None:
            raise
        raise _gone(batch, batch.start, why) from error
    except ParamValidationError as error:
        raise _gone(batch, batch.start, " ".join(str(error).split())) from error


def _range_of(batch: FailedBatch, pages: Iterator[Page]) -> list[dict[str, Any]]:
    records: list[dict[str, Any]] = []
    for page in pages:
        for record in page:
            number = batch.sequence_number(record)
            if not records and number != int(batch.start):
                # Kinesis starts at the oldest record that it has left.
                raise _gone(batch, batch.start, "it is older than what the stream keeps")
            if number > int(batch.end):
                raise _gone(batch, batch.end, "it isn't where it was")
            records.append(record)
            if number == int(batch.end):
                return records
    raise _gone(batch, batch.end if records else batch.start, "the shard ends before it")


def _gone(batch: FailedBatch, number: str, why: str) -> ReplayError:
    held = f"; the failure record itself holds {len(batch.records)} of {batch.batch_size}"
    return ReplayError(
        f"{batch}: record {number} can't be fetched: {why}{held if batch.records else ''}"
    )


def _kinesis_pages(batch: FailedBatch, client: Callable[..., Any]) -> Iterator[Page]:
    kinesis = client("kinesis", region_name=batch.region)
    stream_arn = batch.stream_arn.split("/consumer/")[0]
    iterator = kinesis.get_shard_iterator(
        StreamARN=stream_arn,
        ShardId=batch.shard_id,
        ShardIteratorType="AT_SEQUENCE_NUMBER",
        StartingSequenceNumber=batch.start,
    )["ShardIterator"]
    while iterator:
        answer = kinesis.get_records(ShardIterator=iterator, StreamARN=stream_arn)
        yield [_kinesis_record(batch, record) for record in answer["Records"]]
        if not answer["Records"] and not answer.get("MillisBehindLatest"):
            return
        iterator = answer.get("NextShardIterator")


def _dynamodb_pages(batch: FailedBatch, client: Callable[..., Any]) -> Iterator[Page]:
    streams = client("dynamodbstreams", region_name=batch.region)
    iterator = streams.get_shard_iterator(
        StreamArn=batch.stream_arn,
        ShardId=batch.shard_id,
        ShardIteratorType="AT_SEQUENCE_NUMBER",
        SequenceNumber=batch.start,
    )["ShardIterator"]
    empty = 0
    while iterator and empty < _EMPTY_PAGES:
        answer = streams.get_records(ShardIterator=iterator)
        empty = 0 if answer["Records"] else empty + 1
        yield [_dynamodb_record(batch, record) for record in answer["Records"]]
        iterator = answer.get("NextShardIterator")


def _kinesis_record(batch: FailedBatch, record: dict[str, Any]) -> dict[str, Any]:
    number = record["SequenceNumber"]
    return {
        "kinesis": {
            "kinesisSchemaVersion": "1.0",
            "partitionKey": record["PartitionKey"],
            "sequenceNumber": number,
            "data": base64.b64encode(record["Data"]).decode(),
            "approximateArrivalTimestamp": record["ApproximateArrivalTimestamp"].timestamp(),
        },
        "eventSource": "aws:kinesis",
        "eventVersion": "1.0",
        "eventID": f"{batch.shard_id}:{number}",
        "eventName": "aws:kinesis:record",
        # Lambda has the function's role here, which a failure record doesn't name.
        "invokeIdentityArn": batch.function_arn,
        "awsRegion": batch.region,
        "eventSourceARN": batch.stream_arn,
    }


def _dynamodb_record(batch: FailedBatch, record: dict[str, Any]) -> dict[str, Any]:
    change = dict(record["dynamodb"])
    if "ApproximateCreationDateTime" in change:
        created = change["ApproximateCreationDateTime"]
        change["ApproximateCreationDateTime"] = int(created.timestamp())
    event = {
        "eventID": record["eventID"],
        "eventName": record["eventName"],
        "eventVersion": record["eventVersion"],
        "eventSource": record["eventSource"],
        "awsRegion": record["awsRegion"],
        "dynamodb": _without_bytes(change),
        "eventSourceARN": batch.stream_arn,
    }
    if "userIdentity" in record:  # what time to live deleted
        who = record["userIdentity"]
        event["userIdentity"] = {"principalId": who["PrincipalId"], "type": who["Type"]}
    return event


def _without_bytes(value: Any) -> Any:
    """A value with base64 for bytes, as JSON has them."""
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, dict):
        return {key: _without_bytes(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_without_bytes(each) for each in value]
    return value
