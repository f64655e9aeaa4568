"""Delivers events to the functions of a template, and tells what became of them."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from serverless_patterns.testing.delivery import _sources
from serverless_patterns.testing.delivery._assumptions import Assumptions
from serverless_patterns.testing.delivery._destination_kinds import DEFAULT_BUS
from serverless_patterns.testing.delivery._errors import DeliveryError
from serverless_patterns.testing.delivery._faults import Faults
from serverless_patterns.testing.delivery._history import Outcome
from serverless_patterns.testing.delivery._simulation import Simulation
from serverless_patterns.testing.delivery._table import rendered
from serverless_patterns.testing.delivery._template import Resources, logical_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from serverless_patterns.testing.delivery._events import Event
    from serverless_patterns.testing.delivery._functions import Duration, Handler
    from serverless_patterns.testing.delivery._history import Leg

_FOREVER = 40 * 86_400.0  # longer than SNS tries (23 days) or a queue retains (14)


@dataclass(frozen=True)
class Delivery:
    """What became of events.

    Attributes:
        legs: Every event on each of its ways.
        warnings: What else is worth knowing, such as an order that was broken.
        ended_at: When the last thing happened, in seconds.
    """

    legs: tuple[Leg, ...]
    warnings: tuple[str, ...]
    ended_at: float

    def of(self, event: str) -> tuple[Leg, ...]:
        """The ways of one event.

        Args:
            event: Its id.
        """
        return tuple(leg for leg in self.legs if leg.event == event)

    def _with(self, outcome: Outcome) -> list[Leg]:
        return [leg for leg in self.legs if leg.outcome is outcome]

    @property
    def handled(self) -> list[Leg]:
        """Those that an invocation succeeded with."""
        return self._with(Outcome.HANDLED)

    @property
    def held(self) -> list[Leg]:
        """Those that were not handled and are kept somewhere."""
        return self._with(Outcome.HELD)

    @property
    def acknowledged(self) -> list[Leg]:
        """Those that are gone as if handled, though nothing says that they were."""
        return self._with(Outcome.ACKNOWLEDGED)

    @property
    def filtered(self) -> list[Leg]:
        """Those that a filter left out."""
        return self._with(Outcome.FILTERED)

    @property
    def pending(self) -> list[Leg]:
        """Those that were still on their way at the end."""
        return self._with(Outcome.PENDING)

    @property
    def lost(self) -> list[Leg]:
        """Those that are gone, and nothing has them."""
        return self._with(Outcome.LOST)

    @property
    def unaccounted(self) -> list[Leg]:
        """Those that nobody may ever handle: lost, acknowledged, pending, or held no more.

        Held no more is what expired wherever it was held, before the last thing happened. An event
        that is held still counts as accounted for, as does one that a filter left out.
        """
        return [leg for leg in self.legs if self._is_unaccounted(leg)]

    def _is_unaccounted(self, leg: Leg) -> bool:
        if leg.outcome is Outcome.HELD:
            ends = [held.until for held in leg.held]
            return all(end is not None and end <= self.ended_at for end in ends)
        return leg.outcome in (Outcome.LOST, Outcome.ACKNOWLEDGED, Outcome.PENDING)

    def counts(self) -> dict[str, int]:
        """How many ended in each outcome, by its name."""
        found = Counter(leg.outcome for leg in self.legs)
        return {outcome.value: found[outcome] for outcome in Outcome}

    def table(self, *, limit: int = 50) -> str:
        """The history as a table in text.

        Args:
            limit: The most events to show; those that were not handled come first.
        """
        return rendered(self.legs, self.warnings, limit)

    def __str__(self) -> str:
        return self.table()


def deliver(
    template: Any,
    events: Iterable[Event],
    *,
    handlers: Mapping[Any, Handler],
    durations: Mapping[Any, Duration] | None = None,
    assumptions: Assumptions | None = None,
    faults: Faults | None = None,
    imported: Mapping[str, Mapping[str, Any]] | None = None,
    until: float = _FOREVER,
) -> Delivery:
    """Deliver events to the functions of a template as AWS documents it, in virtual time.

    Args:
        template: The synthesized template: a dictionary, an ``assertions.Template``, a ``Stack``
            or the path of a file.
        events: What happens.
        handlers: The real handlers, by their functions: constructs or logical ids.
        durations: How long a function takes, in seconds or as what tells that of a Lambda event,
            by the function. Default - no time.
        assumptions: What AWS leaves open. Default - what ``Assumptions`` says.
        faults: What goes wrong. Default - nothing.
        imported: What the template refers to by name or ARN alone, as CloudFormation would define
            it, by ids of your own: ``{"Orders": {"Type": "AWS::SQS::Queue", "Properties":
            {"QueueName": "orders", ...}}}``. What CDK refers to in another stack is told by its
            logical id there. Policies of it are told as ``AWS::SQS::QueuePolicy``, and those of a
            role as ``AWS::IAM::ManagedPolicy`` with a ``ManagedPolicyName``. Default - nothing.
        until: When the model stops, in seconds.

    Raises:
        DeliveryError: If the template has nothing that takes an event, AWS would refuse the
            template, or it isn't known what would happen.
    """
    named_handlers = {logical_id(function): handler for function, handler in handlers.items()}
    simulation = Simulation(
        Resources(template, imported),
        named_handlers,
        {logical_id(function): duration for function, duration in (durations or {}).items()},
        assumptions or Assumptions(),
        faults or Faults(),
    )
    _check_handlers(simulation, named_handlers)
    _check_durations(simulation, durations or {})
    _check_faults(simulation)
    seen: set[str] = set()
    for number, event in enumerate(events):
        named = event if event.id is not None else replace(event, id=f"event-{number}")
        assert named.id is not None  # noqa: S101 - for the type checker
        if named.id in seen:
            raise DeliveryError(f"events must have ids of their own, got a second {named.id!r}")
        seen.add(named.id)
        _sources.schedule(simulation, named, named.id)
    simulation.clock.run(until)
    return Delivery(tuple(simulation.legs()), tuple(simulation.warnings), simulation.clock.now)


def _check_handlers(simulation: Simulation, handlers: Mapping[str, Handler]) -> None:
    _check_functions(simulation, "handlers", handlers)
    for name, handler in handlers.items():
        if not callable(handler):
            raise DeliveryError(
                f"{name}: handlers must hold what can be called, got {handler!r}; give the "
                "function itself"
            )


def _check_durations(simulation: Simulation, durations: Mapping[Any, Duration]) -> None:
    named = {logical_id(function): duration for function, duration in durations.items()}
    _check_functions(simulation, "durations", named)
    for name, duration in named.items():
        if not callable(duration) and not 0 <= duration < math.inf:
            raise DeliveryError(
                f"{name}: durations must be seconds, 0 or more, got {duration!r}; give how long "
                "the function takes"
            )


def _check_faults(simulation: Simulation) -> None:
    faults = simulation.faults
    for keyword, names in (("missing", faults.missing), ("unavailable", faults.unavailable)):
        for name in names:
            if name not in simulation.resources and name != DEFAULT_BUS:
                raise DeliveryError(
                    f"faults.{keyword} must name resources of the template, got {name!r}; "
                    "give a logical id"
                )


def _check_functions(simulation: Simulation, keyword: str, names: Iterable[str]) -> None:
    known = [name for name, _ in simulation.resources.of_kind("AWS::Lambda::Function")]
    for name in names:
        if name not in known:
            raise DeliveryError(
                f"{keyword} must name functions of the template, got {name!r}; "
                f"there are {', '.join(sorted(known)) or 'none'}"
            )
