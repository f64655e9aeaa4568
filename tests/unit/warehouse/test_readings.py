"""Readings of scanners, which come by a stream."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.messages import exactly
from tests.unit.warehouse.fakes import HANDLED, batch, failed, handle, place, source, throttle_at

if TYPE_CHECKING:
    from tests.dynamodb import InMemoryDynamoDb


def scanned(sequence: str, reading: object, shard: str = "shardId-000000000000") -> dict[str, Any]:
    data = reading if isinstance(reading, str) else json.dumps(reading)
    return {
        "eventID": f"{shard}:{sequence}",
        "eventSource": "aws:kinesis",
        "kinesis": {
            "sequenceNumber": sequence,
            "partitionKey": "P7",
            "data": base64.b64encode(data.encode()).decode(),
        },
    }


def reading(where: str, minute: int) -> dict[str, str]:
    return {"pallet": "P7", "place": where, "at": f"2026-03-01T08:{minute:02}:00Z"}


def test_a_reading_tells_where_a_pallet_was_seen(database: InMemoryDynamoDb) -> None:
    answer = handle("scans", batch(scanned("1", reading("DOCK", 1)), scanned("2", reading("A", 2))))

    assert failed(answer) == []
    assert place(database, "seen/P7") == "A"


def test_a_reading_is_told_by_its_shard_and_sequence_number(database: InMemoryDynamoDb) -> None:
    first = scanned("1", reading("DOCK", 1))
    other = scanned("1", reading("DOCK", 1), "shardId-000000000001")
    for each in (first, first, other):
        handle("scans", batch(each))

    assert len(database.items(HANDLED)) == 2


def test_a_bad_reading_names_its_sequence_number_and_what_is_behind_it_is_handled_once(
    database: InMemoryDynamoDb,
) -> None:
    # given a reading that fails at first, for want of capacity, before a later one
    records = batch(scanned("1", reading("DOCK", 1)), scanned("2", reading("A", 2)))
    database.before = throttle_at("update_item", time=1)
    assert failed(handle("scans", records)) == ["1"]

    # when the shard goes on from it
    effects: list[str] = []
    database.before = effects.append
    assert failed(handle("scans", records)) == []

    # then the older one has not overwritten the later one, and that was not handled again
    assert place(database, "seen/P7") == "A"
    assert effects == ["put_item", "update_item", "update_item", "put_item"]


@pytest.mark.parametrize(
    ("at", "refusal"),
    [
        ("yesterday", "at must be a time, got 'yesterday'"),
        ("2026-03-01T08:00:00", "at must have a time zone, got '2026-03-01T08:00:00'"),
    ],
)
def test_a_reading_without_a_time_is_refused(at: str, refusal: str) -> None:
    text = json.dumps({"pallet": "P7", "place": "DOCK", "at": at}).encode()
    with pytest.raises(ValueError, match=exactly(refusal)):
        source("domain.pallets").reading(text)
