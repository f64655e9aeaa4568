"""A handler that tells what it was sent, and one that lets callers in who know a word."""

import base64
import json
import os
from typing import Any


def handler(event: dict[str, Any], _: object) -> dict[str, Any]:
    body = event.get("body") or ""
    sent = base64.b64decode(body) if event.get("isBase64Encoded") else body.encode()
    if event["path"].endswith("/mirror"):
        return {
            "statusCode": 200,
            "headers": {"Content-Type": "application/octet-stream"},
            "isBase64Encoded": True,
            "body": base64.b64encode(sent[::-1]).decode(),
        }
    told = {
        "who": os.environ["WHO"],
        "method": event["httpMethod"],
        "path": event["path"],
        "parameters": event.get("pathParameters"),
        "query": event.get("multiValueQueryStringParameters"),
        "caller": (event["requestContext"].get("authorizer") or {}).get("principalId"),
    }
    return {
        "statusCode": 200,
        "headers": {"Content-Type": "application/json"},
        "body": json.dumps(told),
    }


def guard(event: dict[str, Any], _: object) -> dict[str, Any]:
    effect = "Allow" if event["authorizationToken"] == "open sesame" else "Deny"
    statement = {"Action": "execute-api:Invoke", "Effect": effect, "Resource": event["methodArn"]}
    return {
        "principalId": "Ali Baba",
        "policyDocument": {"Version": "2012-10-17", "Statement": [statement]},
    }
