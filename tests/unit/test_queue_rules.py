"""What a poller refuses of a queue of its own: each error with its whole text."""

from __future__ import annotations

import json
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs

from serverless_patterns import PatternError, PythonFunction, SqsPoller
from tests.messages import exactly

SECONDS = cdk.Duration.seconds
PER_GROUP = sqs.FifoThroughputLimit.PER_MESSAGE_GROUP_ID
POLLERS = lambda_.ProvisionedPollerConfig
MATCHING = {"pattern": '{"body":{"a":[1]}}'}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"visibility_timeout": SECONDS(28)},
            "visibility_timeout must be at least the 29 s timeout of handler, got 28 s; omit it to "
            "get 174 s",
        ),
        (
            {"visibility_timeout": SECONDS(48), "max_batching_window": SECONDS(20)},
            "visibility_timeout must be at least the 29 s timeout of handler and the 20 s of "
            "max_batching_window, got 48 s; omit it to get 194 s",
        ),
        (
            {"visibility_timeout": cdk.Duration.hours(13)},
            "visibility_timeout must be whole seconds from 0 to 43,200, got 46,800 s; for example "
            "cdk.Duration.seconds(30)",
        ),
        (
            {"visibility_timeout": cdk.Duration.millis(30_500)},
            "visibility_timeout must be whole seconds from 0 to 43,200, got 30.5 s; for example "
            "cdk.Duration.seconds(30)",
        ),
        (
            {"visibility_timeout": 60},
            "visibility_timeout must be a Duration, got 60; for example cdk.Duration.seconds(30)",
        ),
        (
            {"retention_period": SECONDS(59)},
            "retention_period must be whole seconds from 60 to 1,209,600, got 59 s; for example "
            "cdk.Duration.seconds(60)",
        ),
        (
            {"retention_period": cdk.Duration.days(14)},
            "retention_period must be shorter than the 14 days of its dead-letter queue, where a "
            "message keeps the time at which it was sent, got 1209600 s; omit it to get 4 days",
        ),
        (
            {"retention_period": SECONDS(5 * 174)},
            "retention_period must be longer than 5 receives take, 174 s each, because a message "
            "that expires before is lost, got 870 s; raise it, or lower max_receive_count",
        ),
        (
            {"max_receive_count": 0},
            "max_receive_count must be a whole number from 1 to 1,000, got 0; omit it to get 5",
        ),
        (
            {"max_receive_count": 1_001},
            "max_receive_count must be a whole number from 1 to 1,000, got 1001; omit it to get 5",
        ),
        (
            {"content_based_deduplication": True},
            "content_based_deduplication must be left out of a standard queue, got True; add "
            "fifo=True, or omit it",
        ),
        (
            {"deduplication_scope": sqs.DeduplicationScope.QUEUE},
            "deduplication_scope must be left out of a standard queue, got QUEUE; add fifo=True, "
            "or omit it",
        ),
        (
            {"fifo_throughput_limit": PER_GROUP},
            "fifo_throughput_limit must be left out of a standard queue, got PER_MESSAGE_GROUP_ID; "
            "add fifo=True, or omit it",
        ),
        (
            {"fifo": True, "fifo_throughput_limit": PER_GROUP},
            "fifo_throughput_limit must be PER_QUEUE unless deduplication_scope is MESSAGE_GROUP, "
            "got PER_MESSAGE_GROUP_ID; add "
            "deduplication_scope=sqs.DeduplicationScope.MESSAGE_GROUP",
        ),
        (
            {"queue_name": "orders.fifo"},
            "queue_name must end in .fifo if the queue is a FIFO queue, and only then, got "
            "'orders.fifo'; add fifo=True",
        ),
        (
            {"queue_name": "orders", "fifo": True},
            "queue_name must end in .fifo if the queue is a FIFO queue, and only then, got "
            "'orders'; write 'orders.fifo'",
        ),
        (
            {"queue_name": "my orders"},
            "queue_name must be 1 to 80 letters, digits, - and _, got 'my orders'; shorten it or "
            "replace the others",
        ),
        (
            {"batch_size": 0},
            "batch_size must be a whole number from 1 to 10,000, got 0; omit it to get 10",
        ),
        (
            {"batch_size": 10_001, "max_batching_window": SECONDS(1)},
            "batch_size must be a whole number from 1 to 10,000, got 10001; omit it to get 10",
        ),
        (
            {"batch_size": None},
            "batch_size must be a whole number from 1 to 10,000, got None; omit it to get 10",
        ),
        (
            {"max_receive_count": None},
            "max_receive_count must be a whole number from 1 to 1,000, got None; omit it to get 5",
        ),
        (
            {"batch_size": 2.5},
            "batch_size must be a whole number from 1 to 10,000, got 2.5; omit it to get 10",
        ),
        (
            {"batch_size": 11},
            "batch_size must be at most 10 without a batching window, got 11; add "
            "max_batching_window=cdk.Duration.seconds(1), or longer",
        ),
        (
            {"batch_size": 11, "max_batching_window": SECONDS(0)},
            "batch_size must be at most 10 without a batching window, got 11; add "
            "max_batching_window=cdk.Duration.seconds(1), or longer",
        ),
        (
            {"batch_size": 11, "fifo": True},
            "batch_size must be a whole number from 1 to 10, got 11; omit it to get 10",
        ),
        (
            {"max_batching_window": SECONDS(301)},
            "max_batching_window must be whole seconds from 0 to 300, got 301 s; for example "
            "cdk.Duration.seconds(30)",
        ),
        (
            {"max_batching_window": SECONDS(1), "fifo": True},
            "max_batching_window must be left out for a FIFO queue, got 1 s; omit it: Lambda "
            "invokes at once with what there is",
        ),
        (
            {"max_concurrency": 1},
            "max_concurrency must be a whole number from 2 to 1,000, got 1; omit it to get what "
            "is reserved for handler",
        ),
        (
            {"max_concurrency": 2, "provisioned_poller_config": POLLERS(minimum_pollers=2)},
            "max_concurrency must be left out with provisioned_poller_config, got 2; limit "
            "maximum_pollers instead, each of which invokes 10 times at once",
        ),
        (
            {"provisioned_poller_config": POLLERS(minimum_pollers=1)},
            "provisioned_poller_config.minimum_pollers must be a whole number from 2 to 200, got "
            "1; omit it to get 2",
        ),
        (
            {"provisioned_poller_config": POLLERS(maximum_pollers=10_001)},
            "provisioned_poller_config.maximum_pollers must be a whole number from 2 to 10,000, "
            "got 10001; omit it to get 200",
        ),
        (
            {"provisioned_poller_config": POLLERS(minimum_pollers=9, maximum_pollers=8)},
            "provisioned_poller_config.minimum_pollers must be at most the 8 maximum_pollers, got "
            "9; raise maximum_pollers, or lower it",
        ),
        (
            {"provisioned_poller_config": POLLERS(poller_group_name="shared")},
            "provisioned_poller_config.poller_group_name must be left out for a queue, got "
            "'shared'; omit it: only Kafka's pollers form groups",
        ),
        (
            {"provisioned_poller_config": 3},
            "provisioned_poller_config must be a ProvisionedPollerConfig, got 3; for example "
            "lambda_.ProvisionedPollerConfig(maximum_pollers=10)",
        ),
        (
            {"filters": MATCHING},
            "filters must be a list, got dict; write "
            "[lambda_.FilterCriteria.filter({'body': {...}})]",
        ),
        (
            {"filters": [{"body": {}}]},
            "filters must be made by FilterCriteria, got {'body': {}}; write "
            "[lambda_.FilterCriteria.filter({'body': {...}})]",
        ),
        (
            {"filters": [{"pattern": "body"}]},
            "filters must hold JSON objects, got 'body'; make them with "
            "lambda_.FilterCriteria.filter",
        ),
        (
            {"filters": [{"pattern": json.dumps({"body": ["x" * 4_096]})}]},
            "filters must hold at most 4,096 characters each, got 4,110; split the pattern into "
            "several filters",
        ),
        (
            {"filters": [MATCHING] * 11},
            "filters must be at most 5, or 10 once AWS raised the quota, got 11; let one pattern "
            "name several values",
        ),
        (
            {"queue": "orders"},
            "queue must be a queue, got str; define one with sqs.Queue, or import one",
        ),
    ],
)
def test_what_aws_would_refuse_or_punish_is_refused(
    stack: cdk.Stack, handler: PythonFunction, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(PatternError, match=exactly(f"Shop/Intake: {message}")):
        SqsPoller(stack, "Intake", handler=handler, **options)


def test_the_boundaries_are_taken(stack: cdk.Stack, handler: PythonFunction) -> None:
    SqsPoller(
        stack,
        "Intake",
        handler=handler,
        visibility_timeout=cdk.Duration.hours(12),
        max_receive_count=5,
        retention_period=cdk.Duration.days(13),
        batch_size=10_000,
        max_batching_window=SECONDS(300),
        max_concurrency=1_000,
    )
    SqsPoller(
        stack,
        "Orders",
        handler=handler,
        visibility_timeout=SECONDS(29),
        max_receive_count=1_000,
        batch_size=1,
        max_concurrency=2,
    )
