"""Queues: what is sent to them, how long they keep it, and where they move what fails.

- D: A message can be received from its delay until its retention ends, and reappears when the
  visibility timeout is over, counted from its receive.
- O: A message that was received ``maxReceiveCount`` times moves to the dead-letter queue at the
  next receive after that. It keeps its id.
- D: In a standard dead-letter queue the retention counts from when it was sent first, so it may be
  over already; in a FIFO one from the move.
- D: For five minutes a FIFO queue takes a message with the same deduplication id and drops it; with
  ``DeduplicationScope`` ``messageGroup``, one of the same group.
- A: Of several mappings that poll a queue, each in turn gets a message, or a message group.
- Refused: a dead-letter queue that was deleted; it isn't known where its messages stay.

See:
    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-visibility-timeout.html
    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html
    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/using-messagededuplicationid-property.html
"""

from __future__ import annotations

import heapq
import itertools
from typing import TYPE_CHECKING

from serverless_patterns.testing.delivery._errors import DeliveryError
from serverless_patterns.testing.delivery._history import Held, Result
from serverless_patterns.testing.delivery._queue_mapping import Mapping
from serverless_patterns.testing.delivery._queue_messages import Message, check_sent, hash_of
from serverless_patterns.testing.delivery._queue_settings import QueueSettings

if TYPE_CHECKING:
    from serverless_patterns.testing.delivery._events import Attributes
    from serverless_patterns.testing.delivery._history import Leg
    from serverless_patterns.testing.delivery._simulation import Simulation

_DEDUPLICATES_FOR = 300.0
_NOT_POLLED = "nothing polls it"
_RECEIVED_TOO_OFTEN = "maxReceiveCount exceeded"


