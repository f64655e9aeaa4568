from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from examples.shop import provider as providers
from shop.inventory.model import Goods, Stockroom
from shop.inventory.storage import DynamoDbStock
from shop.payment.storage import DynamoDbPayments
from tests.dynamodb import InMemoryDynamoDb

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture
def database() -> InMemoryDynamoDb:
    return InMemoryDynamoDb()


@pytest.fixture
def stock(database: InMemoryDynamoDb) -> DynamoDbStock:
    return DynamoDbStock(database, stock="Stock", ledger="Ledger", alerts="Alerts")


@pytest.fixture
def room(stock: DynamoDbStock) -> Stockroom:
    """A stockroom with 10 of TEA at 5.00, and 3 of CUP at 12.00."""
    room = Stockroom(stock)
    for sku, quantity, cents in (("TEA", 10, 500), ("CUP", 3, 1200)):
        goods = Goods(sku=sku, name=sku.title(), price_cents=cents, quantity=quantity)
        room.receive(f"first/{sku}", goods, "setup")
    return room


@pytest.fixture
def payments(database: InMemoryDynamoDb) -> DynamoDbPayments:
    return DynamoDbPayments(database, "Payments")


@pytest.fixture
def provider() -> Iterator[providers.Server]:
    """The real provider, on loopback."""
    with providers.running() as server:
        yield server


def crash_at(number: int) -> Callable[[str], None]:
    """Crashes at the operation of that number."""
    left = iter([None] * (number - 1))

    def before(_: str) -> None:
        try:
            next(left)
        except StopIteration:
            raise SystemExit from None

    return before
