"""Arguments of another type than a trigger takes: told in a line, not by a trace of CDK's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_events as events
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda_event_sources as sources
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_s3_notifications as notifications
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs

from serverless_patterns import (
    EventBridgeTrigger,
    PatternError,
    PythonFunction,
    S3Trigger,
    SnsTrigger,
)
from tests.messages import exactly
from tests.unit.trigger_templates import ORDERS

if TYPE_CHECKING:
    from collections.abc import Callable

CREATED = s3.EventType.OBJECT_CREATED


def of_kind(stack: cdk.Stack, kind: str, handler: Any, **options: Any) -> Any:
    if kind == "s3":
        return S3Trigger(stack, "Orders", handler=handler, **options)
    if kind == "sns":
        return SnsTrigger(stack, "Orders", handler=handler, **options)
    options = {"event_pattern": ORDERS, **options}
    return EventBridgeTrigger(stack, "Orders", handler=handler, **options)


FUNCTION = "be a function, an alias or a version, got {}; make one with PythonFunction"
KEY = "be a KMS key, got {}; omit it to get one"
LOGS = "be a bucket, got {}; omit it to log nowhere"
EVENTS = "be a list of events, got {}; for example [s3.EventType.OBJECT_CREATED]"
EVENT = "be an EventType, got {}; for example [s3.EventType.OBJECT_CREATED]"
SNS_QUEUE = "be a standard queue that SNS can write to, got {}; omit it to get one"
QUEUE = "be a standard queue that EventBridge can write to, got {}; omit it to get one"
AGE = "be a Duration, got {}; for example cdk.Duration.seconds(60)"
COUNT = "be a whole number from 0 to 185, got {}; omit it to get 185"
TOPIC = 'be an SNS topic, got {}; for example sns.Topic(self, "Uploads")'
PREFIX = "be a str, got {}; for example 'images/'"


@pytest.mark.parametrize(
    ("kind", "options", "rule"),
    [
        ("events", {"handler": None}, FUNCTION.format("NoneType")),
        ("sns", {"handler": PythonFunction}, FUNCTION.format("the class PythonFunction")),
        ("sns", {"master_key": kms.Key}, KEY.format("the class Key")),
        ("sns", {"master_key": "alias/aws/sns"}, KEY.format("str")),
        ("sns", {"master_key": ()}, KEY.format("tuple")),
        ("sns", {"topic": (1,)}, TOPIC.format("tuple")),
        ("sns", {"dead_letter_queue": sqs.Queue}, SNS_QUEUE.format("the class Queue")),
        ("s3", {"server_access_logs_bucket": s3.Bucket}, LOGS.format("the class Bucket")),
        ("s3", {"server_access_logs_bucket": "logs"}, LOGS.format("str")),
        ("s3", {"events": None}, EVENTS.format("None")),
        ("s3", {"events": "OBJECT_CREATED"}, EVENTS.format("'OBJECT_CREATED'")),
        ("s3", {"events": CREATED}, EVENTS.format("OBJECT_CREATED")),
        ("s3", {"events": ["OBJECT_CREATED"]}, EVENT.format("'OBJECT_CREATED'")),
        ("s3", {"events": [None]}, EVENT.format("None")),
        ("s3", {"prefix": ("images/",)}, PREFIX.format("('images/',)")),
        ("events", {"dead_letter_queue": []}, QUEUE.format("list")),
        ("events", {"max_delivery_age": "1 h"}, AGE.format("'1 h'")),
        ("events", {"max_event_age": "1 h"}, AGE.format("'1 h'")),
        ("events", {"delivery_retry_attempts": None}, COUNT.format("None")),
        ("events", {"delivery_retry_attempts": (1,)}, COUNT.format("(1,)")),
    ],
    ids=str,
)
def test_an_argument_of_another_type_is_named(
    stack: cdk.Stack, handler: PythonFunction, kind: str, options: dict[str, Any], rule: str
) -> None:
    [name] = options
    asked = {"handler": handler, **options}
    with pytest.raises(PatternError, match=exactly(f"Shop/Orders: {name} must {rule}")):
        of_kind(stack, kind, **asked)


def test_a_generator_of_events_is_named(stack: cdk.Stack, handler: PythonFunction) -> None:
    given: Any = (each for each in [CREATED])
    message = f"Shop/Orders: events must {EVENTS.format(repr(given))}"
    with pytest.raises(PatternError, match=exactly(message)):
        of_kind(stack, "s3", handler, events=given)


@pytest.mark.parametrize(
    "destination",
    [
        lambda stack: sources.SqsDlq(sqs.Queue(stack, "Queue")),
        lambda stack: notifications.SnsDestination(sns.Topic(stack, "Topic")),
        lambda stack: actions.SnsAction(sns.Topic(stack, "Topic")),
        lambda stack: events.EventBus(stack, "Bus"),
        lambda _: (),
    ],
)
def test_what_binds_to_something_else_takes_no_failures(
    stack: cdk.Stack, handler: PythonFunction, destination: Callable[[cdk.Stack], Any]
) -> None:
    given = destination(stack)
    message = (
        "Shop/Orders: on_failure must be a queue, a topic, a bucket or a destination of "
        f"aws_cdk.aws_lambda_destinations, got {type(given).__name__}; omit it to get a queue"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        of_kind(stack, "events", handler, on_failure=given)


@pytest.mark.parametrize("kind", ["s3", "sns", "events"])
@pytest.mark.parametrize(
    ("action", "told"),
    [
        (None, "NoneType"),
        ("arn", "str"),
        (actions.SnsAction, "the class SnsAction"),
        (lambda stack: sns.Topic(stack, "Topic"), "Topic"),
    ],
)
def test_an_alarm_is_given_an_action_or_none_is_added(
    stack: cdk.Stack, handler: PythonFunction, kind: str, action: Any, told: str
) -> None:
    made = of_kind(stack, kind, handler)
    given = action(stack) if told == "Topic" else action
    message = (
        f"Shop/Orders: action must be an alarm action, got {told}; for example "
        "aws_cloudwatch_actions.SnsAction(topic)"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        made.add_alarms(given)
    made.add_alarms(actions.SnsAction(sns.Topic(stack, "Alarms")))


@pytest.mark.parametrize(
    ("scope", "construct_id", "message"),
    [
        (None, "Orders", "Orders: scope must be a construct, got None; pass self"),
        (None, None, "None: scope must be a construct, got None; pass self"),
        ("stack", None, 'Shop/None: id must be a text, got None; for example "Orders"'),
        ("stack", 1, 'Shop/1: id must be a text, got 1; for example "Orders"'),
    ],
)
def test_scope_and_id_are_those_of_a_construct(
    stack: cdk.Stack, handler: PythonFunction, scope: Any, construct_id: Any, message: str
) -> None:
    given: Any = stack if scope else None
    with pytest.raises(PatternError, match=exactly(message)):
        SnsTrigger(given, construct_id, handler=handler)
