"""Arguments of another kind than asked for: a line in Python, never a trace of JavaScript."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_kinesis as kinesis
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sqs as sqs

from tests.polled import made, refused

if TYPE_CHECKING:
    from collections.abc import Callable

    Make = Callable[..., Any]


NO_KIND = object()
FLAGS = [
    ("poller", "fifo"),
    ("poller", "report_batch_item_failures"),
    ("poller", "enabled"),
    ("kinesis", "enabled"),
    ("table", "enabled"),
]
OPTIONAL_FLAGS = [
    (pattern, flag)
    for pattern in ("kinesis", "table")
    for flag in ("bisect_batch_on_error", "report_batch_item_failures")
]
WHOLE = {
    "max_receive_count": ("poller", "from 1 to 1,000", "omit it to get 5"),
    "batch_size": ("table", "from 1 to 10,000", "omit it to get 100"),
    "max_concurrency": ("poller", "from 2 to 1,000", "omit it to get what is reserved for handler"),
    "parallelization_factor": ("kinesis", "from 1 to 10", "omit it to get 1"),
    "retry_attempts": ("kinesis", "from 0 to 10,000", "omit it to get 5"),
}


@pytest.mark.parametrize("value", ["no", 1, None, [True], bool], ids=repr)
@pytest.mark.parametrize(("pattern", "flag"), FLAGS)
def test_a_flag_is_true_or_false(stack: cdk.Stack, pattern: str, flag: str, value: object) -> None:
    with refused(f"{flag} must be True or False, got {value!r}; omit it to get the default"):
        made(pattern, stack, **{flag: value})


@pytest.mark.parametrize("value", ["no", 0, [True], bool], ids=repr)
@pytest.mark.parametrize(("pattern", "flag"), OPTIONAL_FLAGS)
def test_a_flag_that_may_be_left_out_is_true_or_false(
    stack: cdk.Stack, pattern: str, flag: str, value: object
) -> None:
    with refused(f"{flag} must be True or False, got {value!r}; omit it to get the default"):
        made(pattern, stack, **{flag: value})


@pytest.mark.parametrize("queue", [True, False], ids=["its own queue", "a queue that exists"])
def test_fifo_is_true_or_false_with_and_without_a_queue(stack: cdk.Stack, *, queue: bool) -> None:
    options = {} if queue else {"queue": sqs.Queue(stack, "Queue")}
    with refused("fifo must be True or False, got 'yes'; omit it to get the default"):
        made("poller", stack, fifo="yes", **options)


@pytest.mark.parametrize("value", [(1, 2), NO_KIND, int, {5}, b"5", True, 2.5, "5"], ids=repr)
@pytest.mark.parametrize("name", WHOLE)
def test_a_number_is_whole(stack: cdk.Stack, name: str, value: object) -> None:
    pattern, numbers, remedy = WHOLE[name]
    with refused(f"{name} must be a whole number {numbers}, got {value!r}; {remedy}"):
        made(pattern, stack, **{name: value})


@pytest.mark.parametrize(
    ("pattern", "options", "message"),
    [
        (
            "poller",
            {"queue_name": 5},
            "queue_name must be a str, got 5; for example 'orders'",
        ),
        (
            "poller",
            {"queue_name": ("orders",)},
            "queue_name must be a str, got ('orders',); for example 'orders'",
        ),
        (
            "poller",
            {"fifo": True, "deduplication_scope": "QUEUE"},
            "deduplication_scope must be a DeduplicationScope, got 'QUEUE'; for example "
            "sqs.DeduplicationScope.MESSAGE_GROUP",
        ),
        (
            "poller",
            {"fifo": True, "fifo_throughput_limit": "perQueue"},
            "fifo_throughput_limit must be a FifoThroughputLimit, got 'perQueue'; for example "
            "sqs.FifoThroughputLimit.PER_QUEUE",
        ),
        (
            "poller",
            {"fifo": True, "content_based_deduplication": "yes"},
            "content_based_deduplication must be True or False, got 'yes'; omit it to get the "
            "default",
        ),
        (
            "poller",
            {"queue": sqs.Queue},
            "queue must be a queue, got the class Queue; define one with sqs.Queue, or import one",
        ),
        (
            "poller",
            {"dead_letter_queue": sqs.Queue},
            "dead_letter_queue must be a queue, got the class Queue; define one with sqs.Queue, or "
            "import one",
        ),
        (
            "poller",
            {"provisioned_poller_config": lambda_.ProvisionedPollerConfig},
            "provisioned_poller_config must be a ProvisionedPollerConfig, got "
            f"{lambda_.ProvisionedPollerConfig!r}; for example "
            "lambda_.ProvisionedPollerConfig(maximum_pollers=10)",
        ),
        (
            "poller",
            {"visibility_timeout": "30 s"},
            "visibility_timeout must be a Duration, got '30 s'; for example "
            "cdk.Duration.seconds(30)",
        ),
        (
            "poller",
            {"filters": {lambda_.FilterCriteria}},
            "filters must be made by FilterCriteria, got "
            f"{lambda_.FilterCriteria!r}; write [lambda_.FilterCriteria.filter({{'body': "
            "{...}})]",
        ),
        (
            "poller",
            {"filters": (each for each in ["a"])},
            "filters must be a list, got generator; write "
            "[lambda_.FilterCriteria.filter({'body': {...}})]",
        ),
        (
            "kinesis",
            {"stream": kinesis.Stream},
            "stream must be a Kinesis stream, got the class Stream; make one with kinesis.Stream, "
            "or omit it",
        ),
        (
            "kinesis",
            {"stream_consumer": kinesis.StreamConsumer},
            "stream_consumer must be a consumer of a stream, got the class StreamConsumer; make "
            "one with kinesis.StreamConsumer",
        ),
        (
            "kinesis",
            {"filter_encryption": kms.Key, "filters": [{"pattern": '{"data":{"a":[1]}}'}]},
            "filter_encryption must be a key, got the class Key; make one with kms.Key, or omit it "
            "to get AWS's own",
        ),
        (
            "kinesis",
            {"filter_encryption": "alias/mine"},
            "filter_encryption must be a key, got str; make one with kms.Key, or omit it to get "
            "AWS's own",
        ),
        (
            "kinesis",
            {
                "starting_position": lambda_.StartingPosition.AT_TIMESTAMP,
                "starting_position_timestamp": "2026-11-21",
            },
            "starting_position_timestamp must be the seconds since 1970, got '2026-11-21'; for "
            "example datetime.now(tz=UTC).timestamp()",
        ),
        (
            "kinesis",
            {"on_failure": s3.Bucket},
            "on_failure must be a bucket, a standard queue or a standard topic, got the class "
            "Bucket; omit it to get a bucket, which keeps the records themselves",
        ),
        (
            "table",
            {"table": dynamodb.TableV2},
            "table must be a table, got the class TableV2; make one with dynamodb.TableV2",
        ),
        (
            "idempotency",
            {"removal_policy": None},
            "removal_policy must be a RemovalPolicy, got None; for example "
            "cdk.RemovalPolicy.DESTROY",
        ),
    ],
)
def test_what_is_of_another_kind_is_refused(
    stack: cdk.Stack, pattern: str, options: dict[str, Any], message: str
) -> None:
    with refused(message):
        made(pattern, stack, **options)
