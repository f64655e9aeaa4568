from __future__ import annotations

from typing import Any

import pytest

from serverless_patterns.testing.delivery import DeliveryError, KinesisRecord
from tests.messages import exactly
from tests.unit.delivery.stream_templates import (
    REPORTS,
    TO_QUEUE,
    change,
    dynamodb,
    filtering,
    kinesis,
    mapping,
    record,
    records,
    run,
    template,
    throws_on,
)


@pytest.mark.parametrize(
    ("properties", "message"),
    [
        (
            {"BatchSize": 10_001},
            "Mapping: BatchSize must be 1 to 10000, got 10001; set it within that",
        ),
        (
            {"BatchSize": {"Ref": "Size"}},
            'Mapping: BatchSize must be a number in the template, got {"Ref": "Size"}; write the '
            "number, as what is delivered depends on it",
        ),
        (
            {"MaximumBatchingWindowInSeconds": 301},
            "Mapping: MaximumBatchingWindowInSeconds must be 0 to 300, got 301; set it within that",
        ),
        (
            {"ParallelizationFactor": 11},
            "Mapping: ParallelizationFactor must be 1 to 10, got 11; set it within that",
        ),
        (
            {"MaximumRetryAttempts": 10_001},
            "Mapping: MaximumRetryAttempts must be -1 to 10000, got 10001; set it within that",
        ),
        (
            {"MaximumRecordAgeInSeconds": 59},
            "Mapping: MaximumRecordAgeInSeconds must be -1 or 60 to 604800, got 59; "
            "set it within that",
        ),
        (
            {"TumblingWindowInSeconds": 901},
            "Mapping: TumblingWindowInSeconds must be 0 to 900, got 901; set it within that",
        ),
        (
            {"StartingPosition": None},
            "Mapping: StartingPosition must be one of TRIM_HORIZON, LATEST, AT_TIMESTAMP, got "
            "null; set it",
        ),
        (
            {"FunctionName": "elsewhere"},
            'Mapping: FunctionName must be a function of the template, got "elsewhere"; deliver '
            "to the template that has it",
        ),
        (
            {"DestinationConfig": {"OnFailure": {"Destination": "kafka://topic"}}},
            "Mapping: OnFailure must be a queue, a topic or a bucket, got 'kafka://topic'; what "
            "Lambda sends to Kafka isn't modelled",
        ),
        (
            {"DestinationConfig": {"OnFailure": {"Destination": {"Ref": "Handler"}}}},
            "Mapping: destination must be one of queue, topic, bucket, got Handler "
            "(AWS::Lambda::Function); name another",
        ),
        (
            filtering(*[{"data": {"a": [n]}} for n in range(11)]),
            "Mapping: Filters must be at most 10, got 11; put alternatives into one pattern",
        ),
        (
            {"FilterCriteria": {"Filters": [{"Pattern": "{"}]}},
            'Mapping: Pattern must be JSON, got "{"; correct it',
        ),
        (
            filtering({"data": ["text"]}),
            "Mapping: Pattern of a Kinesis mapping must ask of the object 'data' only, got "
            '{"data": ["text"]}; put what it asks for into data',
        ),
        (
            filtering({"partitionKey": ["a"]}),
            "Mapping: Pattern of a Kinesis mapping must ask of the object 'data' only, got "
            '{"partitionKey": ["a"]}; put what it asks for into data',
        ),
        (
            {"TumblingWindowInSeconds": 60, "BisectBatchOnFunctionError": True},
            "Mapping: TumblingWindowInSeconds must stand without BisectBatchOnFunctionError, got "
            "both; leave one out, as AWS doesn't tell what they do together",
        ),
        (
            {"TumblingWindowInSeconds": 60, **REPORTS},
            "Mapping: TumblingWindowInSeconds must stand without ReportBatchItemFailures, got "
            "both; leave one out, as AWS doesn't tell what they do together",
        ),
        (
            {"TumblingWindowInSeconds": 60, "ParallelizationFactor": 2},
            "Mapping: TumblingWindowInSeconds must stand without ParallelizationFactor, got "
            "both; leave one out, as AWS doesn't tell what they do together",
        ),
    ],
)
def test_what_is_refused_of_a_mapping(properties: dict[str, Any], message: str) -> None:
    with pytest.raises(DeliveryError, match=exactly(message)):
        run(kinesis(**properties), records("a"))


