"""What is known about a queue and about the function that is to be invoked for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

import aws_cdk as cdk
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs

from serverless_patterns._invocation import function_behind

_VISIBILITY_SECONDS = 30  # of a queue that sets none
_RETENTION_SECONDS = 345_600  # the same
_TIMEOUT_SECONDS = 3  # of a function that sets none


@dataclass(frozen=True)
class QueueFacts:
    """What a template says about a queue.

    Attributes:
        visibility: The visibility timeout in seconds. ``None`` where a token stands.
        retention: The retention period in seconds, likewise.
        has_redrive_policy: Whether it has one, whatever that says.
        max_receive_count: After how many receives a message is dead-lettered, if it is known.
        dead_letter_queue: Where to, if it is known.
        denies_sources: Whether it refuses to be a dead-letter queue.
        sources: The ARNs of the queues that alone may name it, if it names them.
    """

    visibility: int | None
    retention: int | None
    has_redrive_policy: bool
    max_receive_count: int | None
    dead_letter_queue: sqs.IQueue | None
    denies_sources: bool
    sources: tuple[str, ...]

    @classmethod
    def of(cls, queue: sqs.IQueue) -> QueueFacts | None:
        """The facts of a queue that is defined in this app; there are none of an imported one."""
        resource = queue.node.default_child
        if not isinstance(resource, sqs.CfnQueue):
            return None
        policy = resource.redrive_policy
        letters = queue.dead_letter_queue if isinstance(queue, sqs.Queue) else None
        given: Any = resource.redrive_allow_policy
        allowed = given if isinstance(given, dict) else {}
        arns = allowed.get("sourceQueueArns")
        return cls(
            visibility=_known(resource.visibility_timeout, _VISIBILITY_SECONDS),
            retention=_known(resource.message_retention_period, _RETENTION_SECONDS),
            has_redrive_policy=policy is not None,
            max_receive_count=_known(
                policy.get("maxReceiveCount") if isinstance(policy, dict) else None, None
            ),
            dead_letter_queue=letters.queue if letters else None,
            denies_sources=allowed.get("redrivePermission") == "denyAll",
            sources=tuple(each for each in arns if isinstance(each, str))
            if isinstance(arns, list) and not cdk.Token.is_unresolved(arns)
            else (),
        )


def _known(value: Any, default: int | None) -> int | None:
    if value is None:
        return default
    try:
        return None if cdk.Token.is_unresolved(value) else int(value)
    except ValueError:  # a text that CloudFormation is to refuse
        return None


def physical_name(queue: sqs.IQueue) -> str | None:
    """The name that a queue was given, which may hold tokens; ``None`` if it was given none."""
    resource = queue.node.default_child
    if isinstance(resource, sqs.CfnQueue):
        return resource.queue_name
    return queue.queue_name


def timeout_of(handler: lambda_.IFunction) -> int | None:
    """The timeout of a handler in seconds; ``None`` for one that is imported, or a token."""
    function = function_behind(handler)
    if function is None:
        return None
    if function.timeout is None:
        return _TIMEOUT_SECONDS
    return None if function.timeout.is_unresolved() else int(function.timeout.to_seconds())


def reserved_concurrency_of(handler: lambda_.IFunction) -> int | None:
    """How many executions are reserved for a handler, if any are and the number is known."""
    function = function_behind(handler)
    resource = cast("lambda_.CfnFunction", function.node.default_child) if function else None
    return _known(resource.reserved_concurrent_executions, None) if resource else None
