from __future__ import annotations

import base64
import io
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.response import StreamingBody
from botocore.stub import Stubber
from click.testing import CliRunner

from serverless_patterns import _quotas, replay_cli
from serverless_patterns.replay import FailedBatch, ReplayError, invoke, replay
from tests.messages import exactly

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

STREAM = "arn:aws:kinesis:eu-west-1:111122223333:stream/orders"
TABLE = "arn:aws:dynamodb:eu-west-1:111122223333:table/orders/stream/2026-11-21T00:00:00.000"
FUNCTION = "arn:aws:lambda:eu-west-1:111122223333:function:worker"
SHARD = "shardId-00000001545084650000-0a1b2c3d"  # of a length that DynamoDB takes
ARRIVED = datetime(2026, 11, 21, 12, 0, 0, 500_000, tzinfo=UTC)
FIRST_CHANGE = 10**20  # as long as DynamoDB's sequence numbers are
QUEUE = "https://sqs.eu-west-1.amazonaws.com/111122223333/failed"


class Clients:
    """Clients that answer what a test expects them to be asked, in order."""

    def __init__(self) -> None:
        self.stubs: dict[str, Stubber] = {}
        self.asked: list[tuple[str, dict[str, Any]]] = []

    def __getitem__(self, service: str) -> Stubber:
        if service not in self.stubs:
            session = boto3.session.Session("test", "test", region_name="eu-west-1")
            client = session.client(service)  # type: ignore[call-overload]
            self.stubs[service] = Stubber(client)
            self.stubs[service].activate()
        return self.stubs[service]

    def __call__(self, service: str, **options: Any) -> Any:
        self.asked.append((service, options))
        return self[service].client


@pytest.fixture
def clients() -> Iterator[Clients]:
    clients = Clients()
    yield clients
    for stub in clients.stubs.values():
        stub.assert_no_pending_responses()


def failure(info: str = "KinesisBatchInfo", **changes: Any) -> dict[str, Any]:
    """What Lambda writes about records 10 to 12."""
    return {
        "requestContext": {
            "requestId": "c9b8fa9f-5a7f-4c3a-af9c-0c604cde93a5",
            "functionArn": FUNCTION,
            "condition": "RetryAttemptsExhausted",
            "approximateInvokeCount": 6,
        },
        "responseContext": {"statusCode": 200, "functionError": "Unhandled"},
        "version": "1.0",
        "timestamp": "2026-11-21T12:01:00.000Z",
        info: {
            "shardId": SHARD,
            "startSequenceNumber": "10",
            "endSequenceNumber": "12",
            "approximateArrivalOfFirstRecord": "2026-11-21T12:00:00.500Z",
            "approximateArrivalOfLastRecord": "2026-11-21T12:00:00.500Z",
            "batchSize": 3,
            "streamArn": STREAM if info == "KinesisBatchInfo" else TABLE,
            **changes,
        },
    }


def stored(*numbers: int, data: bytes = b"{}") -> list[dict[str, Any]]:
    """Records as Kinesis returns them."""
    return [
        {
            "SequenceNumber": str(number),
            "ApproximateArrivalTimestamp": ARRIVED,
            "Data": data,
            "PartitionKey": "k",
        }
        for number in numbers
    ]


def delivered(*numbers: int) -> list[dict[str, Any]]:
    """Records as Lambda delivers them."""
    return [
        {
            "kinesis": {
                "kinesisSchemaVersion": "1.0",
                "partitionKey": "k",
                "sequenceNumber": str(number),
                "data": base64.b64encode(b"{}").decode(),
                "approximateArrivalTimestamp": ARRIVED.timestamp(),
            },
            "eventSource": "aws:kinesis",
            "eventVersion": "1.0",
            "eventID": f"{SHARD}:{number}",
            "eventName": "aws:kinesis:record",
            "invokeIdentityArn": FUNCTION,
            "awsRegion": "eu-west-1",
            "eventSourceARN": STREAM,
        }
        for number in numbers
    ]


