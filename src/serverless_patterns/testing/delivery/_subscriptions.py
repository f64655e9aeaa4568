"""How SNS hands a message to one subscriber.

- A server error is tried again: 3 times at once, 2 times after 1 second, 10 times with a wait that
  grows from 1 to 20 seconds, 100,000 times after 20 seconds: D,
  https://docs.aws.amazon.com/sns/latest/dg/sns-message-delivery-retries.html
  That the first try is none of these, that the growth is geometric, and no jitter: A.
- A client error, such as a deleted endpoint or a missing permission, is not tried again: D,
  https://docs.aws.amazon.com/sns/latest/dg/sns-dead-letter-queues.html
- What can't be delivered goes to the subscription's dead-letter queue, whose policy must let SNS
  send, or is lost: D, the same page.
- SNS is finished once Lambda has the event: what the function does never comes back: D,
  https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html
- Raw message delivery of more than 10 attributes to a queue is a client error: D,
  https://docs.aws.amazon.com/sns/latest/dg/sns-message-attributes.html
- What subscribers outside of the template or of other protocols do is not modelled: they have it.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from serverless_patterns.testing.delivery import (
    _asynchronous,
    _destinations,
    _queues,
)
from serverless_patterns.testing.delivery._destination_kinds import (
    FUNCTION,
    QUEUE,
    is_fifo_resource,
    outside_name,
    warn_of_outside,
)
from serverless_patterns.testing.delivery._errors import DeliveryError
from serverless_patterns.testing.delivery._history import Held, Result
from serverless_patterns.testing.delivery._literals import resolved
from serverless_patterns.testing.delivery._notifications import plain
from serverless_patterns.testing.delivery._permissions import may_invoke, may_send
from serverless_patterns.testing.delivery._stamps import Stamps
from serverless_patterns.testing.delivery._subscription_filters import SubscriptionFilter
from serverless_patterns.testing.delivery._template import is_true

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from serverless_patterns.testing.delivery._history import Attempt, Leg
    from serverless_patterns.testing.delivery._notifications import Notification
    from serverless_patterns.testing.delivery._simulation import Simulation

_PRINCIPAL = "sns.amazonaws.com"
_KINDS = {"lambda": FUNCTION, "sqs": QUEUE}  # of the protocols that are modelled
_AT_ONCE, _AFTER_A_SECOND, _GROWING, _STEADY = 3, 2, 10, 100_000
_LONGEST = 20.0
_MOST_RAW_ATTRIBUTES = 10


class Subscription:
    """A subscription of a topic.

    Args:
        simulation: The run.
        logical_id: Its logical id.
        topic: The logical id of the topic.
        properties: Its properties.

    Raises:
        DeliveryError: If SNS would refuse it.
    """

    def __init__(
        self, simulation: Simulation, logical_id: str, topic: str, properties: Mapping[str, Any]
    ) -> None:
        self._simulation = simulation
        self._name = logical_id
        self._topic = topic
        self._protocol = str(properties.get("Protocol"))
        self._endpoint = properties.get("Endpoint")
        self._is_raw = is_true(properties.get("RawMessageDelivery"))
        self._filter = SubscriptionFilter(
            logical_id,
            resolved(
                simulation.resources, properties.get("FilterPolicy"), logical_id, "FilterPolicy"
            ),
            properties.get("FilterPolicyScope"),
        )
        redrive = properties.get("RedrivePolicy") or {}
        self._dead_letters = redrive.get("deadLetterTargetArn")
        resources = simulation.resources
        self._function: tuple[str, str | None] | None = None
        self._target: str | None = None
        if self._protocol == "lambda":
            self._function = resources.invoked(self._endpoint, logical_id, "Endpoint")
            self._target = self._function[0] if self._function else None
        elif self._protocol == "sqs":
            self._target = resources.known(self._endpoint, logical_id, "Endpoint")
        self._check_kind()
        self._check(is_fifo=is_fifo_resource(resources, topic))

    def _check_kind(self) -> None:
        """Refuse an endpoint that the protocol isn't for."""
        if self._protocol not in _KINDS:
            return
        resources, wanted = self._simulation.resources, _KINDS[self._protocol]
        found = self._target or resources.target(self._endpoint)
        if found is not None and resources.kind(found) != wanted:
            raise DeliveryError(
                f"{self._name}: Endpoint must be a {wanted.rpartition('::')[2].lower()} where "
                f"Protocol is {self._protocol}, got {found} ({resources.kind(found)}); name "
                "another, or set the other protocol"
            )

    def _check(self, *, is_fifo: bool) -> None:
        resources = self._simulation.resources
        if is_fifo and self._protocol != "sqs":
            raise DeliveryError(
                f"{self._name}: Protocol must be sqs on the FIFO topic {self._topic}, "
                f"got {self._protocol}; subscribe a queue that the function polls"
            )
        is_to_fifo = (
            self._protocol == "sqs"
            and self._target is not None
            and is_fifo_resource(resources, self._target)
        )
        if is_to_fifo and not is_fifo:
            raise DeliveryError(
                f"{self._name}: Endpoint must not be a FIFO queue on the standard topic "
                f"{self._topic}, got {self._target}; make the topic FIFO or the queue standard"
            )
        queue = resources.target(self._dead_letters)
        if queue is None:
            return
        if resources.kind(queue) != QUEUE:
            raise DeliveryError(
                f"{self._name}: RedrivePolicy must name a queue, got {queue} "
                f"({resources.kind(queue)}); name another"
            )
        if is_fifo_resource(resources, queue) is not is_to_fifo:
            wanted = "FIFO as its endpoint is" if is_to_fifo else "standard"
            raise DeliveryError(
                f"{self._name}: RedrivePolicy must name a queue that is {wanted}, got {queue}; "
                "name another"
            )

    def deliver(self, leg: Leg, notification: Notification, history: Sequence[Attempt]) -> bool:
        """Hand a message to the subscriber, if its filter takes it.

        Args:
            leg: The leg that ends in the topic.
            notification: The message.
            history: The tries to have the topic take it.

        Returns:
            Whether the filter takes it.
        """
        leg = leg.via(self._target or self._name)
        leg.attempts.extend(history)
        if not self._filter.takes(notification.message, notification.attributes):
            leg.filtered(self._name)
            return False
        is_modelled = self._protocol in _KINDS
        if not is_modelled or self._target is None:
            where = outside_name(self._endpoint) if is_modelled else self._protocol
            if is_modelled:
                warn_of_outside(self._simulation.resources, self._name, self._endpoint, _PRINCIPAL)
            leg.hold(Held(self._name, self._simulation.clock.now, f"handed to {where}"))
        else:
            self._try(leg, notification, 0)
        return True

    def _try(self, leg: Leg, notification: Notification, retries: int) -> None:
        now, target = self._simulation.clock.now, str(self._target)
        refusal = self._refusal(target, notification)
        if refusal is not None:
            leg.tried(now, target, Result.REFUSED)
            self._give_up(leg, notification, refusal)
        elif not self._simulation.faults.is_unavailable(target, now):
            self._hand_over(leg, notification, target)
        else:
            leg.tried(now, target, Result.UNAVAILABLE)
            delay = _wait(retries)
            if delay is None:
                self._give_up(leg, notification, "every retry of SNS met a server error")
            else:
                self._simulation.clock.after(
                    delay, lambda: self._try(leg, notification, retries + 1)
                )

    def _refusal(self, target: str, notification: Notification) -> str | None:
        """Why the endpoint answers with a client error, if it does."""
        if target in self._simulation.faults.missing:
            return f"{target} was deleted"
        if not self._is_allowed:
            return f"nothing lets {_PRINCIPAL} reach {target} for {self._topic}"
        is_raw = self._is_raw and self._function is None
        if is_raw and len(notification.attributes) > _MOST_RAW_ATTRIBUTES:
            return f"more than {_MOST_RAW_ATTRIBUTES} attributes of a raw message"
        return None

    @cached_property
    def _is_allowed(self) -> bool:
        resources = self._simulation.resources
        if self._function is not None:
            return may_invoke(resources, *self._function, _PRINCIPAL, self._topic)
        return may_send(resources, str(self._target), _PRINCIPAL, self._topic)

    def _hand_over(self, leg: Leg, notification: Notification, target: str) -> None:
        if self._function is not None:
            part = self._simulation.part(_asynchronous.Asynchronous, *self._function)
            part.accept(leg, notification.event(self._name))
            return
        is_fifo = is_fifo_resource(self._simulation.resources, target)
        attributes = {name: plain(value) for name, value in notification.attributes.items()}
        self._simulation.part(_queues.Queue, target).send(
            leg,
            notification.message if self._is_raw else notification.envelope(self._name),
            message_id=self._simulation.part(Stamps).new_id(),
            attributes=attributes if self._is_raw else {},
            group=notification.group if is_fifo else None,
            deduplication=notification.message_id if is_fifo else None,
        )

    def _give_up(self, leg: Leg, notification: Notification, reason: str) -> None:
        raw = self._is_raw and self._function is None
        loss = _destinations.Loss(
            [leg],
            notification.message if raw else notification.envelope(self._name),
            reason,
            attributes={"ErrorMessage": reason},
            group=notification.group,
        )
        _destinations.dead_letter(
            self._simulation,
            self._dead_letters,
            loss,
            principal=_PRINCIPAL,
            source=self._topic,
        )


def _wait(retries: int) -> float | None:
    """Seconds to the next try after so many retries; ``None`` after the last."""
    if retries < _AT_ONCE:
        return 0.0
    growing = retries - _AT_ONCE - _AFTER_A_SECOND
    if growing < 0:
        return 1.0
    if growing < _GROWING:
        return float(_LONGEST ** (growing / (_GROWING - 1)))
    return _LONGEST if growing < _GROWING + _STEADY else None
