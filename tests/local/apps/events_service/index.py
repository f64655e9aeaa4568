"""Does with each message what it asks for, and writes down what it saw."""

from __future__ import annotations

import json
import os
import time
import uuid
from typing import TYPE_CHECKING, Any

import boto3

if TYPE_CHECKING:
    from collections.abc import Callable

    Saw = Callable[[str, int], None]


def handler(event: dict[str, Any], _context: object) -> Any:
    """Handle a batch of a queue."""
    print("handling", len(event["Records"]))  # noqa: T201 - the emulator answers sooner with a line
    return answer(event, _write)


def answer(event: dict[str, Any], saw: Saw) -> Any:
    """Fail with each message as often as it says, in the way that it says."""
    failed: list[str] = []
    failed_groups: set[str] = set()
    for record in event["Records"]:
        asked = json.loads(record["body"])
        group = record["attributes"].get("MessageGroupId")
        receives = int(record["attributes"]["ApproximateReceiveCount"])
        if group is not None and group in failed_groups:
            failed.append(record["messageId"])  # in order: nothing after a failure of its group
            continue
        saw(asked["id"], receives)
        if receives <= asked.get("failures", 0):
            match asked.get("how", "report"):
                case "raise":
                    raise RuntimeError(asked["id"])
                case "empty":
                    return {}
            failed.append(record["messageId"])
            failed_groups.add(group or "")
    return {"batchItemFailures": [{"itemIdentifier": each} for each in failed]}


def _write(message: str, receives: int) -> None:
    table = boto3.resource("dynamodb").Table(os.environ["SEEN_TABLE"])
    table.put_item(
        Item={
            "id": message,
            "seen": f"{time.time_ns()}-{uuid.uuid4()}",
            "receives": receives,
        }
    )
