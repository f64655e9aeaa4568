"""The account that events are delivered in, for one run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar, cast

from serverless_patterns.testing.delivery._account import Account, reserved_of
from serverless_patterns.testing.delivery._clock import Clock
from serverless_patterns.testing.delivery._errors import DeliveryError
from serverless_patterns.testing.delivery._functions import Function
from serverless_patterns.testing.delivery._history import Leg
from serverless_patterns.testing.delivery._values import within

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from serverless_patterns.testing.delivery._assumptions import Assumptions
    from serverless_patterns.testing.delivery._faults import Faults
    from serverless_patterns.testing.delivery._functions import Duration, Handler
    from serverless_patterns.testing.delivery._template import Resources

Part = TypeVar("Part")
_DEFAULT_TIMEOUT = 3  # https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html
_DEFAULT_MEMORY = 128
_TIMEOUTS = (1, 900)
_MEMORIES = (128, 10_240)


class Simulation:
    """What the parts of a model share: time, template, functions and histories.

    Args:
        resources: The template.
        handlers: What handles the events of a function, by its logical id.
        durations: How long a function takes, by its logical id.
        assumptions: What AWS leaves open.
        faults: What goes wrong.

    Attributes:
        clock: The time.
        resources: The template.
        assumptions: What AWS leaves open.
        faults: What goes wrong.
        warnings: What a user should know of this run.
    """

    def __init__(
        self,
        resources: Resources,
        handlers: Mapping[str, Handler],
        durations: Mapping[str, Duration],
        assumptions: Assumptions,
        faults: Faults,
    ) -> None:
        self.clock = Clock()
        self.resources = resources
        self.assumptions = assumptions
        self.faults = faults
        self.warnings = resources.warnings  # of the template come first
        self._account = Account(resources, assumptions.account_concurrency)
        self._handlers = handlers
        self._durations = durations
        self._parts: dict[tuple[type, tuple[Any, ...]], Any] = {}
        self._legs: dict[tuple[str, tuple[str, ...]], Leg] = {}

    def part(self, kind: Callable[..., Part], *key: Any) -> Part:
        """The one part of a kind for a key, such as a queue by its logical id.

        Args:
            kind: Its class, which takes the simulation and the key.
            key: What tells it from others of its kind.
        """
        name = (cast("type", kind), key)
        if name not in self._parts:
            self._parts[name] = kind(self, *key)
        return cast("Part", self._parts[name])

    def function(self, logical_id: str) -> Function:
        """A function of the template.

        Raises:
            DeliveryError: If no handler was given for it.
        """
        return self.part(self._make_function, logical_id)

    def _make_function(self, _: Simulation, logical_id: str) -> Function:
        if logical_id not in self._handlers:
            given = ", ".join(sorted(self._handlers)) or "none"
            raise DeliveryError(
                f"{logical_id}: handlers must hold what handles its events, got {given}; "
                f"add {logical_id!r} to handlers"
            )
        properties = self.resources.properties(logical_id)
        return Function(
            logical_id,
            self._handlers[logical_id],
            timeout=within(logical_id, properties, "Timeout", _DEFAULT_TIMEOUT, _TIMEOUTS),
            memory=within(logical_id, properties, "MemorySize", _DEFAULT_MEMORY, _MEMORIES),
            reserved=reserved_of(logical_id, properties),
            account=self._account,
            duration=self._durations.get(logical_id, 0.0),
            clock=self.clock,
            faults=self.faults,
        )

    def leg(self, event: str, path: tuple[str, ...] = ()) -> Leg:
        """The leg of an event on a way."""
        key = (event, path)
        if key not in self._legs:
            self._legs[key] = Leg(event, path, self.leg)
        return self._legs[key]

    def legs(self) -> Iterator[Leg]:
        """Every leg that doesn't only lead to others."""
        for leg in self._legs.values():
            if not leg.is_forked or leg.attempts or leg.has_ended:
                yield leg

    def warn(self, warning: str) -> None:
        """Tell the user something of this run, once."""
        self.resources.warn(warning)
