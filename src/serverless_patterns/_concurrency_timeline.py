"""A load that meets Lambda's limits, second by second.

It is deterministic: requests arrive evenly, and time goes in steps of a millisecond (of ten for a
request that takes a second or more, of a hundred for one of ten seconds or more). A request goes
to a provisioned environment that is free, else to a warm one, else to a new one, whose
initialization it waits for, else it is throttled. A warm environment stays warm until the end, and
a request that was throttled doesn't come back.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from serverless_patterns import _quotas

if TYPE_CHECKING:
    from serverless_patterns._concurrency_load import Load
    from serverless_patterns.concurrency import Capacity

RAMP, RESERVED, ACCOUNT = "ramp", "reserved", "account"  # what may throttle

RAMP_ENVIRONMENTS = _quotas.LAMBDA_RAMP_ENVIRONMENTS
_REFILLS = 10  # in a second, each of _REFILL environments
_REFILL = RAMP_ENVIRONMENTS // _quotas.LAMBDA_RAMP_SECONDS // _REFILLS

_UNLIMITED = 10**15
_RESOLUTION = {1_000: 1, 100: 10}  # steps of a second, for requests that take fewer seconds
_COARSEST = 10
_ROUNDING = 1e-6


@dataclass(frozen=True)
class Second:
    """One second of the time line.

    Attributes:
        second: Which one, from 0.
        requests: The requests that arrive.
        demanded: The most executions at once that they would take if nothing were throttled, with
            the initialization of new environments.
        available: The executions that Lambda has for the function at the end of it: environments
            that are there, and those that its ramp and limits let it start.
        on_provisioned: The requests that a provisioned environment takes.
        warm: The requests that an environment takes which served one before.
        cold: The requests that wait for a new environment.
        throttled: The requests that none is left for.
    """

    second: int
    requests: int
    demanded: int
    available: int
    on_provisioned: int
    warm: int
    cold: int
    throttled: int


def timeline(load: Load, capacity: Capacity) -> tuple[tuple[Second, ...], Counter[str]]:
    """The seconds of a load, and how many requests each limit throttles."""
    real = _Environments(load, capacity.provisioned, capacity.ceiling, ramp=RAMP_ENVIRONMENTS)
    demand = _Environments(load, capacity.provisioned, _UNLIMITED, ramp=_UNLIMITED)
    seconds = []
    for number in range(load.seconds):
        counts, wanted = real.next_second(), demand.next_second()
        seconds.append(
            Second(
                second=number,
                requests=counts.requests,
                demanded=wanted.busy,
                available=real.available,
                on_provisioned=counts.on_provisioned,
                warm=counts.warm,
                cold=counts.cold,
                throttled=counts.by_ramp + counts.by_limit,
            )
        )
    causes = Counter({RAMP: real.by_ramp, capacity.limited_by: real.by_limit})
    return tuple(seconds), +causes


def provisioning(load: Load) -> int:
    """The provisioned environments with which no request waits for a new one."""
    per_second = _steps_of_a_second(load)
    occupied = _steps(load.occupied, per_second) / per_second
    return math.ceil(load.rate * load.burst * occupied - _ROUNDING)


@dataclass
class _Counts:
    """What becomes of the requests of a second."""

    busy: int
    requests: int = 0
    on_provisioned: int = 0
    warm: int = 0
    cold: int = 0
    by_ramp: int = 0
    by_limit: int = 0


class _Environments:
    """The environments of a function: how many there are, and when those that are busy are free."""

    def __init__(self, load: Load, provisioned: int, ceiling: int, *, ramp: int) -> None:
        self._load = load
        self._provisioned = provisioned
        self._ceiling = ceiling
        self._ramp = self._bucket = ramp
        self._per_second = _steps_of_a_second(load)
        self._occupied = _steps(load.occupied, self._per_second)
        self._initialized = self._occupied + _steps(load.init, self._per_second)
        # Those that are free again, by the step in which they are: a ring for each kind.
        self._ready_again = [0] * (self._initialized + 1)
        self._started_again = [0] * (self._initialized + 1)
        self._ready = provisioned  # those that are free
        self._free = 0  # likewise of those that were started
        self._started = 0
        self._second = 0
        self._arrived = 0
        self.by_ramp = self.by_limit = 0

    @property
    def available(self) -> int:
        """The executions that there are, or that may be started."""
        there = self._provisioned + self._started
        return there + min(self._bucket, max(0, self._ceiling - there))

    def next_second(self) -> _Counts:
        """Let a second pass."""
        first = self._second * self._per_second
        counts = _Counts(busy=0)
        for step in range(first, first + self._per_second):
            self._free_up(step)
            until = self._load.requests_until((step + 1) / self._per_second)
            if until > self._arrived:
                self._invoke(step, until - self._arrived, counts)
                self._arrived = until
            busy = self._provisioned + self._started - self._ready - self._free
            counts.busy = max(counts.busy, busy)
        self._second += 1
        self.by_ramp += counts.by_ramp
        self.by_limit += counts.by_limit
        return counts

    def _free_up(self, step: int) -> None:
        place = step % len(self._started_again)
        self._ready += self._ready_again[place]
        self._free += self._started_again[place]
        self._ready_again[place] = self._started_again[place] = 0
        if not step * _REFILLS % self._per_second:
            self._bucket = min(self._ramp, self._bucket + _REFILL)

    def _invoke(self, step: int, requests: int, counts: _Counts) -> None:
        ring = len(self._started_again)
        again = (step + self._occupied) % ring
        counts.requests += requests
        ready = min(requests, self._ready)
        if ready:
            self._ready -= ready
            self._ready_again[again] += ready
            counts.on_provisioned += ready
            requests -= ready
        warm = min(requests, self._free)
        if warm:
            self._free -= warm
            self._started_again[again] += warm
            counts.warm += warm
            requests -= warm
        if not requests:
            return
        room = max(0, self._ceiling - self._provisioned - self._started)
        cold = min(requests, self._bucket, room)
        is_ramp = self._bucket < room
        self._started += cold
        self._bucket -= cold
        self._started_again[(step + self._initialized) % ring] += cold
        counts.cold += cold
        if is_ramp:
            counts.by_ramp += requests - cold
        else:
            counts.by_limit += requests - cold


def _steps_of_a_second(load: Load) -> int:
    return next(
        (steps for steps, longest in _RESOLUTION.items() if load.occupied < longest), _COARSEST
    )


def _steps(seconds: float, per_second: int) -> int:
    return math.ceil(seconds * per_second - _ROUNDING)
