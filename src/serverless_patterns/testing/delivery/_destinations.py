"""Where events go that nothing handled: destinations and dead-letter queues.

- A destination takes the record that Lambda makes: a queue and a topic as JSON text, a function as
  its event, a bus as the detail of an event of the source ``lambda``, a bucket as an object: D,
  https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
- Where the write fails, by a permission, a deletion or a server error, there is no second: the
  event is lost. D that the metrics ``DestinationDeliveryFailures`` and ``DeadLetterErrors`` count
  it; A that Lambda doesn't try again.
- A record that is too large fails like that: D for Lambda's destinations, the same page; A for the
  dead-letter queues of others.
- A destination outside the template holds the event if the policies of the function's role let it
  write there. Refused is one that they don't, and a dead-letter queue outside the template that a
  service sends to: nothing tells of its policy, unless the caller does.
- What nobody takes is lost: of a topic without subscriptions, of a bus without a rule that
  matches. A.
- A message that stands for several events of a stream is sent on once for each of them, if
  something takes it from where it is held.

What an object in a bucket causes is not followed: the bucket has it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from serverless_patterns.testing.delivery import (
    _asynchronous,
    _buses,
    _queues,
    _topics,
)
from serverless_patterns.testing.delivery._destination_kinds import (
    BUCKET,
    BUS,
    QUEUE,
    TOPIC,
    check_destination,
    destination_of,
    outside_name,
)
from serverless_patterns.testing.delivery._errors import DeliveryError
from serverless_patterns.testing.delivery._events import BusEvent
from serverless_patterns.testing.delivery._history import Held
from serverless_patterns.testing.delivery._permissions import (
    may_send,
    role_may,
    role_may_outside,
)
from serverless_patterns.testing.delivery._queue_messages import size_of
from serverless_patterns.testing.delivery._stamps import Stamps, arn

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from serverless_patterns.testing.delivery._history import Leg
    from serverless_patterns.testing.delivery._simulation import Simulation


@dataclass(frozen=True)
class Loss:
    """Something that nothing handled, on its way to where it may be kept.

    Attributes:
        legs: The events in it.
        body: What is told of them.
        reason: Why it wasn't handled, as AWS names it where it does.
        is_pointer: Whether it tells only where the records stand in their stream.
        until: When the stream has them no more, in seconds.
        attributes: The message attributes that go with it.
        group: Its message group, where it comes from a FIFO topic.
    """

    legs: Sequence[Leg]
    body: Any
    reason: str
    is_pointer: bool = False
    until: float | None = None
    attributes: Mapping[str, str] | None = None
    group: str | None = None

    def held(self, at: str, time: float, until: float | None = None) -> None:
        """It is kept somewhere."""
        ends = [end for end in (until, self.until) if end is not None]
        for leg in self.legs:
            leg.hold(Held(at, time, self.reason, self.is_pointer, min(ends, default=None)))

    def lose(self, time: float, because: str) -> None:
        """It is kept nowhere."""
        for leg in self.legs:
            leg.lose(time, f"{self.reason}; {because}")


def fail_to(
    simulation: Simulation,
    destination: Any,
    legs: Sequence[Leg],
    body: dict[str, Any],
    *,
    reason: str,
    owner: str,
    is_pointer: bool = False,
    until: float | None = None,
) -> None:
    """Send what failed to an on-failure destination.

    Args:
        simulation: The run.
        destination: What the template has for its ARN.
        legs: What failed.
        body: The record of it.
        reason: Why, as AWS names it.
        owner: The logical id of the function whose role sends.
        is_pointer: Whether the record tells only where the events stand in their stream.
        until: When the stream has them no more, in seconds.

    Raises:
        DeliveryError: If the destination can be none.
    """
    loss = Loss(legs, body, reason, is_pointer, until)
    send(simulation, destination, loss, owner, failing="DestinationDeliveryFailures")


def send(simulation: Simulation, destination: Any, loss: Loss, owner: str, *, failing: str) -> None:
    """Send what failed with the role of a function.

    Args:
        simulation: The run.
        destination: What the template has for the ARN of where it goes.
        loss: What failed.
        owner: The logical id of the function.
        failing: The metric that counts what can't be written.

    Raises:
        DeliveryError: If the destination can be none, or is outside the template and nothing lets
            the role write it.
    """
    resources, now = simulation.resources, simulation.clock.now
    target = destination_of(resources, destination)
    role = resources.properties(owner).get("Role")
    if target is None:
        resources.known_or_exported(destination, owner, "destination")
        name = outside_name(destination)
        if not role_may_outside(resources, role, destination):
            raise DeliveryError(
                f"{owner}: destination must be one that its role may write, got {name}; grant "
                "that, or pass the destination and its policy as imported"
            )
        loss.held(name, now)
        return
    check_destination(resources, destination, owner)
    if target in resources and not role_may(resources, role, target):
        loss.lose(now, f"the role of {owner} may not write to {target} ({failing})")
    elif (problem := _problem(simulation, target, loss)) is not None:
        loss.lose(now, f"{problem} ({failing})")
    else:
        _put(simulation, target, resources.function_of(destination), loss, owner)


def dead_letter(
    simulation: Simulation, queue: Any, loss: Loss, *, principal: str, source: str
) -> None:
    """Send what a service could not deliver to a dead-letter queue, if there is one.

    Args:
        simulation: The run.
        queue: What the template has for its ARN; ``None`` if there is none.
        loss: What was not delivered.
        principal: The service.
        source: The logical id of the topic or rule.

    Raises:
        DeliveryError: If it is outside the template, so that nothing tells of its policy.
    """
    resources, now = simulation.resources, simulation.clock.now
    if queue is None:
        loss.lose(now, f"{source} has no dead-letter queue for it")
        return
    target = resources.target(queue)
    if target is None:
        raise DeliveryError(
            f"{source}: dead-letter queue must be known to let {principal} in, got "
            f"{outside_name(queue)}; pass the queue and its policy as imported"
        )
    if not may_send(resources, target, principal, source):
        loss.lose(now, f"no policy of {target} lets {principal} send for {source}")
    elif (problem := _problem(simulation, target, loss)) is not None:
        loss.lose(now, problem)
    else:
        into_queue(simulation, target, loss)


def into_queue(simulation: Simulation, queue: str, loss: Loss) -> None:
    """Put what failed into a queue of the template: there it stays, or goes on if it is polled."""
    part = simulation.part(_queues.Queue, queue)
    if not part.is_polled:
        now = simulation.clock.now
        loss.held(queue, now, now + part.settings.retention)
        return
    for leg in loss.legs:
        part.send(
            leg,
            text_of(loss.body),
            message_id=simulation.part(Stamps).new_id(),
            attributes=loss.attributes or {},
            group=loss.group if part.is_fifo else None,
        )


def _put(
    simulation: Simulation,
    target: str,
    function: tuple[str, str | None] | None,
    loss: Loss,
    owner: str,
) -> None:
    """Put what failed where it goes, and on from there."""
    kind, now = simulation.resources.kind(target), simulation.clock.now
    if kind == QUEUE:
        into_queue(simulation, target, loss)
    elif kind == BUCKET:
        loss.held(target, now)
    elif function is not None:
        for leg in loss.legs:
            is_loop = function[0] == owner
            if is_loop or leg.path[-1] != function[0]:  # a copy may have been there before
                leg.path = (*leg.path, function[0])
            simulation.part(_asynchronous.Asynchronous, *function).accept(leg, loss.body)
    elif any([_publish(simulation, target, loss, leg, owner) for leg in loss.legs]):  # noqa: C419 - each
        loss.held(target, now)
    else:
        loss.lose(now, f"nothing takes it from {target}")


def _publish(simulation: Simulation, target: str, loss: Loss, leg: Leg, owner: str) -> bool:
    """Publish it to a topic or put it on a bus, and tell whether somebody takes it."""
    message_id = simulation.part(Stamps).new_id()
    if simulation.resources.kind(target) == TOPIC:
        return simulation.part(_topics.Topic, target).publish(
            leg.via(target),
            text_of(loss.body),
            message_id=message_id,
            attributes=loss.attributes or {},
        )
    event = _as_event(target, loss, owner)
    return simulation.part(_buses.Bus, target).put(leg.via(target), event, message_id)


def _as_event(target: str, loss: Loss, owner: str) -> BusEvent:
    return BusEvent(
        source="lambda",
        detail_type="Lambda Function Invocation Result - Failure",
        detail=loss.body,
        resources=(
            arn("events", f"event-bus/{target}"),
            arn("lambda", f"function:{owner}:$LATEST"),
        ),
    )


def text_of(body: Any) -> str:
    """What a queue or a topic gets of a body."""
    return body if isinstance(body, str) else json.dumps(body)


def _problem(simulation: Simulation, target: str, loss: Loss) -> str | None:
    """Why a write fails, if it does."""
    if target in simulation.faults.missing:
        return f"{target} was deleted"
    if simulation.faults.is_unavailable(target, simulation.clock.now):
        return f"{target} answered with a server error"
    return (
        f"the record is too large for {target}" if _is_too_large(simulation, target, loss) else None
    )


def _is_too_large(simulation: Simulation, target: str, loss: Loss) -> bool:
    kind = simulation.resources.kind(target)
    if kind == QUEUE:
        most = simulation.part(_queues.Queue, target).settings.max_size
    elif kind == TOPIC:
        most = _topics.MAX_SIZE
    elif kind == BUS or target == _buses.DEFAULT_BUS:
        return _buses.entry_size(_as_event(target, loss, "")) > _buses.MAX_SIZE
    else:
        return False
    return size_of(text_of(loss.body), loss.attributes or {}) > most
