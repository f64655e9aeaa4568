"""Patterns that poll, each with what it needs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_dynamodb as dynamodb

from serverless_patterns import (
    DynamoDbConsumer,
    IdempotencyTable,
    KinesisConsumer,
    PatternError,
    SqsPoller,
)
from tests.messages import exactly
from tests.queues import function

if TYPE_CHECKING:
    from collections.abc import Callable

    Make = Callable[..., Any]


OPTIONAL_FLAGS = [
    (pattern, flag)
    for pattern in ("kinesis", "table")
    for flag in ("bisect_batch_on_error", "report_batch_item_failures")
]


def made(name: str, stack: cdk.Stack, **options: Any) -> Any:
    """A pattern, with what it needs."""
    handler = {"handler": function(stack)} if "handler" not in options else {}
    if name == "table":
        table = dynamodb.TableV2(
            stack,
            "Table",
            partition_key=dynamodb.Attribute(name="id", type=dynamodb.AttributeType.STRING),
            dynamo_stream=dynamodb.StreamViewType.NEW_IMAGE,
        )
        return DynamoDbConsumer(stack, "It", **{"table": table, **handler, **options})
    if name == "idempotency":
        return IdempotencyTable(stack, "It", **options)
    return {"poller": SqsPoller, "kinesis": KinesisConsumer}[name](
        stack, "It", **handler, **options
    )


def refused(message: str) -> Any:
    return pytest.raises(PatternError, match=exactly(f"Shop/It: {message}"))
