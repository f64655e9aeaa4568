"""The warehouse's books in DynamoDB, in which everything is written once.

Idempotency records alone can't see to that: between an effect and its record a function may crash.
So each write here says in its condition what must not have happened yet. It returns whether it
was the first.
"""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING, Any

from warehouse.clients import dynamodb
from warehouse.domain.stock import Shortage

if TYPE_CHECKING:
    from collections.abc import Mapping

    from warehouse.domain.dock import Entry
    from warehouse.domain.pallets import Sighting
    from warehouse.domain.stock import Movement, Reorder

_NEW = "attribute_not_exists(id)"
_FAILED = "ConditionalCheckFailed"


class Ledger:
    """The books: a table of what happened, and one of how much is on the shelves."""

    def __init__(self, client: Any, ledger_table: str, stock_table: str | None) -> None:
        self._client = client
        self._ledger = ledger_table
        self._stock = stock_table

    def post(self, movement: Movement) -> bool:
        """Enter a movement and change its shelf's level, both or neither.

        Raises:
            Shortage: If the shelf would have less than nothing on it.
        """
        if self._stock is None:
            raise RuntimeError("this function has no STOCK_TABLE")
        quantity = {"N": str(movement.quantity)}
        entry = {
            "id": {"S": movement.id},
            "sku": {"S": movement.sku},
            "quantity": quantity,
        }
        values = {":quantity": quantity}
        update: dict[str, Any] = {
            "TableName": self._stock,
            "Key": {"sku": {"S": movement.sku}},
            "UpdateExpression": "ADD #level :quantity",
            "ExpressionAttributeNames": {"#level": "level"},
            "ExpressionAttributeValues": values,
        }
        if movement.quantity < 0:
            update["ConditionExpression"] = "#level >= :taken"
            values[":taken"] = {"N": str(-movement.quantity)}
        put = {"TableName": self._ledger, "Item": entry, "ConditionExpression": _NEW}
        try:
            self._client.transact_write_items(TransactItems=[{"Put": put}, {"Update": update}])
        except self._client.exceptions.TransactionCanceledException as error:
            entered, shelf = (
                reason.get("Code") for reason in error.response["CancellationReasons"]
            )
            if entered == _FAILED:
                return False
            if shelf == _FAILED:
                raise Shortage(
                    f"there are fewer than {-movement.quantity} of {movement.sku}"
                ) from error
            raise
        return True

    def see(self, sighting: Sighting) -> bool:
        """Keep where a pallet is, unless something later is known."""
        return self._written(
            sighting.id,
            "SET place = :place, #order = :order",
            "attribute_not_exists(#order) OR #order < :order",
            {"#order": "order"},
            {":place": {"S": sighting.place}, ":order": {"N": str(sighting.order)}},
        )

    def enter(self, entry: Entry) -> bool:
        """Make an entry."""
        return self._written(entry.id, "SET says = :says", _NEW, {}, {":says": {"S": entry.says}})

    def order(self, reorder: Reorder) -> bool:
        """Order articles."""
        return self._written(
            reorder.id,
            "SET sku = :sku, quantity = :quantity",
            _NEW,
            {},
            {":sku": {"S": reorder.sku}, ":quantity": {"N": str(reorder.quantity)}},
        )

    def _written(
        self,
        key: str,
        change: str,
        condition: str,
        names: Mapping[str, str],
        values: Mapping[str, Mapping[str, str]],
    ) -> bool:
        options = {"ExpressionAttributeNames": names} if names else {}
        try:
            self._client.update_item(
                TableName=self._ledger,
                Key={"id": {"S": key}},
                UpdateExpression=change,
                ConditionExpression=condition,
                ExpressionAttributeValues=values,
                **options,
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        return True


@cache
def ledger() -> Ledger:
    """The books that the environment names."""
    return Ledger(dynamodb(), os.environ["LEDGER_TABLE"], os.environ.get("STOCK_TABLE"))
