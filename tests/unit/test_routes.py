from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from examples.bookstore.stacks import SERVICE
from serverless_patterns import PatternError, RouteTable
from tests.messages import exactly

if TYPE_CHECKING:
    from pathlib import Path

STARLETTE = """
from functools import partial
from starlette.applications import Starlette
from starlette.endpoints import HTTPEndpoint
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles

print("noise at import")

async def listed(request): ...
def one(request, what): ...
async def socket(websocket): ...

class Orders(HTTPEndpoint):
    async def get(self, request): ...
    def post(self, request): ...

async def foreign(scope, receive, send): ...

app = Starlette(routes=[
    Route("/books", listed, methods=["GET", "PUT"]),
    Route("/books/", listed),
    Route("/books/{book_id:int}", partial(one, what="book")),
    Route("/only-head", listed, methods=["HEAD"]),
    Route("/files/{name:path}", one),
    Route("/files/{name}.json", one),
    Mount("/shop", routes=[Route("/orders", Orders), Mount("/deep", app=Starlette(
        routes=[Route("/er", listed)]))]),
    Mount("/static", StaticFiles(directory=".", check_dir=False)),
    Mount("/foreign", foreign),
    WebSocketRoute("/ws", socket),
])
"""
FASTAPI = """
from fastapi import APIRouter, FastAPI

router = APIRouter(prefix="/books")

@router.get("/{book_id}")
async def read(book_id: str): ...

@router.delete("/{book_id}")
def delete(book_id: str): ...

inner = FastAPI()

@inner.post("/orders")
def order(): ...

def make():
    app = FastAPI()
    app.include_router(router, prefix="/api")
    app.mount("/v2", inner)
    return app

app = make()
"""
FLASK = """
from functools import wraps
from flask import Blueprint, Flask
from flask.views import MethodView

def logged(view):
    @wraps(view)
    def inner(*args, **kwargs):
        return view(*args, **kwargs)
    return inner

app = Flask(__name__)
blueprint = Blueprint("orders", __name__, url_prefix="/orders")

@app.route("/books/<int:book_id>", methods=["GET", "PUT"])
@logged
def book(book_id): ...

@app.route("/files/<path:name>/meta")
def meta(name): ...

@blueprint.post("/")
def order(): ...

class Authors(MethodView):
    def get(self): ...
    def patch(self): ...

app.add_url_rule("/authors", view_func=Authors.as_view("authors"))
app.register_blueprint(blueprint)
"""
POWERTOOLS = """
from aws_lambda_powertools.event_handler import APIGatewayHttpResolver
from aws_lambda_powertools.event_handler.router import APIGatewayRouter

app = APIGatewayHttpResolver()
router = APIGatewayRouter()

@app.get("/books/<book_id>")
def book(book_id): ...

@router.route("/orders", method=["POST", "GET"])
def orders(): ...

app.include_router(router, prefix="/v1")
"""


