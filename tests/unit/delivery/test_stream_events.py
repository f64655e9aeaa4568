from __future__ import annotations

from typing import Any

import pytest
from aws_lambda_powertools.utilities.batch import (
    BatchProcessor,
    EventType,
    process_partial_response,
)
from aws_lambda_powertools.utilities.data_classes import DynamoDBStreamEvent, KinesisStreamEvent

from serverless_patterns.testing.delivery import KinesisRecord, LambdaContext
from tests.unit.delivery.stream_templates import (
    REPORTS,
    Recorder,
    change,
    dynamodb,
    filtering,
    kinesis,
    record,
    records,
    run,
)


def test_kinesis_filters_see_the_data_as_json() -> None:
    shape = kinesis(**filtering({"data": {"kind": ["order"]}}, {"data": {"total": [1]}}))
    events = [
        KinesisRecord(data=data, partition_key="key", id=data.decode())
        for data in (b'{"kind": "order"}', b'{"kind": "x"}', b'{"total": 1}', b"plain", b"[1]")
    ]
    delivery = run(shape, events)

    assert [leg.event for leg in delivery.handled] == ['{"kind": "order"}', '{"total": 1}']
    assert [leg.event for leg in delivery.filtered] == ['{"kind": "x"}', "plain", "[1]"]
    assert {leg.filtered_by for leg in delivery.filtered} == {"Mapping"}


@pytest.mark.parametrize("data", [b"\xff\x00", b"plain"])
def test_data_that_is_not_json_matches_no_filter(data: bytes) -> None:
    shape = kinesis(**filtering({"data": {"kind": [{"exists": False}]}}))
    delivery = run(shape, [KinesisRecord(data=data, partition_key="key")])

    assert delivery.counts()["filtered"] == 1


def test_table_filters_see_the_record() -> None:
    pattern = {"eventName": ["INSERT"], "dynamodb": {"Keys": {"id": {"S": [{"prefix": "a"}]}}}}
    events = [change("a1"), change("a2", name="REMOVE"), change("b1")]
    delivery = run(dynamodb(**filtering(pattern)), events)

    assert [leg.event for leg in delivery.handled] == ["a1"]
    assert [leg.event for leg in delivery.filtered] == ["a2", "b1"]


def test_what_is_filtered_out_takes_no_place_in_a_batch() -> None:
    handler = Recorder()
    shape = dynamodb(BatchSize=2, **filtering({"eventName": ["INSERT"]}))
    run(shape, [change("a"), change("b", name="REMOVE"), change("c")], handler)

    assert handler.batches == [["a", "c"]]


def test_the_event_of_kinesis() -> None:
    handler = Recorder()
    run(kinesis(), [record("a", 1.5)], handler)

    assert handler.events == [
        {
            "Records": [
                {
                    "kinesis": {
                        "kinesisSchemaVersion": "1.0",
                        "partitionKey": "key",
                        "sequenceNumber": (
                            "49590338271490256608559692538361575037008271989136588898"
                        ),
                        "data": "YQ==",
                        "approximateArrivalTimestamp": 1767225601.5,
                    },
                    "eventSource": "aws:kinesis",
                    "eventVersion": "1.0",
                    "eventID": (
                        "shardId-000000000000:"
                        "49590338271490256608559692538361575037008271989136588898"
                    ),
                    "eventName": "aws:kinesis:record",
                    "invokeIdentityArn": "arn:aws:iam::123456789012:role/lambda-role",
                    "awsRegion": "us-east-1",
                    "eventSourceARN": "arn:aws:kinesis:us-east-1:123456789012:stream/Stream",
                }
            ]
        }
    ]


def test_the_event_of_a_table() -> None:
    handler = Recorder()
    item = {"id": {"S": "a"}, "total": {"N": "1"}}
    run(dynamodb(), [change("a", 2, name="MODIFY", new_image=item)], handler)

    assert handler.events == [
        {
            "Records": [
                {
                    "eventID": "550757178e65b76c8aeb9c44468cd145",
                    "eventName": "MODIFY",
                    "eventVersion": "1.1",
                    "eventSource": "aws:dynamodb",
                    "awsRegion": "us-east-1",
                    "dynamodb": {
                        "ApproximateCreationDateTime": 1767225602.0,
                        "Keys": {"id": {"S": "a"}},
                        "NewImage": item,
                        "OldImage": {"id": {"S": "a"}},
                        "SequenceNumber": "101371822969000000000001",
                        "SizeBytes": 107,
                        "StreamViewType": "NEW_AND_OLD_IMAGES",
                    },
                    "eventSourceARN": (
                        "arn:aws:dynamodb:us-east-1:123456789012:table/Table/stream/"
                        "2026-01-01T00:00:00.000"
                    ),
                }
            ]
        }
    ]


@pytest.mark.parametrize(
    ("view", "name", "images"),
    [
        ("KEYS_ONLY", "MODIFY", set()),
        ("NEW_IMAGE", "MODIFY", {"NewImage"}),
        ("OLD_IMAGE", "MODIFY", {"OldImage"}),
        ("NEW_AND_OLD_IMAGES", "MODIFY", {"NewImage", "OldImage"}),
        ("NEW_AND_OLD_IMAGES", "INSERT", {"NewImage"}),
        ("NEW_AND_OLD_IMAGES", "REMOVE", {"OldImage"}),
        ("NEW_IMAGE", "REMOVE", set()),
    ],
)
def test_the_view_decides_which_images_there_are(view: str, name: str, images: set[str]) -> None:
    handler = Recorder()
    shape = dynamodb(table={"StreamSpecification": {"StreamViewType": view}})
    run(shape, [change("a", name=name)], handler)

    assert {"NewImage", "OldImage"} & set(handler.events[0]["Records"][0]["dynamodb"]) == images


def test_powertools_processes_batches_of_kinesis() -> None:
    processor = BatchProcessor(event_type=EventType.KinesisDataStreams)

    def process(record: Any) -> None:
        if record.kinesis.data_as_text() == "poison":
            raise ValueError

    def handler(event: dict[str, Any], context: LambdaContext) -> Any:
        return process_partial_response(
            event=event,
            record_handler=process,
            processor=processor,
            context=context,  # type: ignore[arg-type]
        )

    shape = kinesis(MaximumRetryAttempts=1, BisectBatchOnFunctionError=True, **REPORTS)
    delivery = run(shape, records(["a", "poison"]), handler)

    assert [leg.event for leg in delivery.handled] == ["a"]
    assert [leg.event for leg in delivery.lost] == ["poison"]


def test_powertools_reads_events() -> None:
    handler = Recorder()
    run(kinesis(), [record("a")], handler)
    run(dynamodb(), [change("b")], handler)

    [first] = KinesisStreamEvent(handler.events[0]).records
    assert first.kinesis.data_as_text() == "a"
    [second] = DynamoDBStreamEvent(handler.events[1]).records
    assert second.dynamodb is not None
    assert second.dynamodb.keys == {"id": "b"}