def expect_iterator(clients: Clients) -> None:
    clients["kinesis"].add_response(
        "get_shard_iterator",
        {"ShardIterator": "first"},
        {
            "StreamARN": STREAM,
            "ShardId": SHARD,
            "ShardIteratorType": "AT_SEQUENCE_NUMBER",
            "StartingSequenceNumber": "10",
        },
    )


def expect_records(
    clients: Clients,
    *pages: list[dict[str, Any]],
    behind: int = 1000,
    ends: bool = False,
    at: str = "first",
) -> None:
    for number, page in enumerate(pages):
        last = number == len(pages) - 1
        answer: dict[str, Any] = {"Records": page, "MillisBehindLatest": 0 if last else behind}
        if not (last and ends):
            answer["NextShardIterator"] = f"next{number}"
        clients["kinesis"].add_response(
            "get_records", answer, {"ShardIterator": at, "StreamARN": STREAM}
        )
        at = f"next{number}"


def test_a_pointer_leads_to_the_records_as_lambda_delivered_them(clients: Clients) -> None:
    expect_iterator(clients)
    expect_records(clients, stored(10, 11), [], stored(12, 13))

    events = list(replay(failure(), client=clients))

    assert events == [{"Records": delivered(10, 11, 12)}]
    assert clients.asked == [("kinesis", {"region_name": "eu-west-1"})]


def test_sequence_numbers_are_compared_as_numbers(clients: Clients) -> None:
    expect_iterator(clients)
    expect_records(clients, stored(10, 99, 100))

    pointer = failure(endSequenceNumber="100")
    [event] = replay(pointer, client=clients)
    assert [each["eventID"] for each in event["Records"]] == [
        f"{SHARD}:{number}" for number in (10, 99, 100)
    ]


def test_enhanced_fan_out_is_read_from_its_stream(clients: Clients) -> None:
    expect_iterator(clients)
    expect_records(clients, stored(10, 11, 12))
    consumer = f"{STREAM}/consumer/orders:1700000000"

    [event] = replay(failure(streamArn=consumer), client=clients)
    assert {each["eventSourceARN"] for each in event["Records"]} == {consumer}


def test_a_notification_in_a_queue_is_unwrapped(clients: Clients) -> None:
    expect_iterator(clients)
    expect_records(clients, stored(10, 11, 12))
    body = json.dumps({"Type": "Notification", "Message": json.dumps(failure())})

    assert list(replay(body, client=clients)) == [{"Records": delivered(10, 11, 12)}]


def test_a_record_with_its_payload_needs_no_stream(clients: Clients) -> None:
    payload = json.dumps({"Records": delivered(8, 9, 10, 11, 12)})

    events = list(replay({**failure(), "payload": payload}, client=clients))

    assert events == [{"Records": delivered(10, 11, 12)}]
    assert clients.asked == []


def test_a_payload_of_only_some_failures_is_not_enough(clients: Clients) -> None:
    expect_iterator(clients)
    expect_records(clients, stored(10, 11, 12))
    payload = json.dumps({"Records": delivered(11, 12)})

    events = list(replay({**failure(), "payload": payload}, client=clients))
    assert events == [{"Records": delivered(10, 11, 12)}]


def test_events_stay_below_what_one_invocation_takes(clients: Clients) -> None:
    expect_iterator(clients)
    expect_records(clients, stored(10, 11, 12, data=b"x" * 2_000_000))

    events = list(replay(failure(), client=clients))

    assert [len(event["Records"]) for event in events] == [2, 1]
    assert max(len(json.dumps(event)) for event in events) <= _quotas.LAMBDA_PAYLOAD_BYTES


def test_events_hold_no_more_records_than_asked_for(clients: Clients) -> None:
    payload = {"Records": delivered(10, 11, 12)}

    events = list(replay({**failure(), "payload": payload}, batch_size=2, client=clients))
    assert events == [{"Records": delivered(10, 11)}, {"Records": delivered(12)}]


def test_a_record_that_the_stream_lost_is_told(clients: Clients) -> None:
    expect_iterator(clients)
    expect_records(clients, stored(11, 12))

    with pytest.raises(
        ReplayError,
        match=exactly(
            f"{SHARD} of {STREAM}: record 10 can't be fetched: it is older than what the stream "
            "keeps"
        ),
    ):
        replay(failure(), client=clients)


