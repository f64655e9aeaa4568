"""Suppliers' files that arrive in the bucket: each starts an execution of the state machine."""

from __future__ import annotations

import hashlib
import json
import os
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_plus

from shop.clients import client
from shop.once import OBJECT, once, remembered_by
from shop.telemetry import count, follow, logger, metrics, new_correlation_id, tracer

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

memory = remembered_by(OBJECT)


@tracer.capture_method
@once("file-arrivals", memory)
def start(record: dict[str, Any]) -> None:
    """Start what receives a file.

    The name of the execution is made of the upload: told of it twice, Step Functions starts one.
    """
    bucket, thing = record["s3"]["bucket"]["name"], record["s3"]["object"]
    delivery = {
        "bucket": bucket,
        "key": unquote_plus(thing["key"]),
        "version": thing["versionId"],
        "size": thing.get("size", 0),
        "correlation_id": new_correlation_id(),
    }
    follow(delivery["correlation_id"])
    upload = "/".join([bucket, thing["key"], thing["versionId"], thing["sequencer"]])
    machine = client("stepfunctions")
    try:
        machine.start_execution(
            stateMachineArn=os.environ["DELIVERY_STATE_MACHINE"],
            name=hashlib.sha256(upload.encode()).hexdigest(),
            input=json.dumps(delivery),
        )
    except machine.exceptions.ExecutionAlreadyExists:
        logger.info("a file was started before", extra={"key": delivery["key"]})
    else:
        logger.info("started a file", extra={"key": delivery["key"]})
    count("FilesArrived")


@logger.inject_lambda_context
@tracer.capture_lambda_handler
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> None:
    """Handle an event of S3: should a record fail, those before it are known when it comes back."""
    memory.register_lambda_context(context)
    count("Uploads", len(event["Records"]))
    for record in event["Records"]:
        start(record=record)
