"""What Lambda would refuse in a consumer of a stream, each with its whole text."""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
import jsii
import pytest
from aws_cdk import assertions
from aws_cdk import aws_kinesis as kinesis
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_event_sources as event_sources

from serverless_patterns import KinesisConsumer, PythonFunction
from tests.streams import refused, seconds

POSITION = lambda_.StartingPosition
PATTERN = lambda_.FilterCriteria.filter({"data": {"kind": ["order"]}})


@pytest.mark.parametrize(
    ("options", "message"),
    [
        pytest.param(
            {"batch_size": 0},
            "batch_size must be a whole number from 1 to 10,000, got 0; omit it to get 100",
            id="batch of none",
        ),
        pytest.param(
            {"batch_size": 10_001},
            "batch_size must be a whole number from 1 to 10,000, got 10001; omit it to get 100",
            id="batch too large",
        ),
        pytest.param(
            {"batch_size": "100"},
            "batch_size must be a whole number from 1 to 10,000, got '100'; omit it to get 100",
            id="batch in letters",
        ),
        pytest.param(
            {"parallelization_factor": 11},
            "parallelization_factor must be a whole number from 1 to 10, got 11; omit it to get 1",
            id="factor",
        ),
        pytest.param(
            {"retry_attempts": -2},
            "retry_attempts must be a whole number from 0 to 10,000, got -2; omit it to get 5",
            id="retries",
        ),
        pytest.param(
            {"max_batching_window": seconds(301)},
            "max_batching_window must be whole seconds from 0 to 300, got 301 s; for example "
            "cdk.Duration.seconds(30)",
            id="batching window",
        ),
        pytest.param(
            {"max_batching_window": seconds(1.5)},
            "max_batching_window must be whole seconds from 0 to 300, got 1.5 s; for example "
            "cdk.Duration.seconds(30)",
            id="no whole seconds",
        ),
        pytest.param(
            {"max_batching_window": 5},
            "max_batching_window must be a Duration, got 5; for example cdk.Duration.seconds(30)",
            id="no duration",
        ),
        pytest.param(
            {"max_record_age": seconds(59)},
            "max_record_age must be whole seconds from 60 to 604,800, got 59 s; for example "
            "cdk.Duration.seconds(60)",
            id="record age",
        ),
        pytest.param(
            {"tumbling_window": seconds(901)},
            "tumbling_window must be whole seconds from 0 to 900, got 901 s; for example "
            "cdk.Duration.seconds(30)",
            id="tumbling window",
        ),
        pytest.param(
            {"tumbling_window": seconds(60), "parallelization_factor": 2},
            "parallelization_factor must be 1 beside a tumbling_window, whose state belongs to a "
            "whole shard, got 2; omit it, or give the stream more shards",
            id="tumbling in parallel",
        ),
        pytest.param(
            {"max_record_age": cdk.Duration.days(7)},
            "max_record_age must be below the 168 h that the stream keeps a record, or the record "
            "is gone before on_failure gets it, got 168 h; omit it to get half of that",
            id="older than the stream keeps",
        ),
        pytest.param(
            {"max_record_age": seconds(329), "max_batching_window": seconds(300)},
            "max_record_age must be above the 300 s of max_batching_window and the 29 s timeout of "
            "handler together, or a record is too old before it is tried again, got 329 s; raise "
            "it, or omit it",
            id="too old before it is tried again",
        ),
        pytest.param(
            {"starting_position": "LATEST"},
            "starting_position must be a StartingPosition, got 'LATEST'; for example "
            "lambda_.StartingPosition.TRIM_HORIZON",
            id="position in letters",
        ),
        pytest.param(
            {"starting_position": POSITION.AT_TIMESTAMP},
            "starting_position_timestamp must be given with starting_position AT_TIMESTAMP and no "
            "other, got None with AT_TIMESTAMP; give both, or omit it",
            id="no timestamp",
        ),
        pytest.param(
            {"starting_position_timestamp": 1_700_000_000},
            "starting_position_timestamp must be given with starting_position AT_TIMESTAMP and no "
            "other, got 1700000000 with TRIM_HORIZON; give both, or omit it",
            id="a timestamp too many",
        ),
        pytest.param(
            {"filters": [PATTERN] * 11},
            "filters must be at most 5, or 10 once AWS raised the quota, got 11; let one pattern "
            "name several values",
            id="filters",
        ),
        pytest.param(
            {"filters": ["order"]},
            "filters must be made by FilterCriteria, got 'order'; write "
            "[lambda_.FilterCriteria.filter({'data': {...}})]",
            id="a filter in letters",
        ),
        pytest.param(
            {"filters": [{"data": {"kind": ["order"]}}]},
            "filters must be made by FilterCriteria, got {'data': {'kind': ['order']}}; write "
            "[lambda_.FilterCriteria.filter({'data': {...}})]",
            id="a filter as it is meant",
        ),
        pytest.param(
            {"filters": [{"pattern": "{data"}]},
            "filters must hold JSON objects, got '{data'; make them with "
            "lambda_.FilterCriteria.filter",
            id="a filter that is no JSON",
        ),
        pytest.param(
            {"starting_position": None},
            "starting_position must be a StartingPosition, got None; for example "
            "lambda_.StartingPosition.TRIM_HORIZON",
            id="no position",
        ),
        pytest.param(
            {"handler": PythonFunction},
            "handler must be a function, an alias or a version, got the class PythonFunction; make "
            "one with PythonFunction",
            id="a class for a handler",
        ),
        pytest.param(
            {"stream": "orders"},
            "stream must be a Kinesis stream, got str; make one with kinesis.Stream, or omit it",
            id="the name of a stream",
        ),
        pytest.param(
            {"stream_consumer": "orders"},
            "stream_consumer must be a consumer of a stream, got str; make one with "
            "kinesis.StreamConsumer",
            id="the name of a consumer",
        ),
        pytest.param(
            {"on_failure": "arn:aws:sqs:us-east-1:111122223333:failed"},
            "on_failure must be a bucket, a standard queue or a standard topic, got str; omit it "
            "to get a bucket, which keeps the records themselves",
            id="an ARN for a destination",
        ),
        pytest.param(
            {"on_failure": event_sources.KafkaDlq("failed")},
            "on_failure must be a bucket, a standard queue or a standard topic, got a KafkaDlq, "
            "which takes the failures of Kafka alone; omit it to get a bucket, which keeps the "
            "records themselves",
            id="a topic of Kafka's",
        ),
    ],
)
def test_what_lambda_refuses_is_refused(
    stack: cdk.Stack, handler: PythonFunction, options: dict[str, Any], message: str
) -> None:
    with refused(message):
        KinesisConsumer(stack, "Orders", **{"handler": handler, **options})


