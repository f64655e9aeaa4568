"""EventBridge buses and their rules.

- A rule takes what matches its pattern, if it is enabled; a rule with a schedule alone takes
  nothing that is put: D, https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rules.html
- Every target of every rule that matches gets the event, each by itself: D, the same page.
- What no rule takes is gone, as what a filter leaves out: D, the same page.
- An entry takes 1 MiB at most, since January 2026: D,
  https://aws.amazon.com/blogs/compute/more-room-to-build-serverless-services-now-support-payloads-up-to-1-mb
  What counts of it: D, https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevent-size.html
- ``AWS::EventsV2::Subscriber`` delivers by other rules and is refused.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from serverless_patterns.testing.delivery import _patterns
from serverless_patterns.testing.delivery._destination_kinds import DEFAULT_BUS
from serverless_patterns.testing.delivery._errors import DeliveryError
from serverless_patterns.testing.delivery._history import Result
from serverless_patterns.testing.delivery._literals import resolved
from serverless_patterns.testing.delivery._rule_targets import RuleTarget
from serverless_patterns.testing.delivery._stamps import ACCOUNT, REGION, Stamps

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from serverless_patterns.testing.delivery._events import BusEvent
    from serverless_patterns.testing.delivery._history import Leg
    from serverless_patterns.testing.delivery._simulation import Simulation

__all__ = ["DEFAULT_BUS", "Bus"]
MAX_SIZE = 1_024 * 1_024
_SUBSCRIBER = "AWS::EventsV2::Subscriber"


class Bus:
    """A bus and its rules.

    Args:
        simulation: The run.
        logical_id: Its logical id; ``default`` for the account's default bus.

    Raises:
        DeliveryError: If EventBridge would refuse a rule, or it is of the second version.
    """

    def __init__(self, simulation: Simulation, logical_id: str) -> None:
        self._simulation = simulation
        self._name = logical_id
        for name, _ in simulation.resources.of_kind(_SUBSCRIBER):
            raise DeliveryError(
                f"{name}: what takes events of a bus must be an AWS::Events::Rule, "
                f"got {_SUBSCRIBER}; how that delivers is not modelled, so test it on AWS"
            )
        self._rules = [_Rule(simulation, name, properties) for name, properties in self._attached()]

    def _attached(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """The rules of this bus that take events."""
        resources = self._simulation.resources
        for name, properties in resources.of_kind("AWS::Events::Rule"):
            bus = properties.get("EventBusName", DEFAULT_BUS)
            named = resources.text(bus).rpartition("/")[2]
            known = resources.target(bus)
            if known is None and named != DEFAULT_BUS and not isinstance(bus, str):
                known = resources.known_or_exported(bus, name, "EventBusName")
            is_here = self._name == (known or named)
            if is_here and properties.get("State") != "DISABLED" and "EventPattern" in properties:
                yield name, properties

    def put(self, leg: Leg, event: BusEvent, event_id: str) -> bool:
        """Take an event and hand it to the targets of every rule that matches.

        Args:
            leg: The leg that ends in the bus.
            event: The event.
            event_id: Its ``id``.

        Returns:
            Whether a rule takes it.

        Raises:
            DeliveryError: If EventBridge would refuse its size.
        """
        if (size := entry_size(event)) > MAX_SIZE:
            raise DeliveryError(
                f"{self._name}: entry of {leg.event!r} must be of at most {MAX_SIZE} bytes, got "
                f"{size}; send less, or where it is stored"
            )
        now, faults = self._simulation.clock.now, self._simulation.faults
        is_missing = self._name in faults.missing
        if is_missing or faults.is_unavailable(self._name, now):
            leg.tried(now, self._name, Result.REFUSED if is_missing else Result.UNAVAILABLE)
            leg.lose(now, f"{self._name} did not take it from its sender")
            return False
        whole = self._whole(event, event_id)
        matching = [rule for rule in self._rules if rule.takes(whole)]
        if not matching:
            leg.filtered(self._name)
        for rule in matching:
            rule.deliver(leg.via(rule.name), whole)
        return bool(matching)

    def _whole(self, event: BusEvent, event_id: str) -> dict[str, Any]:
        """The event as its targets get it."""
        whole = {
            "version": "0",
            "id": event_id,
            "detail-type": event.detail_type,
            "source": event.source,
            "account": ACCOUNT,
            "time": self._simulation.part(Stamps).now()[:19] + "Z",
            "region": REGION,
            "resources": list(event.resources),
            "detail": dict(event.detail),
        }
        return dict(json.loads(json.dumps(whole)))


def entry_size(event: BusEvent) -> int:
    """The bytes that EventBridge counts of an event that is put."""
    detail = json.dumps(dict(event.detail), ensure_ascii=False)
    parts = (event.source, event.detail_type, detail, *event.resources)
    return sum(len(part.encode()) for part in parts)


class _Rule:
    def __init__(
        self, simulation: Simulation, logical_id: str, properties: Mapping[str, Any]
    ) -> None:
        self.name = logical_id
        self._simulation = simulation
        said = properties["EventPattern"]
        self._pattern = resolved(simulation.resources, said, logical_id, "EventPattern")
        _patterns.check(self._pattern, logical_id, at="EventPattern")
        self._targets = [
            RuleTarget(simulation, logical_id, target) for target in properties.get("Targets", [])
        ]

    def takes(self, event: Mapping[str, Any]) -> bool:
        """Whether the event matches."""
        return _patterns.matches(self._pattern, event)

    def deliver(self, leg: Leg, event: dict[str, Any]) -> None:
        """Hand an event to every target."""
        if not self._targets:
            leg.lose(self._simulation.clock.now, f"{self.name} has no target")
        for target in self._targets:
            target.deliver(leg, event)
