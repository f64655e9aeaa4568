"""The provider of a custom resource that can't be made."""

import json
import urllib.request
from typing import Any


def handler(event: Any, _: Any) -> None:
    """Answer CloudFormation that it failed; a deletion is fine."""
    status = "SUCCESS" if event["RequestType"] == "Delete" else "FAILED"
    answer = {name: event[name] for name in ("StackId", "RequestId", "LogicalResourceId")}
    answer |= {"Status": status, "Reason": "out of paper", "PhysicalResourceId": "printer"}
    body = json.dumps(answer).encode()
    request = urllib.request.Request(event["ResponseURL"], data=body, method="PUT")
    urllib.request.urlopen(request, timeout=30).close()
