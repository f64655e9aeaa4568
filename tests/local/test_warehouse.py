"""The warehouse, deployed as it is and fed by each of its sources.

IAM isn't enforced here: its buckets and queues refuse anything but TLS, which the emulator hasn't.
"""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import pytest

from serverless_patterns.local import deploy
from tests.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable

    from serverless_patterns.local import LocalCloud

SECONDS = 60


@pytest.fixture(scope="module")
def cloud(local_cloud: LocalCloud) -> LocalCloud:
    deploy(local_cloud, folder=ROOT, stacks=["Warehouse"])
    return local_cloud


@pytest.fixture(scope="module")
def outputs(cloud: LocalCloud) -> dict[str, str]:
    return dict(cloud.outputs("Warehouse"))


@pytest.fixture
def ledger(cloud: LocalCloud, outputs: dict[str, str]) -> Callable[[str], Any]:
    """Waits for an entry of the ledger, and returns it."""

    def entry(key: str) -> Any:
        return _waited(
            lambda: (
                cloud.client("dynamodb")
                .get_item(TableName=outputs["LedgerTableName"], Key={"id": {"S": key}})
                .get("Item")
            )
        )

    return entry


@pytest.fixture
def shelf(cloud: LocalCloud, outputs: dict[str, str]) -> Callable[..., int]:
    """What is on a shelf; with a level, it is filled first."""

    def level(sku: str, filled: int | None = None) -> int:
        client, table = cloud.client("dynamodb"), outputs["StockTableName"]
        if filled is not None:
            item = {"sku": {"S": sku}, "level": {"N": str(filled)}}
            client.put_item(TableName=table, Item=item)
        item = client.get_item(TableName=table, Key={"sku": {"S": sku}})["Item"]
        return int(item["level"]["N"])

    return level


def test_picks_that_come_twice_are_made_once_and_a_bad_one_fails_alone(
    cloud: LocalCloud,
    outputs: dict[str, str],
    ledger: Callable[[str], Any],
    shelf: Callable[..., int],
) -> None:
    shelf("BOLT", 100)
    picks = [{"pick": f"p-{number % 5}", "sku": "BOLT", "quantity": 1} for number in range(9)]
    bodies = ["poison", *(json.dumps(pick) for pick in picks)]
    cloud.client("sqs").send_message_batch(
        QueueUrl=outputs["PicksQueueUrl"],
        Entries=[{"Id": str(n), "MessageBody": body} for n, body in enumerate(bodies)],
    )

    for number in range(5):
        assert ledger(f"pick/p-{number}")["quantity"] == {"N": "-1"}
    _waited(lambda: _waiting(cloud, outputs["PicksQueueUrl"]) == (0, 1))
    assert shelf("BOLT") == 95


def test_a_shelf_that_runs_low_is_filled_again(
    cloud: LocalCloud, outputs: dict[str, str], shelf: Callable[..., int]
) -> None:
    shelf("NUT", 12)
    cloud.client("sqs").send_message(
        QueueUrl=outputs["PicksQueueUrl"],
        MessageBody=json.dumps({"pick": "low", "sku": "NUT", "quantity": 5}),
    )

    def orders() -> list[Any]:
        items = cloud.client("dynamodb").scan(TableName=outputs["LedgerTableName"])["Items"]
        reorders = [item for item in items if item["id"]["S"].startswith("reorder/")]
        return [item for item in reorders if item["sku"]["S"] == "NUT"]

    [order] = _waited(orders)
    assert order["quantity"] == {"N": "43"}


def test_a_pallet_is_where_it_was_moved_last(
    cloud: LocalCloud, outputs: dict[str, str], ledger: Callable[[str], Any]
) -> None:
    for step in range(1, 6):
        cloud.client("sqs").send_message(
            QueueUrl=outputs["MovesQueueUrl"],
            MessageBody=json.dumps({"pallet": "P7", "to": f"A-{step}", "step": step}),
            MessageGroupId="P7",
            MessageDeduplicationId=str(step),
        )

    _waited(lambda: ledger("moved/P7")["order"] == {"N": "5"})
    assert ledger("moved/P7")["place"] == {"S": "A-5"}


def test_a_delivery_note_reaches_both_subscribers(
    cloud: LocalCloud,
    outputs: dict[str, str],
    ledger: Callable[[str], Any],
    shelf: Callable[..., int],
) -> None:
    shelf("GEAR", 20)
    note = {"note": "n-1", "lines": [{"sku": "GEAR", "quantity": 30}]}
    key = "march 2026/ü+1.json"
    cloud.client("s3").put_object(
        Bucket=outputs["DeliveryNotesBucketName"], Key=key, Body=json.dumps(note).encode()
    )

    assert ledger("note/n-1/1")["quantity"] == {"N": "30"}
    assert shelf("GEAR") == 50

    def arrivals() -> list[Any]:
        items = cloud.client("dynamodb").scan(TableName=outputs["LedgerTableName"])["Items"]
        return [item for item in items if item["id"]["S"].startswith(f"arrival/{key}/")]

    assert len(_waited(arrivals)) == 1


def test_a_shipment_is_entered(
    cloud: LocalCloud, outputs: dict[str, str], ledger: Callable[[str], Any]
) -> None:
    detail = {"shipment": "s-1", "carrier": "Swift"}
    cloud.client("events").put_events(
        Entries=[
            {
                "EventBusName": outputs["ShipmentsBusName"],
                "Source": "warehouse.dock",
                "DetailType": "Shipment dispatched",
                "Detail": json.dumps(detail),
            }
        ]
    )

    assert ledger("shipment/s-1")["says"] == {"S": "left with Swift"}


def test_the_latest_reading_of_a_pallet_stays(
    cloud: LocalCloud, outputs: dict[str, str], ledger: Callable[[str], Any]
) -> None:
    for minute in (1, 3, 2):
        reading = {"pallet": "P9", "place": f"D-{minute}", "at": f"2026-03-01T08:0{minute}:00Z"}
        cloud.client("kinesis").put_record(
            StreamName=outputs["ScansStreamName"],
            PartitionKey="P9",
            Data=json.dumps(reading).encode(),
        )
    last = {"pallet": "P10", "place": "D-9", "at": "2026-03-01T08:09:00Z"}
    cloud.client("kinesis").put_record(
        StreamName=outputs["ScansStreamName"], PartitionKey="P9", Data=json.dumps(last).encode()
    )

    ledger("seen/P10")  # behind the others in their shard
    assert ledger("seen/P9")["place"] == {"S": "D-3"}


def _waiting(cloud: LocalCloud, url: str) -> tuple[int, int]:
    """How many messages are visible and hidden."""
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    client = cloud.client("sqs")
    found = client.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
    return int(found[names[0]]), int(found[names[1]])


def _waited(look: Callable[[], Any]) -> Any:
    """What ``look`` finds, as soon as it finds something."""
    end = time.monotonic() + SECONDS
    while not (found := look()):
        assert time.monotonic() < end, f"nothing after {SECONDS} s"
        time.sleep(0.2)
    return found
