from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from serverless_patterns import RouteTable
from tests.applications import listed, make_application

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("cache_of_routes")


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
app.add_url_rule("/authors/<name>", view_func=lambda name: ..., endpoint="author")
app.add_url_rule("/authors/new", view_func=lambda: ..., endpoint="new")
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


def test_starlettes_routes_mounted_and_nested(tmp_path: Path) -> None:
    entry = make_application(tmp_path, STARLETTE, "starlette==1.10.0")
    table = RouteTable.from_app("shop.main:app", entry=entry)

    assert listed(table) == [
        "GET /books async",
        "PUT /books async",
        "GET /books/{book_id}",
        "GET /files/{name+}",
        "ANY /foreign/{path+} async",
        "HEAD /only-head async",
        "GET /shop/deep/er async",
        "GET /shop/orders async",
        "POST /shop/orders",
    ]
    assert {each.module for each in table} == {"shop.main"}
    assert [*table.left_to_catch_all] == [
        ("/books/", "API Gateway has no path that ends in a slash"),
        ("/foreign/", "API Gateway has no path that ends in a slash"),
        ("/ws", "it is a WebSocket"),
    ]


def test_fastapis_routers_and_sub_applications(tmp_path: Path) -> None:
    entry = make_application(tmp_path, FASTAPI, "fastapi==0.165.0")

    assert listed(RouteTable.from_app("shop.main:app", entry=entry)) == [
        "DELETE /api/books/{book_id}",
        "GET /api/books/{book_id} async",
        "POST /v2/orders",
    ]


def test_an_older_fastapi_with_flat_routes(tmp_path: Path) -> None:
    entry = make_application(tmp_path, FASTAPI, "fastapi==0.115.0")

    assert len(RouteTable.from_app("shop.main:app", entry=entry)) == 3


def test_flasks_rules_blueprints_and_views(tmp_path: Path) -> None:
    entry = make_application(tmp_path, FLASK, "flask==3.1.3")
    table = RouteTable.from_app("shop.main:app", entry=entry)

    assert listed(table) == [
        *("GET /authors", "PATCH /authors", "GET /authors/new", "GET /authors/{name}"),
        *("GET /books/{book_id}", "PUT /books/{book_id}"),
    ]
    assert {each.module for each in table} == {"shop.main"}
    assert {each.path for each in table.left_to_catch_all} == {
        *("/files/<path:name>/meta", "/orders/"),
    }


def test_powertools_resolvers_and_routers(tmp_path: Path) -> None:
    entry = make_application(tmp_path, POWERTOOLS, "aws-lambda-powertools==3.37.0")

    assert listed(RouteTable.from_app("shop.main:app", entry=entry)) == [
        *("GET /books/{book_id}", "GET /v1/orders", "POST /v1/orders"),
    ]
