"""Readings of scanners on a Kinesis stream: where pallets were last seen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aws_lambda_powertools import Logger, Metrics, Tracer
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.batch import EventType, process_partial_response

from warehouse.batches import batches_of
from warehouse.domain import pallets
from warehouse.ledger import ledger
from warehouse.once import RECORD, once, remembered_by

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
    from aws_lambda_powertools.utilities.data_classes.kinesis_stream_event import (
        KinesisStreamRecord,
    )
    from aws_lambda_powertools.utilities.typing import LambdaContext

logger = Logger(service="scans")
tracer = Tracer(service="scans")
metrics = Metrics(namespace="Warehouse", service="scans")
batches = batches_of(EventType.KinesisDataStreams, logger)
memory = remembered_by(RECORD)


@tracer.capture_method
@once("scans", memory)
def scan(record: KinesisStreamRecord) -> None:
    """Handle one reading.

    The records behind one that fails are handled before it is tried again: the ledger keeps the
    latest reading, whichever comes last.
    """
    seen = ledger().see(pallets.reading(record.kinesis.data_as_bytes()))
    metrics.add_metric("Readings", MetricUnit.Count, int(seen))


@logger.inject_lambda_context
@tracer.capture_lambda_handler
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    """Handle a batch, and name what failed: the shard goes on from the first of them."""
    memory.register_lambda_context(context)
    metrics.add_metric("Records", MetricUnit.Count, len(event["Records"]))
    return process_partial_response(event, scan, batches, context)
