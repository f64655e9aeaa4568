"""The batches in which Lambda hands the messages of a queue to a function.

- D: A batch has ``BatchSize`` messages, what came within the window since its first, or 6 MB.

See:
    https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventsourcemapping.html#invocation-eventsourcemapping-batching
"""

from __future__ import annotations

import json
from collections import deque
from functools import partial
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from serverless_patterns.testing.delivery._clock import Clock
    from serverless_patterns.testing.delivery._queue_messages import Message

_PAYLOAD = 6 * 1024 * 1024
_BYTES_A_CHARACTER = 6  # at most, as JSON
_FIELDS = 2_000  # more than the JSON of a record without body and attributes


class Batch:
    """Messages that an invocation gets together.

    Attributes:
        messages: The messages.
        receipts: Which receive of each it is.
        deadline: When the first is visible again.
        tries: How often Lambda had nowhere to run it.
        is_hidden: Whether it is settled already when its messages are visible again.
    """

    __slots__ = ("deadline", "is_hidden", "messages", "receipts", "tries")

    def __init__(self, messages: list[Message], visibility: float) -> None:
        self.messages = messages
        self.receipts = [message.receives for message in messages]
        self.deadline = messages[0].received_at + visibility
        self.tries = 0
        self.is_hidden = False


class Batching:
    """Puts the messages of a mapping into batches.

    Args:
        clock: The time.
        batch_size: How many messages a batch has at most.
        window: How long it waits for them, in seconds.
        visibility: How long they are hidden from their receive.
        record: What a handler gets of a message.
        poll: What to do when a window ends.

    Attributes:
        ready: The batches that are complete.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        batch_size: int,
        window: int,
        visibility: float,
        record: Callable[[Message], dict[str, Any]],
        poll: Callable[[], None],
    ) -> None:
        self.ready: deque[Batch] = deque()
        self._clock = clock
        self._batch_size = batch_size
        self._window = window
        self._visibility = visibility
        self._record = record
        self._poll = poll
        self._open: list[Message] = []
        self._size = 0

    @property
    def room(self) -> int:
        """How many messages the batch that is open can take."""
        return self._batch_size - len(self._open)

    def gather(self, messages: list[Message]) -> None:
        """Put messages into batches.

        Args:
            messages: No more than there is room for.
        """
        for message in messages:
            size = self._bytes(message)
            if self._open and self._size + size > _PAYLOAD:
                self._close()
            if not self._open and self._window:
                self._clock.after(self._window, partial(self._end_window, self._open))
            self._open.append(message)
            self._size += size
        if self._open and not (self._window and self.room):
            self._close()

    def _bytes(self, message: Message) -> int:
        """The bytes that a message takes of a payload; 0 if as many of it can't fill one."""
        most = len(message.body) * _BYTES_A_CHARACTER + _FIELDS
        if not message.attributes and most < _PAYLOAD // self._batch_size:
            return 0
        return len(json.dumps(self._record(message), ensure_ascii=False).encode()) + 2

    def _close(self) -> None:
        self.ready.append(Batch(self._open, self._visibility))
        self._open, self._size = [], 0

    def _end_window(self, opened: list[Message]) -> None:
        if self._open is opened:
            self._close()
            self._poll()
