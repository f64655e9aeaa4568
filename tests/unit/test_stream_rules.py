"""What Lambda would refuse or punish in a consumer of a stream, each with its whole text."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import assertions
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_kinesis as kinesis
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_event_sources as event_sources
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs

from serverless_patterns import DynamoDbConsumer, KinesisConsumer, PatternError, PythonFunction
from tests.messages import exactly
from tests.queues import warnings

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

MATCH = assertions.Match
POSITION = lambda_.StartingPosition
PATTERN = lambda_.FilterCriteria.filter({"data": {"kind": ["order"]}})


def seconds(value: float) -> cdk.Duration:
    return cdk.Duration.millis(int(value * 1000))


def refused(message: str) -> Any:
    return pytest.raises(PatternError, match=exactly(f"Shop/Orders: {message}"))


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


def test_what_cdk_refuses_is_told_in_a_line(stack: cdk.Stack, handler: PythonFunction) -> None:
    age = cdk.Duration.seconds(cdk.Token.as_number({"Ref": "Age"}))
    with refused(
        "arguments must be what lambda_.EventSourceMapping takes, got CDK's refusal: maxRecordAge "
        "must be between 60 seconds and 7 days inclusive; change the argument that it names"
    ):
        KinesisConsumer(stack, "Orders", handler=handler, max_record_age=age)


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


@pytest.mark.parametrize(
    ("kind", "wrapped", "got"),
    [
        ("queue", False, "a FIFO queue"),
        ("topic", False, "a FIFO topic"),
        ("queue", True, "a FIFO queue or topic"),
        ("topic", True, "a FIFO queue or topic"),
        ("imported", True, "a FIFO queue or topic"),
        ("imported", False, "a FIFO queue"),
    ],
)
def test_a_fifo_destination_is_refused(
    stack: cdk.Stack, handler: PythonFunction, kind: str, got: str, *, wrapped: bool
) -> None:
    arn = "arn:aws:sqs:us-east-1:111122223333:failed.fifo"
    destination: Any
    if kind == "imported":
        destination = sqs.Queue.from_queue_arn(stack, "Queue", arn)
    else:
        made: Any = sqs.Queue if kind == "queue" else sns.Topic
        destination = made(stack, "Failed", fifo=True)
    if wrapped:
        wrap = event_sources.SnsDlq if kind == "topic" else event_sources.SqsDlq
        destination = wrap(destination)

    with refused(
        f"on_failure must be a bucket, a standard queue or a standard topic, got {got}; omit it to "
        "get a bucket, which keeps the records themselves"
    ):
        KinesisConsumer(stack, "Orders", handler=handler, on_failure=destination)


def test_a_standard_queue_beside_a_fifo_one_is_taken(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    sqs.Queue(stack, "Failed", fifo=True)
    standard = event_sources.SqsDlq(sqs.Queue(stack, "Queue"))
    KinesisConsumer(stack, "Orders", handler=handler, on_failure=standard)

    assertions.Template.from_stack(stack).resource_count_is("AWS::Lambda::EventSourceMapping", 1)


@pytest.mark.parametrize(
    ("pattern", "warning"),
    [
        (
            {"partitionKey": ["a"]},
            "filters look at partitionKey, where Lambda is known to look at data alone for a "
            "Kinesis stream: a record that matches no filter is skipped "
            "[ack: serverless-patterns:stream-filter-keys]",
        ),
        ({"data": {"kind": ["order"]}}, None),
    ],
)
def test_filters_that_look_where_lambda_does_not_are_warned_of(
    stack: cdk.Stack, handler: PythonFunction, pattern: dict[str, Any], warning: str | None
) -> None:
    filters = [lambda_.FilterCriteria.filter(pattern)]
    KinesisConsumer(stack, "Orders", handler=handler, filters=filters)

    assert warnings(stack) == ([f"Shop/Orders: {warning}"] if warning else [])


@pytest.mark.parametrize(
    ("key", "warned"), [("eventName", False), ("event_name", True), ("dynamodb", False)]
)
def test_filters_of_a_table_are_looked_through(
    stack: cdk.Stack, handler: PythonFunction, key: str, *, warned: bool
) -> None:
    table = dynamodb.Table(
        stack,
        "Table",
        partition_key=dynamodb.Attribute(name="id", type=dynamodb.AttributeType.STRING),
        stream=dynamodb.StreamViewType.NEW_IMAGE,
    )
    filters = [{"pattern": json.dumps({key: ["INSERT"]})}]
    DynamoDbConsumer(stack, "Orders", handler=handler, table=table, filters=filters)

    warning = (
        "Shop/Orders: filters look at event_name, where Lambda is known to look at dynamodb and "
        "eventName alone for a table's stream: a record that matches no filter is skipped "
        "[ack: serverless-patterns:stream-filter-keys]"
    )
    assert warnings(stack) == ([warning] if warned else [])


def test_more_filters_than_the_quota_are_warned_of(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    KinesisConsumer(stack, "Orders", handler=handler, filters=[PATTERN] * 6)

    assert warnings(stack) == [
        "Shop/Orders: 6 filters are more than the 5 that a mapping may have until AWS raises the "
        "quota of this account [ack: serverless-patterns:stream-filters]"
    ]


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
