from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import boto3
import pytest

from examples.shop import provider as providers
from shop.inventory.model import Goods, Stockroom
from shop.inventory.storage import DynamoDbStock
from shop.payment.storage import DynamoDbPayments
from tests.dynamodb import InMemoryDynamoDb
from tests.unit.shop.runtime import VARIABLES, Aws

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


@pytest.fixture
def execution_environment(monkeypatch: pytest.MonkeyPatch, aws: Aws) -> Iterator[None]:
    """What a function has around it when it starts: no module of the shop is imported yet."""
    for name, value in VARIABLES.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(boto3, "client", aws.client)
    before = {name: sys.modules.pop(name) for name in _modules()}
    yield
    for name in _modules():
        del sys.modules[name]
    sys.modules.update(before)


def _modules() -> list[str]:
    return [name for name in sys.modules if name.split(".")[0] == "shop"]


def crash_at(number: int) -> Callable[[str], None]:
    """Crashes at the operation of that number."""
    left = iter([None] * (number - 1))

    def before(_: str) -> None:
        try:
            next(left)
        except StopIteration:
            raise SystemExit from None

    return before
