"""Orders in DynamoDB, the queue in which they wait, and the stream that tells of sales."""

from __future__ import annotations

import json
import os
from functools import cache
from typing import TYPE_CHECKING, Any

from shop.clients import client
from shop.inventory.interface import inventory
from shop.orders.model import REFUSED, SETTLED, Clerk, Desk, Order, Orders
from shop.payment.interface import payments
from shop.tables import Table

if TYPE_CHECKING:
    from shop.orders.interface import Sale

_CHANGES = ("state", "total_cents", "charge", "points", "reason")


class DynamoDbOrders:
    """Orders in a table, by ``id``.

    Args:
        client: The client of DynamoDB.
        table: The name of the table.
    """

    def __init__(self, client: Any, table: str) -> None:
        self._table = Table(client, table)

    def add(self, order: Order) -> Order:
        """Keep a new order; the one of its id that is there already, if one is."""
        lines = json.dumps([line.model_dump() for line in order.lines])
        if self._table.put_new({**order.model_dump(), "lines": lines}):
            return order
        return self.find(order.id) or order

    def find(self, order_id: str) -> Order | None:
        """The order, if it is there."""
        item = self._table.get(order_id)
        return _order(item) if item else None

    def page(self, limit: int, after: str | None) -> Orders:
        """At most ``limit`` orders after the one named, in no particular order."""
        items, last = self._table.page(limit, after)
        return Orders(orders=[_order(item) for item in items], next=last)

    def advance(self, order: Order) -> bool:
        """Keep how far an order is; ``False`` if it is settled or refused already."""
        changes = order.model_dump(include=set(_CHANGES))
        sets = ", ".join(f"#{name} = :{name}" for name in _CHANGES)
        return self._table.update(
            order.id,
            f"SET {sets}",
            "#state <> :settled AND #state <> :refused",
            settled=SETTLED,
            refused=REFUSED,
            **changes,
        )


class SqsOrders:
    """Orders that wait in a queue.

    Args:
        client: The client of SQS.
        url: The queue.
    """

    def __init__(self, client: Any, url: str) -> None:
        self._client = client
        self._url = url

    def send(self, order: Order) -> None:
        """Have an order handled."""
        self._client.send_message(QueueUrl=self._url, MessageBody=order.model_dump_json())


class KinesisSales:
    """Sales on a stream.

    Args:
        client: The client of Kinesis.
        stream: The stream.
    """

    def __init__(self, client: Any, stream: str) -> None:
        self._client = client
        self._stream = stream

    def tell(self, sale: Sale) -> None:
        """Tell of a sale, at least once."""
        self._client.put_record(
            StreamName=self._stream, PartitionKey=sale.order, Data=sale.record()
        )


def _order(item: dict[str, Any]) -> Order:
    return Order.model_validate({**item, "lines": json.loads(item["lines"])})


@cache
def _orders() -> DynamoDbOrders:
    return DynamoDbOrders(client("dynamodb"), os.environ["ORDERS_TABLE"])


@cache
def desk() -> Desk:
    """The desk, with the table and the queue that the environment names."""
    return Desk(_orders(), SqsOrders(client("sqs"), os.environ["ORDERS_QUEUE"]))


@cache
def clerk() -> Clerk:
    """The clerk, with what the environment names."""
    sales = KinesisSales(client("kinesis"), os.environ["SALES_STREAM"])
    return Clerk(_orders(), inventory(), payments(), sales)
