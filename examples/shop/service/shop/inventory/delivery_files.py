"""Receives a supplier's file and writes the report of it: in Lambda, or in a container.

Small files come to the function, large ones to a task that runs this module as a program, with
the same document in ``DELIVERY``. ``REPORTS_BUCKET`` of the environment says where reports go.
"""

from __future__ import annotations

import io
import json
import os
import tempfile
from typing import TYPE_CHECKING, Any

from shop.clients import client
from shop.inventory.deliveries import receive
from shop.inventory.storage import stockroom
from shop.telemetry import count, follow, logger, metrics, tracer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aws_lambda_powertools.utilities.typing import LambdaContext

_IN_MEMORY = 16 * 1024 * 1024  # of a file; what is larger stands on the disk meanwhile


def receive_file(delivery: Mapping[str, Any]) -> dict[str, Any]:
    """Receive one file: ``{"bucket": …, "key": …, "version": …, "correlation_id": …}``."""
    follow(delivery["correlation_id"])
    key, version = delivery["key"], delivery["version"]
    with tempfile.SpooledTemporaryFile(_IN_MEMORY) as content:
        client("s3").download_fileobj(
            delivery["bucket"], key, content, ExtraArgs={"VersionId": version}
        )
        content.seek(0)
        report = receive(
            stockroom(),
            key,
            version,
            io.BufferedReader(content),
            delivery["correlation_id"],
        )
    name = f"{key}/{version}.json"
    client("s3").put_object(
        Bucket=os.environ["REPORTS_BUCKET"],
        Key=name,
        Body=json.dumps(report.document(), indent=1).encode(),
        ContentType="application/json",
    )
    count("LinesReceived", report.received)
    count("LinesRefused", report.refused)
    logger.info("received a file", extra={"key": key, "refused": report.refused})
    return {"report": name, "received": report.received, "refused": report.refused}


@logger.inject_lambda_context
@tracer.capture_lambda_handler
@metrics.log_metrics
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Receive a small file; what is raised here has the state machine try again."""
    return receive_file(event)


if __name__ == "__main__":
    receive_file(json.loads(os.environ["DELIVERY"]))
    metrics.flush_metrics()
