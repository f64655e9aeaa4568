"""Applications as people write them: wrapped, nested, mounted, decorated."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from serverless_patterns import RouteTable
from tests.applications import listed, make_application

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("cache_of_routes")

MIDDLEWARE = """
from flask import Flask
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.middleware.wsgi import WSGIMiddleware
from starlette.routing import Host, Mount, Route, Router

def one(request): ...

legacy = Flask("legacy")

@legacy.get("/orders/<int:order_id>")
def order(order_id): ...

def wsgi(environ, start_response): ...

app = CORSMiddleware(Starlette(routes=[
    Route("/items/{item:greek}/all", one),
    Route("/files/{name:anything}", one),
    Mount("/{shop}", routes=[Route("/books/{book}", one)], middleware=[Middleware(GZipMiddleware)]),
    Mount("/router", Router([Route("/x", one)])),
    Mount("/legacy", WSGIMiddleware(legacy)),
    Mount("/old", WSGIMiddleware(wsgi)),
    Host("admin.example.org", Router([Route("/y", one)])),
]), allow_origins=["*"])
"""
CONVERTERS = """
from starlette.convertors import Convertor, register_url_convertor

class Greek(Convertor):
    regex = "[a-z]+"

class Anything(Convertor):
    regex = "[a-z/]+"

register_url_convertor("greek", Greek())
register_url_convertor("anything", Anything())
"""


def test_an_application_in_middleware_and_others_mounted_in_it(tmp_path: Path) -> None:
    source = f"import warnings\nwarnings.simplefilter('ignore')\n{CONVERTERS}{MIDDLEWARE}"
    entry = make_application(tmp_path, source, "starlette==1.10.0", "flask==3.1.3")
    table = RouteTable.from_app("shop.main:app", entry=entry)

    # The mount with a parameter takes whatever comes below two segments: nothing after is asked.
    assert listed(table) == [
        *("GET /files/{name+}", "GET /items/{item}/all", "GET /{shop}/books/{book}"),
    ]
    assert [*table.left_to_catch_all] == [("admin.example.org", "it depends on the host")]


def test_applications_of_another_framework_are_read_where_they_are_mounted(tmp_path: Path) -> None:
    source = f"import warnings\nwarnings.simplefilter('ignore')\n{CONVERTERS}{MIDDLEWARE}"
    source = source.replace('Mount("/{shop}"', 'Mount("/shops/{shop}"')
    entry = make_application(tmp_path, source, "starlette==1.10.0", "flask==3.1.3")
    table = RouteTable.from_app("shop.main:app", entry=entry)

    assert listed(table) == [
        *("GET /files/{name+}", "GET /items/{item}/all", "GET /legacy/orders/{order_id}"),
        *("ANY /old/{path+}", "GET /router/x", "GET /shops/{shop}/books/{book}"),
    ]
    assert {each.module for each in table} == {"shop.main"}


FASTAPI = """
import functools
from fastapi import APIRouter, FastAPI, WebSocket
from starlette.endpoints import HTTPEndpoint
from starlette.staticfiles import StaticFiles

def traced(function):
    @functools.wraps(function)
    def inner(*args, **kwargs):
        return function(*args, **kwargs)
    return inner

class Search:
    async def __call__(self): ...

def page(number: int): ...

class Orders(HTTPEndpoint):
    async def get(self, request): ...

deep = APIRouter(prefix="/deep")

@deep.get("")
def root(): ...

@deep.get("/")
def with_slash(): ...

@deep.websocket("/talk")
async def talk(socket: WebSocket): ...

@deep.api_route("/both/{key:path}", methods=["PUT", "PATCH"])
@traced
async def both(key: str): ...

router = APIRouter()
router.include_router(deep, prefix="/{tenant}")
router.add_api_route("/search", Search())
router.add_api_route("/first", functools.partial(page, number=1))
router.add_route("/orders", Orders)

app = FastAPI(root_path="/stage")
app.include_router(router, prefix="/api")
app.mount("/static", StaticFiles(directory=".", check_dir=False))
app.mount("/v1", router)

@app.get("/docs")
def never(): ...

@app.get("/v1/never")
def never_either(): ...
"""


@pytest.mark.parametrize("release", ["0.165.0", "0.115.0"])
def test_fastapis_nested_routers_and_every_kind_of_endpoint(tmp_path: Path, release: str) -> None:
    entry = make_application(tmp_path, FASTAPI, f"fastapi=={release}")
    table = RouteTable.from_app("shop.main:app", entry=entry)

    assert listed(table) == [
        *("GET /api/first", "GET /api/orders async", "GET /api/search async"),
        *("GET /api/{tenant}/deep", "PATCH /api/{tenant}/deep/both/{key+} async"),
        *("PUT /api/{tenant}/deep/both/{key+} async", "GET /v1/first"),
        *("GET /v1/orders async", "GET /v1/search async", "GET /v1/{tenant}/deep"),
        *("PATCH /v1/{tenant}/deep/both/{key+} async", "PUT /v1/{tenant}/deep/both/{key+} async"),
    ]
    assert {each.module for each in table} == {"shop.main"}
    assert [*table.left_to_catch_all] == [
        ("/api/{tenant}/deep/", "API Gateway has no path that ends in a slash"),
        ("/api/{tenant}/deep/talk", "it is a WebSocket"),
        ("/v1/{tenant}/deep/", "API Gateway has no path that ends in a slash"),
        ("/v1/{tenant}/deep/talk", "it is a WebSocket"),
    ]


FLASK = """
from flask import Blueprint, Flask
from flask.views import MethodView, View
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import BaseConverter, Rule

