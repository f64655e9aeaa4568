"""Event source mappings of queues: how Lambda receives messages and invokes a function with them.

- D: After an error the messages wait for the end of the visibility timeout, counted from their
  receive. D (copies of 2022): With a window, where window and timeout together are longer than
  it, it is both and 30 s.
- D: A throttled batch is sent again until the visibility timeout ends, and dropped then; the
  receive counts. A: ``Assumptions.queue_retry_delay`` and ``queue_retry_growth``, and that a
  function that is unavailable is retried alike.
- D (copies of 2022): What no filter takes is deleted. A: A body is JSON to a filter if it is an
  object, else a text.
- D: A message isn't deleted by a receipt handle that isn't its last one, nor from a FIFO queue once
  it is visible again, so it may be handled twice.
- Refused: a function that was deleted; it isn't known whether its messages are received.

See:
    https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
    https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
    https://docs.aws.amazon.com/lambda/latest/dg/with-sqs-filtering.html
    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_DeleteMessage.html
"""

from __future__ import annotations

import json
import math
from functools import partial
from typing import TYPE_CHECKING, Any

from serverless_patterns.testing.delivery import _patterns
from serverless_patterns.testing.delivery._assumptions import waits
from serverless_patterns.testing.delivery._backlogs import FifoBacklog, StandardBacklog
from serverless_patterns.testing.delivery._errors import DeliveryError
from serverless_patterns.testing.delivery._history import Result
from serverless_patterns.testing.delivery._mapping_roles import check_reads
from serverless_patterns.testing.delivery._mapping_sources import source_of
from serverless_patterns.testing.delivery._queue_answers import out_of_order, results
from serverless_patterns.testing.delivery._queue_batches import Batching
from serverless_patterns.testing.delivery._queue_scaling import Scaling
from serverless_patterns.testing.delivery._queue_settings import MappingSettings, check_visibility

if TYPE_CHECKING:
    from collections.abc import Mapping as Properties

    from serverless_patterns.testing.delivery._backlogs import Backlog
    from serverless_patterns.testing.delivery._functions import Answer, Function
    from serverless_patterns.testing.delivery._queue_batches import Batch
    from serverless_patterns.testing.delivery._queue_messages import Message
    from serverless_patterns.testing.delivery._queues import Queue
    from serverless_patterns.testing.delivery._simulation import Simulation

_ADDED_TO_WINDOW = 30


