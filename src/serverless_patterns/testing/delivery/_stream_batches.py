"""Records of a stream on their way to a function, one by one and together.

- A batch has at most ``BatchSize`` records and 6 MB: D,
  https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventsourcemapping.html
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from serverless_patterns.testing.delivery._history import Leg
    from serverless_patterns.testing.delivery._stream_records import Record

PAYLOAD = 6 * 1024 * 1024  # https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html


class Entry(NamedTuple):
    """A record, and its event's leg through a mapping."""

    record: Record
    leg: Leg


@dataclass(slots=True)
class Batch:
    """Records that are sent together.

    Attributes:
        entries: The records.
        retries: How many retries it has taken.
        waits: How often in a row it had to wait.
        invocations: How often the function has had it.
        error: How the last of these failed, as Lambda's records name it.
    """

    entries: list[Entry]
    retries: int = 0
    waits: int = 0
    invocations: int = 0
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a lane stands.

    Attributes:
        stream: The logical id of the stream.
        shard_id: Its shard's id.
        retention: How long the stream keeps a record, in seconds.
    """

    stream: str
    shard_id: str
    retention: float


class Backlog:
    """What a lane has not begun with.

    Args:
        limit: The most records of a batch.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._entries: deque[Entry] = deque()
        self._size = 0

    def __bool__(self) -> bool:
        return bool(self._entries)

    @property
    def first(self) -> Entry:
        """What is next."""
        return self._entries[0]

    @property
    def is_full(self) -> bool:
        """Whether it makes a whole batch."""
        return len(self._entries) >= self._limit or self._size >= PAYLOAD

    def add(self, entry: Entry) -> None:
        """Put something last."""
        self._entries.append(entry)
        self._size += entry.record.size

    def pop(self) -> Entry:
        """Take what is next."""
        entry = self._entries.popleft()
        self._size -= entry.record.size
        return entry

    def take(self, belongs: Callable[[Entry, Sequence[Entry]], bool]) -> list[Entry]:
        """Take a batch.

        Args:
            belongs: Whether something may be in one batch with those before it.
        """
        taken: list[Entry] = []
        size = 0
        while self._entries and len(taken) < self._limit:
            size += self.first.record.size
            if taken and (size > PAYLOAD or not belongs(self.first, taken)):
                break
            taken.append(self.pop())
        return taken