class Slashed(BaseConverter):
    regex = "[a-z/]+"

app = Flask(__name__)
app.url_map.converters["slashed"] = Slashed
other = Flask("other")
outer = Blueprint("outer", __name__, url_prefix="/outer")
inner = Blueprint("inner", __name__, url_prefix="/inner", static_folder="static")

class Listing(View):
    methods = ["POST"]
    async def dispatch_request(self): ...

class Page(MethodView):
    async def get(self, key): ...
    def options(self, key): ...

inner.add_url_rule("/list", view_func=Listing.as_view("list"))
outer.register_blueprint(inner, url_prefix="/changed")
app.register_blueprint(outer)
app.add_url_rule("/pages/<uuid:key>", view_func=Page.as_view("page"))

@app.route("/any/<any(about, 'a,b'):name>/<float:size>/<int(min=1):number>")
@app.route("/any", defaults={"name": "about", "size": 1.0, "number": 1})
def some(name, size, number): ...

@app.route("/loose/", strict_slashes=False)
def loose(): ...

@app.route("/tree/<slashed:where>", methods=["GET", "PROPFIND"])
def tree(where): ...

@app.route("/literal/{name}")
def literal(): ...

@app.route("/double//slash")
def double(): ...

@app.route("/tea pot")
def teapot(): ...

@app.route("/sub", subdomain="admin")
def sub(): ...

@other.get("/thing")
def thing(): ...

app.add_url_rule("/moved", "moved", redirect_to="/any")
app.url_map.add(Rule("/built", endpoint="loose", build_only=True))
app.wsgi_app = ProxyFix(DispatcherMiddleware(app.wsgi_app, {"/other": other}))
"""


def test_flasks_blueprints_views_converters_and_dispatched_applications(tmp_path: Path) -> None:
    entry = make_application(tmp_path, FLASK, "flask==3.1.3")
    table = RouteTable.from_app("shop.main:app", entry=entry)

    assert listed(table) == [
        *("GET /any", "GET /any/{name}/{size}/{number}", "GET /double/slash", "GET /loose"),
        *("GET /other/thing", "POST /outer/changed/list async", "GET /pages/{key} async"),
        *("OPTIONS /pages/{key}", "GET /tree/{where+}"),
    ]
    assert {each.module for each in table} == {"shop.main"}
    assert sorted(table.left_to_catch_all) == [
        ("/literal/{name}", "a parameter must be a whole segment of its path"),
        ("/loose/", "API Gateway has no path that ends in a slash"),
        ("/sub", "it depends on the host or is a WebSocket"),
        ("/tea pot", "no URL holds the segment 'tea pot' as it is"),
        ("/tree/<slashed:where>", "API Gateway has no method PROPFIND"),
    ]


def test_wsgi_applications_beside_each_other_are_read(tmp_path: Path) -> None:
    source = FLASK.replace("app.wsgi_app = ", "all = ")
    source += "app.get('/other/<name>')(lambda name: ...)\napp = all\n"
    entry = make_application(tmp_path, source, "flask==3.1.3")
    table = RouteTable.from_app("shop.main:app", entry=entry)

    assert {"GET /other/thing", "GET /loose"} < {each.key for each in table}
    assert table.find("GET", "/other/{name}") is None  # all below /other is the other's


POWERTOOLS = """
from aws_lambda_powertools.event_handler import {resolver}
from aws_lambda_powertools.event_handler.api_gateway import Router

app = {resolver}(strip_prefixes=["/stage"])
router = Router()

@app.get("/books/<book_id>")
def book(book_id): ...

@app.get("/books/new")
def new(): ...

@app.get("/books/<book_id>")
def again(book_id): ...

@app.get("/v1.0/robots.txt")
def robots(): ...

@app.post("/hooks/.+")
def hooks(): ...

@app.get("/names/<naïve>")
def naive(naïve): ...

@router.get("/")
def root(): ...

@router.put("/<book_id>/pages/<page>")
async def page(book_id, page): ...

app.include_router(router, prefix="/more")
"""


@pytest.mark.parametrize(
    "resolver",
    ["APIGatewayRestResolver", "ALBResolver", "LambdaFunctionUrlResolver", "VPCLatticeV2Resolver"],
)
def test_every_resolver_of_http_requests(tmp_path: Path, resolver: str) -> None:
    source = POWERTOOLS.replace("{resolver}", resolver)
    entry = make_application(tmp_path, source, "aws-lambda-powertools==3.37.0")
    table = RouteTable.from_app("shop.main:app", entry=entry)

    assert listed(table) == [
        *("GET /books/new", "GET /books/{book_id}", "GET /more"),
        *("PUT /more/{book_id}/pages/{page} async", "GET /v1.0/robots.txt"),
    ]
    assert [*table.left_to_catch_all] == [
        ("/hooks/.+", "it is a pattern"),
        ("/names/<naïve>", "the name naïve isn't of ASCII letters, digits and _ alone"),
    ]
