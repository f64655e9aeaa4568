"""What became of events."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class Outcome(enum.Enum):
    """What became of an event on one way; of several, the first that holds.

    Attributes:
        HANDLED: An invocation with it succeeded.
        HELD: A queue, a topic's subscriber or a bucket has it, or a pointer to it.
        ACKNOWLEDGED: It is gone as if handled, but nothing says that it was: the handler named it
            as failed and the mapping doesn't ask, or it answered nothing where it is asked.
        FILTERED: A filter left it out.
        PENDING: It was still on its way when the model stopped.
        LOST: It is gone, and nothing has it.
    """

    HANDLED = "handled"
    HELD = "held"
    ACKNOWLEDGED = "acknowledged"
    FILTERED = "filtered"
    PENDING = "pending"
    LOST = "lost"


class Result(enum.Enum):
    """What an attempt ended in."""

    HANDLED = "handled"
    FAILED = "failed"
    REPORTED = "reported failed"
    MALFORMED = "malformed answer"
    CRASHED = "crashed"
    TIMED_OUT = "timed out"
    THROTTLED = "throttled"
    UNAVAILABLE = "unavailable"
    REFUSED = "refused"
    IGNORED = "acknowledged unhandled"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try to have an event handled, or to hand it on.

    Attributes:
        time: When it began, in seconds.
        target: The logical id of what was tried.
        result: What it ended in.
    """

    time: float
    target: str
    result: Result


@dataclass(frozen=True, slots=True)
class Held:
    """Where an event is kept that was not handled.

    Attributes:
        at: The logical id of the queue, topic, bucket or function.
        time: Since when, in seconds.
        reason: Why, as AWS names it where it does: ``RetriesExhausted``.
        is_pointer: Whether it is only where the record stands in its stream, while that has it.
        until: When that is gone too, in seconds; ``None`` where nothing removes it.
    """

    at: str
    time: float
    reason: str
    is_pointer: bool = False
    until: float | None = None


class Leg:
    """An event on one way from its source: through these resources, to one function at the end.

    Copies of an event on the same way are one leg: it is at least once that counts.

    Attributes:
        event: The id of the event.
        path: The logical ids on its way.
        attempts: Every try, in order.
        held: Where it is kept.
        handled_at: When it was handled first.
        acknowledged_at: When it was acknowledged without being handled.
        filtered_by: What filtered it.
        lost_at: When the last copy so far was lost.
        lost_because: Why.
    """

    __slots__ = (
        "_find",
        "acknowledged_at",
        "attempts",
        "event",
        "filtered_by",
        "handled_at",
        "held",
        "is_forked",
        "lost_at",
        "lost_because",
        "path",
    )

    def __init__(
        self, event: str, path: tuple[str, ...], find: Callable[[str, tuple[str, ...]], Leg]
    ) -> None:
        self.event = event
        self.path = path
        self._find = find
        self.is_forked = False
        self.attempts: list[Attempt] = []
        self.held: list[Held] = []
        self.handled_at: float | None = None
        self.acknowledged_at: float | None = None
        self.filtered_by: str | None = None
        self.lost_at: float | None = None
        self.lost_because: str | None = None

    def via(self, logical_id: str) -> Leg:
        """The leg that goes on through a resource; this one ends with it."""
        self.is_forked = True
        return self._find(self.event, (*self.path, logical_id))

    def tried(self, time: float, target: str, result: Result) -> None:
        """An attempt was made at a time."""
        self.attempts.append(Attempt(time, target, result))

    def handled(self, time: float) -> None:
        """An invocation with it succeeded."""
        if self.handled_at is None:
            self.handled_at = time

    def acknowledged(self, time: float) -> None:
        """It is gone as if it had been handled."""
        self.acknowledged_at = time

    def hold(self, held: Held) -> None:
        """It is kept somewhere."""
        self.held.append(held)

    def filtered(self, by: str) -> None:
        """A filter left it out."""
        self.filtered_by = by

    def lose(self, time: float, because: str) -> None:
        """A copy of it is gone, and nothing has it."""
        self.lost_at, self.lost_because = time, because

    @property
    def has_ended(self) -> bool:
        """Whether something is known of where it ended."""
        return self.outcome is not Outcome.PENDING

    @property
    def outcome(self) -> Outcome:
        """What became of it."""
        if self.handled_at is not None:
            return Outcome.HANDLED
        if self.held:
            return Outcome.HELD
        if self.acknowledged_at is not None:
            return Outcome.ACKNOWLEDGED
        if self.lost_at is not None:
            return Outcome.LOST
        return Outcome.PENDING if self.filtered_by is None else Outcome.FILTERED
