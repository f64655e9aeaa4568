"""How many batches of a queue Lambda has a function run at once.

- D: Five at first, then up to 300 more with each minute that there are more messages, up to 1,250
  or ``MaximumConcurrency``.
- A: Whole minutes count, from the first message after a time without any.
- Not modelled, because it isn't told by how much: that Lambda slows down after errors.

See:
    https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from serverless_patterns.testing.delivery._clock import Clock

_FIRST, _MORE, _MOST = 5, 300, 1_250
_MINUTE = 60


class Scaling:
    """The batches of a mapping that run, and how many may.

    Args:
        clock: The time.
        max_concurrency: How many the mapping allows. Default - as many as Lambda does.
        poll: What to do when more may run.
    """

    def __init__(self, clock: Clock, max_concurrency: int | None, poll: Callable[[], None]) -> None:
        self._clock = clock
        self._most = min(max_concurrency or _MOST, _MOST)
        self._poll = poll
        self._running = 0
        self._busy_since: float | None = None
        self._grows_at: float | None = None

    @property
    def has_room(self) -> bool:
        """Whether one more may run."""
        return self._running < self._limit

    def start(self) -> None:
        """One begins."""
        self._running += 1

    def end(self) -> None:
        """One is over."""
        self._running -= 1

    def work(self) -> None:
        """There are messages."""
        if self._busy_since is None:
            self._busy_since = self._clock.now

    def rest(self) -> None:
        """There are none, so it starts anew once nothing runs."""
        if not self._running:
            self._busy_since = None

    def wait(self) -> None:
        """Poll again when more may run, unless some end now: then that polls."""
        self._clock.at(self._clock.now, self._wait)

    @property
    def _minutes(self) -> int:
        now = self._clock.now
        return int((now - (now if self._busy_since is None else self._busy_since)) // _MINUTE)

    @property
    def _limit(self) -> int:
        return min(_FIRST + _MORE * self._minutes, self._most)

    def _wait(self) -> None:
        if self._busy_since is None or self.has_room or self._limit == self._most:
            return
        grows_at = self._busy_since + (self._minutes + 1) * _MINUTE
        if self._grows_at != grows_at:
            self._grows_at = grows_at
            self._clock.at(grows_at, self._poll)
