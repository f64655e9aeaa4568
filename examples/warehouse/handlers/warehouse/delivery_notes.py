"""Delivery notes uploaded to S3: what was put on the shelves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aws_lambda_powertools import Logger, Metrics, Tracer
from aws_lambda_powertools.metrics import MetricUnit

from warehouse.clients import s3
from warehouse.domain import stock
from warehouse.ledger import ledger
from warehouse.once import OBJECT, once, remembered_by
from warehouse.uploads import records_of, upload

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

logger = Logger(service="delivery-notes")
tracer = Tracer(service="delivery-notes")
metrics = Metrics(namespace="Warehouse", service="delivery-notes")
memory = remembered_by(OBJECT)


@tracer.capture_method
@once("delivery-notes", memory)
def receive(record: dict[str, Any]) -> None:
    """Handle one delivery note, line by line; a note that is uploaded again counts once."""
    note = upload(record)
    version = {"VersionId": note.version} if note.version else {}
    found = s3().get_object(Bucket=note.bucket, Key=note.key, **version)
    posted = [ledger().post(movement) for movement in stock.delivery(found["Body"].read())]
    metrics.add_metric("Deliveries", MetricUnit.Count, sum(posted))


@logger.inject_lambda_context
@tracer.capture_lambda_handler
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> None:
    """Handle an event: should a record fail, those before it are known when it comes back."""
    memory.register_lambda_context(context)
    metrics.add_metric("Events", MetricUnit.Count, len(event["Records"]))
    for record in records_of(event):
        receive(record=record)