@pytest.mark.parametrize(
    "options",
    [
        {"batch_size": 1},
        {"batch_size": 10_000},
        {"batch_size": cdk.Token.as_number({"Ref": "Size"})},
        {"parallelization_factor": 10},
        {"retry_attempts": 0},
        {"retry_attempts": 10_000},
        {"max_batching_window": seconds(300)},
        {"max_record_age": seconds(60)},
        {"max_record_age": seconds(604_799)},
        {"max_batching_window": cdk.Duration.seconds(cdk.Token.as_number({"Ref": "Window"}))},
        {"tumbling_window": cdk.Duration.seconds(cdk.Token.as_number({"Ref": "Window"}))},
        {"tumbling_window": seconds(900)},
        {"tumbling_window": seconds(0), "parallelization_factor": 2},
        {"filters": [PATTERN] * 5},
        {"filters": None},
        {"starting_position": POSITION.LATEST},
    ],
    ids=str,
)
def test_what_lambda_takes_is_taken(
    stack: cdk.Stack, handler: PythonFunction, options: dict[str, Any]
) -> None:
    KinesisConsumer(stack, "Orders", handler=handler, **options)

    assertions.Template.from_stack(stack).resource_count_is("AWS::Lambda::EventSourceMapping", 1)


@jsii.implements(lambda_.IEventSourceDlq)
class Nowhere:
    """A destination that refuses to be bound."""

    def bind(
        self,
        target: lambda_.IEventSourceMapping,  # noqa: ARG002 - of CDK's interface
        target_handler: lambda_.IFunction,  # noqa: ARG002 - of CDK's interface
    ) -> lambda_.DlqDestinationConfig:
        raise ValueError("there is no such place")


def test_what_cdk_refuses_is_told_in_a_line(stack: cdk.Stack, handler: PythonFunction) -> None:
    with refused(
        "arguments must be what lambda_.EventSourceMapping takes, got CDK's refusal: there is no "
        "such place; change the argument that it names"
    ):
        KinesisConsumer(stack, "Orders", handler=handler, on_failure=Nowhere())


def test_a_key_for_no_filters_is_refused(stack: cdk.Stack, handler: PythonFunction) -> None:
    with refused(
        "filter_encryption must encrypt filters, got a key without filters; give filters, or omit "
        "it"
    ):
        KinesisConsumer(stack, "Orders", handler=handler, filter_encryption=kms.Key(stack, "Key"))


def test_a_stream_beside_its_consumer_is_refused(stack: cdk.Stack, handler: PythonFunction) -> None:
    stream = kinesis.Stream(stack, "Stream")
    fan_out = kinesis.StreamConsumer(stack, "FanOut", stream=stream, stream_consumer_name="orders")
    with refused(
        "stream must be omitted beside stream_consumer, which has a stream, got both; give the one "
        "that is to be read by"
    ):
        KinesisConsumer(stack, "Orders", handler=handler, stream=stream, stream_consumer=fan_out)


def test_the_retention_of_a_stream_of_the_app_is_known(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    stream = kinesis.Stream(stack, "Stream", retention_period=cdk.Duration.hours(36))
    with refused(
        "max_record_age must be below the 36 h that the stream keeps a record, or the record is "
        "gone before on_failure gets it, got 36 h; omit it to get half of that"
    ):
        KinesisConsumer(
            stack, "Orders", handler=handler, stream=stream, max_record_age=cdk.Duration.hours(36)
        )
