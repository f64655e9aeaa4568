"""The patterns, as the library defines them and as plain CDK does by default."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_kinesis as kinesis
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_event_sources as sources
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_s3_notifications as notifications
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from aws_cdk import aws_sqs as sqs
from aws_cdk.assertions import Template

from serverless_patterns import (
    DynamoDbConsumer,
    EventBridgeTrigger,
    KinesisConsumer,
    S3Trigger,
    SnsTrigger,
    SqsPoller,
)
from serverless_patterns.testing import cdk_context
from serverless_patterns.testing.delivery import (
    BusEvent,
    KinesisRecord,
    S3Event,
    SnsMessage,
    SqsMessage,
    TableChange,
)
from tests.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    Define = Callable[[cdk.Stack, lambda_.Function], object]
    Event = SqsMessage | SnsMessage | S3Event | BusEvent | KinesisRecord | TableChange
    Make = Callable[[int, float], Event]

FROM_THE_START = lambda_.StartingPosition.TRIM_HORIZON
PATTERN = events.EventPattern(source=["shop"])
GROUPS = 4


def name(number: int) -> str:
    """The id of an event."""
    return f"event-{number}"


def _of_queue(number: int, at: float) -> SqsMessage:
    return SqsMessage(body=name(number), id=name(number), at=at)


def _of_fifo_queue(number: int, at: float) -> SqsMessage:
    group = f"group-{number % GROUPS}"
    return SqsMessage(body=name(number), id=name(number), at=at, group=group)


def _of_topic(number: int, at: float) -> SnsMessage:
    return SnsMessage(message=name(number), id=name(number), at=at)


def _of_bucket(number: int, at: float) -> S3Event:
    return S3Event(key=name(number), id=name(number), at=at)


def _of_bus(number: int, at: float) -> BusEvent:
    detail = {"id": name(number)}
    return BusEvent(source="shop", detail_type="Sold", detail=detail, id=name(number), at=at)


def _of_stream(number: int, at: float) -> KinesisRecord:
    return KinesisRecord(
        data=name(number).encode(),
        partition_key=f"key-{number % GROUPS}",
        id=name(number),
        at=at,
    )


def _of_table(number: int, at: float) -> TableChange:
    keys = {"id": {"S": name(number)}}
    return TableChange(keys=keys, id=name(number), at=at)


@dataclass(frozen=True)
class Pattern:
    """A source of events before a function.

    Attributes:
        name: What it is called in the table.
        event: Makes its events, of a number and a time.
        ours: Defines it with the library.
        plain: Defines it with CDK's own constructs and their defaults.
        in_order: Whether the first failure of a batch ends it.
        halved: Whether a batch is halved after an exception, until what fails is alone.
    """

    name: str
    event: Make
    ours: Define
    plain: Define
    in_order: bool = False
    halved: bool = False


def _topic_of_bucket(stack: cdk.Stack, function: lambda_.Function) -> None:
    topic = sns.Topic(stack, "Topic")
    bucket = s3.Bucket(stack, "Bucket")
    bucket.add_event_notification(s3.EventType.OBJECT_CREATED, notifications.SnsDestination(topic))
    topic.add_subscription(subscriptions.LambdaSubscription(function))


def _bucket(stack: cdk.Stack, function: lambda_.Function) -> None:
    s3.Bucket(stack, "Bucket").add_event_notification(
        s3.EventType.OBJECT_CREATED, notifications.LambdaDestination(function)
    )


def _topic(stack: cdk.Stack, function: lambda_.Function) -> None:
    topic = sns.Topic(stack, "Topic")
    topic.add_subscription(subscriptions.LambdaSubscription(function))


def _rule(stack: cdk.Stack, function: lambda_.Function) -> None:
    target = targets.LambdaFunction(function)
    events.Rule(stack, "Rule", event_pattern=PATTERN, targets=[target])


def _queue(stack: cdk.Stack, function: lambda_.Function) -> None:
    function.add_event_source(sources.SqsEventSource(sqs.Queue(stack, "Queue")))


def _fifo_queue(stack: cdk.Stack, function: lambda_.Function) -> None:
    queue = sqs.Queue(stack, "Queue", fifo=True)
    function.add_event_source(sources.SqsEventSource(queue))


def _stream(stack: cdk.Stack, function: lambda_.Function) -> None:
    stream = kinesis.Stream(stack, "Stream")
    function.add_event_source(sources.KinesisEventSource(stream, starting_position=FROM_THE_START))


def _table_of(stack: cdk.Stack) -> dynamodb.Table:
    return dynamodb.Table(
        stack,
        "Table",
        partition_key=dynamodb.Attribute(name="id", type=dynamodb.AttributeType.STRING),
        stream=dynamodb.StreamViewType.NEW_IMAGE,
    )


def _table(stack: cdk.Stack, function: lambda_.Function) -> None:
    source = sources.DynamoEventSource(_table_of(stack), starting_position=FROM_THE_START)
    function.add_event_source(source)


PATTERNS = [
    Pattern("S3", _of_bucket, lambda s, f: S3Trigger(s, "It", handler=f), _bucket),
    Pattern(
        "S3 → SNS",
        _of_bucket,
        lambda s, f: S3Trigger(s, "It", handler=f, topic=sns.Topic(s, "Topic")),
        _topic_of_bucket,
    ),
    Pattern("SNS", _of_topic, lambda s, f: SnsTrigger(s, "It", handler=f), _topic),
    Pattern(
        "EventBridge",
        _of_bus,
        lambda s, f: EventBridgeTrigger(s, "It", handler=f, event_pattern=PATTERN),
        _rule,
    ),
    Pattern(
        "Kinesis",
        _of_stream,
        lambda s, f: KinesisConsumer(s, "It", handler=f),
        _stream,
        in_order=True,
        halved=True,
    ),
    Pattern(
        "DynamoDB",
        _of_table,
        lambda s, f: DynamoDbConsumer(s, "It", handler=f, table=_table_of(s)),
        _table,
        in_order=True,
        halved=True,
    ),
    Pattern("SQS", _of_queue, lambda s, f: SqsPoller(s, "It", handler=f), _queue),
    Pattern(
        "SQS FIFO",
        _of_fifo_queue,
        lambda s, f: SqsPoller(s, "It", handler=f, fifo=True),
        _fifo_queue,
        in_order=True,
    ),
]


@cache
def template(pattern: str, *, plain: bool) -> tuple[Mapping[str, Any], str]:
    """A pattern's template, and the logical id of its function."""
    [chosen] = [each for each in PATTERNS if each.name == pattern]
    app = cdk.App(context=cdk_context(ROOT), builtin_cloud_formation_validation=False)
    stack = cdk.Stack(app, "Shop")
    function = lambda_.Function(
        stack,
        "Handler",
        runtime=lambda_.Runtime.PYTHON_3_13,
        handler="index.handler",
        code=lambda_.Code.from_inline("def handler(event, context): ..."),
    )
    (chosen.plain if plain else chosen.ours)(stack, function)
    found = Template.from_stack(stack).to_json()
    resource: Any = function.node.default_child
    return found, str(stack.resolve(resource.logical_id))


def ids(event: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    """What an event of Lambda's holds: the id of each event, and what a batch calls it."""
    if "detail" in event:
        yield event["detail"]["id"], ""
    for record in event.get("Records", []):
        match record:
            case {"Sns": {"Message": message}} if message.startswith("event-"):
                yield message, ""
            case {"Sns": {"Message": message}}:  # a bucket's notification
                yield from ids(json.loads(message))
            case {"s3": {"object": {"key": key}}}:
                yield key, ""
            case {"body": body}:
                yield body, record["messageId"]
            case {"kinesis": {"data": data, "sequenceNumber": sequence}}:
                yield base64.b64decode(data).decode(), sequence
            case {"dynamodb": {"Keys": keys, "SequenceNumber": sequence}}:
                yield keys["id"]["S"], sequence
