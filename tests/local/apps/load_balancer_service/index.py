"""A handler that tells what it was asked, and sends bytes and cookies back."""

import base64
import json
import os
from typing import Any


def handler(event: Any, _: Any) -> dict[str, Any]:
    """Answer with what came, and who answers."""
    if event["path"] == "/files/mirror":
        body = base64.b64decode(event["body"]) if event["isBase64Encoded"] else b""
        return {
            "statusCode": 200,
            "isBase64Encoded": True,
            "multiValueHeaders": {"content-type": ["application/octet-stream"]},
            "body": base64.b64encode(body[::-1]).decode(),
        }
    told = {
        "unit": os.environ["UNIT"],
        "method": event["httpMethod"],
        "path": event["path"],
        "query": event["multiValueQueryStringParameters"],
        "headers": event["multiValueHeaders"],
    }
    return {
        "statusCode": 200,
        "multiValueHeaders": {
            "content-type": ["application/json"],
            "set-cookie": ["first=1; Path=/", "second=2; Path=/"],
        },
        "body": json.dumps(told),
    }
