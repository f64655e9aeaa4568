"""Who else reads a stream, and what splits its batches."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import assertions
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_kinesis as kinesis
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_event_sources as event_sources

from serverless_patterns import DynamoDbConsumer, KinesisConsumer, PythonFunction
from tests.streams import seconds

if TYPE_CHECKING:
    from pathlib import Path

MATCH = assertions.Match
POSITION = lambda_.StartingPosition


@pytest.mark.parametrize("option", ["bisect_batch_on_error", "report_batch_item_failures"])
def test_splitting_batches_of_a_tumbling_window_is_warned_of(
    stack: cdk.Stack, handler: PythonFunction, option: str
) -> None:
    split: dict[str, Any] = {option: True}
    KinesisConsumer(stack, "Orders", handler=handler, **split, tumbling_window=seconds(60))

    assertions.Annotations.from_stack(stack).has_warning(
        "/Shop/Orders",
        "Shop/Orders: AWS documents for a tumbling_window what retry_attempts and max_record_age "
        "do, and not what becomes of its state where bisect_batch_on_error or "
        "report_batch_item_failures split a batch [ack: "
        "serverless-patterns:tumbling-window-splits]",
    )


def test_a_function_that_reads_a_stream_twice_is_refused_at_synthesis(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    stream = kinesis.Stream(stack, "Stream")
    KinesisConsumer(stack, "Orders", handler=handler, stream=stream)
    source = event_sources.KinesisEventSource(stream, starting_position=POSITION.LATEST)
    handler.add_event_source(source)

    [second] = [
        each.node.path
        for each in handler.node.find_all()
        if isinstance(each, lambda_.CfnEventSourceMapping)
    ]
    app = stack.node.root
    assert isinstance(app, cdk.App)
    with pytest.raises(RuntimeError) as error:
        app.synth()
    assert str(error.value).splitlines()[1:] == [
        f"  [Shop/Orders] Shop/Orders: handler must read the stream by one mapping, got a second "
        f"one at {second}; keep one, or read as another function or alias"
    ]


@pytest.mark.parametrize("kind", ["alias", "version"])
def test_a_function_and_its_alias_or_version_may_read_a_stream(
    stack: cdk.Stack, handler: PythonFunction, kind: str
) -> None:
    stream = kinesis.Stream(stack, "Stream")
    published: lambda_.IFunction = handler.current_version
    if kind == "alias":
        published = lambda_.Alias(stack, "Live", alias_name="live", version=handler.current_version)
    KinesisConsumer(stack, "Orders", handler=handler, stream=stream)
    KinesisConsumer(stack, "Copies", handler=published, stream=stream)

    assertions.Template.from_stack(stack).resource_count_is("AWS::Lambda::EventSourceMapping", 2)


def test_equal_stacks_of_streams_are_told_apart(stack: cdk.Stack, handler: PythonFunction) -> None:
    app = cdk.App.of(stack)
    first, second = (kinesis.Stream(cdk.Stack(app, name), "Stream") for name in ("First", "Second"))
    KinesisConsumer(stack, "Orders", handler=handler, stream=first)
    KinesisConsumer(stack, "Returns", handler=handler, stream=second)

    assertions.Template.from_stack(stack).resource_count_is("AWS::Lambda::EventSourceMapping", 2)


def test_more_readers_of_a_table_than_dynamodb_serves_are_warned_of(
    stack: cdk.Stack, handler: PythonFunction, other: PythonFunction, entry: Path
) -> None:
    text = dynamodb.AttributeType.STRING
    table = dynamodb.TableV2(
        stack,
        "Table",
        partition_key=dynamodb.Attribute(name="id", type=text),
        dynamo_stream=dynamodb.StreamViewType.NEW_IMAGE,
    )
    DynamoDbConsumer(stack, "Orders", handler=handler, table=table)
    DynamoDbConsumer(stack, "Copies", handler=other, table=table)
    third = PythonFunction(stack, "Third", entry=entry)
    third.add_event_source(
        event_sources.DynamoEventSource(table, starting_position=POSITION.LATEST)
    )

    found = assertions.Annotations.from_stack(stack)
    for name in ("Orders", "Copies"):
        found.has_warning(
            f"/Shop/{name}",
            f"Shop/{name}: 3 functions read the stream of one table, and DynamoDB throttles more "
            "than 2 readers of a shard; let one of them pass the records on, to a topic or a bus "
            "[ack: serverless-patterns:table-stream-readers]",
        )


def test_two_readers_of_a_table_are_fine(
    stack: cdk.Stack, handler: PythonFunction, other: PythonFunction
) -> None:
    text = dynamodb.AttributeType.STRING
    table = dynamodb.Table(
        stack,
        "Table",
        partition_key=dynamodb.Attribute(name="id", type=text),
        stream=dynamodb.StreamViewType.NEW_IMAGE,
    )
    DynamoDbConsumer(stack, "Orders", handler=handler, table=table)
    DynamoDbConsumer(stack, "Copies", handler=other, table=table)

    assertions.Annotations.from_stack(stack).has_no_warning(
        "*", MATCH.string_like_regexp("readers")
    )
