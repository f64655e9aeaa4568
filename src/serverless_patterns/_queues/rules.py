"""What a queue must be, so that no message is lost between it and a function."""

from __future__ import annotations

from aws_cdk import aws_sqs as sqs

from serverless_patterns._arguments import has, kind_of
from serverless_patterns._errors import PatternError
from serverless_patterns._queues.facts import QueueFacts

TIMEOUTS = 6
"""How many a visibility timeout should last, for what comes after a throttled batch."""

RECEIVES = 5
"""After how many at least a message should be dead-lettered: throttles count as well."""


def check_queue(path: str, name: str, queue: object) -> None:
    """Refuse what is no queue.

    Raises:
        PatternError: If it is none.
    """
    if queue is None or has(queue, "grant_send_messages"):
        return
    is_setting = isinstance(queue, sqs.DeadLetterQueue)
    raise PatternError(
        path,
        name,
        rule="be a queue",
        got=kind_of(queue),
        remedy="give its queue here and its max_receive_count as max_receive_count"
        if is_setting
        else "define one with sqs.Queue, or import one",
    )


def too_short(visibility: int, timeout: int, window: int) -> str:
    """What a visibility timeout falls short of; nothing if it doesn't."""
    if visibility < timeout:
        return f"the {timeout} s timeout of handler"
    if window and visibility < timeout + window:
        return f"the {timeout} s timeout of handler and the {window} s of max_batching_window"
    return ""


def expires_first(retention: int | None, visibility: int | None, receives: int | None) -> bool:
    """Whether a message expires before it was received often enough to be dead-lettered."""
    if retention is None or visibility is None or receives is None:
        return False
    return retention <= visibility * receives


def warnings_of(
    name: str, visibility: int | None, timeout: int | None, window: int, receives: int | None
) -> dict[str, str]:
    """What AWS advises against, by the ids of the warnings."""
    warnings = {}
    if visibility is not None and timeout is not None:
        wanted = TIMEOUTS * timeout + window
        if visibility < wanted:
            warnings["sqs-visibility-timeout"] = (
                f"{name} is {visibility} s, under the {wanted} s that AWS asks for: a batch that "
                "Lambda throttles for longer is received anew, and every receive counts"
            )
    if receives is not None and receives < RECEIVES:
        warnings["sqs-max-receive-count"] = (
            f"max_receive_count is {receives}, under the {RECEIVES} that AWS asks for: throttles "
            "and crashes of others in a batch count as well"
        )
    return warnings


def check_retained_longer(
    path: str, name: str, retention: int | None, letters: sqs.IQueue, *, fifo: bool
) -> None:
    """Refuse a dead-letter queue that forgets messages when their own queue would.

    Raises:
        PatternError: If it is retained for no longer than its queue.
    """
    # A FIFO queue's message is kept anew from when it was dead-lettered.
    facts = QueueFacts.of(letters)
    kept = facts.retention if facts else None
    if fifo or kept is None or retention is None or kept > retention:
        return
    raise PatternError(
        path,
        name,
        rule=f"{'be' if name == 'dead_letter_queue' else 'have a dead-letter queue that is'} "
        f"retained for longer than the {retention} s of its queue, because a message keeps the "
        "time at which it was sent",
        got=f"{kept} s",
        remedy="define that queue with retention_period=cdk.Duration.days(14)",
    )
