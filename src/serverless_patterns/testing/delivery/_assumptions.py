"""What the documentation leaves open, as parameters, each with what is assumed."""

from __future__ import annotations

import math
from dataclasses import dataclass

from serverless_patterns.testing.delivery._errors import DeliveryError

_TIMES = (
    "throttle_delay",
    "throttle_limit",
    "push_delay",
    "push_limit",
    "stream_retry_delay",
    "stream_retry_limit",
    "queue_retry_delay",
)
_SHORTEST, _LONGEST = 0.001, 86_400.0
_GROWTHS = ("throttle_growth", "push_growth", "stream_retry_growth", "queue_retry_growth")
_LARGEST_GROWTH = 100.0
_COUNTS = ("table_shards", "account_concurrency")


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

    Raises:
        DeliveryError: If a wait is no time that passes, shrinks or can't be counted.
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

    def __post_init__(self) -> None:
        for names, least, most, kind in (
            (_TIMES, _SHORTEST, _LONGEST, "seconds"),
            (_GROWTHS, 1.0, _LARGEST_GROWTH, "a number"),
            (_COUNTS, 1, math.inf, "a whole number"),
        ):
            for name in names:
                value = getattr(self, name)
                wanted = int if names is _COUNTS else (int, float)
                is_number = isinstance(value, wanted) and not isinstance(value, bool)
                if not is_number or not least <= value <= most:
                    limits = f"{least:g} or more" if most == math.inf else f"{least:g} to {most:g}"
                    raise DeliveryError(
                        f"Assumptions: {name} must be {kind}, {limits}, got {value!r}; "
                        "give one of these"
                    )


def waits(delay: float, growth: float, limit: float, attempt: int) -> float:
    """The wait after an attempt, counted from 1, of a curve that grows to a limit."""
    return min(delay * growth ** min(attempt - 1, 64), limit)