def test_a_shard_that_ends_too_soon_is_told_and_what_the_record_holds(clients: Clients) -> None:
    expect_iterator(clients)
    expect_records(clients, stored(10, 11), ends=True)
    payload = {"Records": delivered(12)}

    with pytest.raises(
        ReplayError,
        match=exactly(
            f"{SHARD} of {STREAM}: record 12 can't be fetched: the shard ends before it; the "
            "failure record itself holds 1 of 3"
        ),
    ):
        replay({**failure(), "payload": payload}, client=clients)


def test_an_empty_shard_ends_the_search(clients: Clients) -> None:
    expect_iterator(clients)
    expect_records(clients, [])

    with pytest.raises(
        ReplayError,
        match=exactly(f"{SHARD} of {STREAM}: record 10 can't be fetched: the shard ends before it"),
    ):
        replay(failure(), client=clients)


def test_a_last_record_that_was_passed_is_told(clients: Clients) -> None:
    expect_iterator(clients)
    expect_records(clients, stored(10, 11, 13))

    with pytest.raises(
        ReplayError,
        match=exactly(f"{SHARD} of {STREAM}: record 12 can't be fetched: it isn't where it was"),
    ):
        replay(failure(), client=clients)


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("ResourceNotFoundException", "the stream or the shard is gone"),
        ("InvalidArgumentException", "the stream doesn't know its sequence number any more"),
    ],
)
def test_what_kinesis_refuses_is_told(clients: Clients, code: str, why: str) -> None:
    clients["kinesis"].add_client_error("get_shard_iterator", code)

    with pytest.raises(
        ReplayError, match=exactly(f"{SHARD} of {STREAM}: record 10 can't be fetched: {why}")
    ):
        replay(failure(), client=clients)


def test_what_the_caller_may_not_read_stays_awss_own_error(clients: Clients) -> None:
    clients["kinesis"].add_client_error("get_shard_iterator", "AccessDeniedException")

    with pytest.raises(ClientError, match="AccessDeniedException"):
        replay(failure(), client=clients)


def failed_changes(**changes: Any) -> dict[str, Any]:
    numbers = {
        "startSequenceNumber": str(FIRST_CHANGE),
        "endSequenceNumber": str(FIRST_CHANGE + 2),
    }
    return failure("DDBStreamBatchInfo", **{**numbers, **changes})


def expect_changes(clients: Clients, *pages: list[dict[str, Any]]) -> None:
    clients["dynamodbstreams"].add_response(
        "get_shard_iterator",
        {"ShardIterator": "first"},
        {
            "StreamArn": TABLE,
            "ShardId": SHARD,
            "ShardIteratorType": "AT_SEQUENCE_NUMBER",
            "SequenceNumber": str(FIRST_CHANGE),
        },
    )
    at = "first"
    for number, page in enumerate(pages):
        clients["dynamodbstreams"].add_response(
            "get_records",
            {"Records": page, "NextShardIterator": f"next{number}"},
            {"ShardIterator": at},
        )
        at = f"next{number}"


def change(number: int, **more: Any) -> dict[str, Any]:
    return {
        "eventID": f"id{number}",
        "eventName": "INSERT",
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": "eu-west-1",
        "dynamodb": {
            "ApproximateCreationDateTime": ARRIVED,
            "Keys": {"id": {"S": str(number)}},
            "NewImage": {"id": {"S": str(number)}, "blob": {"B": b"\x00"}, "set": {"BS": [b"a"]}},
            "SequenceNumber": str(FIRST_CHANGE + number),
            "SizeBytes": 26,
            "StreamViewType": "NEW_IMAGE",
        },
        **more,
    }


