"""Shards that would be throttled, and what stands in another region."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk as cdk
import pytest
from aws_cdk import assertions
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_kinesis as kinesis
from aws_cdk import aws_lambda as lambda_

from serverless_patterns import DynamoDbConsumer, KinesisConsumer, PatternError, PythonFunction
from tests.messages import exactly
from tests.queues import warnings
from tests.streams import refused

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.mark.parametrize("reserved", [0, 3])
def test_less_reserved_concurrency_than_one_shard_takes_is_refused(
    stack: cdk.Stack, entry: Path, reserved: int
) -> None:
    function = PythonFunction(stack, "Worker", entry=entry, reserved_concurrent_executions=reserved)
    alias = lambda_.Alias(stack, "Live", alias_name="live", version=function.current_version)
    with refused(
        f"parallelization_factor must be at most the {reserved} reserved concurrent executions of "
        "handler, or one shard alone is throttled until its records are too old, got 4; reserve as "
        "many for every shard, or lower it"
    ):
        KinesisConsumer(stack, "Orders", handler=alias, parallelization_factor=4)


def test_as_much_reserved_concurrency_as_one_shard_takes_is_enough(
    stack: cdk.Stack, entry: Path
) -> None:
    function = PythonFunction(stack, "Worker", entry=entry, reserved_concurrent_executions=4)
    KinesisConsumer(stack, "Orders", handler=function, parallelization_factor=4)

    assertions.Template.from_stack(stack).resource_count_is("AWS::Lambda::EventSourceMapping", 1)


def test_less_reserved_concurrency_than_all_shards_take_is_refused(
    stack: cdk.Stack, entry: Path
) -> None:
    function = PythonFunction(stack, "Worker", entry=entry, reserved_concurrent_executions=19)
    stream = kinesis.Stream(stack, "Stream", shard_count=10)
    with refused(
        "handler must be reserved at least the 20 executions that 10 shards take at once with a "
        "parallelization_factor of 2, or shards are throttled and wait while their records grow "
        "old, got 19; reserve as many, or none"
    ):
        KinesisConsumer(stack, "Orders", handler=function, stream=stream, parallelization_factor=2)


@pytest.mark.parametrize("kind", ["made", "on demand", "as many shards", "imported", "a token"])
def test_a_stream_on_demand_is_warned_of_as_it_begins_with_four_shards(
    stack: cdk.Stack, entry: Path, kind: str
) -> None:
    function = PythonFunction(stack, "Worker", entry=entry, reserved_concurrent_executions=3)
    arn = "arn:aws:kinesis:us-east-1:111122223333:stream/orders"
    on_demand = kinesis.StreamMode.ON_DEMAND
    number = cdk.Token.as_number({"Ref": "Shards"})
    streams: dict[str, Callable[[], kinesis.IStream | None]] = {
        "made": lambda: None,
        "on demand": lambda: kinesis.Stream(stack, "Stream", stream_mode=on_demand),
        "as many shards": lambda: kinesis.Stream(stack, "Stream", shard_count=3),
        "imported": lambda: kinesis.Stream.from_stream_arn(stack, "Stream", arn),
        "a token": lambda: kinesis.Stream(stack, "Stream", shard_count=number),
    }
    KinesisConsumer(stack, "Orders", handler=function, stream=streams[kind]())

    grows = kind in {"made", "on demand"}
    warning = (
        "Shop/Orders: 3 executions are reserved for the handler, where a stream on demand begins "
        "with 4 shards, which take 4 at once, and gets more as it grows: those that are throttled "
        "wait while their records grow old [ack: serverless-patterns:stream-reserved-concurrency]"
    )
    assert warnings(stack) == ([warning] if grows else [])


def test_a_handler_in_another_region_is_refused(stack: cdk.Stack, entry: Path) -> None:
    app = cdk.App.of(stack)
    here = cdk.Stack(app, "Here", env=cdk.Environment(region="eu-west-1"))
    there = cdk.Stack(app, "There", env=cdk.Environment(region="us-east-1"))
    function = PythonFunction(there, "Worker", entry=entry)
    with pytest.raises(
        PatternError,
        match=exactly(
            "Here/Orders: handler must be in eu-west-1 as the consumer is, got a function in "
            "us-east-1; define both in stacks of one region"
        ),
    ):
        KinesisConsumer(here, "Orders", handler=function)


@pytest.mark.parametrize("imported", [True, False])
def test_a_stream_in_another_region_is_refused(
    stack: cdk.Stack, entry: Path, *, imported: bool
) -> None:
    app = cdk.App.of(stack)
    here = cdk.Stack(app, "Here", env=cdk.Environment(region="eu-west-1"))
    there = cdk.Stack(app, "There", env=cdk.Environment(region="us-east-1"))
    function = PythonFunction(here, "Worker", entry=entry)
    arn = "arn:aws:kinesis:us-east-1:111122223333:stream/orders"
    stream: kinesis.IStream = (
        kinesis.Stream.from_stream_arn(here, "Stream", arn)
        if imported
        else kinesis.Stream(there, "Stream")
    )
    with pytest.raises(
        PatternError,
        match=exactly(
            "Here/Orders: handler must be in us-east-1 as the stream is, got a function in "
            "eu-west-1; define both in stacks of one region"
        ),
    ):
        KinesisConsumer(here, "Orders", handler=function, stream=stream)


@pytest.mark.parametrize(
    ("imported", "remedy"),
    [
        (True, "define it in a stack of that region"),
        (False, "define both in stacks of one region"),
    ],
)
def test_a_table_in_another_region_is_refused(
    stack: cdk.Stack, entry: Path, remedy: str, *, imported: bool
) -> None:
    app = cdk.App.of(stack)
    here = cdk.Stack(app, "Here", env=cdk.Environment(region="eu-west-1"))
    there = cdk.Stack(app, "There", env=cdk.Environment(region="us-east-1"))
    function = PythonFunction(here, "Worker", entry=entry)
    arn = "arn:aws:dynamodb:us-east-1:111122223333:table/orders"
    table: dynamodb.ITable = (
        dynamodb.Table.from_table_attributes(
            here, "Table", table_arn=arn, table_stream_arn=f"{arn}/stream/2026"
        )
        if imported
        else dynamodb.Table(
            there,
            "Table",
            partition_key=dynamodb.Attribute(name="id", type=dynamodb.AttributeType.STRING),
            stream=dynamodb.StreamViewType.NEW_IMAGE,
        )
    )
    with pytest.raises(
        PatternError,
        match=exactly(
            "Here/Orders: handler must be in us-east-1 as the table is, got a function in "
            f"eu-west-1; {remedy}"
        ),
    ):
        DynamoDbConsumer(here, "Orders", handler=function, table=table)
