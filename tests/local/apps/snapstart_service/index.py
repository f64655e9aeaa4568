"""Tells which release answers, and remembers which one handled a message or an upload."""

import os
from typing import Any

import boto3

RELEASE = os.environ["RELEASE"]
handled = boto3.resource("dynamodb").Table(os.environ["HANDLED_TABLE"])


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer a request, or note the records of an event."""
    print("release", RELEASE)  # noqa: T201 - the emulator is slow without output
    for record in event.get("Records", []):
        told = record["body"] if "body" in record else record["s3"]["object"]["key"]
        handled.put_item(Item={"id": told, "release": RELEASE, "version": context.function_version})
    return {
        "statusCode": 200,
        "headers": {"x-version": context.function_version},
        "body": RELEASE,
        "batchItemFailures": [],
    }
