"""A clock that jumps from one thing that happens to the next."""

from __future__ import annotations

import heapq
import itertools
from typing import TYPE_CHECKING

from serverless_patterns.testing.delivery._errors import DeliveryError

if TYPE_CHECKING:
    from collections.abc import Callable

MOST_STEPS = 10_000_000


class Clock:
    """Virtual time in seconds from the start.

    What is due at one time happens in the order that it was asked for, so every run is the same.

    Attributes:
        now: The time.
    """

    def __init__(self) -> None:
        self.now = 0.0
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()

    def at(self, time: float, action: Callable[[], None]) -> None:
        """Do something at a time; at once, after what is due already, if that is over."""
        heapq.heappush(self._due, (max(time, self.now), next(self._order), action))

    def after(self, delay: float, action: Callable[[], None]) -> None:
        """Do something in so many seconds."""
        self.at(self.now + delay, action)

    def run(self, until: float, most: int = MOST_STEPS) -> None:
        """Let everything happen that is due, up to a time and including it.

        Args:
            until: The time.
            most: How many things may happen before that.

        Raises:
            DeliveryError: If it is more.
        """
        happened = 0
        while self._due and self._due[0][0] <= until:
            if happened == most:
                raise DeliveryError(
                    f"steps must be as many as happen until {until:.0f} s, got {most} and "
                    f"stopped at {self.now:g} s; look for a loop, end it earlier, or allow more"
                )
            happened += 1
            self.now, _, action = heapq.heappop(self._due)
            action()
