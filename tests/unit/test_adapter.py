from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any

import fastapi
import flask
import pytest
from fastapi.responses import JSONResponse

from serverless_patterns._adapter import adapt

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator


@pytest.fixture(autouse=True)
def event_loop() -> Iterator[None]:
    """The loop of an execution environment, in which a lifespan goes on until the end."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    yield
    going_on = asyncio.all_tasks(loop)
    for task in going_on:
        task.cancel()
    loop.run_until_complete(asyncio.gather(*going_on, return_exceptions=True))
    asyncio.set_event_loop(None)
    loop.close()


def request(path: str, method: str = "GET", query: str = "", body: str = "") -> dict[str, Any]:
    """An event of an HTTP API, payload format 2.0."""
    http = {"method": method, "path": path, "sourceIp": "127.0.0.1", "protocol": "HTTP/1.1"}
    return {
        "version": "2.0",
        "rawPath": path,
        "rawQueryString": query,
        "headers": {"host": "shop.example", "content-type": "application/json"},
        "requestContext": {"http": http},
        "body": body,
        "isBase64Encoded": False,
    }


def test_an_asgi_application_answers() -> None:
    app = fastapi.FastAPI()

    @app.get("/books/{book_id}")
    def get_book(book_id: int, loud: bool = False) -> dict[str, Any]:  # noqa: FBT001, FBT002
        return {"id": book_id, "loud": loud}

    handler = adapt(app)

    answer = handler(request("/books/7", query="loud=true"), None)
    assert (answer["statusCode"], answer["body"]) == (200, '{"id":7,"loud":true}')
    assert handler(request("/books/x"), None)["statusCode"] == 422


def test_an_asgi_function_answers() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            await receive()
            await JSONResponse({"path": scope["path"]})(scope, receive, send)

    assert adapt(app)(request("/a/b"), None)["body"] == '{"path":"/a/b"}'


def test_a_wsgi_application_answers() -> None:
    app = flask.Flask("shop")

    @app.post("/books/<int:book_id>")
    def add_book(book_id: int) -> dict[str, Any]:
        return {"id": book_id, "title": flask.request.json["title"]}

    answer = adapt(app)(request("/books/7", "POST", body='{"title": "C"}'), None)
    assert (answer["statusCode"], answer["body"].strip()) == (200, '{"id":7,"title":"C"}')


def test_binary_answers_are_encoded() -> None:
    flask_app, fast_app = flask.Flask("shop"), fastapi.FastAPI()
    flask_app.add_url_rule(
        "/logo", view_func=lambda: flask.Response(b"\xff\x00", mimetype="image/png")
    )
    fast_app.add_api_route("/logo", lambda: fastapi.Response(b"\xff\x00", media_type="image/png"))

    for app in (flask_app, fast_app):
        answer = adapt(app)(request("/logo"), None)
        assert (answer["isBase64Encoded"], answer["body"]) == (True, "/wA=")


def test_the_lifespan_starts_once_and_its_state_reaches_every_request() -> None:
    events = []

    @contextlib.asynccontextmanager
    async def lifespan(_: fastapi.FastAPI) -> AsyncIterator[dict[str, str]]:
        events.append("started")
        yield {"table": "books"}
        events.append("ended")

    app = fastapi.FastAPI(lifespan=lifespan)

    @app.get("/")
    def read(request: fastapi.Request) -> str:
        return str(request.state.table)

    handler = adapt(app)

    assert [handler(request("/"), None)["body"] for _ in range(3)] == ['"books"'] * 3
    assert events == ["started"]


def test_an_application_that_fails_to_start_fails_at_init() -> None:
    @contextlib.asynccontextmanager
    async def lifespan(_: fastapi.FastAPI) -> AsyncIterator[None]:
        raise ConnectionError("no database")
        yield

    with pytest.raises(Exception, match="no database"):
        adapt(fastapi.FastAPI(lifespan=lifespan))


def test_a_failing_request_is_a_500_and_the_next_one_is_served() -> None:
    app = fastapi.FastAPI()

    @app.get("/{number}")
    def divide(number: int) -> float:
        return 1 / number

    handler = adapt(app)
    assert [handler(request(path), None)["statusCode"] for path in ("/0", "/1")] == [500, 200]
