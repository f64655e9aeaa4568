"""What stands in for AWS, and how the warehouse's handlers are called."""

from __future__ import annotations

import importlib
import io
import json
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

    from tests.dynamodb import InMemoryDynamoDb


LEDGER, STOCK, HANDLED = "Ledger", "Stock", "Handled"


class Context:
    """What Lambda tells a handler about its invocation."""

    function_name = "warehouse"
    memory_limit_in_mb = 1024
    invoked_function_arn = "arn:aws:lambda:us-east-1:111122223333:function:warehouse"
    aws_request_id = "6f1e6f0e-0000-4000-8000-000000000000"

    def __init__(self, left: int = 10_000) -> None:
        self.left = left

    def get_remaining_time_in_millis(self) -> int:
        return self.left


class Objects:
    """S3, with its objects by bucket and key."""

    def __init__(self) -> None:
        self.objects: dict[tuple[str, str], str] = {}
        self.requests: list[dict[str, str]] = []

    def get_object(self, **request: str) -> dict[str, Any]:
        self.requests.append(request)
        return {"Body": io.BytesIO(self.objects[request["Bucket"], request["Key"]].encode())}


class CrashError(BaseException):
    """The end of an execution environment: nothing in it catches this."""


def forget() -> None:
    for name in [name for name in sys.modules if name.split(".")[0] == "warehouse"]:
        del sys.modules[name]


def source(name: str) -> ModuleType:
    return importlib.import_module(f"warehouse.{name}")


def handle(name: str, event: dict[str, Any], **context: int) -> Any:
    return source(name).handler(event, Context(**context))


def level(database: InMemoryDynamoDb, sku: str = "BOLT") -> int:
    return int(database.items(STOCK)[sku]["level"]["N"])


def message(name: str, body: object, group: str | None = None) -> dict[str, Any]:
    return {
        "messageId": name,
        "receiptHandle": f"handle of {name}",
        "body": body if isinstance(body, str) else json.dumps(body),
        "attributes": {"MessageGroupId": group} if group else {},
        "eventSource": "aws:sqs",
    }


def pick(number: int, sku: str = "BOLT", quantity: int = 1) -> dict[str, Any]:
    return {"pick": f"p-{number}", "sku": sku, "quantity": quantity}


def batch(*records: dict[str, Any]) -> dict[str, Any]:
    return {"Records": [*records]}


def failed(answer: dict[str, Any]) -> list[str]:
    return [item["itemIdentifier"] for item in answer["batchItemFailures"]]


def crash_at(operation: str, time: int = 1) -> Callable[[str], None]:
    """Crashes before that operation is done for the n-th time."""
    return raise_at(operation, time, CrashError())


def throttle_at(operation: str, time: int = 1) -> Callable[[str], None]:
    """Fails that operation the n-th time."""
    return raise_at(operation, time, RuntimeError("throttled"))


def raise_at(operation: str, time: int, error: BaseException) -> Callable[[str], None]:
    seen: list[str] = []

    def before(name: str) -> None:
        seen.append(name)
        if name == operation and seen.count(name) == time:
            raise error

    return before


def place(database: InMemoryDynamoDb, key: str) -> str:
    return database.items(LEDGER)[key]["place"]["S"]