def test_changes_of_a_table_come_as_lambda_delivered_them(clients: Clients) -> None:
    expired = {"PrincipalId": "dynamodb.amazonaws.com", "Type": "Service"}
    expect_changes(clients, [], [change(0)], [change(1), change(2, userIdentity=expired)])

    [event] = replay(failed_changes(), client=clients)

    assert [each["eventID"] for each in event["Records"]] == ["id0", "id1", "id2"]
    assert event["Records"][2] == {
        "eventID": "id2",
        "eventName": "INSERT",
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": "eu-west-1",
        "dynamodb": {
            "ApproximateCreationDateTime": int(ARRIVED.timestamp()),
            "Keys": {"id": {"S": "2"}},
            "NewImage": {"id": {"S": "2"}, "blob": {"B": "AA=="}, "set": {"BS": ["YQ=="]}},
            "SequenceNumber": str(FIRST_CHANGE + 2),
            "SizeBytes": 26,
            "StreamViewType": "NEW_IMAGE",
        },
        "userIdentity": {"principalId": "dynamodb.amazonaws.com", "type": "Service"},
        "eventSourceARN": TABLE,
    }
    assert json.loads(json.dumps(event)) == event
    assert clients.asked == [("dynamodbstreams", {"region_name": "eu-west-1"})]


def test_changes_of_a_day_ago_are_told(clients: Clients) -> None:
    clients["dynamodbstreams"].add_client_error("get_shard_iterator", "TrimmedDataAccessException")

    with pytest.raises(
        ReplayError,
        match=exactly(
            f"{SHARD} of {TABLE}: record {FIRST_CHANGE} can't be fetched: it is older than what "
            "the stream keeps"
        ),
    ):
        replay(failed_changes(), client=clients)


def test_a_pointer_that_was_spoilt_is_told() -> None:
    session = boto3.session.Session("test", "test", region_name="eu-west-1")
    with pytest.raises(
        ReplayError,
        match=exactly(
            f"shardId-1 of {TABLE}: record {FIRST_CHANGE} can't be fetched: Parameter validation "
            "failed: Invalid length for parameter ShardId, value: 9, valid min length: 28"
        ),
    ):
        replay(failed_changes(shardId="shardId-1"), client=session.client)


def test_an_open_shard_without_changes_ends_the_search(clients: Clients) -> None:
    expect_changes(clients, [change(0)], *[[]] * 50)

    with pytest.raises(
        ReplayError,
        match=exactly(
            f"{SHARD} of {TABLE}: record {FIRST_CHANGE + 2} can't be fetched: the shard ends "
            "before it"
        ),
    ):
        replay(failed_changes(), client=clients)


@pytest.mark.parametrize(
    ("record", "message"),
    [
        pytest.param("nonsense", "a failure record must be JSON, got 'nonsense'", id="no JSON"),
        pytest.param("[]", "a failure record must be a JSON object, got []", id="no object"),
        pytest.param(
            {"version": "1.0", "requestPayload": {}},
            "a failure record must hold KinesisBatchInfo or DDBStreamBatchInfo, got version, "
            "requestPayload; it is none of a stream's",
            id="of an asynchronous invocation",
        ),
        pytest.param(
            "{}",
            "a failure record must hold KinesisBatchInfo or DDBStreamBatchInfo, got nothing; it is "
            "none of a stream's",
            id="empty",
        ),
        pytest.param(
            {"KinesisBatchInfo": {"streamArn": STREAM}},
            "a failure record must hold 'shardId', got none; was it cut?",
            id="cut",
        ),
    ],
)
def test_what_is_no_failure_record_is_refused(record: Any, message: str) -> None:
    with pytest.raises(ReplayError, match=exactly(message)):
        replay(record)


def test_a_failed_batch_says_where_its_records_are() -> None:
    batch = FailedBatch.from_record(failure())

    assert (batch.service, batch.start, batch.end, batch.batch_size) == ("kinesis", "10", "12", 3)
    assert batch.function_arn == FUNCTION
    assert str(batch) == f"{SHARD} of {STREAM}"


def expect_invocation(
    clients: Clients, records: list[dict[str, Any]], answer: str = "null", **more: Any
) -> None:
    body = StreamingBody(io.BytesIO(answer.encode()), len(answer))
    clients["lambda"].add_response(
        "invoke",
        {"StatusCode": 200, "Payload": body, **more},
        {"FunctionName": "worker", "Payload": json.dumps({"Records": records}).encode()},
    )


