from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools.utilities.batch import (
    BatchProcessor,
    EventType,
    SqsFifoPartialProcessor,
    process_partial_response,
)

from tests.unit.delivery.queue_templates import (
    REPORTS,
    Recorder,
    message,
    polled,
    run,
)

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord


def test_a_handler_gets_what_lambda_tells_of_a_message() -> None:
    handler = Recorder({"a": 1})
    attributes = {"kind": "order", "total": 12.5, "raw": b"\x00\x01"}
    run(polled(of_mapping=REPORTS), message(at=2, attributes=attributes), handler=handler)
    first, second = (event["Records"][0] for event in handler.events)
    lists: dict[str, Any] = {"stringListValues": [], "binaryListValues": []}
    assert first == {
        "messageId": "a",
        "receiptHandle": "a/1/1",
        "body": "a",
        "attributes": {
            "ApproximateReceiveCount": "1",
            "SentTimestamp": "1767225602000",
            "SenderId": "AIDAIENQZJOLO23YVJ4VO",
            "ApproximateFirstReceiveTimestamp": "1767225602000",
        },
        "messageAttributes": {
            "kind": {"stringValue": "order", **lists, "dataType": "String"},
            "total": {"stringValue": "12.5", **lists, "dataType": "Number"},
            "raw": {
                "binaryValue": base64.b64encode(b"\x00\x01").decode(),
                **lists,
                "dataType": "Binary",
            },
        },
        "md5OfBody": "0cc175b9c0f1b6a831c399e269772661",
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:us-east-1:123456789012:Queue",
        "awsRegion": "us-east-1",
    }
    assert second["receiptHandle"] == "a/1/2"
    assert second["attributes"]["ApproximateReceiveCount"] == "2"
    assert second["attributes"]["ApproximateFirstReceiveTimestamp"] == "1767225602000"


def test_a_handler_may_change_its_event() -> None:
    bodies = []

    def handler(event: Any, _context: Any) -> None:
        bodies.append(event["Records"][0]["body"])
        event["Records"].pop()["body"] = "changed"
        raise RuntimeError

    run(polled(receives=2), handler=handler)
    assert bodies == ["a", "a"]


def test_powertools_reads_it_as_it_reads_lambdas() -> None:
    processor = BatchProcessor(event_type=EventType.SQS)
    seen: list[tuple[str, int, str | None]] = []

    def take(record: SQSRecord) -> None:
        kind = record.message_attributes["kind"]
        assert kind is not None
        receives = int(record.attributes.approximate_receive_count)
        seen.append((record.body, receives, kind.string_value))
        if record.body == "b" and len(seen) < 3:
            raise ValueError(record.body)

    def handler(event: Any, context: Any) -> Any:
        return process_partial_response(event, take, processor, context)

    sent = [message(name, attributes={"kind": "order"}) for name in "ab"]
    delivery = run(polled(of_mapping=REPORTS), *sent, handler=handler)
    assert seen == [("a", 1, "order"), ("b", 1, "order"), ("b", 2, "order")]
    assert delivery.counts()["handled"] == 2


def test_powertools_stops_a_fifo_group_at_its_first_failure() -> None:
    processor = SqsFifoPartialProcessor(skip_group_on_error=True)
    handled: list[str] = []
    failing = ["a2"]

    def take(record: SQSRecord) -> None:
        if record.body in failing:
            failing.remove(record.body)
            raise ValueError(record.body)
        handled.append(record.body)

    def handler(event: Any, context: Any) -> Any:
        return process_partial_response(event, take, processor, context)

    sent = [message(name, group=name[0]) for name in ("a1", "a2", "a3", "b1")]
    delivery = run(polled(of_queue={"FifoQueue": True}, of_mapping=REPORTS), *sent, handler=handler)
    assert handled == ["a1", "b1", "a2", "a3"]
    assert (delivery.counts()["handled"], delivery.warnings) == (4, ())
