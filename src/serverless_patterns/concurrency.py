"""How many execution environments a load takes, what Lambda has for it, and what that throttles."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

from serverless_patterns import _quotas
from serverless_patterns._concurrency_load import ConcurrencyError, Load, check
from serverless_patterns._concurrency_timeline import (
    ACCOUNT,
    RESERVED,
    Second,
    provisioning,
    timeline,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Capacity", "ConcurrencyError", "Forecast", "Load", "Second", "forecast"]

_RARELY = 0.001  # of all moments: when random arrivals take more than `peak_at_random`
_NEARLY_NORMAL = 10_000


@dataclass(frozen=True)
class Capacity:
    """What Lambda has for one function.

    Attributes:
        account_limit: Executions at once of all functions of an account in a region.
        others: Executions that other functions use, or have reserved.
        reserved: Executions that are reserved for the function. ``None`` - it shares what is left.
        provisioned: Environments of it that are initialized beforehand.
    """

    account_limit: int = _quotas.LAMBDA_CONCURRENCY
    others: int = 0
    reserved: int | None = None
    provisioned: int = 0

    def __post_init__(self) -> None:
        least = _quotas.LAMBDA_UNRESERVED_CONCURRENCY
        check("account_limit", self.account_limit, "be 1 or more", holds=self.account_limit >= 1)
        check(
            "others",
            self.others,
            f"be 0 or more and less than the account's {self.account_limit}",
            holds=0 <= self.others < self.account_limit,
        )
        left = max(0, self.account_limit - self.others - least)
        if self.reserved is not None:
            check(
                "reserved",
                self.reserved,
                f"be 0 to {left}, because {least} of the account's {self.account_limit} stay "
                f"unreserved{self._beside_others}",
                holds=0 <= self.reserved <= left,
            )
            check(
                "provisioned",
                self.provisioned,
                f"be 0 to the {self.reserved} that are reserved",
                holds=0 <= self.provisioned <= self.reserved,
            )
        else:
            check(
                "provisioned",
                self.provisioned,
                f"be 0 to {left}, because {least} of the account's {self.account_limit} stay "
                f"unreserved{self._beside_others}",
                holds=0 <= self.provisioned <= left,
            )

    @property
    def ceiling(self) -> int:
        """The most executions of the function at once."""
        return self.account_limit - self.others if self.reserved is None else self.reserved

    @property
    def limited_by(self) -> str:
        """Whose limit that is."""
        return ACCOUNT if self.reserved is None else RESERVED

    @property
    def _beside_others(self) -> str:
        return f" and others have {self.others}" if self.others else ""


@dataclass(frozen=True)
class Forecast:
    """A load against a capacity.

    Attributes:
        load: The load.
        capacity: What Lambda has for it.
        steady: Executions at once at the rate, by Little's law: the rate times the duration.
        peak: The same at the peak.
        peak_at_random: What requests that arrive at random take at the peak at most, but for a
            thousandth of the time.
        needed: The most executions at once if nothing were throttled, with initializations.
        provisioning: The provisioned environments with which no request waits for a new one.
        seconds: The time line.
        causes: How many requests each limit throttles: ``ramp``, ``reserved`` or ``account``.
    """

    load: Load
    capacity: Capacity
    steady: float
    peak: float
    peak_at_random: int
    needed: int
    provisioning: int
    seconds: tuple[Second, ...]
    causes: Mapping[str, int]

    @property
    def requests(self) -> int:
        """All requests."""
        return sum(each.requests for each in self.seconds)

    @property
    def throttled(self) -> int:
        """Those that are throttled."""
        return sum(each.throttled for each in self.seconds)

    @property
    def throttled_at(self) -> tuple[int, int] | None:
        """The first and the last second in which some are."""
        found = [each.second for each in self.seconds if each.throttled]
        return (found[0], found[-1]) if found else None

    @property
    def cold_starts(self) -> int:
        """Those that wait for a new environment."""
        return sum(each.cold for each in self.seconds)

    @property
    def spilled(self) -> int:
        """Those that find every provisioned environment busy, throttled ones left out."""
        return sum(each.warm + each.cold for each in self.seconds)

    @property
    def ramp_seconds(self) -> int:
        """Seconds that Lambda's ramp takes at most to start what the peak needs."""
        at_once = _quotas.LAMBDA_RAMP_ENVIRONMENTS
        missing = max(0, self.needed - self.capacity.provisioned - at_once)
        return math.ceil(missing * _quotas.LAMBDA_RAMP_SECONDS / at_once)

    def to_dict(self) -> dict[str, Any]:
        """All of it, as JSON has it."""
        return {
            "load": asdict(self.load),
            "capacity": asdict(self.capacity) | {"ceiling": self.capacity.ceiling},
            "steady": round(self.steady, 6),
            "peak": round(self.peak, 6),
            "peak_at_random": self.peak_at_random,
            "needed": self.needed,
            "provisioning": self.provisioning,
            "ramp_seconds": self.ramp_seconds,
            "requests": self.requests,
            "throttled": self.throttled,
            "throttled_at": self.throttled_at,
            "throttled_by": dict(self.causes),
            "cold_starts": self.cold_starts,
            "spilled": self.spilled if self.capacity.provisioned else None,
            "seconds": [asdict(each) for each in self.seconds],
        }


def forecast(load: Load, capacity: Capacity | None = None) -> Forecast:
    """What becomes of a load.

    Args:
        load: The load.
        capacity: What Lambda has for it. Default - the quotas of a new account, for it alone.
    """
    capacity = capacity or Capacity()
    steady = load.rate * load.occupied
    seconds, causes = timeline(load, capacity)
    return Forecast(
        load=load,
        capacity=capacity,
        steady=steady,
        peak=steady * load.burst,
        peak_at_random=_poisson_quantile(steady * load.burst),
        needed=max(each.demanded for each in seconds),
        provisioning=provisioning(load),
        seconds=seconds,
        causes=causes,
    )


def _poisson_quantile(mean: float) -> int:
    """What a Poisson variable exceeds rarely.

    So many requests are in flight that arrive at random and independently, however long each takes.
    """
    if mean > _NEARLY_NORMAL:
        return math.ceil(NormalDist(mean, math.sqrt(mean)).inv_cdf(1 - _RARELY))
    number, exceeded = 0, 1 - math.exp(-mean)
    while exceeded > _RARELY:
        number += 1
        exceeded -= math.exp(number * math.log(mean) - mean - math.lgamma(number + 1))
    return number
