"""Where a consumer of a stream may not send what it gave up."""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import assertions
from aws_cdk import aws_lambda_event_sources as event_sources
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs

from serverless_patterns import KinesisConsumer, PythonFunction
from tests.streams import refused


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
