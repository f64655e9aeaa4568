"""Consumers of streams on the local cloud, and the replay of what they were delivered.

The emulator writes no failure of a Kinesis mapping to its destination, so the tests write what
Lambda would; the stream, the fetching, the function and the queue are real.
"""

from __future__ import annotations

import json
import os
import subprocess
import time
import uuid
from typing import TYPE_CHECKING, Any

import pytest

from serverless_patterns.replay import ReplayError, invoke, replay
from tests.local.conftest import PROGRAM

if TYPE_CHECKING:
    from collections.abc import Callable

    from serverless_patterns.local import LocalCloud
    from tests.local.conftest import DeployApp

    Deliveries = dict[str, list[dict[str, Any]]]

PATIENCE_SECONDS = 60


@pytest.fixture(scope="module")
def outputs(deploy_app: DeployApp, local_cloud: LocalCloud) -> dict[str, str]:
    deploy_app("streams")
    return dict(local_cloud.outputs("Streams"))


@pytest.fixture(scope="module")
def client(local_cloud: LocalCloud) -> Callable[..., Any]:
    return lambda service, **_: local_cloud.client(service)


def deliveries(cloud: LocalCloud, outputs: dict[str, str]) -> Deliveries:
    """Every record that was delivered, with all its deliveries, by event id."""
    kept: Deliveries = {}
    pages = cloud.client("dynamodb").get_paginator("scan")
    for page in pages.paginate(TableName=outputs["DeliveriesTable"]):
        for item in sorted(page["Items"], key=lambda item: int(item["at"]["N"])):
            record = {**json.loads(item["record"]["S"]), "at": int(item["at"]["N"])}
            kept.setdefault(item["id"]["S"], []).append(record)
    return kept


def eventually(ask: Callable[[], list[dict[str, Any]]], count: int) -> list[dict[str, Any]]:
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        found = ask()
        if len(found) >= count:
            return found
        time.sleep(0.2)
    raise AssertionError(f"{len(ask())} of {count} records were delivered")


def of_key(cloud: LocalCloud, outputs: dict[str, str], key: str) -> list[dict[str, Any]]:
    """First deliveries of the Kinesis records of a partition key, as they came."""
    found = [
        each[0]
        for each in deliveries(cloud, outputs).values()
        if each[0].get("kinesis", {}).get("partitionKey") == key
    ]
    return sorted(found, key=lambda record: record["at"])


def put_clicks(cloud: LocalCloud, outputs: dict[str, str], count: int) -> list[dict[str, Any]]:
    """Put clicks of a new key, and return what the handler got."""
    key = uuid.uuid4().hex
    for number in range(count):
        cloud.client("kinesis").put_record(
            StreamName=outputs["Stream"], Data=f"{number}".encode(), PartitionKey=key
        )
    return eventually(lambda: of_key(cloud, outputs, key), count)


def pointer(records: list[dict[str, Any]]) -> dict[str, Any]:
    """What Lambda would write about ``records`` of Kinesis."""
    first, last = (each["kinesis"]["sequenceNumber"] for each in (records[0], records[-1]))
    return {
        "requestContext": {"functionArn": records[0]["invokeIdentityArn"]},
        "KinesisBatchInfo": {
            "shardId": records[0]["eventID"].split(":")[0],
            "startSequenceNumber": first,
            "endSequenceNumber": last,
            "batchSize": len(records),
            "streamArn": records[0]["eventSourceARN"],
        },
    }


def without_time(record: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in record.items() if key != "at"}


def test_records_of_a_key_are_handled_once_and_in_order(
    local_cloud: LocalCloud, outputs: dict[str, str]
) -> None:
    got = put_clicks(local_cloud, outputs, 20)

    numbers = [int(each["kinesis"]["sequenceNumber"]) for each in got]
    assert len(got) == 20
    assert numbers == sorted(numbers)


def test_a_pointer_fetches_the_very_records_that_lambda_delivered(
    local_cloud: LocalCloud, outputs: dict[str, str], client: Callable[..., Any]
) -> None:
    got = put_clicks(local_cloud, outputs, 5)

    [event] = replay(pointer(got[1:4]), client=client)

    assert event == {"Records": [without_time(each) for each in got[1:4]]}


