"""The shop's handlers, run in-process with the real Powertools and DynamoDB in memory."""

from __future__ import annotations

import base64
import importlib
import json
from typing import Any

import pytest
from aws_lambda_powertools.utilities.batch.exceptions import BatchProcessingError

from tests.unit.shop.runtime import Aws, Context

pytestmark = pytest.mark.usefixtures("execution_environment")

ORDER = {
    "id": "o-1",
    "customer": "ada",
    "lines": [{"sku": "TEA", "quantity": 2}],
    "correlation_id": "c-1",
    "at": "2026-11-25T14:51:15+00:00",
}
SHELF = {"sku": {"S": "TEA"}, "version": {"N": "7"}, "correlation_id": {"S": "c-1"}}


@pytest.fixture
def aws() -> Aws:
    aws = Aws()
    shelf = {"name": {"S": "Tea"}, "price_cents": {"N": "500"}, "available": {"N": "9"}}
    aws.database.put("Stock", {**SHELF, **shelf, "reserved": {"N": "0"}})
    return aws


def handle(name: str, *records: dict[str, Any], **event: Any) -> Any:
    handler = importlib.import_module(f"shop.{name}").handler
    return handler(event or {"Records": [*records]}, Context())


def message(body: object, received: int = 1, number: str = "m-1") -> dict[str, Any]:
    return {
        "messageId": number,
        "receiptHandle": f"handle of {number}",
        "body": body if isinstance(body, str) else json.dumps(body),
        "attributes": {"ApproximateReceiveCount": str(received)},
        "eventSource": "aws:sqs",
    }


def test_an_order_that_comes_twice_is_settled_and_told_of_once(aws: Aws) -> None:
    for number in ("m-1", "m-2"):
        answer = handle("orders.intake", message(ORDER, number=number))
        assert answer == {"batchItemFailures": []}

    order = aws.database.items("Orders")["o-1"]
    assert (order["state"], order["charge"]) == ({"S": "settled"}, {"S": "ch-1"})
    [bill] = aws.requests("invoke")
    assert json.loads(bill["Payload"]) == {
        "order": "o-1",
        "customer": "ada",
        "cents": 1000,
        "correlation_id": "c-1",
    }
    [sale] = aws.requests("put_record")
    assert json.loads(sale["Data"]) == {
        "order": "o-1",
        "at": ORDER["at"],
        "cents": 1000,
        "pieces": 2,
        "correlation_id": "c-1",
    }


def test_a_message_that_fails_comes_back_after_a_pause_and_alone(aws: Aws) -> None:
    good = message({**ORDER, "id": "o-2"}, number="m-2")
    for received, pause in ((1, 10), (2, 20), (5, 160), (9, 900)):
        answer = handle("orders.intake", message("poison", received), good)

        assert answer == {"batchItemFailures": [{"itemIdentifier": "m-1"}]}
        assert aws.requests("change_message_visibility")[-1] == {
            "QueueUrl": "orders",
            "ReceiptHandle": "handle of m-1",
            "VisibilityTimeout": pause,
        }
    assert aws.database.items("Orders")["o-2"]["state"] == {"S": "settled"}


def test_an_order_waits_while_payment_does_not_say(aws: Aws) -> None:
    aws.pays = {"unavailable": "the provider answered 500"}
    with pytest.raises(BatchProcessingError):  # every message of the batch failed
        handle("orders.intake", message(ORDER))
    waiting = aws.database.items("Orders")["o-1"]["reason"]
    aws.pays = {"paid": {"charge": "ch-1", "points": 5}}
    handle("orders.intake", message(ORDER, received=2))

    assert waiting == {"S": "it waits for the payment provider"}
    assert aws.database.items("Orders")["o-1"]["state"] == {"S": "settled"}


def change(event: str, before: int | None, after: int) -> dict[str, Any]:
    images = {"NewImage": {**SHELF, "available": {"N": str(after)}}}
    if before is not None:
        images["OldImage"] = {**SHELF, "available": {"N": str(before)}}
    return {
        "eventID": event,
        "eventName": "MODIFY",
        "dynamodb": {"SequenceNumber": event, **images},
        "eventSource": "aws:dynamodb",
    }


