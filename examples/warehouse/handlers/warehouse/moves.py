"""Moves from a FIFO queue: where pallets were put, in order for each pallet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aws_lambda_powertools import Logger, Metrics, Tracer
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.batch import process_partial_response

from warehouse.batches import ordered_batches
from warehouse.domain import pallets
from warehouse.ledger import ledger
from warehouse.once import MESSAGE, once, remembered_by

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
    from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
    from aws_lambda_powertools.utilities.typing import LambdaContext

logger = Logger(service="moves")
tracer = Tracer(service="moves")
metrics = Metrics(namespace="Warehouse", service="moves")
batches = ordered_batches(logger)
memory = remembered_by(MESSAGE)


@tracer.capture_method
@once("moves", memory)
def move(record: SQSRecord) -> None:
    """Handle one message. A move that a later one has overtaken, by a redrive, changes nothing."""
    seen = ledger().see(pallets.move(record.body))
    metrics.add_metric("Moves", MetricUnit.Count, int(seen))


@logger.inject_lambda_context
@tracer.capture_lambda_handler
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    """Handle a batch up to the first message that fails."""
    memory.register_lambda_context(context)
    metrics.add_metric("Messages", MetricUnit.Count, len(event["Records"]))
    return process_partial_response(event, move, batches, context)
