"""Shipments announced on an event bus: what left the dock."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aws_lambda_powertools import Logger, Metrics, Tracer
from aws_lambda_powertools.metrics import MetricUnit

from warehouse.domain import dock
from warehouse.ledger import ledger
from warehouse.once import EVENT, once, remembered_by

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

logger = Logger(service="shipments")
tracer = Tracer(service="shipments")
metrics = Metrics(namespace="Warehouse", service="shipments")
memory = remembered_by(EVENT)


@tracer.capture_method
@once("shipments", memory)
def ship(record: dict[str, Any]) -> None:
    """Handle one shipment; one that is announced in two events counts once."""
    entered = ledger().enter(dock.shipment(record["detail"]))
    metrics.add_metric("Shipments", MetricUnit.Count, int(entered))


@logger.inject_lambda_context
@tracer.capture_lambda_handler
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> None:
    """Handle an event: what is raised here has Lambda try again, and keep it in the end."""
    memory.register_lambda_context(context)
    metrics.add_metric("Events", MetricUnit.Count, 1)
    ship(record=event)
