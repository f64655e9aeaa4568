from __future__ import annotations

import json
from typing import Any

import pytest

from serverless_patterns.testing.delivery import (
    DeliveryError,
    Faults,
    Held,
    Outcome,
    _destinations,
    _stream_discards,
    deliver,
)
from tests.messages import exactly
from tests.unit.delivery.stream_templates import (
    STREAM,
    TO_BUCKET,
    TO_QUEUE,
    Recorder,
    change,
    dynamodb,
    kinesis,
    pointer,
    record,
    records,
    run,
    sequence,
    template,
    throws_on,
)


def body_of(shape: dict[str, Any], events: Any, **options: Any) -> dict[str, Any]:
    """What the function gets that polls the destination."""
    taken: list[dict[str, Any]] = []

    def poller(event: dict[str, Any], _: Any) -> None:
        taken.extend(json.loads(each["body"]) for each in event["Records"])

    shape["Resources"]["Poller"] = {"Type": "AWS::Lambda::Function", "Properties": {}}
    shape["Resources"]["Poll"] = {
        "Type": "AWS::Lambda::EventSourceMapping",
        "Properties": {
            "EventSourceArn": {"Fn::GetAtt": ["Dead", "Arn"]},
            "FunctionName": {"Ref": "Poller"},
        },
    }
    handlers = {"Handler": options.pop("handler", throws_on("a")), "Poller": poller}
    deliver(shape, events, handlers=handlers, **options)
    return taken[0]


def test_the_pointer_of_kinesis() -> None:
    shape = kinesis(MaximumRetryAttempts=1, MaximumBatchingWindowInSeconds=2, **TO_QUEUE)
    body = body_of(shape, [record("a"), record("b", 1.5)])

    assert body.pop("requestContext") | {"requestId": "any"} == {
        "requestId": "any",
        "functionArn": "arn:aws:lambda:us-east-1:123456789012:function:Handler",
        "condition": "RetryAttemptsExhausted",
        "approximateInvokeCount": 2,
    }
    assert body == {
        "responseContext": {
            "statusCode": 200,
            "executedVersion": "$LATEST",
            "functionError": "Unhandled",
        },
        "version": "1.0",
        "timestamp": "2026-01-01T00:00:03.000Z",
        "KinesisBatchInfo": {
            "shardId": "shardId-000000000000",
            "startSequenceNumber": "49590338271490256608559692538361575037008271989136588898",
            "endSequenceNumber": "49590338271490256608559692538361575037008271989136588899",
            "approximateArrivalOfFirstRecord": "2026-01-01T00:00:00.000Z",
            "approximateArrivalOfLastRecord": "2026-01-01T00:00:01.500Z",
            "batchSize": 2,
            "streamArn": "arn:aws:kinesis:us-east-1:123456789012:stream/Stream",
        },
    }


def test_the_pointer_of_a_table() -> None:
    body = body_of(dynamodb(MaximumRetryAttempts=0, **TO_QUEUE), [change("a")])

    assert body["DDBStreamBatchInfo"] == {
        "shardId": "shardId-00000001767225600000-51c45b79",
        "startSequenceNumber": "101371822969000000000001",
        "endSequenceNumber": "101371822969000000000001",
        "approximateArrivalOfFirstRecord": "2026-01-01T00:00:00.000Z",
        "approximateArrivalOfLastRecord": "2026-01-01T00:00:00.000Z",
        "batchSize": 1,
        "streamArn": (
            "arn:aws:dynamodb:us-east-1:123456789012:table/Table/stream/2026-01-01T00:00:00.000"
        ),
    }


def test_what_was_never_seen_is_told_without_an_answer() -> None:
    shape = kinesis(MaximumBatchingWindowInSeconds=80, MaximumRecordAgeInSeconds=60, **TO_QUEUE)
    body = body_of(shape, records("a"))

    assert body["requestContext"]["approximateInvokeCount"] == 0
    assert "responseContext" not in body


def test_a_bucket_keeps_the_records(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[dict[str, Any]] = []
    send = _destinations.fail_to

    def spy(*args: Any, **options: Any) -> None:
        told.append(args[3])
        send(*args, **options)

    monkeypatch.setattr(_stream_discards, "fail_to", spy)
    handler = throws_on("a")
    [leg] = run(kinesis(MaximumRetryAttempts=0, **TO_BUCKET), records("a"), handler).held

    assert leg.held == [Held("Kept", 0, "RetryAttemptsExhausted")]
    assert json.loads(told[0]["payload"]) == handler.events[0]


def test_one_record_tells_of_a_whole_batch() -> None:
    delivery = run(kinesis(MaximumRetryAttempts=0, **TO_QUEUE), records("abc"), throws_on("b"))

    assert [leg.held for leg in delivery.held] == [[pointer(0, "RetryAttemptsExhausted")]] * 3


@pytest.mark.parametrize(
    ("faults", "why"),
    [
        (Faults(missing=frozenset({"Dead"})), "is missing"),
        (Faults(unavailable={"Dead": [(0, 9)]}), "is unavailable"),
    ],
)
def test_a_destination_that_cannot_be_written_is_refused(faults: Faults, why: str) -> None:
    message = (
        "Mapping: OnFailure must be a destination that can be written, got Dead, "
        f"which {why}; AWS doesn't tell what becomes of the batch then"
    )
    shape = kinesis(MaximumRetryAttempts=0, **TO_QUEUE)
    with pytest.raises(DeliveryError, match=exactly(message)):
        run(shape, records("a"), throws_on("a"), faults=faults)


def test_a_destination_that_the_role_may_not_write_is_refused() -> None:
    shape = kinesis(MaximumRetryAttempts=0, **TO_QUEUE)
    reads = {"Statement": {"Effect": "Allow", "Action": "kinesis:*", "Resource": STREAM}}
    role = {"Type": "AWS::IAM::Role", "Properties": {"Policies": [{"PolicyDocument": reads}]}}
    shape["Resources"]["Role"] = role
    shape["Resources"]["Handler"]["Properties"]["Role"] = {"Fn::GetAtt": ["Role", "Arn"]}
    message = (
        "Mapping: OnFailure must be a destination that can be written, got Dead, which is not one "
        "that the role of Handler may write; AWS doesn't tell what becomes of the batch then"
    )
    with pytest.raises(DeliveryError, match=exactly(message)):
        run(shape, records("a"), throws_on("a"))


def test_a_topic_gets_a_pointer() -> None:
    to_topic = {"DestinationConfig": {"OnFailure": {"Destination": {"Ref": "Topic"}}}}
    shape = kinesis(MaximumRetryAttempts=0, **to_topic)
    shape["Resources"] |= template(
        Topic={"Type": "AWS::SNS::Topic"},
        Mail={
            "Type": "AWS::SNS::Subscription",
            "Properties": {
                "TopicArn": {"Ref": "Topic"},
                "Protocol": "email",
                "Endpoint": "a@b.example",
            },
        },
        Mapping=shape["Resources"]["Mapping"],
    )["Resources"]
    delivery = run(shape, records("a"), throws_on("a"))

    assert delivery.of("a")[0].held[0].is_pointer
    assert all(leg.outcome is not Outcome.LOST for leg in delivery.legs)


def test_a_later_attempt_gets_the_event_as_the_first_did() -> None:
    def spoil(_: list[str], event: dict[str, Any]) -> None:
        seen.append(sequence(event["Records"][0]))
        event["Records"].clear()
        if len(seen) == 1:
            raise ValueError

    seen: list[str] = []
    run(kinesis(), records("a"), Recorder(spoil))

    assert seen[0] == seen[1]
