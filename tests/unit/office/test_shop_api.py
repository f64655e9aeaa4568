"""What the page asks of the shop, by its real HTTP API."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest

from office.shop_api import Hour, ShopApi, ShopError
from tests.messages import exactly

if TYPE_CHECKING:
    from collections.abc import Iterator


class Shop(ThreadingHTTPServer):
    """Answers each path with what it is told, and remembers who was asked.

    Attributes:
        answers: A status and a body, by the path.
        hosts: The hosts that requests named.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers: dict[str, tuple[int, Any]] = {}
        self.hosts: list[str | None] = []


class Handler(BaseHTTPRequestHandler):
    server: Shop

    def do_GET(self) -> None:
        self.server.hosts.append(self.headers["Host"])
        status, answer = self.server.answers.get(self.path, (404, {}))
        body = answer.encode() if isinstance(answer, str) else json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def serving() -> Iterator[Shop]:
    with Shop() as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        try:
            yield server
        finally:
            server.shutdown()


@pytest.fixture
def shop() -> Iterator[Shop]:
    with serving() as server:
        yield server


@pytest.fixture
def api(shop: Shop) -> ShopApi:
    return ShopApi(f"http://127.0.0.1:{shop.server_address[1]}", timeout=5)


def shelf(sku: str, name: str) -> dict[str, Any]:
    numbers = {"price_cents": 500, "available": 7, "reserved": 2, "version": 3}
    return {"sku": sku, "name": name, **numbers}


def order(order_id: str, at: str) -> dict[str, Any]:
    told = {"customer": "ada", "state": "settled", "total_cents": 500, "reason": "", "lines": []}
    return {"id": order_id, "at": at, **told}


def test_stock_is_read_page_by_page(shop: Shop, api: ShopApi) -> None:
    first = {"shelves": [shelf("TEA", "Tea")], "next": "T&A"}
    shop.answers = {
        "/api/stock?limit=100": (200, first),
        "/api/stock?limit=100&after=T%26A": (200, {"shelves": [shelf("CUP", "Cup")], "next": None}),
    }

    assert [each.sku for each in api.stock()] == ["CUP", "TEA"]


def test_a_thousand_orders_are_read_and_the_newest_comes_first(shop: Shop, api: ShopApi) -> None:
    page = {"orders": [order("a", "2026-01"), order("b", "2026-02")], "next": "b"}
    shop.answers = {
        "/api/orders?limit=100": (200, page),
        "/api/orders?limit=100&after=b": (200, page),
    }

    found = api.orders()

    assert len(shop.hosts) == 10
    assert [each.id for each in found] == ["b"] * 10 + ["a"] * 10


def test_the_sales_of_a_day_are_read(shop: Shop, api: ShopApi) -> None:
    hour = {"hour": "2026-11-25T14", "orders": 1, "pieces": 2, "cents": 3}
    shop.answers = {"/api/sales/2026-11-25": (200, [hour])}

    assert api.sales(date(2026, 11, 25)) == [Hour("2026-11-25T14", 1, 2, 3)]


def test_a_name_below_localhost_is_this_machines(shop: Shop) -> None:
    name = f"abc.execute-api.localhost:{shop.server_address[1]}"
    shop.answers = {"/api/sales/2026-11-25": (200, [])}

    assert ShopApi(f"http://{name}").sales(date(2026, 11, 25)) == []
    assert shop.hosts == [name]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ((500, {}), "the shop answers sales/2026-11-25 with 500"),
        ((200, "<html>"), "the shop answers sales/2026-11-25 with no JSON"),
        ((200, [{"hour": "2026-11-25T14"}]), "the shop tells of no Hour: 'orders'"),
    ],
    ids=str,
)
def test_what_is_no_answer_is_said(
    shop: Shop, api: ShopApi, answer: tuple[int, Any], said: str
) -> None:
    shop.answers = {"/api/sales/2026-11-25": answer}

    with pytest.raises(ShopError, match=exactly(said)):
        api.sales(date(2026, 11, 25))


def test_a_shop_that_is_not_there_is_asked_again_and_then_said() -> None:
    with serving() as gone:
        url = f"http://127.0.0.1:{gone.server_address[1]}"

    with pytest.raises(ShopError, match="the shop doesn't answer"):
        ShopApi(url, timeout=0.2).stock()