@pytest.mark.parametrize(
    ("stream", "event", "message"),
    [
        (
            {"RetentionPeriodHours": 8_761},
            record("a"),
            "Stream: RetentionPeriodHours must be 24 to 8760, got 8761; set it within that",
        ),
        (
            {"ShardCount": {"Ref": "Count"}},
            record("a"),
            'Stream: ShardCount must be a number in the template, got {"Ref": "Count"}; write '
            "the number, as what is delivered depends on it",
        ),
        (
            {"ShardCount": 2},
            record("a", shard=2),
            "a: shard must be one of the 2 of Stream, counted from 0, got 2; omit it to have the "
            "key decide",
        ),
        (
            {},
            record("a", partition_key=""),
            "a: partition_key must have 1 to 256 characters, got 0; Kinesis refuses others",
        ),
        (
            {},
            KinesisRecord(id="a", data=b"x" * 1_048_576, partition_key="key"),
            "a: data must take at most 1048576 bytes with its key, got 1048579; Kinesis refuses "
            "larger records of Stream",
        ),
        (
            {"MaxRecordSizeInKiB": 10_240},
            KinesisRecord(id="a", data=b"x" * 6_000_000, partition_key="key"),
            "a: record must fit into an invocation of 6291456 bytes, got 8000475 in base64; what "
            "Lambda makes of a larger one isn't modelled",
        ),
    ],
)
def test_what_is_refused_of_kinesis(
    stream: dict[str, Any], event: KinesisRecord, message: str
) -> None:
    with pytest.raises(DeliveryError, match=exactly(message)):
        run(template(stream=stream, Mapping=mapping()), [event])


def test_a_table_cannot_be_read_from_a_timestamp() -> None:
    message = (
        'Mapping: StartingPosition must be one of TRIM_HORIZON, LATEST, got "AT_TIMESTAMP"; set it'
    )
    with pytest.raises(DeliveryError, match=exactly(message)):
        run(dynamodb(StartingPosition="AT_TIMESTAMP"), [change("a")])


def test_a_table_without_a_stream_is_refused() -> None:
    message = (
        "Table: StreamViewType must be one of KEYS_ONLY, NEW_IMAGE, OLD_IMAGE, "
        "NEW_AND_OLD_IMAGES, got null; give the table a stream"
    )
    with pytest.raises(DeliveryError, match=exactly(message)):
        run(dynamodb(table={"StreamSpecification": {}}), [change("a")])


def test_images_that_are_not_json_are_refused() -> None:
    message = (
        "a: keys and images must be DynamoDB JSON, got Object of type bytes is not JSON "
        'serializable; write them as the API has them: {"id": {"S": "1"}}'
    )
    with pytest.raises(DeliveryError, match=exactly(message)):
        run(dynamodb(), [change("a", new_image={"id": {"B": b"1"}})])


def test_a_fifo_queue_is_no_destination() -> None:
    shape = kinesis(**TO_QUEUE)
    shape["Resources"]["Dead"]["Properties"] = {"FifoQueue": True}
    message = "Mapping: destination must not be FIFO, got Dead; name a standard one"
    with pytest.raises(DeliveryError, match=exactly(message)):
        run(shape, records("a"))


def test_a_bucket_outside_the_template_keeps_records_too() -> None:
    there = {"DestinationConfig": {"OnFailure": {"Destination": "arn:aws:s3:::elsewhere"}}}
    [leg] = run(kinesis(MaximumRetryAttempts=0, **there), records("a"), throws_on("a")).held

    assert not leg.held[0].is_pointer