@pytest.fixture(autouse=True)
def own_cache(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """A cache for all of these tests: each environment is installed once."""
    cache = tmp_path_factory.getbasetemp() / "cache-of-routes"
    monkeypatch.setenv("SERVERLESS_PATTERNS_CACHE_DIR", str(cache))


def application(folder: Path, source: str, *requirements: str) -> Path:
    (folder / "shop").mkdir()
    (folder / "shop" / "main.py").write_text(source)
    (folder / "requirements.txt").write_text("\n".join(requirements))
    return folder


def listed(table: RouteTable) -> list[str]:
    return [f"{each.method} {each.path}{' async' * each.is_async}" for each in table]


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


def test_starlettes_routes_mounted_and_nested(tmp_path: Path) -> None:
    entry = application(tmp_path, STARLETTE, "starlette==1.10.0")
    table = RouteTable.from_app("shop.main:app", entry=entry)

    assert listed(table) == [
        "GET /books async",
        "PUT /books async",
        "GET /books/{book_id}",
        "GET /files/{name+}",
        "ANY /foreign async",
        "ANY /foreign/{path+} async",
        "HEAD /only-head async",
        "GET /shop/deep/er async",
        "GET /shop/orders async",
        "POST /shop/orders",
    ]
    assert {each.module for each in table} == {"shop.main"}
    assert [*table.left_to_catch_all] == [
        ("/books/", "API Gateway has no path that ends in a slash"),
        ("/files/{name}.json", "a parameter must be a whole segment of its path"),
        ("/ws", "it is a WebSocket"),
    ]


def test_fastapis_routers_and_sub_applications(tmp_path: Path) -> None:
    entry = application(tmp_path, FASTAPI, "fastapi==0.165.0")

    assert listed(RouteTable.from_app("shop.main:app", entry=entry)) == [
        "DELETE /api/books/{book_id}",
        "GET /api/books/{book_id} async",
        "POST /v2/orders",
    ]


def test_an_older_fastapi_with_flat_routes(tmp_path: Path) -> None:
    entry = application(tmp_path, FASTAPI, "fastapi==0.115.0")

    assert len(RouteTable.from_app("shop.main:app", entry=entry)) == 3


def test_flasks_rules_blueprints_and_views(tmp_path: Path) -> None:
    entry = application(tmp_path, FLASK, "flask==3.1.3")
    table = RouteTable.from_app("shop.main:app", entry=entry)

    assert listed(table) == [
        *("GET /authors", "PATCH /authors"),
        *("GET /books/{book_id}", "PUT /books/{book_id}"),
    ]
    assert {each.module for each in table} == {"shop.main"}
    assert {each.path for each in table.left_to_catch_all} == {
        *("/files/<path:name>/meta", "/orders/"),
    }


def test_powertools_resolvers_and_routers(tmp_path: Path) -> None:
    entry = application(tmp_path, POWERTOOLS, "aws-lambda-powertools==3.37.0")

    assert listed(RouteTable.from_app("shop.main:app", entry=entry)) == [
        *("GET /books/{book_id}", "GET /v1/orders", "POST /v1/orders"),
    ]


def test_what_it_reads_at_import_can_be_given(tmp_path: Path) -> None:
    source = "import os\nfrom starlette.applications import Starlette\n"
    source += "app = Starlette() if os.environ['TABLE'] == 'books' else None\n"
    entry = application(tmp_path, source, "starlette==1.10.0")
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
    entry = application(tmp_path, source)
    message = (
        f"shop.main:app: app must be importable, got {got.format(entry / 'shop' / 'main.py')}; "
        "mend it, or give what it reads at import as import_environment"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        RouteTable.from_app("shop.main:app", entry=entry)


def test_nothing_of_this_library_stands_in_for_the_applications_modules(tmp_path: Path) -> None:
    entry = application(tmp_path, "import routes\napp = 1")

    with pytest.raises(PatternError, match="No module named 'routes'"):
        RouteTable.from_app("shop.main:app", entry=entry)


def test_another_framework_is_refused(tmp_path: Path) -> None:
    entry = application(tmp_path, "class Shop: ...\napp = Shop()\n")
    message = (
        "shop.main:app: app must be of a framework whose routes can be read: FastAPI, Starlette, "
        "Flask and Powertools resolvers, got shop.main.Shop; "
        "describe it with RouteTable.from_openapi"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        RouteTable.from_app("shop.main:app", entry=entry)


def test_an_unknown_attribute_and_a_missing_entry_are_refused(tmp_path: Path) -> None:
    entry = application(tmp_path, "app = 1\n")

    with pytest.raises(PatternError, match=r"did you mean 'app'\?"):
        RouteTable.from_app("shop.main:ap", entry=entry)
    with pytest.raises(PatternError, match=r"entry must be a folder with Python sources, got .*x;"):
        RouteTable.from_app("shop.main:app", entry=entry / "x")


def test_two_names_for_one_position_are_refused(tmp_path: Path) -> None:
    source = (
        "from starlette.applications import Starlette\nfrom starlette.routing import Route\n"
        "def one(request): ...\n"
        "app = Starlette(routes=[Route('/b/{id}', one), Route('/b/{book}', one)])\n"
    )
    entry = application(tmp_path, source, "starlette==1.10.0")
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
        *(("GET", "/books/{id}", "books", False), ("POST", "/orders", "", False)),
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
