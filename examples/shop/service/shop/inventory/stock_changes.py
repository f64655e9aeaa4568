"""Changes of shelves on the table's stream: an article that runs low is told to a topic."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools.utilities.batch import EventType, process_partial_response

from shop.clients import client
from shop.inventory.alerts import ran_low
from shop.once import RECORD, once, remembered_by
from shop.telemetry import batches_of, count, follow, logger, metrics, tracer

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
    from aws_lambda_powertools.utilities.data_classes.dynamo_db_stream_event import DynamoDBRecord
    from aws_lambda_powertools.utilities.typing import LambdaContext

batches = batches_of(EventType.DynamoDBStreams)
memory = remembered_by(RECORD)


@tracer.capture_method
@once("stock-changes", memory)
def tell(record: DynamoDBRecord) -> None:
    """Tell of one change, if an article ran low by it."""
    change = record.dynamodb
    if change is None:
        raise ValueError("it is no change of an item")
    alert = ran_low(change.old_image, change.new_image, int(os.environ["ALERT_BELOW"]))
    if alert is None:
        return
    correlation_id = str(change.new_image.get("correlation_id", ""))
    follow(correlation_id)
    client("sns").publish(
        TopicArn=os.environ["ALERTS_TOPIC"],
        Message=json.dumps({**alert.model_dump(), "correlation_id": correlation_id}),
    )
    count("StockAlerts")
    logger.info("an article ran low", extra=alert.model_dump())


@logger.inject_lambda_context
@tracer.capture_lambda_handler
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    """Handle a batch, and name what failed: the shard goes on from the first of them."""
    memory.register_lambda_context(context)
    count("Changes", len(event["Records"]))
    return process_partial_response(event, tell, batches, context)
