"""Orders in DynamoDB."""

from __future__ import annotations

import os
from functools import cache
from typing import Any

import boto3

from bookstore.errors import Conflict
from bookstore.orders.model import Order, OrderStorage

_PLACED_ALREADY, _TOO_FEW = 0, 1


class DynamoDbOrders:
    """Orders in a table whose partition key is ``id``, and the stock in the table of books."""

    def __init__(self, orders: Any, books: Any) -> None:
        self._orders = orders
        self._books = books

    def place(self, order: Order) -> bool:
        """Keep an order and take its books off the shelf, both or neither.

        An order of the same id that is there already counts as placed.
        ``False`` if there are too few books.
        """
        client = self._orders.meta.client
        put = {
            "TableName": self._orders.name,
            "Item": order.model_dump(),
            "ConditionExpression": "attribute_not_exists(id)",
        }
        take = {
            "TableName": self._books.name,
            "Key": {"id": order.book_id},
            "UpdateExpression": "SET stock = stock - :quantity, version = version + :one",
            "ConditionExpression": "stock >= :quantity",
            "ExpressionAttributeValues": {":quantity": order.quantity, ":one": 1},
        }
        try:
            client.transact_write_items(TransactItems=[{"Put": put}, {"Update": take}])
        except client.exceptions.TransactionCanceledException as error:
            codes = [reason.get("Code") for reason in error.response["CancellationReasons"]]
            if codes[_PLACED_ALREADY] == "ConditionalCheckFailed":
                return True
            if codes[_TOO_FEW] == "ConditionalCheckFailed":
                return False
            raise Conflict(f"book {order.book_id} is being changed; try again") from error
        return True

    def find(self, order_id: str) -> Order | None:
        """The order, if it is there."""
        item = self._orders.get_item(Key={"id": order_id}, ConsistentRead=True).get("Item")
        return Order.model_validate(item) if item else None


@cache
def order_storage() -> OrderStorage:
    """The tables that the environment names, connected to once for each execution environment."""
    tables = boto3.resource("dynamodb")
    orders, books = os.environ["ORDERS_TABLE"], os.environ["BOOKS_TABLE"]
    return DynamoDbOrders(tables.Table(orders), tables.Table(books))
