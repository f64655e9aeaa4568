"""A clock that jumps from one thing that happens to the next."""

from __future__ import annotations

import heapq
import itertools
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


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

    def run(self, until: float) -> None:
        """Let everything happen that is due, up to a time and including it."""
        while self._due and self._due[0][0] <= until:
            self.now, _, action = heapq.heappop(self._due)
            action()
