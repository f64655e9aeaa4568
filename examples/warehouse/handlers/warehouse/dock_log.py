"""Delivery notes uploaded to S3: the entry in the book of the dock."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aws_lambda_powertools import Logger, Metrics, Tracer
from aws_lambda_powertools.metrics import MetricUnit

from warehouse.domain import dock
from warehouse.ledger import ledger
from warehouse.once import OBJECT, once, remembered_by
from warehouse.uploads import records_of, upload

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

logger = Logger(service="dock-log")
tracer = Tracer(service="dock-log")
metrics = Metrics(namespace="Warehouse", service="dock-log")
memory = remembered_by(OBJECT)


@tracer.capture_method
@once("dock-log", memory)
def enter(record: dict[str, Any]) -> None:
    """Handle one upload. What the other subscriber remembers stands under another name."""
    note = upload(record)
    entered = ledger().enter(dock.arrival(note.key, note.sequencer, note.size))
    metrics.add_metric("Arrivals", MetricUnit.Count, int(entered))


@logger.inject_lambda_context
@tracer.capture_lambda_handler
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> None:
    """Handle an event: should a record fail, those before it are known when it comes back."""
    memory.register_lambda_context(context)
    metrics.add_metric("Events", MetricUnit.Count, len(event["Records"]))
    for record in records_of(event):
        enter(record=record)
