from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from examples.bookstore.stacks import SERVICE
from serverless_patterns import PatternError, RouteTable
from serverless_patterns.routes import TableRoute
from tests.applications import make_application
from tests.messages import exactly

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("cache_of_routes")


def test_the_bookstores_routes_are_told_with_their_modules() -> None:
    table = RouteTable.from_app("bookstore.main:app", entry=SERVICE)

    assert [(each.method, each.path, each.module) for each in table] == [
        ("GET", "/api/books", "bookstore.books.routes"),
        ("POST", "/api/books", "bookstore.books.routes"),
        ("GET", "/api/books/{book_id}", "bookstore.books.routes"),
        ("PUT", "/api/books/{book_id}", "bookstore.books.routes"),
        ("POST", "/api/orders", "bookstore.orders.routes"),
        ("GET", "/api/orders/{order_id}", "bookstore.orders.routes"),
    ]
    assert len(table) == 6
    assert repr(table).startswith("RouteTable(GET /api/books, POST /api/books, ")


def test_a_cache_that_cannot_be_written_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SERVERLESS_PATTERNS_CACHE_DIR", "/dev/null/cache")
    entry = make_application(tmp_path, "app = 1\n")

    with pytest.raises(PatternError, match=r"shop\.main:app: entry must hold files that can be "):
        RouteTable.from_app("shop.main:app", entry=entry)


def test_an_unknown_attribute_and_a_missing_entry_are_refused(tmp_path: Path) -> None:
    entry = make_application(tmp_path, "app = 1\n")

    with pytest.raises(PatternError, match=r"did you mean 'app'\?"):
        RouteTable.from_app("shop.main:ap", entry=entry)
    with pytest.raises(PatternError, match=r"entry must be a folder .*, got .*/x, which does"):
        RouteTable.from_app("shop.main:app", entry=entry / "x")


def test_two_names_for_one_position_are_refused(tmp_path: Path) -> None:
    source = (
        "from starlette.applications import Starlette\nfrom starlette.routing import Route\n"
        "def one(request): ...\n"
        "app = Starlette(routes=[Route('/b/{id}', one), Route('/b/{book}', one)])\n"
    )
    entry = make_application(tmp_path, source, "starlette==1.10.0")
    message = (
        "shop.main:app: app must call a parameter by one name in one position, "
        "got GET /b/{id} and /b/{book}; name both alike"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        RouteTable.from_app("shop.main:app", entry=entry)


def test_a_route_is_found_by_its_method_whatever_its_parameters_are_called() -> None:
    one = TableRoute("GET", "/books/{id}", "books", answers_head=True)
    every = TableRoute("ANY", "/books/{book}", "legacy")
    table = RouteTable([one, every, TableRoute("GET", "/files/{path+}", "files")])

    assert table.find("GET", "/books/{book_id}") is one
    assert table.find("PUT", "/books/{book_id}") is every
    assert table.find("GET", "/files/{path}") is None
    assert table.find("PUT", "/files/{path+}") is None
    assert one.key == "GET /books/{id}"
