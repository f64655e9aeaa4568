"""What a function of the shop has around it: its variables, its clients, its context."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

from tests.dynamodb import InMemoryDynamoDb

if TYPE_CHECKING:
    from collections.abc import Mapping

VARIABLES = {
    "ALERTS_TABLE": "Alerts",
    "ALERTS_TOPIC": "alerts",
    "ALERT_BELOW": "5",
    "DELIVERY_STATE_MACHINE": "machine",
    "IDEMPOTENCY_TABLE": "Handled",
    "INSIGHT_TABLE": "Hours",
    "LEDGER_TABLE": "Ledger",
    "ORDERS_QUEUE": "orders",
    "ORDERS_TABLE": "Orders",
    "PAYMENTS_TABLE": "Payments",
    "PAYMENT_FUNCTION": "payment",
    "POWERTOOLS_METRICS_NAMESPACE": "Shop",
    "REPORTS_BUCKET": "reports",
    "RETRY_SECONDS": "10",
    "SALES_STREAM": "sales",
    "STOCK_TABLE": "Stock",
}


class Context:
    """What Lambda tells a handler about its invocation."""

    function_name = "shop"
    memory_limit_in_mb = 1024
    invoked_function_arn = "arn:aws:lambda:us-east-1:111122223333:function:shop"
    aws_request_id = "6f1e6f0e-0000-4000-8000-000000000000"

    def get_remaining_time_in_millis(self) -> int:
        return 10_000


class AlreadyExistsError(Exception):
    """An execution of that name was started before."""


class Aws:
    """The clients of AWS: a database in memory, and what was asked of the others.

    Attributes:
        database: DynamoDB.
        asked: Each request by its operation.
        objects: The objects of S3, by bucket, key and version.
        pays: What Payment answers when it is called.
    """

    def __init__(self) -> None:
        self.database = InMemoryDynamoDb()
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.objects: dict[tuple[str, str, str], bytes] = {}
        self.pays: Mapping[str, Any] = {"paid": {"charge": "ch-1", "points": 5}}

    def client(self, service: str) -> Any:
        return self.database if service == "dynamodb" else _Client(self)

    def requests(self, operation: str) -> list[dict[str, Any]]:
        """What an operation was asked."""
        return [request for name, request in self.asked if name == operation]


class _Client:
    class exceptions:  # noqa: N801 - as boto3 names it
        ExecutionAlreadyExists = AlreadyExistsError

    def __init__(self, aws: Aws) -> None:
        self._aws = aws

    def __getattr__(self, operation: str) -> Any:
        def ask(**request: Any) -> dict[str, Any]:
            self._aws.asked.append((operation, request))
            return {}

        return ask

    def invoke(self, **request: Any) -> dict[str, Any]:
        self._aws.asked.append(("invoke", request))
        return {"Payload": io.BytesIO(json.dumps(self._aws.pays).encode())}

    def start_execution(self, **request: Any) -> None:
        known = {asked["name"] for asked in self._aws.requests("start_execution")}
        self._aws.asked.append(("start_execution", request))
        if request["name"] in known:
            raise AlreadyExistsError

    def download_fileobj(
        self,
        bucket: str,
        key: str,
        content: Any,
        *,
        ExtraArgs: dict[str, str],  # noqa: N803
    ) -> None:
        content.write(self._aws.objects[bucket, key, ExtraArgs["VersionId"]])
