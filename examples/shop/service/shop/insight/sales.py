"""Sales from the stream: each is counted in its hour, once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aws_lambda_powertools.utilities.batch import EventType, process_partial_response

from shop.insight.storage import insight
from shop.once import RECORD, once, remembered_by
from shop.orders.interface import sale
from shop.telemetry import batches_of, count, follow, logger, metrics, tracer

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
    from aws_lambda_powertools.utilities.data_classes.kinesis_stream_event import (
        KinesisStreamRecord,
    )
    from aws_lambda_powertools.utilities.typing import LambdaContext

batches = batches_of(EventType.KinesisDataStreams)
memory = remembered_by(RECORD)


@tracer.capture_method
@once("sales", memory)
def add(record: KinesisStreamRecord) -> None:
    """Count one sale; one that is told in two records counts once."""
    told = sale(record.kinesis.data_as_bytes())
    follow(told.correlation_id)
    count("Sales", int(insight().add(told)))
    logger.info("counted a sale", extra={"order": told.order})


@logger.inject_lambda_context
@tracer.capture_lambda_handler
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    """Handle a batch, and name what failed: the shard goes on from the first of them."""
    memory.register_lambda_context(context)
    count("Records", len(event["Records"]))
    return process_partial_response(event, add, batches, context)
