"""The queue that exists and is to be polled, as far as this app tells what it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from serverless_patterns._arguments import check_flag
from serverless_patterns._errors import PatternError
from serverless_patterns._queues.dead_letter_rules import Source, check_dead_letters
from serverless_patterns._queues.facts import QueueFacts, timeout_of
from serverless_patterns._queues.rules import (
    RECEIVES,
    TIMEOUTS,
    expires_first,
    too_short,
    warnings_of,
)

if TYPE_CHECKING:
    from aws_cdk import aws_lambda as lambda_
    from aws_cdk import aws_sqs as sqs

    from serverless_patterns._queues.own_queue import QueueOptions


def check_existing(
    path: str,
    queue: sqs.IQueue,
    options: QueueOptions,
    handler: lambda_.IFunction,
    window: int,
) -> dict[str, str]:
    """Check a queue that exists, as far as this app tells what it is.

    Args:
        path: The construct path of the poller.
        queue: The queue.
        options: The keywords that were given along with it.
        handler: What is invoked for its messages.
        window: The batching window in seconds.

    Returns:
        Warnings by their ids.

    Raises:
        PatternError: If messages would be lost or repeated, or a keyword contradicts the queue.
    """
    _check_left_out(path, queue, options)
    facts = QueueFacts.of(queue)
    given = options.dead_letter_queue
    letters = facts.dead_letter_queue if facts else None
    if given is not None and letters is None:
        check_dead_letters(path, Source.of(queue), given, given=True)
    if facts is None:
        return {}
    if not facts.has_redrive_policy:
        raise PatternError(
            path,
            "queue",
            rule="have a dead-letter queue, because a message that always fails comes back until "
            "it expires",
            got="none",
            remedy="define the queue with dead_letter_queue=sqs.DeadLetterQueue(queue=..., "
            f"max_receive_count={RECEIVES})",
        )
    timeout = timeout_of(handler)
    if (
        facts.visibility is not None
        and timeout is not None
        and (short := too_short(facts.visibility, timeout, window))
    ):
        raise PatternError(
            path,
            "queue",
            rule=f"have a visibility timeout of at least {short}",
            got=f"{facts.visibility} s",
            remedy="define the queue with visibility_timeout=cdk.Duration.seconds("
            f"{TIMEOUTS * timeout + window})",
        )
    if expires_first(facts.retention, facts.visibility, facts.max_receive_count):
        raise PatternError(
            path,
            "queue",
            rule=f"keep a message for longer than {facts.max_receive_count} receives take, "
            f"{facts.visibility} s each, because one that expires before is lost",
            got=f"{facts.retention} s",
            remedy="define the queue with a longer retention_period",
        )
    if given is not None and letters is not None and given.node.path != letters.node.path:
        raise PatternError(
            path,
            "dead_letter_queue",
            rule=f"be that of queue, {letters.node.path}",
            got=given.node.path,
            remedy="omit it, as it is read from queue",
        )
    if letters is not None:
        check_dead_letters(path, Source.of(queue), letters, given=False)
    return warnings_of(
        "the visibility timeout of queue",
        facts.visibility,
        timeout,
        window,
        facts.max_receive_count,
    )


def _check_left_out(path: str, queue: sqs.IQueue, options: QueueOptions) -> None:
    check_flag(path, "fifo", options.fifo)
    if options.fifo and not queue.fifo:
        raise PatternError(
            path,
            "fifo",
            rule="agree with queue",
            got="a standard queue",
            remedy="omit it, as it is read from queue",
        )
    given = {
        "queue_name": options.queue_name,
        "visibility_timeout": options.visibility_timeout,
        "retention_period": options.retention_period,
        "max_receive_count": options.max_receive_count != RECEIVES,
        "content_based_deduplication": options.content_based_deduplication,
        "deduplication_scope": options.deduplication_scope,
        "fifo_throughput_limit": options.fifo_throughput_limit,
    }
    for name, value in given.items():
        if value is not None and value is not False:
            raise PatternError(
                path,
                name,
                rule="be left out with queue, which exists",
                got="a value",
                remedy="set it where the queue is defined",
            )