class Queue:
    """A queue of a template.

    Args:
        simulation: What it is part of.
        logical_id: Its logical id.

    Attributes:
        logical_id: Its logical id.
        settings: Its properties.
        name: Its name.
    """

    def __init__(self, simulation: Simulation, logical_id: str) -> None:
        self.logical_id = logical_id
        self.settings = QueueSettings.of(logical_id, simulation.resources)
        self.name = f"{logical_id}.fifo" if self.settings.is_fifo else logical_id
        self._simulation = simulation
        self._clock = simulation.clock
        self._hidden: list[tuple[float, int, Message, Mapping]] = []
        self._wakes_at: float | None = None
        self._order = itertools.count()
        self._sequence = itertools.count(1)
        self._seen: dict[tuple[str | None, str], tuple[float, Leg]] = {}
        self._mappings = Mapping.of(simulation, self)
        self._turn = itertools.cycle(self._mappings)
        self._groups: dict[str | None, Mapping] = {}

    @property
    def is_fifo(self) -> bool:
        """Whether it is a FIFO queue."""
        return self.settings.is_fifo

    @property
    def is_polled(self) -> bool:
        """Whether a mapping polls it, so that it doesn't just hold what it gets."""
        return bool(self._mappings)

    def send(
        self,
        leg: Leg,
        body: str,
        *,
        message_id: str,
        attributes: Attributes,
        group: str | None = None,
        deduplication: str | None = None,
        delay: float = 0.0,
    ) -> None:
        """Take a message.

        Args:
            leg: Its history.
            body: Its body.
            message_id: Its id.
            attributes: Its message attributes.
            group: Its message group.
            deduplication: Its deduplication id. Default - on a FIFO queue the hash of its body,
                where that has ``ContentBasedDeduplication``, else its id.
            delay: Seconds until it can be received. Default - the queue's.

        Raises:
            DeliveryError: If SQS would refuse the message to its sender.
        """
        now = self._clock.now
        if not self._is_there(leg, now):
            return
        check_sent(
            f"{self.logical_id}: message {message_id!r}",
            self.settings,
            body=body,
            attributes=attributes,
            group=group,
            deduplication=deduplication,
            delay=delay,
        )
        if self.is_fifo:
            by_content = self.settings.deduplicates_by_content
            deduplication = deduplication or (hash_of(body) if by_content else message_id)
            if self._is_duplicate(leg, group, deduplication, now):
                return
        expires_at = now + self.settings.retention
        if not self._mappings:
            leg.hold(Held(self.logical_id, now, _NOT_POLLED, until=expires_at))
            return
        message = Message(
            message_id,
            leg,
            body,
            attributes,
            group=group,
            deduplication=deduplication,
            sequence=next(self._sequence),
            sent_at=now,
            expires_at=expires_at,
        )
        self._offer(message, now + (delay or self.settings.delay))

    def hide(self, message: Message, mapping: Mapping, until: float) -> None:
        """Let a message be received by a mapping from a time on."""
        due = min(until, message.expires_at)
        heapq.heappush(self._hidden, (due, next(self._order), message, mapping))
        if self._wakes_at is None or due < self._wakes_at:
            self._wakes_at = due
            self._clock.at(due, self._show)

    def expire(self, message: Message) -> None:
        """A message is older than the queue retains it."""
        message.is_gone = True
        message.leg.lose(message.expires_at, f"{self.logical_id} retained it no longer")

    def redrive(self, message: Message) -> None:
        """Move a message that was received too often to the dead-letter queue."""
        message.is_gone = True
        redrive = self.settings.redrive
        assert redrive is not None  # noqa: S101 - for the type checker
        if redrive.queue is None:
            message.leg.hold(Held(redrive.name, self._clock.now, _RECEIVED_TOO_OFTEN))
        elif redrive.queue in self._simulation.faults.missing:
            raise DeliveryError(
                f"{self.logical_id}: deadLetterTargetArn must be of a queue that is there, got "
                f"{redrive.queue}, which is in faults.missing; what SQS does with a message that "
                "can't be moved isn't documented"
            )
        else:
            self._check_redrive()
            self._simulation.part(Queue, redrive.queue)._take_over(message, self.name)  # noqa: SLF001

    def _check_redrive(self) -> None:
        """Refuse FIFO queues that hand a message round: each takes it as if it were new."""
        way, at = [self.logical_id], self
        while self.is_fifo and at.is_polled and at.settings.redrive and at.settings.redrive.queue:
            way.append(at.settings.redrive.queue)
            if way[-1] in way[:-1]:
                raise DeliveryError(
                    f"{self.logical_id}: deadLetterTargetArn must not lead back to a FIFO queue, "
                    f"got {' > '.join(way)}; let one of them be polled by nothing, as messages "
                    "would go round without end"
                )
            at = self._simulation.part(Queue, way[-1])

    def _take_over(self, dead: Message, source: str) -> None:
        """Take a dead letter of another queue."""
        now = self._clock.now
        sent_at = now if self.is_fifo else dead.sent_at
        expires_at = sent_at + self.settings.retention
        if expires_at <= now:
            dead.leg.lose(now, f"{self.logical_id} retains nothing as old as it")
        elif not self._mappings:
            dead.leg.hold(Held(self.logical_id, now, _RECEIVED_TOO_OFTEN, until=expires_at))
        else:
            message = Message(
                dead.id,
                dead.leg,
                dead.body,
                dead.attributes,
                group=dead.group,
                deduplication=dead.deduplication,
                sequence=next(self._sequence),
                sent_at=sent_at,
                expires_at=expires_at,
            )
            message.dead_letter_of = source
            self._offer(message, now + self.settings.delay)

    def _offer(self, message: Message, visible_at: float) -> None:
        """Let one of the mappings have a message."""
        if self.is_fifo:
            if message.group not in self._groups:
                self._groups[message.group] = next(self._turn)
            mapping = self._groups[message.group]
        else:
            mapping = next(self._turn)
        message.leg = self._way(message.leg, mapping.function.logical_id)
        if visible_at > self._clock.now:
            self.hide(message, mapping, visible_at)
        else:
            mapping.offer(message)

    def _show(self) -> None:
        """Let the messages that are due be received again, and drop those that are too old."""
        now = self._clock.now
        while self._hidden and self._hidden[0][0] <= now:
            _, _, message, mapping = heapq.heappop(self._hidden)
            if message.is_gone:
                continue
            if message.expires_at <= now:
                self.expire(message)
                mapping.forget(message)
            else:
                mapping.offer(message)
        self._wakes_at = None
        if self._hidden:
            self._wakes_at = self._hidden[0][0]
            self._clock.at(self._wakes_at, self._show)

    def _way(self, leg: Leg, function: str) -> Leg:
        """The leg that leads through this queue to a function.

        One that was at a function before, or was tried, goes on itself: it is the same history.
        """
        step = (self.logical_id, function)
        path = leg.path
        if step in itertools.pairwise(path):
            return leg
        steps = step[1:] if path[-1] == self.logical_id else step
        if leg.attempts:
            leg.path = (*path, *steps)
            return leg
        for logical_id in steps:
            leg = leg.via(logical_id)
        return leg

    def _is_there(self, leg: Leg, now: float) -> bool:
        faults = self._simulation.faults
        if self.logical_id in faults.missing:
            leg.tried(now, self.logical_id, Result.REFUSED)
            leg.lose(now, f"{self.logical_id} was deleted when it was sent")
        elif faults.is_unavailable(self.logical_id, now):
            leg.tried(now, self.logical_id, Result.UNAVAILABLE)
            leg.lose(now, f"{self.logical_id} was unavailable when it was sent")
        else:
            return True
        return False

    def _is_duplicate(self, leg: Leg, group: str | None, deduplication: str, now: float) -> bool:
        key = (group if self.settings.deduplicates_by_group else None, deduplication)
        taken_at, first = self._seen.get(key, (-_DEDUPLICATES_FOR, None))
        if now >= taken_at + _DEDUPLICATES_FOR:
            self._seen[key] = (now, leg)
            return False
        if leg is not first:
            leg.filtered(f"{self.logical_id}, which took its deduplication id before")
        return True