@pytest.mark.parametrize(
    "answer", ["null", "{}", '{"batchItemFailures": []}', '{"batchItemFailures": null}', '"done"']
)
def test_a_function_that_handles_all_is_done(clients: Clients, answer: str) -> None:
    expect_invocation(clients, [], answer)

    invoke("worker", {"Records": []}, client=clients)

    [(_, options)] = clients.asked
    assert options["config"].read_timeout > 900
    assert options["config"].retries == {"total_max_attempts": 1}


def test_a_function_that_fails_is_told(clients: Clients) -> None:
    expect_invocation(clients, [], '{"errorMessage": "no"}', FunctionError="Unhandled")

    with pytest.raises(ReplayError, match=exactly('worker failed: {"errorMessage": "no"}')):
        invoke("worker", {"Records": []}, client=clients)


def test_a_function_that_answers_no_json_is_told(clients: Clients) -> None:
    expect_invocation(clients, [], "done")

    with pytest.raises(ReplayError, match=exactly("worker answered no JSON: done")):
        invoke("worker", {"Records": []}, client=clients)


def test_a_function_that_fails_on_a_record_is_told(clients: Clients) -> None:
    expect_invocation(clients, [], '{"batchItemFailures": [{"itemIdentifier": "11"}]}')

    with pytest.raises(
        ReplayError, match=exactly('worker failed on records: [{"itemIdentifier": "11"}]')
    ):
        invoke("worker", {"Records": []}, client=clients)


