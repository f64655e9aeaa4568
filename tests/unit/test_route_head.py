"""Which function a HEAD request must reach: the one whose endpoint answers it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from serverless_patterns import RouteTable
from tests.applications import make_application

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("cache_of_routes")

STARLETTE = """
from starlette.applications import Starlette
from starlette.endpoints import HTTPEndpoint
from starlette.routing import Route

def one(request): ...
def two(request): ...

class Both(HTTPEndpoint):
    def get(self, request): ...
    def post(self, request): ...

class HeadAlone(HTTPEndpoint):
    def head(self, request): ...

app = Starlette(routes=[
    Route("/get", one),
    Route("/post", one, methods=["POST"]),
    Route("/get-first", one),
    Route("/get-first", two, methods=["HEAD"]),
    Route("/head-first", two, methods=["HEAD"]),
    Route("/head-first", one),
    Route("/class", Both),
    Route("/class-of-head", HeadAlone),
])
"""

FASTAPI = """
from fastapi import FastAPI

app = FastAPI()

@app.get("/get")
def one(): ...

@app.api_route("/both", methods=["GET", "HEAD"])
def both(): ...

@app.head("/stacked")
@app.get("/stacked")
def stacked(): ...

@app.get("/apart")
def apart(): ...

@app.head("/apart")
def head(): ...
"""

FLASK = """
from flask import Flask
from flask.views import MethodView

app = Flask(__name__)

@app.get("/get")
def one(): ...

@app.get("/get-first")
def get_first(): ...

@app.route("/get-first", methods=["HEAD"])
def never(): ...

@app.route("/head-first", methods=["HEAD"])
def head_first(): ...

@app.get("/head-first")
def get_second(): ...

class Authors(MethodView):
    def get(self): ...
    def put(self): ...

app.add_url_rule("/authors", view_func=Authors.as_view("authors"))
"""

POWERTOOLS = """
from aws_lambda_powertools.event_handler import APIGatewayRestResolver

app = APIGatewayRestResolver()

@app.get("/get")
def one(): ...

@app.route("/both", method=["GET", "HEAD"])
def both(): ...

@app.head("/alone")
def head(): ...
"""


def told(table: RouteTable) -> list[str]:
    return [each.key + " and HEAD" * each.answers_head for each in table]


@pytest.mark.parametrize(
    ("source", "requirement", "expected"),
    [
        pytest.param(
            STARLETTE,
            "starlette==1.10.0",
            [
                *("GET /class and HEAD", "POST /class", "HEAD /class-of-head"),
                *("GET /get and HEAD", "GET /get-first and HEAD"),
                *("GET /head-first", "HEAD /head-first", "POST /post"),
            ],
            id="Starlette",
        ),
        pytest.param(
            FASTAPI,
            "fastapi==0.165.0",
            [
                *("GET /apart", "HEAD /apart", "GET /both and HEAD", "GET /get"),
                "GET /stacked and HEAD",
            ],
            id="FastAPI",
        ),
        pytest.param(
            FLASK,
            "flask==3.1.3",
            [
                *("GET /authors and HEAD", "PUT /authors", "GET /get and HEAD"),
                *("GET /get-first and HEAD", "GET /head-first", "HEAD /head-first"),
            ],
            id="Flask",
        ),
        pytest.param(
            POWERTOOLS,
            "aws-lambda-powertools==3.37.0",
            ["HEAD /alone", "GET /both and HEAD", "GET /get"],
            id="Powertools",
        ),
    ],
)
def test_a_route_tells_whether_its_framework_answers_head_by_it(
    tmp_path: Path, source: str, requirement: str, expected: list[str]
) -> None:
    entry = make_application(tmp_path, source, requirement)

    assert told(RouteTable.from_app("shop.main:app", entry=entry)) == expected
