"""A handler without requirements."""

import json
from typing import Any


def handler(event: Any, _: Any) -> dict[str, Any]:
    """Answer with what was asked."""
    path = event.get("rawPath") or event.get("path")
    return {"statusCode": 200, "body": json.dumps({"path": path})}
