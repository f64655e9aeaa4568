"""Hours of sales in DynamoDB."""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING, Any

from shop.clients import client
from shop.insight.model import Hour, Insight
from shop.tables import ConditionError, Table, transact

if TYPE_CHECKING:
    from shop.orders.interface import Sale


class DynamoDbInsight:
    """Hours and the sales that they count, in one table by ``id``.

    Args:
        client: The client of DynamoDB.
        table: The name of the table.
    """

    def __init__(self, client: Any, table: str) -> None:
        self._client = client
        self._table = Table(client, table)

    def add(self, sale: Sale, hour: str) -> bool:
        """Add a sale to its hour; ``False`` if it was added before."""
        counted = self._table.new({"id": f"sale/{sale.order}", "hour": hour})
        total = self._table.changed(
            f"hour/{hour}",
            "SET #hour = :hour ADD orders :one, pieces :pieces, cents :cents",
            None,
            hour=hour,
            one=1,
            pieces=sale.pieces,
            cents=sale.cents,
        )
        try:
            transact(self._client, counted, total)
        except ConditionError:
            return False
        return True

    def hour(self, hour: str) -> Hour | None:
        """What was sold in an hour."""
        item = self._table.get(f"hour/{hour}")
        return Hour.model_validate(item) if item else None


@cache
def insight() -> Insight:
    """The insight in the table that the environment names."""
    return Insight(DynamoDbInsight(client("dynamodb"), os.environ["INSIGHT_TABLE"]))
