"""Where events go that nothing handled: destinations and dead-letter queues.

- A destination takes the record that Lambda makes: a queue and a topic as JSON text, a function as
  its event, a bus as the detail of an event of the source ``lambda``, a bucket as an object: D,
  https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
- Where the write fails, by a permission, a deletion or a server error, there is no second: the
  event is lost. D that the metrics ``DestinationDeliveryFailures`` and ``DeadLetterErrors`` count
  it; A that Lambda doesn't try again.
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
    QUEUE,
    TOPIC,
    check_destination,
    destination_of,
    outside_name,
)
from serverless_patterns.testing.delivery._events import BusEvent
from serverless_patterns.testing.delivery._history import Held
from serverless_patterns.testing.delivery._permissions import may_send, role_may
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
    """
    resources, now = simulation.resources, simulation.clock.now
    target = destination_of(resources, destination)
    if target is None:
        loss.held(outside_name(destination), now)
        return
    check_destination(resources, destination, owner)
    role = resources.properties(owner).get("Role")
    if target in resources and not role_may(resources, role, target):
        loss.lose(now, f"the role of {owner} may not write to {target} ({failing})")
    elif (problem := _problem(simulation, target)) is not None:
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
    """
    resources, now = simulation.resources, simulation.clock.now
    if queue is None:
        loss.lose(now, f"{source} has no dead-letter queue for it")
        return
    target = resources.target(queue)
    if target is None:
        loss.held(outside_name(queue), now)
    elif not may_send(resources, target, principal, source):
        loss.lose(now, f"no policy of {target} lets {principal} send for {source}")
    elif (problem := _problem(simulation, target)) is not None:
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
    event = BusEvent(
        source="lambda",
        detail_type="Lambda Function Invocation Result - Failure",
        detail=loss.body,
        resources=(
            arn("events", f"event-bus/{target}"),
            arn("lambda", f"function:{owner}:$LATEST"),
        ),
    )
    return simulation.part(_buses.Bus, target).put(leg.via(target), event, message_id)


def text_of(body: Any) -> str:
    """What a queue or a topic gets of a body."""
    return body if isinstance(body, str) else json.dumps(body)


def _problem(simulation: Simulation, target: str) -> str | None:
    if target in simulation.faults.missing:
        return f"{target} was deleted"
    if simulation.faults.is_unavailable(target, simulation.clock.now):
        return f"{target} answered with a server error"
    return None
