"""The queue for what its sender could not deliver to a handler."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs

from serverless_patterns._dead_letters import dead_letter_queue
from serverless_patterns._errors import PatternError
from serverless_patterns._triggers.failure_destination import check_failure_queue
from serverless_patterns._warn import warn

if TYPE_CHECKING:
    from constructs import Construct

_ID = "DeadLetterQueue"


def check_undelivered(
    path: str,
    scope: Construct,
    queue: sqs.IQueue | None,
    *,
    sender: str,
    source: sns.ITopic | None = None,
) -> None:
    """Refuse a queue that its sender couldn't write to.

    Args:
        path: The construct path of the trigger.
        scope: Where the trigger stands.
        queue: The queue that was given, if one was.
        sender: Who writes to it: ``SNS``.
        source: The topic that is named in its policy, if one was given.

    Raises:
        PatternError: If it is no standard queue of the same region, one under AWS's own key, in a
            stack that would wait for the trigger's, or one that drops what failed.
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
    elif sender == "SNS" and _account_elsewhere(queue, scope):
        got = f"one in the account {queue.env.account}"
        remedy = f"take one in {cdk.Stack.of(scope).account}, as SNS asks"
    if got:
        raise PatternError(
            path,
            "dead_letter_queue",
            rule=f"be a standard queue that {sender} can write to",
            got=got,
            remedy=str(remedy),
        )
    _check_one_stack(path, scope, queue, source)
    check_failure_queue(path, "dead_letter_queue", queue)


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
    _warn_of_policies(scope, given, principal)
    if given.encryption_master_key:
        # CDK lets the service send to the queue, but not use the key that encrypts what it sends.
        given.encryption_master_key.grant(
            iam.ServicePrincipal(principal), "kms:Decrypt", "kms:GenerateDataKey*"
        )
    return given


def _check_one_stack(
    path: str, scope: Construct, queue: sqs.IQueue, source: sns.ITopic | None
) -> None:
    """Refuse a queue whose policy names what the trigger's stack defines, which names the queue."""
    here = cdk.Stack.of(scope)
    names_here = source is None or (isinstance(source, sns.Topic) and source.stack is here)
    if isinstance(queue, sqs.Queue) and queue.stack is not here and names_here:
        raise PatternError(
            path,
            "dead_letter_queue",
            rule=f"stand in the stack of what sends to it, {here.node.path}, as each names the "
            "other",
            got=f"one in {queue.stack.node.path}",
            remedy="define it there, or import it with sqs.Queue.from_queue_arn and let its own "
            "policy name the sender",
        )


def _warn_of_policies(scope: Construct, queue: sqs.IQueue, principal: str) -> None:
    """Warn of policies that CDK can't add to: those of a queue or a key that is imported."""
    key = queue.encryption_master_key
    needed = []
    if not isinstance(queue, sqs.Queue):
        needed.append("sqs:SendMessage in the policy of the queue")
    if key is not None and not isinstance(key, kms.Key | kms.Alias):
        needed.append("kms:Decrypt and kms:GenerateDataKey* in the policy of its key")
    elif not isinstance(queue, sqs.Queue) and key is None:
        needed.append(
            "if it is encrypted with a key, kms:Decrypt and kms:GenerateDataKey* in that of the key"
        )
    if needed:
        warn(
            scope,
            {
                "dead-letter-queue-policy": f"dead_letter_queue, {queue.node.path}, is imported or "
                "under an imported key, whose policy CDK can't add to, so what can't be delivered "
                f"is lost unless {principal} is allowed {', and '.join(needed)}"
            },
        )


def _account_elsewhere(queue: sqs.IQueue, scope: Construct) -> bool:
    here, there = cdk.Stack.of(scope).account, queue.env.account
    return (
        here != there and not cdk.Token.is_unresolved(here) and not cdk.Token.is_unresolved(there)
    )


def _is_elsewhere(queue: sqs.IQueue, scope: Construct) -> bool:
    here, there = cdk.Stack.of(scope).region, queue.env.region
    return (
        here != there and not cdk.Token.is_unresolved(here) and not cdk.Token.is_unresolved(there)
    )
