"""One FastAPI application, as a server, by Mangum, and what a bare handler answers instead."""

from __future__ import annotations

import json
from typing import Any

BOOK = {"id": "7", "title": "A book", "price_cents": 1200}


def bare(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Answer without a framework."""
    del context
    body = BOOK | {"id": event["rawPath"].rpartition("/")[2]}
    return {
        "statusCode": 200,
        "headers": {"content-type": "application/json"},
        "body": json.dumps(body),
    }
