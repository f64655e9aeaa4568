"""Changes of stock levels on a DynamoDB stream: what is to be ordered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aws_lambda_powertools import Logger, Metrics, Tracer
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.batch import EventType, process_partial_response

from warehouse.batches import batches_of
from warehouse.domain import stock
from warehouse.ledger import ledger
from warehouse.once import RECORD, once, remembered_by

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
    from aws_lambda_powertools.utilities.data_classes.dynamo_db_stream_event import DynamoDBRecord
    from aws_lambda_powertools.utilities.typing import LambdaContext

logger = Logger(service="reorders")
tracer = Tracer(service="reorders")
metrics = Metrics(namespace="Warehouse", service="reorders")
batches = batches_of(EventType.DynamoDBStreams, logger)
memory = remembered_by(RECORD)


@tracer.capture_method
@once("reorders", memory)
def reorder(record: DynamoDBRecord) -> None:
    """Handle one change of one shelf."""
    change = record.dynamodb
    if change is None or record.event_id is None:
        raise ValueError("it is no change of an item")
    needed = stock.reorder(record.event_id, change.old_image, change.new_image)
    if needed is not None:
        ordered = ledger().order(needed)
        metrics.add_metric("Reorders", MetricUnit.Count, int(ordered))


@logger.inject_lambda_context
@tracer.capture_lambda_handler
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    """Handle a batch, and name what failed: the shard goes on from the first of them."""
    memory.register_lambda_context(context)
    metrics.add_metric("Records", MetricUnit.Count, len(event["Records"]))
    return process_partial_response(event, reorder, batches, context)
