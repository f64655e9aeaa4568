"""Alerts on the topic: what the shop-keeper is shown."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from shop.inventory.model import Alert
from shop.inventory.storage import stockroom
from shop.once import NOTIFICATION, once, remembered_by
from shop.telemetry import count, follow, logger, metrics, tracer

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

memory = remembered_by(NOTIFICATION)


@tracer.capture_method
@once("stock-alerts", memory)
def keep(record: dict[str, Any]) -> None:
    """Keep one alert; an earlier one that comes late changes nothing."""
    document = json.loads(record["Sns"]["Message"])
    follow(document["correlation_id"])
    kept = stockroom().alert(Alert.model_validate(document))
    count("AlertsKept", int(kept))
    logger.info("kept an alert", extra={"sku": document["sku"]})


@logger.inject_lambda_context
@tracer.capture_lambda_handler
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> None:
    """Handle an event: what is raised here has Lambda try again, and keep it in the end."""
    memory.register_lambda_context(context)
    count("Messages", len(event["Records"]))
    for record in event["Records"]:
        keep(record=record)
