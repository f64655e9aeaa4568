"""The shop over HTTP, in-process: what it answers, and what it refuses."""

from __future__ import annotations

import asyncio
import importlib
import json
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.unit.shop.runtime import Aws

if TYPE_CHECKING:
    from collections.abc import Callable

    Call = Callable[..., httpx.Response]

GOODS = {"sku": "TEA", "name": "Tea", "price_cents": 500, "quantity": 5}
ORDER = {"customer": "ada", "lines": [{"sku": "TEA", "quantity": 2}]}


@pytest.fixture
def aws() -> Aws:
    return Aws()


@pytest.fixture
def call(execution_environment: None) -> Call:  # noqa: ARG001 - it runs in one
    """Calls an application of the shop."""

    def call(method: str, path: str, *, app: str = "shop.main", **options: Any) -> httpx.Response:
        transport = httpx.ASGITransport(app=importlib.import_module(app).app)

        async def ask() -> httpx.Response:
            async with httpx.AsyncClient(transport=transport, base_url="http://shop/api/") as one:
                return await one.request(method, path, **options)

        return asyncio.run(ask())

    return call


def test_goods_come_once_for_a_key_and_are_listed(call: Call) -> None:
    key = {"Idempotency-Key": "d-1"}
    received = [call("POST", "goods", json=GOODS, headers=key) for _ in range(2)]
    shelf = {"sku": "TEA", "name": "Tea", "price_cents": 500, "available": 5, "reserved": 0}

    assert [answer.status_code for answer in received] == [201, 201]
    assert received[1].json() == {**shelf, "version": 1} == call("GET", "stock/TEA").json()
    assert call("GET", "stock").json() == {"shelves": [{**shelf, "version": 1}], "next": None}
    assert call("GET", "alerts").json() == []


def test_an_order_is_accepted_with_where_to_ask(call: Call, aws: Aws) -> None:
    headers = {"Idempotency-Key": "o-1", "X-Correlation-Id": "c-1"}
    accepted = call("POST", "orders", json=ORDER, headers=headers)

    assert accepted.status_code == 202
    assert accepted.json() == {
        "id": "o-1",
        "state": "accepted",
        "status_url": "/api/orders/o-1",
    }
    assert (accepted.headers["Location"], accepted.headers["X-Correlation-Id"]) == (
        "/api/orders/o-1",
        "c-1",
    )
    order = call("GET", "orders/o-1").json()
    assert (order["state"], order["correlation_id"]) == ("accepted", "c-1")
    assert call("GET", "orders").json()["orders"] == [order]
    [sent] = aws.requests("send_message")
    assert (sent["QueueUrl"], json.loads(sent["MessageBody"])) == ("orders", order)


@pytest.mark.parametrize("given", ["", "no spaces", "x" * 65])
def test_a_correlation_id_that_is_none_is_replaced(call: Call, given: str) -> None:
    answer = call("GET", "alerts", headers={"X-Correlation-Id": given})

    assert len(answer.headers["X-Correlation-Id"]) == 32


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "orders/o-1", None, 404),
        ("GET", "stock/TEA", None, 404),
        ("GET", "payments/o-1", None, 404),
        ("GET", "stock/no%20sku", None, 422),
        ("POST", "orders", {**ORDER, "lines": []}, 422),
        ("POST", "orders", {**ORDER, "customer": "no name"}, 422),
        ("POST", "goods", {**GOODS, "quantity": 0}, 422),
        ("GET", "sales/yesterday", None, 422),
    ],
)
def test_what_is_wrong_is_refused(
    call: Call, method: str, path: str, body: object, status: int
) -> None:
    assert call(method, path, json=body).status_code == status


def test_a_key_is_for_one_order(call: Call) -> None:
    key = {"Idempotency-Key": "o-1"}
    call("POST", "orders", json=ORDER, headers=key)
    other = call("POST", "orders", json={**ORDER, "customer": "bob"}, headers=key)

    assert (other.status_code, other.json()) == (
        409,
        {"detail": "order o-1 is there already, for something else"},
    )


def test_payments_points_and_sales_are_told(call: Call, aws: Aws) -> None:
    hour = {"hour": {"S": "2026-11-25T14"}, "orders": {"N": "1"}}
    aws.database.put("Hours", {"id": {"S": "hour/2026-11-25T14"}, **hour})
    aws.database.put("Payments", {"id": {"S": "points/ada"}, "points": {"N": "7"}})

    assert call("GET", "points/ada").json() == {"customer": "ada", "points": 7}
    assert call("GET", "sales/2026-11-25").json() == [
        {"hour": "2026-11-25T14", "orders": 1, "pieces": 0, "cents": 0}
    ]


def test_payment_alone_answers_its_routes_and_the_rest_the_others(call: Call) -> None:
    for app, points, alerts in (("payment.main", 200, 404), ("without_payment", 404, 200)):
        assert call("GET", "points/ada", app=f"shop.{app}").status_code == points
        assert call("GET", "alerts", app=f"shop.{app}").status_code == alerts
