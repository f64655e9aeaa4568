"""Records of a stream that Lambda gave up, once more as the events that its handler takes.

A queue and a topic get a pointer to the records, which the stream keeps for a while; a bucket gets
the records themselves::

    for event in replay(message["Body"]):
        handler(event, context)

The records between the first and the last are fetched, so where a mapping has filters, the handler
may get some that it would not have seen. The state of a tumbling window is not brought back.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from serverless_patterns import _quotas
from serverless_patterns._streams.failed_batch import FailedBatch, ReplayError
from serverless_patterns._streams.fetch import fetch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

__all__ = ["FailedBatch", "ReplayError", "invoke", "replay"]

_FUNCTION_ARN = re.compile(r"arn:[^:]+:lambda:(?P<region>[^:]+):")
_ROOM_FOR_THE_REST = 1_000  # bytes of an event around its records


def replay(
    record: str | Mapping[str, Any],
    *,
    batch_size: int | None = None,
    client: Callable[..., Any] | None = None,
) -> Iterator[dict[str, Any]]:
    """Fetch the records of a failed batch as events of Lambda's.

    Args:
        record: What Lambda wrote to the failure destination: the object, or the message's body, as
            text or parsed.
        batch_size: The most records of an event: with one, a record that fails again holds up no
            other. Default - as many as one invocation takes.
        client: Makes clients, as ``boto3.client`` does. Default - ``boto3.client``.

    Returns:
        Events that hold all records in order.

    Raises:
        ReplayError: If it is no record of a failed batch, or the stream has lost some of it. It
            is raised before the first event: an event is never short of records.
    """
    batch = FailedBatch.from_record(record)
    records = batch.records if batch.is_complete else fetch(batch, client or _client())
    return _events(records, batch_size or len(records))


def invoke(
    function_name: str, event: Mapping[str, Any], *, client: Callable[..., Any] | None = None
) -> None:
    """Invoke a function with an event and wait until it has handled all of it.

    Args:
        function_name: Its name or ARN, with a qualifier or without.
        event: The event.
        client: Makes clients, as ``boto3.client`` does. Default - ``boto3.client``.

    Raises:
        ReplayError: If the function failed, or says that it failed on a record.
    """
    from botocore.config import Config  # noqa: PLC0415 - absent without the extra

    # Longer than any invocation, and once: a second try would handle the records twice.
    longest = _quotas.LAMBDA_TIMEOUT_SECONDS.stop
    config = Config(read_timeout=longest, retries={"total_max_attempts": 1})
    arn = _FUNCTION_ARN.match(function_name)
    region = {"region_name": arn["region"]} if arn else {}
    answer = (client or _client())("lambda", config=config, **region).invoke(
        FunctionName=function_name, Payload=json.dumps(event).encode()
    )
    said = answer["Payload"].read().decode()
    if "FunctionError" in answer:
        raise ReplayError(f"{function_name} failed: {said}")
    try:
        returned = json.loads(said or "null")
    except json.JSONDecodeError as error:
        raise ReplayError(f"{function_name} answered no JSON: {said}") from error
    failures = returned.get("batchItemFailures") if isinstance(returned, dict) else None
    if failures:
        raise ReplayError(f"{function_name} failed on records: {json.dumps(failures)}")


def _client() -> Callable[..., Any]:
    import boto3  # noqa: PLC0415 - absent without the extra

    return boto3.client


def _events(records: Sequence[Mapping[str, Any]], batch_size: int) -> Iterator[dict[str, Any]]:
    held: list[Mapping[str, Any]] = []
    size = 0
    for record in records:
        length = len(json.dumps(record)) + 2  # with what separates them
        too_large = size + length > _quotas.LAMBDA_PAYLOAD_BYTES - _ROOM_FOR_THE_REST
        if held and (too_large or len(held) == batch_size):
            yield {"Records": held}
            held, size = [], 0
        held.append(record)
        size += length
    if held:
        yield {"Records": held}
