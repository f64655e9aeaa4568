"""What an answer means for each message of its batch.

- D: An error, a crash or a timeout fails the whole batch.
- D: With ``ReportBatchItemFailures`` the messages that aren't named are deleted; without, an answer
  that names some is ignored, and all are deleted.
- D: Of a FIFO queue all that follow a failure have to be named. If they aren't, they are deleted
  before it: executed literally, with a warning.

See:
    https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from serverless_patterns.testing.delivery._history import Result
from serverless_patterns.testing.delivery._partial_batches import named, reported

if TYPE_CHECKING:
    from collections.abc import Sequence

    from serverless_patterns.testing.delivery._functions import Answer
    from serverless_patterns.testing.delivery._queue_messages import Message


def results(
    answer: Answer, messages: Sequence[Message], *, asks_for_failures: bool, owner: str
) -> list[Result]:
    """What became of each message.

    Args:
        answer: What the invocation ended in.
        messages: Its batch.
        asks_for_failures: Whether the mapping has ``ReportBatchItemFailures``.
        owner: The logical id of the function.

    Raises:
        DeliveryError: If it isn't known what Lambda makes of the answer.
    """
    if not answer.is_success:
        return [answer.result] * len(messages)
    if not asks_for_failures:
        ignored = named(answer.response)
        return [Result.IGNORED if m.id in ignored else Result.HANDLED for m in messages]
    report = reported(answer.response, [message.id for message in messages], owner=owner)
    if report.is_empty:
        return [Result.IGNORED] * len(messages)
    if report.is_malformed:
        return [Result.MALFORMED] * len(messages)
    failed = set(report.failed)
    return [Result.REPORTED if m.id in failed else Result.HANDLED for m in messages]


def out_of_order(messages: Sequence[Message], results: Sequence[Result]) -> set[tuple[str, str]]:
    """The groups, each with a message that is deleted before an earlier one, which was reported.

    Args:
        messages: A batch of a FIFO queue.
        results: What became of each.
    """
    found: set[tuple[str, str]] = set()
    failed: set[str] = set()
    for message, result in zip(messages, results, strict=True):
        group = message.group or ""
        if result is Result.REPORTED:
            failed.add(group)
        elif group in failed:
            found.add((group, message.id))
    return found