@pytest.fixture
def command(clients: Clients, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Runs the command with those clients."""
    monkeypatch.setattr("boto3.client", clients)
    return lambda *arguments: CliRunner().invoke(replay_cli.main, arguments)


def complete(*numbers: int) -> str:
    """A failure record that holds what it is about."""
    info: dict[str, Any] = {
        "startSequenceNumber": str(numbers[0]),
        "endSequenceNumber": str(numbers[-1]),
        "batchSize": len(numbers),
    }
    return json.dumps({**failure(**info), "payload": {"Records": delivered(*numbers)}})


def expect_message(clients: Clients, *messages: tuple[str, str]) -> None:
    received = [
        {"MessageId": name, "Body": body, "ReceiptHandle": f"handle-{name}"}
        for name, body in messages
    ]
    clients["sqs"].add_response(
        "receive_message",
        {"Messages": received} if received else {},
        {
            "QueueUrl": QUEUE,
            "MaxNumberOfMessages": 1,
            "VisibilityTimeout": 960,  # an invocation may take 900
            "WaitTimeSeconds": 2,
        },
    )


def expect_release(clients: Clients, name: str) -> None:
    clients["sqs"].add_response(
        "change_message_visibility",
        {},
        {"QueueUrl": QUEUE, "ReceiptHandle": f"handle-{name}", "VisibilityTimeout": 0},
    )


def expect_deletion(clients: Clients, name: str) -> None:
    clients["sqs"].add_response(
        "delete_message", {}, {"QueueUrl": QUEUE, "ReceiptHandle": f"handle-{name}"}
    )


def test_the_command_prints_the_events_of_a_file(command: Any, tmp_path: Path) -> None:
    file = tmp_path / "record.json"
    file.write_text(complete(10, 11))

    done = command("--file", str(file))

    assert done.exit_code == 0
    assert json.loads(done.stdout) == {"Records": delivered(10, 11)}
    assert done.stderr == "1 failed batches replayed, 0 not\n"


def test_the_command_deletes_a_message_once_its_records_are_handled(
    command: Any, clients: Clients
) -> None:
    expect_message(clients, ("a", complete(10)))
    expect_invocation(clients, delivered(10))
    expect_deletion(clients, "a")
    expect_message(clients)

    done = command("--queue-url", QUEUE, "--function", "worker")
    assert (done.exit_code, done.stdout) == (0, "")


def test_the_command_leaves_a_message_whose_records_fail_again_and_goes_on(
    command: Any, clients: Clients
) -> None:
    expect_message(clients, ("a", complete(10)))
    expect_invocation(clients, delivered(10), '{"errorMessage": "no"}', FunctionError="Unhandled")
    expect_message(clients, ("a", complete(10)))  # it is back, and was tried
    expect_message(clients, ("b", complete(11)))
    expect_invocation(clients, delivered(11))
    expect_deletion(clients, "b")
    expect_message(clients)
    expect_release(clients, "a")

    done = command("--queue-url", QUEUE, "--function", "worker")

    assert done.exit_code == 1
    assert done.stderr == (
        'message a: worker failed: {"errorMessage": "no"}\n1 failed batches replayed, 1 not\n'
    )


def test_the_command_lets_a_record_that_fails_hold_up_no_other(
    command: Any, clients: Clients
) -> None:
    expect_message(clients, ("a", complete(10, 11)))
    expect_invocation(clients, delivered(10), '{"batchItemFailures": [{"itemIdentifier": "10"}]}')
    expect_invocation(clients, delivered(11))
    expect_message(clients)
    expect_release(clients, "a")

    done = command("--queue-url", QUEUE, "--function", "worker", "--batch-size", "1")

    assert done.exit_code == 1
    assert done.stderr == (
        'message a: worker failed on records: [{"itemIdentifier": "10"}]\n'
        "0 failed batches replayed, 1 not\n"
    )


def test_the_command_deletes_nothing_that_it_only_prints(command: Any, clients: Clients) -> None:
    expect_message(clients, ("a", complete(10)))
    expect_message(clients)
    expect_release(clients, "a")

    done = command("--queue-url", QUEUE)
    assert json.loads(done.stdout) == {"Records": delivered(10)}


def expect_object(clients: Clients, key: str, body: str) -> None:
    clients["s3"].add_response(
        "get_object",
        {"Body": StreamingBody(io.BytesIO(body.encode()), len(body))},
        {"Bucket": "failed", "Key": key},
    )


def test_the_command_reads_an_object(command: Any, clients: Clients) -> None:
    expect_object(clients, "aws/lambda/one", complete(10))

    done = command("--s3", "s3://failed/aws/lambda/one")
    assert json.loads(done.stdout) == {"Records": delivered(10)}


def test_the_command_reads_all_objects_under_a_prefix(command: Any, clients: Clients) -> None:
    clients["s3"].add_response(
        "list_objects_v2",
        {"Contents": [{"Key": "aws/one"}, {"Key": "aws/two"}], "IsTruncated": False},
        {"Bucket": "failed", "Prefix": "aws/"},
    )
    expect_object(clients, "aws/one", complete(10))
    expect_object(clients, "aws/two", complete(11))

    done = command("--s3", "s3://failed/aws/")
    assert [json.loads(line) for line in done.stdout.splitlines()] == [
        {"Records": delivered(10)},
        {"Records": delivered(11)},
    ]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "Error: give one of --queue-url, --s3 and --file\n"),
        (
            ("--queue-url", QUEUE, "--s3", "s3://failed/one"),
            "Error: give one of --queue-url, --s3 and --file\n",
        ),
        (
            ("--s3", "failed/one"),
            "Error: Invalid value for --s3: must be s3://bucket/key, got failed/one\n",
        ),
    ],
)
def test_the_command_refuses_no_source_or_two(
    command: Any, arguments: tuple[str, ...], message: str
) -> None:
    refused = command(*arguments)
    assert refused.exit_code == 2
    assert refused.stderr.endswith(message)


def test_the_command_tells_what_aws_refuses(command: Any, clients: Clients) -> None:
    clients["sqs"].add_client_error(
        "receive_message", "AWS.SimpleQueueService.NonExistentQueue", "no such queue"
    )

    refused = command("--queue-url", QUEUE)
    assert refused.exit_code == 1
    assert refused.stderr == (
        "Error: An error occurred (AWS.SimpleQueueService.NonExistentQueue) when calling the "
        "ReceiveMessage operation: no such queue\n"
    )
