from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from examples.bookstore.stacks import SERVICE
from serverless_patterns import PatternError, RouteTable
from tests.applications import listed, make_application
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


def test_what_it_reads_at_import_can_be_given(tmp_path: Path) -> None:
    source = "import os\nfrom starlette.applications import Starlette\n"
    source += "app = Starlette() if os.environ['TABLE'] == 'books' else None\n"
    entry = make_application(tmp_path, source, "starlette==1.10.0")
    given = {"TABLE": "books"}

    assert listed(RouteTable.from_app("shop.main:app", entry=entry, import_environment=given)) == []
    message = (
        f"shop.main:app: app must be importable, got KeyError: 'TABLE' ({entry}/shop/main.py:3); "
        "mend it, or give what it reads at import as import_environment"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        RouteTable.from_app("shop.main:app", entry=entry)


@pytest.mark.parametrize(
    ("source", "got"),
    [
        ("import pytest\napp = 1", "ModuleNotFoundError: No module named 'pytest' ({}:1)"),
        ("import sys\napp = 1\nsys.exit('no table')", "SystemExit: no table ({}:3)"),
        ("import os\napp = 1\nos._exit(3)", "no reason"),
    ],
)
def test_an_application_that_cannot_be_imported_says_why(
    tmp_path: Path, source: str, got: str
) -> None:
    entry = make_application(tmp_path, source)
    message = (
        f"shop.main:app: app must be importable, got {got.format(entry / 'shop' / 'main.py')}; "
        "mend it, or give what it reads at import as import_environment"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        RouteTable.from_app("shop.main:app", entry=entry)


def test_nothing_of_this_library_stands_in_for_the_applications_modules(tmp_path: Path) -> None:
    entry = make_application(tmp_path, "import routes\napp = 1")

    with pytest.raises(PatternError, match="No module named 'routes'"):
        RouteTable.from_app("shop.main:app", entry=entry)


def test_what_an_application_starts_at_import_is_not_waited_for(tmp_path: Path) -> None:
    source = (
        "import atexit, threading, time\nfrom starlette.applications import Starlette\n"
        "threading.Thread(target=time.sleep, args=(600,)).start()\n"
        "atexit.register(print, 'bye')\napp = Starlette()\n"
    )
    entry = make_application(tmp_path, source, "starlette==1.10.0")

    assert len(RouteTable.from_app("shop.main:app", entry=entry)) == 0


def test_a_cache_that_cannot_be_written_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SERVERLESS_PATTERNS_CACHE_DIR", "/dev/null/cache")
    entry = make_application(tmp_path, "app = 1\n")

    with pytest.raises(PatternError, match=r"shop\.main:app: entry must hold files that can be "):
        RouteTable.from_app("shop.main:app", entry=entry)


def test_another_framework_is_refused(tmp_path: Path) -> None:
    entry = make_application(tmp_path, "class Shop: ...\napp = Shop()\n")
    message = (
        "shop.main:app: app must be of a framework whose routes can be read: FastAPI, Starlette, "
        "Flask and Powertools resolvers, got shop.main.Shop; "
        "describe it with RouteTable.from_openapi"
    )
    with pytest.raises(PatternError, match=exactly(message)):
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


def test_an_openapi_documents_routes_have_the_first_tag_for_a_module(tmp_path: Path) -> None:
    document = {
        "openapi": "3.1.0",
        "paths": {
            "/books/{id}": {
                "parameters": [],
                "summary": "One book",
                "get": {"tags": ["books", "all"]},
                "trace": {},
            },
            "/orders": {"post": {}},
        },
    }
    (tmp_path / "openapi.json").write_text(json.dumps(document))
    table = RouteTable.from_openapi(tmp_path / "openapi.json")

    assert [*table] == [
        ("GET", "/books/{id}", "books", False, False),
        ("POST", "/orders", "", False, False),
    ]
    assert [*table.left_to_catch_all] == [("/books/{id}", "API Gateway has no method TRACE")]


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ("openapi: 3.0.0", "be an OpenAPI 3 document in JSON, got JSONDecodeError: "),
        ("{}", "be an OpenAPI 3 document in JSON, got KeyError: 'openapi'; "),
        ("[]", "be an OpenAPI 3 document in JSON, got TypeError: "),
        ('{"openapi": "2.0"}', "be OpenAPI 3, got 2.0; convert it"),
    ],
)
def test_what_is_no_openapi_3_is_refused(tmp_path: Path, text: str, refusal: str) -> None:
    file = tmp_path / "openapi.json"
    file.write_text(text)

    with pytest.raises(PatternError) as refused:
        RouteTable.from_openapi(file)
    assert str(refused.value).startswith(f"{file}: path must {refusal}")
