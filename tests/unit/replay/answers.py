"""Failure records, and what AWS answers when their records are fetched and handled again."""

from __future__ import annotations

import base64
import io
import json
from datetime import UTC, datetime
from typing import Any

import boto3
from botocore.response import StreamingBody
from botocore.stub import Stubber

STREAM = "arn:aws:kinesis:eu-west-1:111122223333:stream/orders"
TABLE = "arn:aws:dynamodb:eu-west-1:111122223333:table/orders/stream/2026-11-21T00:00:00.000"
FUNCTION = "arn:aws:lambda:eu-west-1:111122223333:function:worker"
SHARD = "shardId-00000001545084650000-0a1b2c3d"  # of a length that DynamoDB takes
ARRIVED = datetime(2026, 11, 21, 12, 0, 0, 500_000, tzinfo=UTC)
FIRST_CHANGE = 10**20  # as long as DynamoDB's sequence numbers are


class Clients:
    """Clients that answer what a test expects them to be asked, in order."""

    def __init__(self) -> None:
        self.stubs: dict[str, Stubber] = {}
        self.asked: list[tuple[str, dict[str, Any]]] = []

    def __getitem__(self, service: str) -> Stubber:
        if service not in self.stubs:
            session = boto3.session.Session("test", "test", region_name="eu-west-1")
            client = session.client(service)  # type: ignore[call-overload]
            self.stubs[service] = Stubber(client)
            self.stubs[service].activate()
        return self.stubs[service]

    def __call__(self, service: str, **options: Any) -> Any:
        self.asked.append((service, options))
        return self[service].client


def failure(info: str = "KinesisBatchInfo", **changes: Any) -> dict[str, Any]:
    """What Lambda writes about records 10 to 12."""
    return {
        "requestContext": {
            "requestId": "c9b8fa9f-5a7f-4c3a-af9c-0c604cde93a5",
            "functionArn": FUNCTION,
            "condition": "RetryAttemptsExhausted",
            "approximateInvokeCount": 6,
        },
        "responseContext": {"statusCode": 200, "functionError": "Unhandled"},
        "version": "1.0",
        "timestamp": "2026-11-21T12:01:00.000Z",
        info: {
            "shardId": SHARD,
            "startSequenceNumber": "10",
            "endSequenceNumber": "12",
            "approximateArrivalOfFirstRecord": "2026-11-21T12:00:00.500Z",
            "approximateArrivalOfLastRecord": "2026-11-21T12:00:00.500Z",
            "batchSize": 3,
            "streamArn": STREAM if info == "KinesisBatchInfo" else TABLE,
            **changes,
        },
    }


def stored(*numbers: int, data: bytes = b"{}") -> list[dict[str, Any]]:
    """Records as Kinesis returns them."""
    return [
        {
            "SequenceNumber": str(number),
            "ApproximateArrivalTimestamp": ARRIVED,
            "Data": data,
            "PartitionKey": "k",
        }
        for number in numbers
    ]


def delivered(*numbers: int) -> list[dict[str, Any]]:
    """Records as Lambda delivers them."""
    return [
        {
            "kinesis": {
                "kinesisSchemaVersion": "1.0",
                "partitionKey": "k",
                "sequenceNumber": str(number),
                "data": base64.b64encode(b"{}").decode(),
                "approximateArrivalTimestamp": ARRIVED.timestamp(),
            },
            "eventSource": "aws:kinesis",
            "eventVersion": "1.0",
            "eventID": f"{SHARD}:{number}",
            "eventName": "aws:kinesis:record",
            "invokeIdentityArn": FUNCTION,
            "awsRegion": "eu-west-1",
            "eventSourceARN": STREAM,
        }
        for number in numbers
    ]


def expect_iterator(clients: Clients) -> None:
    clients["kinesis"].add_response(
        "get_shard_iterator",
        {"ShardIterator": "first"},
        {
            "StreamARN": STREAM,
            "ShardId": SHARD,
            "ShardIteratorType": "AT_SEQUENCE_NUMBER",
            "StartingSequenceNumber": "10",
        },
    )


def expect_records(
    clients: Clients,
    *pages: list[dict[str, Any]],
    behind: int = 1000,
    ends: bool = False,
    at: str = "first",
) -> None:
    for number, page in enumerate(pages):
        last = number == len(pages) - 1
        answer: dict[str, Any] = {"Records": page, "MillisBehindLatest": 0 if last else behind}
        if not (last and ends):
            answer["NextShardIterator"] = f"next{number}"
        clients["kinesis"].add_response(
            "get_records", answer, {"ShardIterator": at, "StreamARN": STREAM}
        )
        at = f"next{number}"


def failed_changes(**changes: Any) -> dict[str, Any]:
    numbers = {
        "startSequenceNumber": str(FIRST_CHANGE),
        "endSequenceNumber": str(FIRST_CHANGE + 2),
    }
    return failure("DDBStreamBatchInfo", **{**numbers, **changes})


def expect_changes(clients: Clients, *pages: list[dict[str, Any]]) -> None:
    clients["dynamodbstreams"].add_response(
        "get_shard_iterator",
        {"ShardIterator": "first"},
        {
            "StreamArn": TABLE,
            "ShardId": SHARD,
            "ShardIteratorType": "AT_SEQUENCE_NUMBER",
            "SequenceNumber": str(FIRST_CHANGE),
        },
    )
    at = "first"
    for number, page in enumerate(pages):
        clients["dynamodbstreams"].add_response(
            "get_records",
            {"Records": page, "NextShardIterator": f"next{number}"},
            {"ShardIterator": at},
        )
        at = f"next{number}"


def change(number: int, **more: Any) -> dict[str, Any]:
    return {
        "eventID": f"id{number}",
        "eventName": "INSERT",
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": "eu-west-1",
        "dynamodb": {
            "ApproximateCreationDateTime": ARRIVED,
            "Keys": {"id": {"S": str(number)}},
            "NewImage": {"id": {"S": str(number)}, "blob": {"B": b"\x00"}, "set": {"BS": [b"a"]}},
            "SequenceNumber": str(FIRST_CHANGE + number),
            "SizeBytes": 26,
            "StreamViewType": "NEW_IMAGE",
        },
        **more,
    }


def expect_invocation(
    clients: Clients,
    records: list[dict[str, Any]],
    answer: str = "null",
    name: str = "worker",
    **more: Any,
) -> None:
    body = StreamingBody(io.BytesIO(answer.encode()), len(answer))
    clients["lambda"].add_response(
        "invoke",
        {"StatusCode": 200, "Payload": body, **more},
        {"FunctionName": name, "Payload": json.dumps({"Records": records}).encode()},
    )
