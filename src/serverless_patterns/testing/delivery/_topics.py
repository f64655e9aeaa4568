"""SNS topics.

- Every subscription gets every message, each by itself: D,
  https://docs.aws.amazon.com/sns/latest/dg/welcome.html
- A topic without subscriptions keeps nothing: A.
- FIFO topics take queues only, standard topics no FIFO queues; a FIFO topic takes a standard
  queue: O, and D, https://docs.aws.amazon.com/sns/latest/dg/sns-fifo-topics.html
- A message takes 256 KiB at most, with its attributes: D,
  https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
- A message of a FIFO topic needs a group: D, the same page. The order of those that a queue didn't
  take at once is not modelled.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from serverless_patterns.testing.delivery._destination_kinds import is_fifo_resource
from serverless_patterns.testing.delivery._errors import DeliveryError
from serverless_patterns.testing.delivery._history import Result
from serverless_patterns.testing.delivery._notifications import Notification, plain
from serverless_patterns.testing.delivery._queue_messages import size_of
from serverless_patterns.testing.delivery._stamps import Stamps
from serverless_patterns.testing.delivery._subscriptions import Subscription

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from serverless_patterns.testing.delivery._history import Leg
    from serverless_patterns.testing.delivery._simulation import Simulation

MAX_SIZE = 262_144


class Topic:
    """A topic and its subscriptions.

    Args:
        simulation: The run.
        logical_id: Its logical id.

    Raises:
        DeliveryError: If SNS would refuse a subscription.
    """

    def __init__(self, simulation: Simulation, logical_id: str) -> None:
        self._simulation = simulation
        self._name = logical_id
        self._is_fifo = is_fifo_resource(simulation.resources, logical_id)
        self._subscriptions = [
            Subscription(simulation, name, logical_id, properties)
            for name, properties in self._subscribed()
        ]

    def _subscribed(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        resources = self._simulation.resources
        inline = resources.properties(self._name).get("Subscription", [])
        for number, properties in enumerate(inline):
            yield f"{self._name}.Subscription.{number}", properties
        for name, properties in resources.of_kind("AWS::SNS::Subscription"):
            topic = properties.get("TopicArn")
            if resources.known_or_exported(topic, name, "TopicArn") == self._name:
                yield name, properties

    def publish(
        self,
        leg: Leg,
        message: str,
        *,
        message_id: str,
        subject: str | None = None,
        attributes: Mapping[str, Any] | None = None,
        group: str | None = None,
    ) -> bool:
        """Take a message and hand it to every subscriber.

        Args:
            leg: The leg that ends in the topic.
            message: Its text.
            message_id: Its ``MessageId``.
            subject: Its subject.
            attributes: Its message attributes. Default - none.
            group: Its message group.

        Returns:
            Whether a subscription takes it.

        Raises:
            DeliveryError: If the topic is FIFO and the message has no group, or SNS would refuse
                its size.
        """
        now, faults = self._simulation.clock.now, self._simulation.faults
        if self._is_fifo and group is None:
            raise DeliveryError(
                f"{self._name}: group must be given on a FIFO topic, got none for "
                f"{leg.event!r}; name the message group"
            )
        sent = {name: plain(value) for name, value in (attributes or {}).items()}
        if (size := size_of(message, sent)) > MAX_SIZE:
            raise DeliveryError(
                f"{self._name}: message of {leg.event!r} must be of at most {MAX_SIZE} bytes, got "
                f"{size}; send less, or where it is stored"
            )
        is_missing = self._name in faults.missing
        if is_missing or faults.is_unavailable(self._name, now):
            leg.tried(now, self._name, Result.REFUSED if is_missing else Result.UNAVAILABLE)
            leg.lose(now, f"{self._name} did not take it from its publisher")
            return False
        if not self._subscriptions:
            leg.lose(now, f"{self._name} has no subscription")
            return False
        timestamp = self._simulation.part(Stamps).now()
        notification = Notification(
            self._name, message, message_id, timestamp, subject, attributes or {}, group
        )
        history = leg.attempts.copy()  # it goes on with every subscriber
        leg.attempts.clear()
        return any([each.deliver(leg, notification, history) for each in self._subscriptions])  # noqa: C419 - all of them
