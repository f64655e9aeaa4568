"""Shelves and reservations in DynamoDB.

Every write says what must hold, so that nothing is sold that isn't there, whoever else writes.
"""

from __future__ import annotations

import json
import os
from functools import cache
from typing import Any

from shop.clients import client
from shop.inventory.interface import Line
from shop.inventory.model import (
    RESERVED,
    SHIPPED,
    Alert,
    Goods,
    Reservation,
    Shelf,
    Shelves,
    Stockroom,
)
from shop.tables import ConditionError, Table, transact

_ALERTS = 100


class DynamoDbStock:
    """Shelves in one table, what moves goods in a second, articles that ran low in a third.

    Args:
        client: The client of DynamoDB.
        stock: The name of the table of shelves, by ``sku``.
        ledger: The name of the table of deliveries and reservations, by ``id``.
        alerts: The name of the table of alerts, by ``sku``.
    """

    def __init__(self, client: Any, *, stock: str, ledger: str, alerts: str) -> None:
        self._client = client
        self._stock = Table(client, stock, "sku")
        self._ledger = Table(client, ledger)
        self._alerts = Table(client, alerts, "sku")

    def shelf(self, sku: str) -> Shelf | None:
        """The shelf of an article."""
        item = self._stock.get(sku)
        return Shelf.model_validate(item) if item else None

    def page(self, limit: int, after: str | None) -> Shelves:
        """At most ``limit`` shelves after the one named, in no particular order."""
        items, last = self._stock.page(limit, after)
        return Shelves(shelves=[Shelf.model_validate(item) for item in items], next=last)

    def receive(self, delivery: str, goods: Goods, correlation_id: str) -> bool:
        """Put goods on their shelf; ``False`` if this delivery was there before."""
        movement = {"id": f"delivery/{delivery}", "sku": goods.sku, "quantity": goods.quantity}
        shelved = self._stock.changed(
            goods.sku,
            "SET #name = :name, price_cents = :price, correlation_id = :correlation "
            "ADD available :quantity, #reserved :none, version :one",
            None,
            name=goods.name,
            price=goods.price_cents,
            correlation=correlation_id,
            quantity=goods.quantity,
            none=0,
            one=1,
        )
        try:
            transact(self._client, self._ledger.new(movement), shelved)
        except ConditionError:
            return False
        return True

    def reservation(self, order: str) -> Reservation | None:
        """The reservation for an order."""
        item = self._ledger.get(f"reservation/{order}")
        if item is None:
            return None
        lines = tuple(Line(**line) for line in json.loads(item["lines"]))
        return Reservation(order, item["state"], lines, item["total_cents"], item["missing"])

    def reserve(self, reservation: Reservation, correlation_id: str) -> str | None:
        """Keep a reservation and take its goods off the shelves, both or neither."""
        taken = [
            self._moved(line, -line.quantity, line.quantity, correlation_id, "available >= :least")
            for line in reservation.lines
        ]
        try:
            transact(self._client, self._ledger.new(_item(reservation)), *taken)
        except ConditionError as error:
            if 0 in error.failed:  # it is decided already
                return None
            return reservation.lines[error.failed[0] - 1].sku
        return None

    def refuse(self, reservation: Reservation) -> None:
        """Keep that an order gets nothing, unless something is kept for it."""
        self._ledger.put_new(_item(reservation))

    def close(self, reservation: Reservation, state: str, correlation_id: str) -> bool:
        """Ship or release what is reserved; ``False`` if it isn't reserved any more."""
        closed = self._ledger.changed(
            f"reservation/{reservation.order}",
            "SET #state = :state",
            "#state = :reserved",
            state=state,
            reserved=RESERVED,
        )
        moved = [
            self._moved(
                line, 0 if state == SHIPPED else line.quantity, -line.quantity, correlation_id
            )
            for line in reservation.lines
        ]
        try:
            transact(self._client, closed, *moved)
        except ConditionError:
            return False
        return True

    def alerts(self) -> list[Alert]:
        """The articles that ran low, a hundred at most."""
        return [Alert.model_validate(item) for item in self._alerts.page(_ALERTS)[0]]

    def alert(self, alert: Alert) -> bool:
        """Keep an alert; ``False`` if a later one is there."""
        return self._alerts.update(
            alert.sku,
            "SET available = :available, version = :version",
            "attribute_not_exists(version) OR version < :version",
            available=alert.available,
            version=alert.version,
        )

    def _moved(
        self,
        line: Line,
        available: int,
        reserved: int,
        correlation_id: str,
        condition: str | None = None,
    ) -> dict[str, Any]:
        least = {"least": line.quantity} if condition else {}
        return self._stock.changed(
            line.sku,
            "SET correlation_id = :correlation "
            "ADD available :available, #reserved :reserved, version :one",
            condition,
            correlation=correlation_id,
            available=available,
            reserved=reserved,
            one=1,
            **least,
        )


def _item(reservation: Reservation) -> dict[str, Any]:
    lines = [{"sku": line.sku, "quantity": line.quantity} for line in reservation.lines]
    return {
        "id": f"reservation/{reservation.order}",
        "state": reservation.state,
        "lines": json.dumps(lines),
        "total_cents": reservation.total_cents,
        "missing": reservation.missing,
    }


@cache
def stockroom() -> Stockroom:
    """The stockroom in the tables that the environment names."""
    return Stockroom(
        DynamoDbStock(
            client("dynamodb"),
            stock=os.environ["STOCK_TABLE"],
            ledger=os.environ["LEDGER_TABLE"],
            alerts=os.environ["ALERTS_TABLE"],
        )
    )
