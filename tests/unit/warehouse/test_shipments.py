"""Shipments, which come by a bus."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.messages import exactly
from tests.unit.warehouse.fakes import HANDLED, LEDGER, handle

if TYPE_CHECKING:
    from tests.dynamodb import InMemoryDynamoDb


def announced(event: str, shipment: object, carrier: str = "Swift") -> dict[str, Any]:
    return {
        "id": event,
        "detail-type": "Shipment dispatched",
        "detail": {"shipment": shipment, "carrier": carrier},
    }


def test_a_shipment_is_entered_once(database: InMemoryDynamoDb) -> None:
    effects: list[str] = []
    for _ in range(2):
        handle("shipments", announced("e-1", "s-1"))
        database.before = effects.append

    assert database.items(LEDGER)["shipment/s-1"]["says"] == {"S": "left with Swift"}
    assert effects == ["put_item"]  # the second time only its key is looked for


def test_a_shipment_that_is_announced_again_is_entered_once(database: InMemoryDynamoDb) -> None:
    handle("shipments", announced("e-1", "s-1"))
    handle("shipments", announced("e-2", "s-1", "Slow"))

    assert database.items(LEDGER)["shipment/s-1"]["says"] == {"S": "left with Swift"}
    assert len(database.items(HANDLED)) == 2


def test_a_bad_announcement_fails_for_lambda_to_keep(database: InMemoryDynamoDb) -> None:
    with pytest.raises(ValueError, match=exactly("shipment must be a text, got None")):
        handle("shipments", announced("e-1", None))

    assert database.items(HANDLED) == {}
