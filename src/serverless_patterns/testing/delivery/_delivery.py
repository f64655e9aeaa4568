"""Delivers events to the functions of a template, and tells what became of them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from serverless_patterns.testing.delivery import _sources
from serverless_patterns.testing.delivery._arguments import (
    check_run,
    named_durations,
    named_events,
    named_handlers,
)
from serverless_patterns.testing.delivery._assumptions import Assumptions
from serverless_patterns.testing.delivery._clock import MOST_STEPS
from serverless_patterns.testing.delivery._fault_checks import check_faults
from serverless_patterns.testing.delivery._faults import Faults
from serverless_patterns.testing.delivery._history import Outcome
from serverless_patterns.testing.delivery._simulation import Simulation
from serverless_patterns.testing.delivery._table import rendered
from serverless_patterns.testing.delivery._template import Resources

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
    steps: int = MOST_STEPS,
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
        steps: How many things may happen until then, such as an attempt. A run that would need
            more is refused, as it need not end.

    Raises:
        DeliveryError: If the template has nothing that takes an event, AWS would refuse the
            template, or it isn't known what would happen.
    """
    assumed = Assumptions() if assumptions is None else assumptions
    failing = Faults() if faults is None else faults
    check_run(until, steps, assumed, failing)
    resources = Resources(template, imported)
    check_faults(resources, failing)
    simulation = Simulation(
        resources,
        named_handlers(resources, handlers),
        named_durations(resources, {} if durations is None else durations),
        assumed,
        failing,
    )
    for name, event in named_events(events):
        _sources.schedule(simulation, event, name)
    simulation.clock.run(until, steps)
    return Delivery(tuple(simulation.legs()), tuple(simulation.warnings), simulation.clock.now)
