"""The queue that a poller defines."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import aws_cdk as cdk
from aws_cdk import aws_sqs as sqs

from serverless_patterns import _quotas
from serverless_patterns._arguments import check_flag
from serverless_patterns._errors import PatternError, check_type
from serverless_patterns._numbers import check_whole, whole_seconds
from serverless_patterns._queues.dead_letter_rules import Source, check_dead_letters
from serverless_patterns._queues.facts import timeout_of
from serverless_patterns._queues.rules import (
    TIMEOUTS,
    expires_first,
    too_short,
    warnings_of,
)

if TYPE_CHECKING:
    from aws_cdk import aws_lambda as lambda_
    from constructs import Construct

_DAYS = 86_400


@dataclass(frozen=True)
class QueueOptions:
    """The keywords that set up a queue of the poller's own.

    Attributes are those keywords.
    """

    fifo: bool
    queue_name: str | None
    visibility_timeout: cdk.Duration | None
    retention_period: cdk.Duration | None
    max_receive_count: int
    dead_letter_queue: sqs.IQueue | None
    content_based_deduplication: bool
    deduplication_scope: sqs.DeduplicationScope | None
    fifo_throughput_limit: sqs.FifoThroughputLimit | None

    @property
    def ends_in_token(self) -> bool:
        """Whether nobody can tell yet that the name is a FIFO queue's: } is in no name."""
        return self.queue_name is not None and self.queue_name.endswith("}")

    @property
    def retention(self) -> cdk.Duration:
        """How long a message is kept."""
        return self.retention_period or cdk.Duration.days(4)


def check_own(
    path: str, scope: Construct, options: QueueOptions, handler: lambda_.IFunction, window: int
) -> tuple[cdk.Duration, dict[str, str]]:
    """Check what a queue is to be.

    Args:
        path: The construct path of the poller.
        scope: What it belongs to.
        options: What the queue is to be.
        handler: What is invoked for its messages.
        window: The batching window in seconds.

    Returns:
        Its visibility timeout, and warnings by their ids.

    Raises:
        PatternError: If AWS would refuse the queue, or lose or repeat messages.
    """
    _check_fifo_options(path, options)
    _check_name(path, options)
    check_whole(
        path,
        "max_receive_count",
        options.max_receive_count,
        _quotas.SQS_MAX_RECEIVE_COUNT,
        "omit it to get 5",
    )
    timeout = timeout_of(handler)
    visibility = _visibility_timeout(path, options, timeout, window)
    seconds = None if visibility.is_unresolved() else int(visibility.to_seconds())
    retention = whole_seconds(
        path, "retention_period", options.retention, _quotas.SQS_RETENTION_SECONDS
    )
    receives = _known_count(options.max_receive_count)
    if expires_first(retention, seconds, receives):
        raise PatternError(
            path,
            "retention_period",
            rule=f"be longer than {receives} receives take, {seconds} s each, because a message "
            "that expires before is lost",
            got=f"{retention} s",
            remedy="raise it, or lower max_receive_count",
        )
    _check_own_dead_letters(path, options, retention)
    letters = options.dead_letter_queue
    if letters is not None:
        stack = cdk.Stack.of(scope)
        source = Source(
            scope=scope,
            queue=None,
            fifo=options.fifo,
            name=options.queue_name,
            retention=retention,
            environment=(stack.region, stack.account),
        )
        check_dead_letters(path, source, letters, given=True)
    return visibility, warnings_of("visibility_timeout", seconds, timeout, window, receives)


def _visibility_timeout(
    path: str, options: QueueOptions, timeout: int | None, window: int
) -> cdk.Duration:
    given = options.visibility_timeout
    seconds = whole_seconds(path, "visibility_timeout", given, _quotas.SQS_VISIBILITY_SECONDS)
    if given is None:
        if timeout is None:
            raise PatternError(
                path,
                "visibility_timeout",
                rule="be given for a handler whose timeout is unknown",
                got="none",
                remedy=f"set it to {TIMEOUTS} times that timeout, plus the batching window",
            )
        return cdk.Duration.seconds(TIMEOUTS * timeout + window)
    if seconds is None or timeout is None:
        return given
    if short := too_short(seconds, timeout, window):
        raise PatternError(
            path,
            "visibility_timeout",
            rule=f"be at least {short}",
            got=f"{seconds} s",
            remedy=f"omit it to get {TIMEOUTS * timeout + window} s",
        )
    return given


def _check_fifo_options(path: str, options: QueueOptions) -> None:
    scopes, limits = sqs.DeduplicationScope, sqs.FifoThroughputLimit
    check_flag(path, "fifo", options.fifo)
    check_flag(path, "content_based_deduplication", options.content_based_deduplication)
    scope, limit = options.deduplication_scope, options.fifo_throughput_limit
    example = "sqs.DeduplicationScope.MESSAGE_GROUP"
    check_type(path, "deduplication_scope", scope, scopes, example)
    check_type(path, "fifo_throughput_limit", limit, limits, "sqs.FifoThroughputLimit.PER_QUEUE")
    given = {
        "content_based_deduplication": options.content_based_deduplication,
        "deduplication_scope": scope,
        "fifo_throughput_limit": limit,
    }
    for name, value in given.items():
        if value and not options.fifo:
            raise PatternError(
                path,
                name,
                rule="be left out of a standard queue",
                got=_shown(value),
                remedy="add fifo=True, or omit it",
            )
    per_group = limits.PER_MESSAGE_GROUP_ID
    if limit == per_group and scope != scopes.MESSAGE_GROUP:
        raise PatternError(
            path,
            "fifo_throughput_limit",
            rule="be PER_QUEUE unless deduplication_scope is MESSAGE_GROUP",
            got=_shown(per_group),
            remedy="add deduplication_scope=sqs.DeduplicationScope.MESSAGE_GROUP",
        )


def _check_name(path: str, options: QueueOptions) -> None:
    queue_name = options.queue_name
    check_type(path, "queue_name", queue_name, str, "'orders'")
    if queue_name is None or options.ends_in_token:
        return
    if options.fifo != queue_name.endswith(".fifo"):
        raise PatternError(
            path,
            "queue_name",
            rule="end in .fifo if the queue is a FIFO queue, and only then",
            got=repr(queue_name),
            remedy=f"write {queue_name + '.fifo'!r}" if options.fifo else "add fifo=True",
        )
    if cdk.Token.is_unresolved(queue_name):
        return
    if not re.fullmatch(_quotas.SQS_QUEUE_NAME, queue_name):
        raise PatternError(
            path,
            "queue_name",
            rule="be 1 to 80 letters, digits, - and _",
            got=repr(queue_name),
            remedy="shorten it or replace the others",
        )


def _check_own_dead_letters(path: str, options: QueueOptions, retention: int | None) -> None:
    longest = _quotas.SQS_RETENTION_SECONDS.stop - 1
    if options.dead_letter_queue is None and retention == longest and not options.fifo:
        raise PatternError(
            path,
            "retention_period",
            rule=f"be shorter than the {longest // _DAYS} days of its dead-letter queue, where "
            "a message keeps the time at which it was sent",
            got=f"{retention} s",
            remedy="omit it to get 4 days",
        )


def _known_count(count: int) -> int | None:
    return None if cdk.Token.is_unresolved(count) else count


def _shown(value: object) -> str:
    return value.name if hasattr(value, "name") else repr(value)
