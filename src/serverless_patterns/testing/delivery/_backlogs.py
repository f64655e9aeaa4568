"""The messages of a queue that can be received, in the order in which SQS hands them out.

- D: A standard queue makes its best to keep the order, and no promise: ``Assumptions.seed``
  shuffles it.
- D: A FIFO queue hands out as many messages of one group as it can, then those of others. While a
  message of a group is in flight, the later ones of the group are withheld.
- A: The group comes first whose next message is the oldest.

See:
    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/FIFO-queues-understanding-logic.html
    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/standard-queues.html
"""

from __future__ import annotations

import heapq
import random
from collections import deque
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from serverless_patterns.testing.delivery._queue_messages import Message

    Admit = Callable[[Message], bool]


class Backlog(Protocol):
    """The messages that can be received."""

    def __bool__(self) -> bool: ...

    def add(self, message: Message) -> None:
        """A message can be received, for the first time or again."""

    def receive(self, most: int, admit: Admit) -> list[Message]:
        """Hand out messages, which are in flight then.

        Args:
            most: How many.
            admit: Whether a message is handed out; if not, it is gone.
        """

    def settle(self, message: Message) -> None:
        """A message is no longer in flight: it is gone, or was added again."""


class StandardBacklog:
    """The messages of a standard queue.

    Args:
        seed: Of their order. Default - as they came.
    """

    def __init__(self, seed: int | None) -> None:
        self._messages: deque[Message] = deque()
        self._random = None if seed is None else random.Random(seed)  # noqa: S311 - to repeat it

    def __bool__(self) -> bool:
        return bool(self._messages)

    def add(self, message: Message) -> None:
        """A message can be received, for the first time or again."""
        self._messages.append(message)

    def receive(self, most: int, admit: Admit) -> list[Message]:
        """Hand out messages, which are in flight then."""
        received: list[Message] = []
        messages = self._messages
        while messages and len(received) < most:
            if self._random is not None:
                other = self._random.randrange(len(messages))
                messages[0], messages[other] = messages[other], messages[0]
            message = messages.popleft()
            if admit(message):
                received.append(message)
        return received

    def settle(self, message: Message) -> None:
        """Nothing waits for a message of a standard queue."""


class _Group:
    """The messages of a group: those waiting, in their order, and how many are in flight."""

    __slots__ = ("in_flight", "is_listed", "waiting")

    def __init__(self) -> None:
        self.waiting: list[tuple[int, Message]] = []
        self.in_flight = 0
        self.is_listed = False


class FifoBacklog:
    """The messages of a FIFO queue."""

    def __init__(self) -> None:
        self._groups: dict[str, _Group] = {}
        self._open: list[tuple[int, str]] = []

    def __bool__(self) -> bool:
        return bool(self._open)

    def add(self, message: Message) -> None:
        """A message can be received, for the first time or again, in its old place."""
        group = self._groups.setdefault(message.group or "", _Group())
        heapq.heappush(group.waiting, (message.sequence, message))
        self._list(message.group or "", group)

    def receive(self, most: int, admit: Admit) -> list[Message]:
        """Hand out messages, which are in flight then."""
        received: list[Message] = []
        while self._open and len(received) < most:
            _, name = heapq.heappop(self._open)
            group = self._groups[name]
            group.is_listed = False
            while group.waiting and len(received) < most:
                _, message = heapq.heappop(group.waiting)
                if admit(message):
                    group.in_flight += 1
                    received.append(message)
            self._list(name, group)
        return received

    def settle(self, message: Message) -> None:
        """A message is no longer in flight, so the group may go on."""
        name = message.group or ""
        group = self._groups[name]
        group.in_flight -= 1
        self._list(name, group)

    def _list(self, name: str, group: _Group) -> None:
        if group.waiting and not group.in_flight and not group.is_listed:
            group.is_listed = True
            heapq.heappush(self._open, (group.waiting[0][0], name))
