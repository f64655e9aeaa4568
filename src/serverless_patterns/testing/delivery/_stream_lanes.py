"""Lanes of a stream: what Lambda handles in order, one batch at a time.

A lane is a shard, or the part of it that the parallelization factor gives to one of several
batches. Before each invocation records that are gone or too old are split off; then the batch is
sent; if it fails it is split, else sent again, else told to the destination; then the next goes.

- One batch of a lane is under way, in order per partition key, or per item of a table: D,
  https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-create.html
- A batch is sent when it is full or its window is over: D,
  https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventsourcemapping.html
- The window counts from the first record that a free lane has: A.
- An error repeats the whole batch and blocks the lane, N retries are N + 1 invocations; what
  wasn't invoked, as for throttling, takes no retry: D,
  https://docs.aws.amazon.com/lambda/latest/dg/kinesis-on-failure-destination.html
- A batch that fails is bisected without taking a retry: D, the same page; the first half is the
  smaller one, each half has all its retries, and a malformed answer bisects too: A.
- Only what is older than the maximum age is discarded, unseen, and the rest is delivered with
  fresh counters: O.
- What the stream has dropped is lost, in the middle of a batch too: A. That Lambda would tell a
  destination of it isn't said, and a pointer to it would lead nowhere.
- Of a partial answer the lowest sequence number is the checkpoint; what stands before it is done,
  and with bisecting it is where the batch is split: D,
  https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-batchfailurereporting.html;
  the rest has all its retries: O. Whether a batch is halved that didn't get on: A,
  ``Assumptions.bisect_without_progress``.
- How long Lambda waits between attempts: A, ``Assumptions.stream_retry_delay`` and its growth.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from serverless_patterns.testing.delivery._assumptions import waits
from serverless_patterns.testing.delivery._history import Result
from serverless_patterns.testing.delivery._partial_batches import named, reported
from serverless_patterns.testing.delivery._stream_batches import Backlog, Batch, Entry
from serverless_patterns.testing.delivery._stream_discards import tell

if TYPE_CHECKING:
    from collections.abc import Sequence

    from serverless_patterns.testing.delivery._functions import Answer
    from serverless_patterns.testing.delivery._simulation import Simulation
    from serverless_patterns.testing.delivery._stream_batches import Place
    from serverless_patterns.testing.delivery._stream_mapping import StreamMapping


class Lane:
    """Hands the records of a lane to a function.

    Args:
        simulation: The run.
        mapping: The event source mapping.
        place: Where it stands.
    """

    def __init__(self, simulation: Simulation, mapping: StreamMapping, place: Place) -> None:
        self._simulation = simulation
        self._clock = simulation.clock
        self._mapping = mapping
        self._place = place
        self._function = simulation.function(mapping.function)
        self._backlog = Backlog(mapping.batch_size)
        self._later: list[Batch] = []
        self._is_busy = False
        self._free_since = 0.0
        self._due: float | None = None

    def add(self, entry: Entry) -> None:
        """Take a record that came into the shard."""
        if not self._backlog:
            self._free_since = self._clock.now
        self._backlog.add(entry)
        if not self._is_busy:
            self._gather()

    def _gather(self) -> None:
        """Begin with a batch once it is full or its window is over."""
        due = self._free_since + self._mapping.window
        if self._backlog.is_full:
            due = self._clock.now
        if self._due is None or due < self._due:
            self._due = due
            self._clock.at(due, partial(self._poll, due))

    def _poll(self, due: float) -> None:
        if self._is_busy or due != self._due:
            return
        self._due = None
        outages = self._simulation.faults.unavailable.get(self._place.stream, ())
        ends = [end for start, end in outages if start <= self._clock.now < end]
        if ends:
            self._due = max(ends)
            self._clock.at(self._due, partial(self._poll, self._due))
        elif self._backlog:
            self._begin()

    def _begin(self) -> None:
        self._is_busy = True
        self._send(Batch(self._taken()))

    def _taken(self) -> list[Entry]:
        return self._backlog.take(self._belongs)

    def _belongs(self, entry: Entry, taken: Sequence[Entry]) -> bool:
        """Whether a record may be in one batch with those: Lambda repeats none within one."""
        sequence = entry.record.sequence
        return not entry.record.is_copy or all(one.record.sequence != sequence for one in taken)

    def _send(self, batch: Batch) -> None:
        live = self._without_old(batch)
        if not live.entries:
            self._go_on()
            return
        legs = [entry.leg for entry in live.entries]
        refusal = self._refusal()
        if refusal is None:
            if self._function.invoke(self._event(live), legs, partial(self._answered, live)):
                live.invocations += 1
                return
            refusal = Result.THROTTLED
        for leg in legs:
            leg.tried(self._clock.now, self._mapping.function, refusal)
        self._send_later(live)

    def _refusal(self) -> Result | None:
        """Why Lambda doesn't run the function at all."""
        faults, name = self._simulation.faults, self._mapping.function
        if name in faults.missing:
            return Result.REFUSED
        return Result.UNAVAILABLE if faults.is_unavailable(name, self._clock.now) else None

    def _without_old(self, batch: Batch) -> Batch:
        """A batch without those that are gone or too old; it begins anew if there are any."""
        entries, now = batch.entries, self._clock.now
        trimmed = old = 0
        while trimmed < len(entries) and self._is_trimmed(entries[trimmed]):
            entries[trimmed].leg.lose(now, "trimmed")
            trimmed += 1
        old = trimmed
        max_age = self._mapping.max_age
        if max_age is not None:
            while old < len(entries) and now - entries[old].record.arrived_at > max_age:
                old += 1
        if not old:
            return batch
        if old > trimmed:
            unseen = Batch(entries[trimmed:old], 0, 0, batch.invocations, batch.error)
            self._discard(unseen, "RecordAgeExceeded")
        return Batch(entries[old:])

    def _is_trimmed(self, entry: Entry) -> bool:
        return self._clock.now >= entry.record.arrived_at + self._place.retention

    def _event(self, batch: Batch) -> dict[str, Any]:
        arn = self._mapping.source_arn
        return {"Records": [entry.record.event(arn) for entry in batch.entries]}

    def _answered(self, batch: Batch, answer: Answer) -> None:
        batch.error = None
        if not answer.is_success:
            batch.error = "Unhandled"
            self._note(batch.entries, answer, answer.result)
            self._failed(batch)
        elif not self._accepts(answer.response):
            self._note(batch.entries, answer, Result.MALFORMED)
            self._failed(batch)
        elif self._mapping.reports:
            self._reported(batch, answer)
        else:
            self._succeeded(batch, answer)

    def _accepts(self, response: Any) -> bool:  # noqa: ARG002 - a lane with windows asks for more
        """Whether the form of an answer is right, whatever it reports."""
        return True

    def _succeeded(self, batch: Batch, answer: Answer) -> None:
        """Everything is done for Lambda, though the handler may have named a checkpoint."""
        names = named(answer.response)
        at = len(batch.entries)
        for number, entry in enumerate(batch.entries if names else ()):
            if entry.record.sequence in names:
                at = number
                break
        self._note(batch.entries[:at], answer, Result.HANDLED)
        self._note(batch.entries[at:], answer, Result.IGNORED)
        self._go_on()

    def _reported(self, batch: Batch, answer: Answer) -> None:
        ids = [entry.record.sequence for entry in batch.entries]
        owner = self._mapping.function
        report = reported(answer.response, ids, is_stream=True, owner=owner)
        if report.is_malformed:
            self._note(batch.entries, answer, Result.MALFORMED)
            self._failed(batch)
        elif report.failed:
            self._checkpoint(batch, answer, ids.index(report.failed[0]))
        else:
            result = Result.IGNORED if report.is_empty else Result.HANDLED
            self._note(batch.entries, answer, result)
            self._go_on()

    def _checkpoint(self, batch: Batch, answer: Answer, at: int) -> None:
        self._note(batch.entries[:at], answer, Result.HANDLED)
        self._note(batch.entries[at:], answer, Result.REPORTED)
        if at:
            self._send_later(Batch(batch.entries[at:]))
        elif self._simulation.assumptions.bisect_without_progress:
            self._failed(batch)
        else:
            self._retry(batch)

    def _note(self, entries: Sequence[Entry], answer: Answer, result: Result) -> None:
        now, function = self._clock.now, self._mapping.function
        for _, leg in entries:
            leg.tried(answer.started_at, function, result)
            if result is Result.HANDLED:
                leg.handled(now)
            elif result is Result.IGNORED:
                leg.acknowledged(now)

    def _failed(self, batch: Batch) -> None:
        if self._mapping.bisects and len(batch.entries) > 1:
            middle = len(batch.entries) // 2
            self._later.append(Batch(batch.entries[middle:]))
            self._send_later(Batch(batch.entries[:middle]))
        else:
            self._retry(batch)

    def _retry(self, batch: Batch) -> None:
        if self._mapping.retries is None or batch.retries < self._mapping.retries:
            batch.retries += 1
            self._send_later(batch)
        else:
            self._discard(batch, "RetryAttemptsExhausted")
            self._go_on()

    def _send_later(self, batch: Batch) -> None:
        """Send a batch after a wait, or when the stream drops the first of it."""
        batch.waits += 1
        gone = batch.entries[0].record.arrived_at + self._place.retention
        self._clock.at(min(self._after(batch.waits), gone), partial(self._send, batch))

    def _after(self, waited: int) -> float:
        """When Lambda tries again that had to wait so often in a row."""
        curve = self._simulation.assumptions
        delay, growth = curve.stream_retry_delay, curve.stream_retry_growth
        return self._clock.now + waits(delay, growth, curve.stream_retry_limit, waited)

    def _discard(self, batch: Batch, reason: str) -> None:
        if self._mapping.destination is None:
            for _, leg in batch.entries:
                leg.lose(self._clock.now, reason)
        else:
            event = self._event(batch)
            tell(self._simulation, self._mapping, self._place, batch, reason=reason, event=event)

    def _go_on(self) -> None:
        """Take what is next: the other half of a batch that was split, or a new one."""
        if self._later:
            self._clock.after(0, partial(self._send, self._later.pop()))
            return
        self._is_busy, self._due = False, None
        self._free_since = self._clock.now
        if self._backlog:
            self._gather()
