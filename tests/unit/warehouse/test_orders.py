"""Changes of the stock, and what is published of all handlers."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.unit.warehouse.fakes import LEDGER, batch, failed, handle, message, pick, throttle_at

if TYPE_CHECKING:
    from tests.dynamodb import InMemoryDynamoDb


def changed(event: str, before: int | None, after: int | None) -> dict[str, Any]:
    def image(level: int) -> dict[str, Any]:
        return {"sku": {"S": "BOLT"}, "level": {"N": str(level)}}

    images = {
        name: image(level)
        for name, level in (("OldImage", before), ("NewImage", after))
        if level is not None
    }
    return {
        "eventID": event,
        "eventName": "MODIFY",
        "dynamodb": {"Keys": {"sku": {"S": "BOLT"}}, "SequenceNumber": event, **images},
    }


@pytest.mark.parametrize(
    ("before", "after", "ordered"),
    [(12, 9, 41), (None, 3, 47), (12, 10, None), (9, 8, None), (5, 20, None), (5, None, None)],
)
def test_articles_are_ordered_when_their_level_falls_below_the_reorder_point(
    database: InMemoryDynamoDb, before: int | None, after: int | None, ordered: int | None
) -> None:
    assert failed(handle("reorders", batch(changed("c-1", before, after)))) == []

    found = [int(entry["quantity"]["N"]) for entry in database.items(LEDGER).values()]
    assert found == ([] if ordered is None else [ordered])


def test_a_change_that_is_delivered_twice_orders_once(database: InMemoryDynamoDb) -> None:
    for _ in range(2):
        handle("reorders", batch(changed("c-1", 12, 9)))
    handle("reorders", batch(changed("c-2", 12, 9)))

    assert {*database.items(LEDGER)} == {"reorder/c-1", "reorder/c-2"}


def test_a_change_that_is_known_is_not_looked_at_again(database: InMemoryDynamoDb) -> None:
    effects: list[str] = []
    for _ in range(2):
        handle("reorders", batch(changed("c-1", 12, 9)))
        database.before = effects.append

    assert effects == ["put_item"]


def test_an_order_that_was_placed_before_a_crash_is_not_placed_again(
    database: InMemoryDynamoDb,
) -> None:
    placed = {"id": {"S": "reorder/c-1"}, "sku": {"S": "BOLT"}, "quantity": {"N": "1"}}
    database.put(LEDGER, placed)
    assert failed(handle("reorders", batch(changed("c-1", 12, 9)))) == []

    assert database.items(LEDGER) == {"reorder/c-1": placed}


def test_a_change_that_fails_names_its_sequence_number(database: InMemoryDynamoDb) -> None:
    database.before = throttle_at("update_item", time=1)
    answer = handle("reorders", batch(changed("c-1", 12, 9), changed("c-2", 9, 8)))

    assert failed(answer) == ["c-1"]


def test_metrics_are_published_of_what_was_done(capsys: pytest.CaptureFixture[str]) -> None:
    handle("picks", batch(message("m-1", pick(1)), message("m-2", pick(2))))

    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    [published] = [line for line in lines if "_aws" in line]
    assert published["service"] == "picks"
    assert (published["Messages"], published["Picks"]) == ([2], [1, 1])
