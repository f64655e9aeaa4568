"""S3 buckets and what they tell others.

- A notification is delivered at least once: D,
  https://docs.aws.amazon.com/AmazonS3/latest/userguide/EventNotifications.html
  Until its target takes it, with growing waits: A.
- A configuration takes an event by its name and by prefix and suffix of the key, without
  wildcards. Overlapping filters of one event, FIFO targets and targets that don't let S3 in are
  refused: D,
  https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-filtering.html
- Keys arrive URL-encoded, and ``sequencer`` grows with each event of a bucket: D,
  https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
- With EventBridge, every event goes to the default bus, with the key as it is: D,
  https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
- A target that was deleted since loses the notification: A.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from serverless_patterns.testing.delivery import (
    _asynchronous,
    _buses,
    _queues,
    _topics,
)
from serverless_patterns.testing.delivery._assumptions import waits
from serverless_patterns.testing.delivery._bucket_events import ObjectEvent
from serverless_patterns.testing.delivery._bucket_notifications import (
    PRINCIPAL,
    Notifications,
    target_of,
)
from serverless_patterns.testing.delivery._destination_kinds import (
    TOPIC,
    outside_name,
    warn_of_outside,
)
from serverless_patterns.testing.delivery._history import Held, Result
from serverless_patterns.testing.delivery._stamps import Stamps

if TYPE_CHECKING:
    from serverless_patterns.testing.delivery._bucket_notifications import Configuration
    from serverless_patterns.testing.delivery._events import S3Event
    from serverless_patterns.testing.delivery._history import Leg
    from serverless_patterns.testing.delivery._simulation import Simulation

_SUBJECT = "Amazon S3 Notification"


class Bucket:
    """A bucket and whom it tells.

    Args:
        simulation: The run.
        logical_id: Its logical id.

    Raises:
        DeliveryError: If S3 would refuse its notifications.
    """

    def __init__(self, simulation: Simulation, logical_id: str) -> None:
        self._simulation = simulation
        self._name = logical_id
        self._notifications = Notifications(simulation, logical_id)
        self._events: dict[str, ObjectEvent] = {}

    @property
    def tells_somebody(self) -> bool:
        """Whether it notifies anything at all."""
        return bool(self._notifications.each) or self._notifications.has_event_bridge

    def notify(self, leg: Leg, event: S3Event) -> None:
        """Tell everybody who wants to know of an event.

        Args:
            leg: The leg that ends in the bucket.
            event: The event; of its duplicates, the same.
        """
        if leg.event not in self._events:
            self._events[leg.event] = ObjectEvent(
                self._name,
                event.name,
                event.key,
                event.size,
                self._simulation.part(Stamps).now(),
                f"{len(self._events) + 1:018X}",
            )
        told = self._events[leg.event]
        matching = [each for each in self._notifications.each if each.takes(event.name, event.key)]
        for to in matching:
            self._tell(leg, to, told)
        if self._notifications.has_event_bridge:
            bus, message_id = _buses.DEFAULT_BUS, self._simulation.part(Stamps).new_id()
            self._simulation.part(_buses.Bus, bus).put(leg.via(bus), told.bus_event(), message_id)
        elif not matching:
            leg.filtered(self._name)

    def _tell(self, leg: Leg, to: Configuration, told: ObjectEvent) -> None:
        target = target_of(self._simulation.resources, to.target)
        if target is None:
            name = outside_name(to.target)
            warn_of_outside(self._simulation.resources, self._name, to.target, PRINCIPAL)
            leg.via(name).hold(Held(name, self._simulation.clock.now, "handed to it"))
        else:
            self._try(leg.via(target), to, told, target, 1)

    def _try(
        self, leg: Leg, to: Configuration, told: ObjectEvent, target: str, attempt: int
    ) -> None:
        now, simulation = self._simulation.clock.now, self._simulation
        is_gone = target in simulation.faults.missing
        if is_gone or target not in self._notifications.letting_in:
            leg.tried(now, target, Result.REFUSED)
            leg.lose(now, f"{target} {'was deleted' if is_gone else 'does not let S3 in'}")
        elif simulation.faults.is_unavailable(target, now):
            leg.tried(now, target, Result.UNAVAILABLE)
            assumed = simulation.assumptions
            delay = waits(assumed.push_delay, assumed.push_growth, assumed.push_limit, attempt)
            simulation.clock.after(delay, lambda: self._try(leg, to, told, target, attempt + 1))
        else:
            self._hand_over(leg, to, told, target)

    def _hand_over(self, leg: Leg, to: Configuration, told: ObjectEvent, target: str) -> None:
        simulation = self._simulation
        function = simulation.resources.function_of(to.target)
        if function is not None:
            simulation.part(_asynchronous.Asynchronous, *function).accept(leg, told.event)
            return
        message_id, text = simulation.part(Stamps).new_id(), json.dumps(told.event())
        if simulation.resources.kind(target) == TOPIC:
            simulation.part(_topics.Topic, target).publish(
                leg, text, message_id=message_id, subject=_SUBJECT
            )
        else:
            simulation.part(_queues.Queue, target).send(
                leg, text, message_id=message_id, attributes={}
            )
