"""What Lambda tells a destination of a batch that it discards.

- A queue or a topic gets where the records stand, which serves while the stream has them; a bucket
  gets them too: D, https://docs.aws.amazon.com/lambda/latest/dg/kinesis-on-failure-destination.html
  and https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html
- What a function never had is told of without ``responseContext``: A.
- Refused, as AWS doesn't tell what happens: a destination that can't be written.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from serverless_patterns.testing.delivery._destinations import fail_to
from serverless_patterns.testing.delivery._errors import DeliveryError
from serverless_patterns.testing.delivery._permissions import role_may
from serverless_patterns.testing.delivery._stamps import Stamps, arn
from serverless_patterns.testing.delivery._stream_records import stamp

if TYPE_CHECKING:
    from serverless_patterns.testing.delivery._simulation import Simulation
    from serverless_patterns.testing.delivery._stream_batches import Batch, Place
    from serverless_patterns.testing.delivery._stream_mapping import StreamMapping


def tell(
    simulation: Simulation,
    mapping: StreamMapping,
    place: Place,
    batch: Batch,
    *,
    reason: str,
    event: dict[str, Any],
) -> None:
    """Tell a mapping's destination of a batch.

    Args:
        simulation: The run.
        mapping: The mapping.
        place: The lane that discards it.
        batch: What is discarded.
        reason: Why, as AWS names it.
        event: The Lambda event of it.

    Raises:
        DeliveryError: If the destination can't be written.
    """
    _check(simulation, mapping)
    body = _body(simulation, mapping, place, batch, reason)
    if mapping.keeps_records:
        body["payload"] = json.dumps(event)
    fail_to(
        simulation,
        mapping.destination,
        [entry.leg for entry in batch.entries],
        body,
        reason=reason,
        owner=mapping.function,
        is_pointer=not mapping.keeps_records,
        until=None
        if mapping.keeps_records
        else batch.entries[0].record.arrived_at + place.retention,
    )


def _body(
    simulation: Simulation, mapping: StreamMapping, place: Place, batch: Batch, reason: str
) -> dict[str, Any]:
    first, last = batch.entries[0].record, batch.entries[-1].record
    body: dict[str, Any] = {
        "requestContext": {
            "requestId": simulation.part(Stamps).new_id(),
            "functionArn": arn("lambda", f"function:{mapping.function}"),
            "condition": reason,
            "approximateInvokeCount": batch.invocations,
        }
    }
    if batch.invocations:
        body["responseContext"] = {
            "statusCode": 200,
            "executedVersion": "$LATEST",
            "functionError": batch.error,
        }
    body["version"] = "1.0"
    body["timestamp"] = stamp(simulation.clock.now)
    body["KinesisBatchInfo" if mapping.is_kinesis else "DDBStreamBatchInfo"] = {
        "shardId": place.shard_id,
        "startSequenceNumber": first.sequence,
        "endSequenceNumber": last.sequence,
        "approximateArrivalOfFirstRecord": stamp(first.arrived_at),
        "approximateArrivalOfLastRecord": stamp(last.arrived_at),
        "batchSize": len(batch.entries),
        "streamArn": mapping.stream_arn,
    }
    return body


def _check(simulation: Simulation, mapping: StreamMapping) -> None:
    resources, faults = simulation.resources, simulation.faults
    target = resources.target(mapping.destination)
    if target is None:
        return
    if target in faults.missing:
        why = "is missing"
    elif faults.is_unavailable(target, simulation.clock.now):
        why = "is unavailable"
    elif not role_may(resources, resources.properties(mapping.function).get("Role"), target):
        why = f"is not one that the role of {mapping.function} may write"
    else:
        return
    raise DeliveryError(
        f"{mapping.logical_id}: OnFailure must be a destination that can be written, got {target}, "
        f"which {why}; AWS doesn't tell what becomes of the batch then"
    )
