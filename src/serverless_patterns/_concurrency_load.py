"""Requests as they arrive: at a rate, with a peak."""

from __future__ import annotations

import math
from dataclasses import dataclass

from serverless_patterns import _quotas

_SETTLING_SECONDS, _PEAK_SECONDS = 10, 30  # at the least
_MOST_SECONDS = 3_600  # of a peak
_MOST_REQUESTS = 1_000_000_000  # a second: more is a slip, and past what floats count one by one


class ConcurrencyError(ValueError):
    """A load or a capacity that can't be, in one line."""


@dataclass(frozen=True)
class Load:
    """Requests: from second 0 on at a rate, for a while at a multiple of it, then as before.

    Attributes:
        rate: Requests a second, on average.
        duration: Seconds that one of them takes, once its environment is initialized.
        burst: How many times the rate a peak has.
        burst_duration: How many seconds the peak lasts. ``None`` - 30, or until all of a long
            function's environments were in use.
        init: Seconds that the initialization of a new environment takes.
    """

    rate: float
    duration: float
    burst: float = 1.0
    burst_duration: float | None = None
    init: float = 0.0

    def __post_init__(self) -> None:
        longest = _quotas.LAMBDA_TIMEOUT_SECONDS.stop - 1
        check(
            "rate",
            self.rate,
            f"be more than 0 and at most {_MOST_REQUESTS:,} requests a second",
            holds=0 < self.rate <= _MOST_REQUESTS,
        )
        check(
            "duration",
            self.duration,
            f"be more than 0 s and at most the {longest} s that Lambda runs",
            holds=0 < self.duration <= longest,
        )
        check(
            "burst",
            self.burst,
            f"be 1 or more times the rate, {_MOST_REQUESTS:,} requests a second together at most",
            holds=1 <= self.burst <= _MOST_REQUESTS / self.rate,
        )
        check(
            "init",
            self.init,
            f"be 0 to {longest} s",
            holds=0 <= self.init <= longest,
        )
        if self.burst_duration is not None:
            check(
                "burst_duration",
                self.burst_duration,
                f"be 1 to {_MOST_SECONDS} s",
                holds=1 <= self.burst_duration <= _MOST_SECONDS,
            )

    @property
    def occupied(self) -> float:
        """Seconds that a request takes an execution: Lambda counts a tenth at the least."""
        return max(self.duration, 1 / _quotas.LAMBDA_REQUESTS_PER_EXECUTION)

    @property
    def settling(self) -> int:
        """Seconds before the peak, and after it: enough for every environment to be used."""
        return max(_SETTLING_SECONDS, math.ceil(2 * (self.occupied + self.init)))

    @property
    def peak_seconds(self) -> int:
        """Seconds of the peak."""
        if self.burst_duration is not None:
            return math.ceil(self.burst_duration)
        return max(_PEAK_SECONDS, self.settling)

    @property
    def seconds(self) -> int:
        """Seconds of all of it."""
        return 2 * self.settling + self.peak_seconds

    def requests_until(self, moment: float) -> int:
        """The requests that arrived before a moment, in seconds."""
        within_peak = min(max(moment - self.settling, 0.0), self.peak_seconds)
        return math.floor(self.rate * (moment + (self.burst - 1) * within_peak) + 1e-6)


def check(name: str, value: float, rule: str, *, holds: bool) -> None:
    """Refuse a value of a load or a capacity.

    Raises:
        ConcurrencyError: If the rule doesn't hold, or the value is no number.
    """
    if not holds or not math.isfinite(value):
        raise ConcurrencyError(f"{name} must {rule}, got {value:g}")