def test_a_function_handles_them_again(
    local_cloud: LocalCloud, outputs: dict[str, str], client: Callable[..., Any]
) -> None:
    got = put_clicks(local_cloud, outputs, 2)

    for event in replay(pointer(got), client=client):
        invoke(outputs["ClicksHandler"], event, client=client)

    kept = deliveries(local_cloud, outputs)
    for record in got:
        first, second = kept[record["eventID"]]
        assert without_time(first) == without_time(second)


def test_a_record_that_never_was_is_told(
    local_cloud: LocalCloud, outputs: dict[str, str], client: Callable[..., Any]
) -> None:
    failed = pointer(put_clicks(local_cloud, outputs, 1))
    failed["KinesisBatchInfo"]["streamArn"] += "-gone"

    with pytest.raises(ReplayError, match="the stream or the shard is gone"):
        replay(failed, client=client)


def test_the_command_takes_pointers_from_a_queue_and_deletes_what_was_handled(
    local_cloud: LocalCloud, outputs: dict[str, str]
) -> None:
    got = put_clicks(local_cloud, outputs, 3)
    sqs = local_cloud.client("sqs")
    body = json.dumps(pointer(got))
    sqs.send_message(QueueUrl=outputs["FailedQueue"], MessageBody=body)

    done = subprocess.run(
        [
            *(PROGRAM, "replay", "--queue-url", outputs["FailedQueue"]),
            *("--function", outputs["ClicksHandler"]),
        ],
        env=os.environ | local_cloud.environment(),
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "1 failed batches replayed, 0 not\n")
    kept = deliveries(local_cloud, outputs)
    assert [len(kept[record["eventID"]]) for record in got] == [2, 2, 2]
    counts = sqs.get_queue_attributes(QueueUrl=outputs["FailedQueue"], AttributeNames=["All"])
    names = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")
    assert [counts["Attributes"][name] for name in names] == ["0", "0"]


def put_changes(cloud: LocalCloud, outputs: dict[str, str], count: int) -> list[dict[str, Any]]:
    """Change a new item, and return what the handler got."""
    order = uuid.uuid4().hex
    for number in range(count):
        cloud.client("dynamodb").put_item(
            TableName=outputs["OrdersTable"],
            Item={"id": {"S": order}, "number": {"N": str(number)}, "blob": {"B": b"\x00"}},
        )

    def of_order() -> list[dict[str, Any]]:
        found = [
            each[0]
            for each in deliveries(cloud, outputs).values()
            if each[0].get("dynamodb", {}).get("Keys") == {"id": {"S": order}}
        ]
        return sorted(found, key=lambda record: record["at"])

    return eventually(of_order, count)


def test_changes_of_an_item_are_handled_in_order(
    local_cloud: LocalCloud, outputs: dict[str, str]
) -> None:
    got = put_changes(local_cloud, outputs, 10)

    assert [each["dynamodb"]["NewImage"]["number"]["N"] for each in got] == [
        str(number) for number in range(10)
    ]


def test_a_pointer_fetches_the_very_changes_that_lambda_delivered(
    local_cloud: LocalCloud, outputs: dict[str, str], client: Callable[..., Any]
) -> None:
    got = put_changes(local_cloud, outputs, 5)
    stream = got[0]["eventSourceARN"]
    streams = local_cloud.client("dynamodbstreams")
    [shard] = streams.describe_stream(StreamArn=stream)["StreamDescription"]["Shards"]
    failed = {
        "DDBStreamBatchInfo": {
            "shardId": shard["ShardId"],
            "startSequenceNumber": got[1]["dynamodb"]["SequenceNumber"],
            "endSequenceNumber": got[3]["dynamodb"]["SequenceNumber"],
            "batchSize": 3,
            "streamArn": stream,
        }
    }

    [event] = replay(failed, client=client)

    assert event == {"Records": [without_time(each) for each in got[1:4]]}
