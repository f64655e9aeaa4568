"""Orders that were given up, and the way back for them."""

from __future__ import annotations

import contextlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError

_NO_SUCH_ACTION = {"InvalidAction", "UnknownOperation", "UnknownOperationException"}
_SHOWN = 10  # the most that SQS hands out at once
_HIDDEN_SECONDS = 60  # far longer than moving one batch takes
_COUNT = "ApproximateNumberOfMessages"


class RedriveError(Exception):
    """Dead letters that can't be moved."""


@dataclass(frozen=True)
class Letter:
    """A message that was given up.

    Attributes:
        id: Its id.
        sent: When it was sent first, as ``2026-11-25T14:51:15+00:00``.
        order: The order that it holds, if it does.
        body: What it holds.
    """

    id: str
    sent: str
    order: str | None
    body: str


@dataclass(frozen=True)
class Task:
    """The last redrive, as SQS tells of it."""

    status: str
    moved: int
    reason: str


class DeadLetters:
    """A dead-letter queue.

    Args:
        client: The client of SQS.
        url: The URL of the dead-letter queue.
        arn: Its ARN.
        queue: The URL of the queue that its messages came from.
    """

    def __init__(self, client: Any, url: str, arn: str, queue: str) -> None:
        self._client = client
        self._url = url
        self._arn = arn
        self._queue = queue

    def count(self) -> int:
        """How many there are, about."""
        found = self._client.get_queue_attributes(QueueUrl=self._url, AttributeNames=[_COUNT])
        return int(found["Attributes"][_COUNT])

    def some(self) -> list[Letter]:
        """A few of them; they stay, and may be received by others meanwhile."""
        found = self._client.receive_message(
            QueueUrl=self._url,
            MaxNumberOfMessages=_SHOWN,
            MessageSystemAttributeNames=["SentTimestamp"],
            VisibilityTimeout=0,
        ).get("Messages", [])
        return sorted(
            {each["MessageId"]: _letter(each) for each in found}.values(),
            key=lambda letter: (letter.sent, letter.id),
        )

    def redrive(self) -> None:
        """Move all of them back to where they came from: SQS does it, in its own time.

        Where SQS has no such task, as in the local cloud, each is received, sent and only then
        deleted: whatever breaks in between leaves it in one of the two queues, or in both.

        Raises:
            RedriveError: If SQS doesn't take the task, because one runs already for example.
        """
        try:
            if not self._start_task():
                self._move()
        except ClientError as error:
            told = error.response["Error"]
            raise RedriveError(told.get("Message") or told["Code"]) from error

    def last_task(self) -> Task | None:
        """The last redrive, if SQS knows of one."""
        try:
            found = self._client.list_message_move_tasks(SourceArn=self._arn, MaxResults=1)
        except ClientError as error:
            if error.response["Error"]["Code"] not in _NO_SUCH_ACTION:
                raise
            return None
        for task in found.get("Results", []):
            moved = int(task.get("ApproximateNumberOfMessagesMoved", 0))
            return Task(str(task["Status"]).lower(), moved, task.get("FailureReason", ""))
        return None

    def _start_task(self) -> bool:
        """Have SQS move them; ``False`` where it can't."""
        try:
            self._client.start_message_move_task(SourceArn=self._arn)
        except ClientError as error:
            if error.response["Error"]["Code"] in _NO_SUCH_ACTION:
                return False
            raise
        return True

    def _move(self) -> None:
        # Those that are there now, and no more: what fails again would go round for ever.
        left = self.count()
        while left > 0:
            waiting = self._client.receive_message(
                QueueUrl=self._url,
                MaxNumberOfMessages=min(_SHOWN, left),
                MessageAttributeNames=["All"],
                VisibilityTimeout=_HIDDEN_SECONDS,
                WaitTimeSeconds=1,
            ).get("Messages", [])
            if not waiting:
                return
            try:
                while waiting:
                    self._move_one(waiting[0])
                    waiting.pop(0)
                    left -= 1
            finally:
                self._show(waiting)

    def _move_one(self, message: dict[str, Any]) -> None:
        attributes = {"MessageAttributes": message.get("MessageAttributes", {})}
        self._client.send_message(QueueUrl=self._queue, MessageBody=message["Body"], **attributes)
        self._client.delete_message(QueueUrl=self._url, ReceiptHandle=message["ReceiptHandle"])

    def _show(self, messages: list[dict[str, Any]]) -> None:
        """Let what wasn't moved be received again at once."""
        for message in messages:
            with contextlib.suppress(ClientError):  # which would hide what broke
                self._client.change_message_visibility(
                    QueueUrl=self._url, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=0
                )


def _letter(message: dict[str, Any]) -> Letter:
    sent = datetime.fromtimestamp(int(message["Attributes"]["SentTimestamp"]) / 1000, UTC)
    body = message["Body"]
    try:
        document = json.loads(body)
    except ValueError:
        document = None
    order = document.get("id") if isinstance(document, dict) else None
    at = sent.isoformat(timespec="seconds")
    return Letter(message["MessageId"], at, order if isinstance(order, str) else None, body)
