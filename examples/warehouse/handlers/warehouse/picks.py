"""Picks from a queue: what was taken off a shelf."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aws_lambda_powertools import Logger, Metrics, Tracer
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.batch import EventType, process_partial_response

from warehouse.batches import batches_of
from warehouse.domain import stock
from warehouse.ledger import ledger
from warehouse.once import MESSAGE, once, remembered_by

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
    from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
    from aws_lambda_powertools.utilities.typing import LambdaContext

logger = Logger(service="picks")
tracer = Tracer(service="picks")
metrics = Metrics(namespace="Warehouse", service="picks")
batches = batches_of(EventType.SQS, logger)
memory = remembered_by(MESSAGE)


@tracer.capture_method
@once("picks", memory)
def pick(record: SQSRecord) -> None:
    """Handle one message.

    Where it crashes after the movement is posted, it is handled again when the message comes back,
    and the ledger knows the movement; so it does when a redrive gave the message a new id.
    """
    posted = ledger().post(stock.pick(record.body))
    metrics.add_metric("Picks", MetricUnit.Count, int(posted))


@logger.inject_lambda_context
@tracer.capture_lambda_handler
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    """Handle a batch, and name the messages that failed: the others are done."""
    memory.register_lambda_context(context)
    metrics.add_metric("Messages", MetricUnit.Count, len(event["Records"]))
    return process_partial_response(event, pick, batches, context)
