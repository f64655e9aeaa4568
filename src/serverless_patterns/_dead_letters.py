"""Queues that hold what could not be delivered or handled."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk as cdk
from aws_cdk import aws_sqs as sqs

from serverless_patterns import _quotas
from serverless_patterns._acknowledge import acknowledge

if TYPE_CHECKING:
    from constructs import Construct


def dead_letter_queue(
    scope: Construct, construct_id: str, *, holds: str, fifo: bool = False
) -> sqs.Queue:
    """A queue for failures: encrypted, for TLS alone, and retained for the longest that SQS can.

    The queue stays when its construct or its stack goes: it holds the only copy.

    Args:
        scope: What fails.
        construct_id: The id of the queue.
        holds: What it holds, for the reason that it has no dead-letter queue of its own: "events
            that the handler failed on".
        fifo: Whether it is a FIFO queue.
    """
    queue = sqs.Queue(
        scope,
        construct_id,
        encryption=sqs.QueueEncryption.SQS_MANAGED,
        enforce_ssl=True,
        retention_period=cdk.Duration.seconds(_quotas.SQS_RETENTION_SECONDS.stop - 1),
        fifo=fifo or None,  # CloudFormation refuses false
        removal_policy=cdk.RemovalPolicy.RETAIN,
    )
    acknowledge(
        queue,
        "AwsSolutions-SQS3",
        "Serverless-SQSRedrivePolicy",
        reason=f"It is the dead-letter queue itself: it holds {holds}.",
    )
    return queue
