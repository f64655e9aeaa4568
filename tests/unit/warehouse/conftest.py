from __future__ import annotations

from typing import TYPE_CHECKING

import boto3
import pytest

from examples.warehouse.stacks import HANDLERS
from tests.dynamodb import InMemoryDynamoDb
from tests.unit.warehouse.fakes import HANDLED, LEDGER, STOCK, Objects, forget

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def database() -> InMemoryDynamoDb:
    database = InMemoryDynamoDb()
    database.put(STOCK, {"sku": {"S": "BOLT"}, "level": {"N": "100"}})
    return database


@pytest.fixture
def objects() -> Objects:
    return Objects()


@pytest.fixture(autouse=True)
def environment(
    monkeypatch: pytest.MonkeyPatch, database: InMemoryDynamoDb, objects: Objects
) -> Iterator[None]:
    """What a function has around it: its variables, its folder, its clients, no modules yet."""
    for name, value in {
        "IDEMPOTENCY_TABLE": HANDLED,
        "LEDGER_TABLE": LEDGER,
        "STOCK_TABLE": STOCK,
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.syspath_prepend(str(HANDLERS))
    clients = {"dynamodb": database, "s3": objects}
    monkeypatch.setattr(boto3, "client", clients.__getitem__)
    forget()
    yield
    forget()
