"""Tumbling windows: batches that hand a state on to the next one.

- A record belongs to the window in which it came into the stream; the answer to each batch must
  hold the ``state`` that the next one of the window gets, or the batch has failed; the last
  invocation of a window gets the whole: D,
  https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-windows.html
- A state of more than 1 MB ends the window early: D, the same page; what comes after it has a
  fresh state in the same window: A.
- While the last invocation fails, nothing else of the shard is handled: D, the same page. After
  the mapping's retries, or when the stream has dropped the last record, Lambda goes on: A.
- The last invocation has no records: A. So is that windows divide all time from 1970.
- A state that is dropped is told in a warning: its records were handled one by one.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from serverless_patterns.testing.delivery._stream_batches import Batch, Entry
from serverless_patterns.testing.delivery._stream_lanes import Lane
from serverless_patterns.testing.delivery._stream_records import stamp, window_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from serverless_patterns.testing.delivery._functions import Answer
    from serverless_patterns.testing.delivery._simulation import Simulation
    from serverless_patterns.testing.delivery._stream_batches import Place
    from serverless_patterns.testing.delivery._stream_mapping import StreamMapping

_LARGEST_STATE = 1024 * 1024


class TumblingLane(Lane):
    """A shard whose batches belong to windows.

    Args:
        simulation: The run.
        mapping: The event source mapping.
        place: Where it stands.
    """

    def __init__(self, simulation: Simulation, mapping: StreamMapping, place: Place) -> None:
        super().__init__(simulation, mapping, place)
        self._window: float | None = None
        self._state: dict[str, Any] = {}
        self._last_arrival = 0.0

    def add(self, entry: Entry) -> None:
        """Take a record that came into the shard, which may open a window."""
        super().add(entry)
        self._open()

    def _open(self) -> None:
        if self._window is None and self._backlog:
            self._window = self._window_of(self._backlog.first)
            self._clock.at(self._window + self._mapping.tumbling, partial(self._end, self._window))

    def _begin(self) -> None:
        if self._window_of(self._backlog.first) == self._window:
            super()._begin()
        else:
            self._close(is_early=False)

    def _window_of(self, entry: Entry) -> float:
        return window_of(entry.record.arrived_at, self._mapping.tumbling)

    def _belongs(self, entry: Entry, taken: Sequence[Entry]) -> bool:
        return super()._belongs(entry, taken) and self._window_of(entry) == self._window

    def _taken(self) -> list[Entry]:
        taken = super()._taken()
        self._last_arrival = taken[-1].record.arrived_at
        return taken

    def _end(self, window: float) -> None:
        """A window is over: handle the rest of it, then close it."""
        if self._is_busy or self._window != window:
            return
        if self._backlog:
            self._begin()
        else:
            self._close(is_early=False)

    def _event(self, batch: Batch) -> dict[str, Any]:
        return super()._event(batch) | self._aggregate(is_final=False, is_early=False)

    def _aggregate(self, *, is_final: bool, is_early: bool) -> dict[str, Any]:
        start = self._window or 0.0
        return {
            "window": {"start": _second(start), "end": _second(start + self._mapping.tumbling)},
            "state": json.loads(json.dumps(self._state)),
            "shardId": self._place.shard_id,
            "eventSourceARN": self._mapping.source_arn,
            "isFinalInvokeForWindow": is_final,
            "isWindowTerminatedEarly": is_early,
        }

    def _accepts(self, response: Any) -> bool:
        return isinstance(response, dict) and isinstance(response.get("state"), dict)

    def _succeeded(self, batch: Batch, answer: Answer) -> None:
        self._state = answer.response["state"]
        super()._succeeded(batch, answer)

    def _go_on(self) -> None:
        if self._window is None:
            super()._go_on()
            self._open()
        elif len(json.dumps(self._state)) > _LARGEST_STATE:
            self._close(is_early=True)
        else:
            super()._go_on()
            if self._clock.now >= self._window + self._mapping.tumbling:
                self._clock.after(0, partial(self._end, self._window))

    def _close(self, *, is_early: bool) -> None:
        self._is_busy = True
        self._finish(Batch([]), is_early=is_early)

    def _finish(self, last: Batch, *, is_early: bool) -> None:
        """Invoke the function with the whole of a window."""
        event = {"Records": [], **self._aggregate(is_final=True, is_early=is_early)}
        done = partial(self._finished, last, is_early=is_early)
        if self._refusal() is not None or not self._function.invoke(event, (), done):
            self._finish_later(last, is_early=is_early)

    def _finished(self, last: Batch, answer: Answer, *, is_early: bool) -> None:
        if answer.is_success and self._accepts(answer.response):
            self._closed()
        elif self._mapping.retries is None or last.retries < self._mapping.retries:
            last.retries += 1
            self._finish_later(last, is_early=is_early)
        else:
            self._drop()

    def _finish_later(self, last: Batch, *, is_early: bool) -> None:
        if self._clock.now >= self._last_arrival + self._place.retention:
            self._drop()
            return
        last.waits += 1
        again = partial(self._finish, last, is_early=is_early)
        gone = self._last_arrival + self._place.retention
        self._clock.at(min(self._after(last.waits), gone), again)

    def _drop(self) -> None:
        self._simulation.warn(
            f"{self._mapping.logical_id}: the state of the window from "
            f"{stamp(self._window or 0.0)} of {self._place.shard_id} was dropped, as its last "
            "invocation failed"
        )
        self._closed()

    def _closed(self) -> None:
        """Begin anew with what is next; after an early end that may be of the same window."""
        self._state, self._window = {}, None
        self._go_on()


def _second(time: float) -> str:
    """A time as events name windows."""
    return datetime.fromisoformat(stamp(time)).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
