"""What goes wrong on purpose."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence


class Fault(enum.Enum):
    """What happens to an invocation instead of what the handler does.

    Attributes:
        CRASH: The environment dies before the handler does anything.
        CRASH_AFTER: The environment dies after the handler is done, before its answer is out.
        TIMEOUT: The handler does everything, but too late.
        THROTTLE: Lambda has no environment for it.
    """

    CRASH = "crash"
    CRASH_AFTER = "crash_after"
    TIMEOUT = "timeout"
    THROTTLE = "throttle"


@dataclass(frozen=True)
class Invocation:
    """An invocation that is about to begin.

    Attributes:
        function: The logical id of the function.
        number: Which invocation of that function it is, counted from 0.
        time: When, in seconds.
        event: The Lambda event.
        ids: The ids of the events in it.
    """

    function: str
    number: int
    time: float
    event: Any
    ids: tuple[str, ...]


@dataclass(frozen=True)
class Faults:
    """Faults of AWS's side, none by default.

    Attributes:
        invocations: Asked before each invocation for what goes wrong with it.
        duplicates: How many more times than once events are delivered to what they go to, by
            their ids.
        dropped: The ids of events that Lambda's asynchronous queue drops under overload.
        unavailable: When a function, queue, topic, stream or bucket answers with a server error,
            by its logical id: from and until when, in seconds.
        missing: The logical ids of what was deleted behind CloudFormation's back.
    """

    invocations: Callable[[Invocation], Fault | None] | None = None
    duplicates: Mapping[str, int] = field(default_factory=dict)
    dropped: frozenset[str] = frozenset()
    unavailable: Mapping[str, Sequence[tuple[float, float]]] = field(default_factory=dict)
    missing: frozenset[str] = frozenset()

    def is_unavailable(self, logical_id: str, time: float) -> bool:
        """Whether a resource answers with a server error at a time."""
        return any(start <= time < end for start, end in self.unavailable.get(logical_id, ()))