class Mapping:
    """An event source mapping of a queue.

    Args:
        simulation: What it is part of.
        queue: The queue.
        logical_id: Its logical id.
        settings: Its properties.
        function: The function.

    Attributes:
        logical_id: Its logical id.
        function: The function.
    """

    def __init__(
        self,
        simulation: Simulation,
        queue: Queue,
        logical_id: str,
        settings: MappingSettings,
        function: Function,
    ) -> None:
        self.logical_id = logical_id
        self.function = function
        self._simulation = simulation
        self._clock = simulation.clock
        self._queue = queue
        self._settings = settings
        self._visibility: float = queue.settings.visibility
        if settings.window and settings.window + function.timeout > self._visibility:
            self._visibility = settings.window + function.timeout + _ADDED_TO_WINDOW
        self._backlog: Backlog = (
            FifoBacklog() if queue.is_fifo else StandardBacklog(simulation.assumptions.seed)
        )
        self._batching = Batching(
            self._clock,
            batch_size=settings.batch_size,
            window=settings.window,
            visibility=self._visibility,
            record=self._record,
            poll=self._poke,
        )
        self._scaling = Scaling(self._clock, settings.max_concurrency, self._poke)
        self._polls = False

    @classmethod
    def of(cls, simulation: Simulation, queue: Queue) -> list[Mapping]:
        """Those of a queue that are enabled.

        Raises:
            DeliveryError: If AWS would refuse one, or it isn't known how it works.
        """
        resources = simulation.resources
        found = []
        for logical_id, properties in resources.of_kind("AWS::Lambda::EventSourceMapping"):
            if source_of(resources, logical_id, properties) != queue.logical_id:
                continue
            settings = MappingSettings.of(
                logical_id, properties, queue=queue.logical_id, is_fifo=queue.is_fifo
            )
            if not properties.get("Enabled", True):
                continue
            function = _function(simulation, logical_id, properties)
            check_reads(resources, logical_id, properties, function.logical_id)
            check_visibility(queue.logical_id, queue.settings.visibility, function)
            found.append(cls(simulation, queue, logical_id, settings, function))
        return found

    def offer(self, message: Message) -> None:
        """Let a message be received, for the first time or again."""
        self._backlog.add(message)
        if message.is_in_flight:
            self._land(message)
        self._poke()

    def forget(self, message: Message) -> None:
        """A message is gone before an answer said so."""
        if message.is_in_flight:
            self._land(message)
        self._poke()

    def _land(self, message: Message) -> None:
        message.is_in_flight = False
        self._backlog.settle(message)

    def _poke(self) -> None:
        """Poll, once everything has happened that is due now."""
        if not self._polls and (self._backlog or self._batching.ready):
            self._polls = True
            self._clock.at(self._clock.now, self._poll)

    def _poll(self) -> None:
        self._polls = False
        if until := self._unavailable_until(self._clock.now):
            self._clock.at(until, self._poke)
            return
        self._scaling.work()
        batching = self._batching
        while self._backlog or batching.ready:
            if not self._scaling.has_room:
                self._scaling.wait()
                return
            if batching.ready:
                self._scaling.start()
                self._invoke(batching.ready.popleft())
            else:
                batching.gather(self._backlog.receive(batching.room, self._admit))

    def _unavailable_until(self, now: float) -> float | None:
        times = self._simulation.faults.unavailable.get(self._queue.logical_id, ())
        return max((end for start, end in times if start <= now < end), default=None)

    def _admit(self, message: Message) -> bool:
        """Whether a message is received; if not, it is gone."""
        now = self._clock.now
        if message.is_gone:
            return False
        if message.expires_at <= now:
            self._queue.expire(message)
            return False
        redrive = self._queue.settings.redrive
        if redrive is not None and message.receives >= redrive.receives:
            self._queue.redrive(message)
            return False
        if self._settings.filters and not self._takes(message.body):
            message.is_gone = True
            message.leg.filtered(self.logical_id)
            return False
        message.received(now)
        return True

    def _takes(self, body: str) -> bool:
        """Whether a filter takes a body: as JSON if it is an object, else as a text."""
        try:
            parsed = json.loads(body)
        except (RecursionError, ValueError):
            parsed = body
        event = {"body": parsed if isinstance(parsed, dict) else body}
        return any(_patterns.matches(pattern, event) for pattern in self._settings.filters)

    def _record(self, message: Message) -> dict[str, Any]:
        return message.record(self._queue.name, is_fifo=self._queue.is_fifo)

    def _invoke(self, batch: Batch) -> None:
        """Invoke the function with a batch, for the first time or after a throttle."""
        now, function = self._clock.now, self.function
        event = {"Records": [self._record(message) for message in batch.messages]}
        legs = [message.leg for message in batch.messages]
        result = Result.THROTTLED
        if self._simulation.faults.is_unavailable(function.logical_id, now):
            result = Result.UNAVAILABLE
        elif function.invoke(event, legs, partial(self._answered, batch)):
            if now + function.timeout > batch.deadline:
                self._hide(batch)
            return
        for leg in legs:
            leg.tried(now, function.logical_id, result)
        self._hide(batch)
        batch.tries += 1
        assumed = self._simulation.assumptions
        growth = assumed.queue_retry_growth
        again_at = now + waits(assumed.queue_retry_delay, growth, math.inf, batch.tries)
        if again_at < batch.deadline:
            self._clock.at(again_at, partial(self._invoke, batch))
        else:
            self._clock.at(batch.deadline, self._end)

    def _end(self) -> None:
        """A batch is over: answered, or given up as its messages are visible again."""
        self._scaling.end()
        if not (self._backlog or self._batching.ready):
            self._scaling.rest()
        self._poke()

    def _hide(self, batch: Batch) -> None:
        """Let the messages of a batch reappear in time, unless they are deleted before."""
        if not batch.is_hidden:
            batch.is_hidden = True
            for message in batch.messages:
                self._queue.hide(message, self, message.received_at + self._visibility)

    def _answered(self, batch: Batch, answer: Answer) -> None:
        """Take an answer: delete what was handled, leave what was not."""
        now, owner, messages = self._clock.now, self.function.logical_id, batch.messages
        asks = self._settings.asks_for_failures
        found = results(answer, messages, asks_for_failures=asks, owner=owner)
        for message, receipt, result in zip(messages, batch.receipts, found, strict=True):
            leg = message.leg
            leg.tried(answer.started_at, owner, result)
            if result is Result.HANDLED:
                leg.handled(now)
                self._delete(message, receipt)
            elif result is Result.IGNORED:
                leg.acknowledged(now)
                self._delete(message, receipt)
            elif not batch.is_hidden:
                self._queue.hide(message, self, message.received_at + self._visibility)
        if self._queue.is_fifo:
            for group, message_id in sorted(out_of_order(messages, found)):
                self._simulation.warn(
                    f"{owner}: group {group!r} is out of order, as {message_id!r} was handled "
                    "after one that failed; report all that follow it too"
                )
        self._end()

    def _delete(self, message: Message, receipt: int) -> None:
        """Delete a message, if the receipt handle is good for it still."""
        if message.is_gone or message.receives != receipt:
            return
        if message.is_in_flight:
            message.is_gone = True
            self._land(message)
        elif not self._queue.is_fifo:
            message.is_gone = True


def _function(
    simulation: Simulation, logical_id: str, properties: Properties[str, Any]
) -> Function:
    found = simulation.resources.function_of(properties.get("FunctionName"))
    if found is None:
        raise DeliveryError(
            f"{logical_id}: FunctionName must lead to a function of the template, got "
            f"{properties.get('FunctionName')!r}; deliver the template that defines it"
        )
    if found[0] in simulation.faults.missing:
        raise DeliveryError(
            f"{logical_id}: FunctionName must be of a function that is there, got {found[0]}, "
            "which is in faults.missing; whether Lambda goes on to receive its messages isn't "
            "documented"
        )
    return simulation.function(found[0])
