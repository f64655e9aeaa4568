"""A handler that does what it is told to a table, and says what came of it."""

import os
from typing import Any

import boto3
from botocore.exceptions import ClientError


def handler(event: Any, _: Any) -> str:
    """Read or write."""
    table = boto3.resource("dynamodb").Table(os.environ["TABLE"])
    try:
        if event["do"] == "write":
            table.put_item(Item={"id": "a"})
        else:
            table.get_item(Key={"id": "a"})
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return "done"