def test_an_article_that_runs_low_is_told_once(aws: Aws) -> None:
    for _ in range(2):
        answer = handle("inventory.stock_changes", change("1", 6, 4), change("2", 4, 3))
        assert answer == {"batchItemFailures": []}

    [told] = aws.requests("publish")
    assert told["TopicArn"] == "alerts"
    assert json.loads(told["Message"]) == {
        "sku": "TEA",
        "available": 4,
        "version": 7,
        "correlation_id": "c-1",
    }


def test_an_alert_is_kept_once(aws: Aws) -> None:
    alert = {"sku": "TEA", "available": 4, "version": 7, "correlation_id": "c-1"}
    record = {"Sns": {"MessageId": "n-1", "Message": json.dumps(alert)}}
    for _ in range(2):
        handle("inventory.stock_alerts", record)

    assert aws.database.items("Alerts")["TEA"]["available"] == {"N": "4"}
    assert len(aws.database.items("Handled")) == 1


def test_a_sale_is_counted_once_in_its_hour(aws: Aws) -> None:
    sale = {"order": "o-1", "at": ORDER["at"], "cents": 1000, "pieces": 2, "correlation_id": "c"}
    for number in ("1", "2"):  # told in two records, as after a crash
        data = base64.b64encode(json.dumps(sale).encode()).decode()
        kinesis = {"sequenceNumber": number, "partitionKey": "o-1", "data": data}
        record = {"eventID": f"shard:{number}", "eventSource": "aws:kinesis", "kinesis": kinesis}
        assert handle("insight.sales", record) == {"batchItemFailures": []}

    hour = aws.database.items("Hours")["hour/2026-11-25T14"]
    assert (hour["orders"], hour["pieces"], hour["cents"]) == (
        {"N": "1"},
        {"N": "2"},
        {"N": "1000"},
    )


def upload(sequencer: str = "1") -> dict[str, Any]:
    thing = {"key": "a+b/%C3%BC.csv", "versionId": "v1", "sequencer": sequencer, "size": 61}
    return {
        "eventName": "ObjectCreated:Put",
        "s3": {"bucket": {"name": "files"}, "object": thing},
    }


def test_a_file_starts_one_execution_with_its_size(aws: Aws) -> None:
    handle("inventory.file_arrivals", upload(), upload())
    aws.database.tables["Handled"] = {}  # it crashed before it remembered
    handle("inventory.file_arrivals", upload(), upload("2"))

    started = aws.requests("start_execution")
    assert len({each["name"] for each in started}) == 2
    document = json.loads(started[0]["input"])
    assert {name: document[name] for name in ("bucket", "key", "version", "size")} == {
        "bucket": "files",
        "key": "a b/ü.csv",
        "version": "v1",
        "size": 61,
    }
    assert document["correlation_id"]


@pytest.mark.parametrize("as_a_task", [False, True])
def test_a_file_is_received_and_reported_on(
    aws: Aws, monkeypatch: pytest.MonkeyPatch, *, as_a_task: bool
) -> None:
    content = "sku,name,price_cents,quantity\nTEA,Tea,450,4\nTEA,Tea,450,none\n"
    aws.objects["files", "a.csv", "v1"] = content.encode()
    delivery = {"bucket": "files", "key": "a.csv", "version": "v1", "correlation_id": "c-9"}
    if as_a_task:
        monkeypatch.setenv("DELIVERY", json.dumps(delivery))
        importlib.import_module("runpy").run_module(
            "shop.inventory.delivery_files", run_name="__main__"
        )
    else:
        answer = handle("inventory.delivery_files", **delivery)
        assert answer == {"report": "a.csv/v1.json", "received": 1, "refused": 1}

    shelf = aws.database.items("Stock")["TEA"]
    assert (shelf["available"], shelf["correlation_id"]) == ({"N": "13"}, {"S": "c-9"})
    [report] = aws.requests("put_object")
    assert (report["Bucket"], report["Key"]) == ("reports", "a.csv/v1.json")
    assert json.loads(report["Body"])["lines"] == [
        {
            "line": 3,
            "reason": "quantity: Input should be a valid integer, unable to parse string as an "
            "integer, got 'none'",
        }
    ]


def test_points_are_calculated() -> None:
    asked = {"cents": 1999, "percent": 200, "correlation_id": "c-1"}

    assert handle("payment.points", **asked) == {"points": 38}
