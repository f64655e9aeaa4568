"""Payments and points in DynamoDB."""

from __future__ import annotations

from typing import Any

from shop.payment.model import PENDING, Payment
from shop.tables import ConditionError, Table, transact


class DynamoDbPayments:
    """Payments and points in one table, by ``id``.

    Args:
        client: The client of DynamoDB.
        table: The name of the table.
    """

    def __init__(self, client: Any, table: str) -> None:
        self._client = client
        self._table = Table(client, table)

    def open(self, payment: Payment) -> Payment:
        """Keep a new payment; that of the order that is there already, if one is."""
        item = {"id": f"payment/{payment.order}", **payment.model_dump()}
        if self._table.put_new(item):
            return payment
        return self.find(payment.order) or payment

    def find(self, order: str) -> Payment | None:
        """The payment of an order."""
        item = self._table.get(f"payment/{order}")
        return Payment.model_validate(item) if item else None

    def settle(self, payment: Payment) -> bool:
        """Keep what became of a pending payment, and its points; ``False`` if it isn't pending."""
        settled = self._table.changed(
            f"payment/{payment.order}",
            "SET #state = :state, charge = :charge, points = :points, reason = :reason",
            "#state = :pending",
            state=payment.state,
            charge=payment.charge,
            points=payment.points,
            reason=payment.reason,
            pending=PENDING,
        )
        earned = self._table.changed(
            f"points/{payment.customer}", "ADD points :points", None, points=payment.points
        )
        try:
            transact(self._client, settled, earned)
        except ConditionError:
            return False
        return True

    def points(self, customer: str) -> int:
        """The points of a customer."""
        item = self._table.get(f"points/{customer}")
        return int(item["points"]) if item else 0
