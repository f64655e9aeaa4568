"""The two queues that a poller defines."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import aws_cdk as cdk
from aws_cdk import aws_sqs as sqs

from serverless_patterns._dead_letters import dead_letter_queue

if TYPE_CHECKING:
    from constructs import Construct

    from serverless_patterns._queues.own_queue import QueueOptions


def define_letters(scope: Construct, options: QueueOptions) -> sqs.Queue:
    """Define the dead-letter queue; that of a queue with a name serves this queue alone.

    Args:
        scope: The poller.
        options: What its queue is to be.
    """
    letters = dead_letter_queue(
        scope, "DeadLetterQueue", holds="messages that always fail", fifo=options.fifo
    )
    if options.queue_name is not None:
        # Only the ARN of a queue that is named can be known to both without a circle.
        arn = cdk.Stack.of(scope).format_arn(service="sqs", resource=options.queue_name)
        cast("sqs.CfnQueue", letters.node.default_child).redrive_allow_policy = {
            "redrivePermission": "byQueue",
            "sourceQueueArns": [arn],
        }
    return letters


def define_queue(
    scope: Construct, options: QueueOptions, letters: sqs.IQueue, visibility: cdk.Duration | None
) -> sqs.Queue:
    """Define the queue.

    Args:
        scope: The poller.
        options: What the queue is to be.
        letters: Its dead-letter queue.
        visibility: Its visibility timeout.
    """
    # CDK wants a FIFO queue's name to end in .fifo, which of a token nobody can tell.
    is_late = options.fifo and options.ends_in_token
    queue = sqs.Queue(
        scope,
        "Queue",
        queue_name=None if is_late else options.queue_name,
        encryption=sqs.QueueEncryption.SQS_MANAGED,
        enforce_ssl=True,
        visibility_timeout=visibility,
        retention_period=options.retention,
        dead_letter_queue=sqs.DeadLetterQueue(
            queue=letters, max_receive_count=options.max_receive_count
        ),
        fifo=options.fifo or None,  # CloudFormation refuses false
        content_based_deduplication=options.content_based_deduplication or None,
        deduplication_scope=options.deduplication_scope,
        fifo_throughput_limit=options.fifo_throughput_limit,
        removal_policy=cdk.RemovalPolicy.RETAIN,  # it may hold messages
    )
    if is_late:
        cast("sqs.CfnQueue", queue.node.default_child).queue_name = options.queue_name
    return queue
