"""Answers that name the records of a batch that failed.

Of a mapping with ``ReportBatchItemFailures``, for queues and for streams:

- D: null, ``{}`` and an empty or null ``batchItemFailures`` are complete successes.
- D: An ``itemIdentifier`` that is empty, null, under another key or of no record of the batch
  fails the whole batch. O: so does a number.
- O: ``[]`` and ``""`` are complete successes of a batch of a stream.

Every other answer is refused, as is ``[]`` or ``""`` for a queue: what Lambda makes of it is
neither documented nor observed.

See:
    https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
    https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-batchfailurereporting.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from serverless_patterns.testing.delivery._errors import DeliveryError

if TYPE_CHECKING:
    from collections.abc import Sequence

_KEY = "batchItemFailures"
_ITEM_KEY = "itemIdentifier"


@dataclass(frozen=True, slots=True)
class Report:
    """What an answer says of the records of its batch.

    Attributes:
        failed: The identifiers of those that failed, once each, in the order of the batch.
        is_empty: Whether it says nothing at all, which Lambda takes as success.
        is_malformed: Whether it fails the whole batch by its form.
    """

    failed: tuple[str, ...] = ()
    is_empty: bool = False
    is_malformed: bool = False


_NOTHING_SAID = Report(is_empty=True)
_NONE_FAILED = Report()
_MALFORMED = Report(is_malformed=True)


def reported(
    response: Any, ids: Sequence[str], *, is_stream: bool = False, owner: str = "handler"
) -> Report:
    """What an answer says, where the mapping has ``ReportBatchItemFailures``.

    Args:
        response: What the handler returned.
        ids: The identifiers of the batch, in its order.
        is_stream: Whether they are sequence numbers of a stream.
        owner: The logical id of the function.

    Raises:
        DeliveryError: If it isn't known what Lambda makes of it.
    """
    if response is None or (is_stream and response in ([], "")):
        return _NOTHING_SAID
    if not isinstance(response, dict):
        raise _unknown(owner, response)
    failures = response.get(_KEY)
    if failures is None:
        return _NOTHING_SAID
    if not isinstance(failures, list) or not all(isinstance(item, dict) for item in failures):
        raise _unknown(owner, response)
    if not failures:
        return _NONE_FAILED
    named = [item.get(_ITEM_KEY) for item in failures]
    known = set(ids)
    if not all(isinstance(name, str) and name in known for name in named):
        return _MALFORMED
    failed = set(named)
    return Report(failed=tuple(dict.fromkeys(name for name in ids if name in failed)))


def named(response: Any) -> frozenset[str]:
    """What an answer names as failed, where nothing asks for it and Lambda ignores it.

    Args:
        response: What the handler returned.
    """
    failures = response.get(_KEY) if isinstance(response, dict) else None
    if not isinstance(failures, list):
        return frozenset()
    found = (item.get(_ITEM_KEY) for item in failures if isinstance(item, dict))
    return frozenset(name for name in found if isinstance(name, str))


def _unknown(owner: str, response: Any) -> DeliveryError:
    return DeliveryError(
        f"{owner}: answer must be an object with {_KEY}, a list of objects with {_ITEM_KEY}, "
        f"got {response!r}; what Lambda makes of another isn't documented"
    )
