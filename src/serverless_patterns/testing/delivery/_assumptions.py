"""What the documentation leaves open, as parameters, each with what is assumed."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Assumptions:
    """What AWS doesn't tell, so a test should hold for more than one value of it.

    Attributes:
        throttle_delay: Seconds before an asynchronous event that was throttled is tried again.
        throttle_growth: How much longer each further wait is; documented is only that it grows
            from 1 second to 5 minutes.
        throttle_limit: The longest such wait, in seconds.
        retry_from_end: Whether the wait before an asynchronous event is tried again counts from
            the end of the attempt that failed, not from its beginning.
        discard_at_equal_age: Whether an event is discarded when its age would just be the
            maximum; that was not observed.
        push_delay: Seconds before EventBridge or S3 tries a target again for the first time.
        push_growth: How much longer each further wait is.
        push_limit: The longest such wait, in seconds.
        stream_retry_delay: Seconds before a failed batch of a stream is sent again.
        stream_retry_growth: How much longer each further wait is.
        stream_retry_limit: The longest such wait, in seconds.
        bisect_without_progress: Whether a batch is halved whose answer names its first record as
            failed; documented is only that it is split at the record that the answer names.
        table_shards: How many shards the stream of a table has.
        queue_retry_delay: Seconds before a throttled batch of a queue is sent again.
        queue_retry_growth: How much longer each further wait is.
        account_concurrency: How many invocations run at once in the account, a quota that can be
            raised.
        seed: Of the order in which a standard queue hands out messages. Default - the order in
            which they were sent.
    """

    throttle_delay: float = 1.0
    throttle_growth: float = 2.0
    throttle_limit: float = 300.0
    retry_from_end: bool = True
    discard_at_equal_age: bool = True
    push_delay: float = 1.0
    push_growth: float = 2.0
    push_limit: float = 600.0
    stream_retry_delay: float = 1.0
    stream_retry_growth: float = 2.0
    stream_retry_limit: float = 60.0
    bisect_without_progress: bool = False
    table_shards: int = 1
    queue_retry_delay: float = 1.0
    queue_retry_growth: float = 2.0
    account_concurrency: int = 1_000
    seed: int | None = None


def waits(delay: float, growth: float, limit: float, attempt: int) -> float:
    """The wait after an attempt, counted from 1, of a curve that grows to a limit."""
    return min(delay * growth ** min(attempt - 1, 64), limit)
