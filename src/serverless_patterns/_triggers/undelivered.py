"""The queue for what its sender could not deliver to a handler."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sqs as sqs

from serverless_patterns._dead_letters import dead_letter_queue
from serverless_patterns._errors import PatternError

if TYPE_CHECKING:
    from constructs import Construct

_ID = "DeadLetterQueue"


def check_undelivered(
    path: str, scope: Construct, queue: sqs.IQueue | None, *, sender: str
) -> None:
    """Refuse a queue that its sender couldn't write to.

    Args:
        path: The construct path of the trigger.
        scope: Where the trigger stands.
        queue: The queue that was given, if one was.
        sender: Who writes to it: ``SNS``.

    Raises:
        PatternError: If it is no standard queue of the same region, or one under AWS's own key.
    """
    if queue is None:
        return
    got = remedy = None
    if isinstance(queue, type) or not hasattr(queue, "queue_arn"):
        got = f"the class {queue.__name__}" if isinstance(queue, type) else type(queue).__name__
        remedy = "omit it to get one"
    elif queue.fifo:
        got, remedy = "a FIFO queue", "omit it to get a standard one"
    elif queue.encryption_type == sqs.QueueEncryption.KMS_MANAGED:
        got = f"one encrypted with AWS's own key for SQS, which {sender} may not use"
        remedy = "encrypt it with SQS_MANAGED, or with a key of yours"
    elif _is_elsewhere(queue, scope):
        got = f"one in {queue.env.region}"
        remedy = f"take one in {cdk.Stack.of(scope).region}, where it is sent from"
    if got:
        raise PatternError(
            path,
            "dead_letter_queue",
            rule=f"be a standard queue that {sender} can write to",
            got=got,
            remedy=str(remedy),
        )


def undelivered_queue(
    scope: Construct, given: sqs.IQueue | None, *, principal: str, holds: str
) -> sqs.IQueue:
    """The queue that was given, or one of the trigger's own.

    Args:
        scope: The trigger.
        given: The queue that was given, if one was.
        principal: The service that writes to it.
        holds: What it holds.
    """
    if given is None:
        return dead_letter_queue(scope, _ID, holds=holds)
    if given.encryption_master_key:
        # CDK lets the service send to the queue, but not use the key that encrypts what it sends.
        given.encryption_master_key.grant(
            iam.ServicePrincipal(principal), "kms:Decrypt", "kms:GenerateDataKey*"
        )
    return given


def _is_elsewhere(queue: sqs.IQueue, scope: Construct) -> bool:
    here, there = cdk.Stack.of(scope).region, queue.env.region
    return (
        here != there and not cdk.Token.is_unresolved(here) and not cdk.Token.is_unresolved(there)
    )
