"""Dead letters, moved back to the queue that they came from.

SQS does it by a task of its own, ``StartMessageMoveTask``. Where that action is missing, as in the
emulator of the local cloud, each message is received, sent and only then deleted: whatever breaks
in between leaves it in one of the two queues, or in both.

A moved message is a new one to SQS and has a new ``messageId``: an idempotency key that should
outlast a redrive stands in the body.
"""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from serverless_patterns import _quotas
from serverless_patterns._queues import redrive_by_hand
from serverless_patterns._queues.redrive_queue import Progress, Queue, RedriveError

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import ListMessageMoveTasksResultEntryTypeDef as Task

__all__ = ["Progress", "RedriveError", "redrive"]

_NO_SUCH_ACTION = {"InvalidAction", "UnknownOperation", "UnknownOperationException"}
_TASKS = 10  # the most that SQS lists


def redrive(
    client: SQSClient,
    queue: str,
    *,
    to: str | None = None,
    max_per_second: int | None = None,
    poll_seconds: float = 1.0,
) -> Generator[Progress, None, None]:
    """Move the messages of a dead-letter queue back.

    Closing the iterator, or an exception thrown into it, cancels what is not moved yet.

    Args:
        client: A client of SQS in the queue's region.
        queue: The URL, the ARN or the name of the dead-letter queue.
        to: Where to move them, likewise. Default - the queue that each of them came from.
        max_per_second: The most messages a second, 1 to 500. Default - as SQS sees fit.
        poll_seconds: How long to wait before SQS is asked anew how far it is.

    Yields:
        How far it is.

    Raises:
        RedriveError: If there is no such queue, it is no dead-letter queue, its messages are
            being moved already, or moving fails.

    See:
        https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_StartMessageMoveTask.html
    """
    if max_per_second is not None and max_per_second not in _quotas.SQS_MOVED_PER_SECOND:
        allowed = _quotas.SQS_MOVED_PER_SECOND
        raise RedriveError(
            f"max_per_second must be {allowed.start} to {allowed.stop - 1}, got {max_per_second}"
        )
    source = Queue.find(client, queue)
    target = Queue.find(client, to) if to else None
    if target and target.arn == source.arn:
        raise RedriveError(f"{source.name} can't be moved to itself; name another queue")
    if target and target.is_fifo != source.is_fifo:
        kinds = {True: "a FIFO queue", False: "a standard queue"}
        raise RedriveError(
            f"{source.name} is {kinds[source.is_fifo]} and {target.name} is "
            f"{kinds[target.is_fifo]}; messages move between queues of one kind"
        )
    try:
        before = _tasks(client, source)
    except ClientError as error:
        if error.response["Error"]["Code"] not in _NO_SUCH_ACTION:
            raise _refused(source, error) from error
        yield from redrive_by_hand.move(client, source, target, max_per_second)
        return
    if before and before[0].get("Status") == "RUNNING":
        raise RedriveError(
            f"a task moves the messages of {source.name} already; SQS runs one at a time"
        )
    handle = _start(client, source, target, max_per_second)
    seen = {task.get("StartedTimestamp") for task in before}
    yield from _follow(client, _Started(source, handle, seen), poll_seconds)


@dataclass(frozen=True)
class _Started:
    """A task that was started.

    Attributes:
        source: The dead-letter queue.
        handle: What cancels it.
        before: When the tasks before it were started, as SQS lists them without their handles.
    """

    source: Queue
    handle: str
    before: set[int | None]


def _tasks(client: SQSClient, source: Queue) -> list[Task]:
    """The tasks of a queue, the newest first."""
    answer = client.list_message_move_tasks(SourceArn=source.arn, MaxResults=_TASKS)
    return answer.get("Results", [])


def _start(
    client: SQSClient, source: Queue, target: Queue | None, max_per_second: int | None
) -> str:
    try:
        if target and max_per_second:
            answer = client.start_message_move_task(
                SourceArn=source.arn,
                DestinationArn=target.arn,
                MaxNumberOfMessagesPerSecond=max_per_second,
            )
        elif target:
            answer = client.start_message_move_task(SourceArn=source.arn, DestinationArn=target.arn)
        elif max_per_second:
            answer = client.start_message_move_task(
                SourceArn=source.arn, MaxNumberOfMessagesPerSecond=max_per_second
            )
        else:
            answer = client.start_message_move_task(SourceArn=source.arn)
    except ClientError as error:
        raise _refused(source, error) from error
    return answer["TaskHandle"]


def _follow(client: SQSClient, started: _Started, poll_seconds: float) -> Iterator[Progress]:
    is_over = False
    try:
        while not is_over:
            task = _own(client, started)
            status = task.get("Status") if task else None
            is_over = status in {"COMPLETED", "FAILED", "CANCELLED"}
            moved = int(task.get("ApproximateNumberOfMessagesMoved", 0)) if task else 0
            if status in {"FAILED", "CANCELLED"}:
                why = (task or {}).get("FailureReason") or "somebody cancelled it"
                raise RedriveError(
                    f"{started.source.name}: {moved} messages were moved, then {why}"
                )
            yield Progress(moved, task.get("ApproximateNumberOfMessagesToMove") if task else None)
            if not is_over:
                time.sleep(poll_seconds)
    finally:
        if not is_over:
            with contextlib.suppress(ClientError):  # it may have ended meanwhile
                client.cancel_message_move_task(TaskHandle=started.handle)


def _own(client: SQSClient, started: _Started) -> Task | None:
    """The task as it is now; there is none until SQS lists it."""
    for task in _tasks(client, started.source):
        if task.get("StartedTimestamp") not in started.before:
            return task
    return None


def _refused(source: Queue, error: ClientError) -> RedriveError:
    told = error.response["Error"]
    said = (told.get("Message") or str(error)).rstrip(". \n")
    if source.letters and "AccessDenied" not in told.get("Code", ""):
        said += f"; did you mean its dead-letter queue, {source.letters}?"
    return RedriveError(f"{source.name}: {said}")
