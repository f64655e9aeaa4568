"""The requests that every framework's application is sent, and what each must answer."""

from __future__ import annotations

import json
from collections.abc import Callable  # noqa: TC003 - of the fields below
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from tests.frameworks.exchange import Answer, Request

ALL_BYTES = bytes(range(256))
BOUNDARY = "----greetings"


@dataclass(frozen=True, kw_only=True)
class Row:
    """A request of the table.

    Attributes:
        name: What it is about.
        request: The request.
        status: The status of the answer, or ``None`` where frameworks differ.
        check: What is true of the answer, whichever framework gives it.
        decoded: The path that API Gateway's HTTP API makes of it, where that is another request.
    """

    name: str
    request: Request
    status: int | None
    check: Callable[[Answer], bool] = lambda _: True
    decoded: str | None = None


def says(text: str) -> Callable[[Answer], bool]:
    return lambda answer: answer.decoded.decode() == text


def contains(text: str) -> Callable[[Answer], bool]:
    return lambda answer: text in answer.decoded.decode()


def is_json(value: Any) -> Callable[[Answer], bool]:
    return lambda answer: bool(json.loads(answer.decoded) == value)


def form(text: str) -> Request:
    header = ("Content-Type", "application/x-www-form-urlencoded")
    return Request(method="POST", path="/greetings", headers=(header,), body=text.encode())


def note(text: str) -> Request:
    header = ("Content-Type", "application/json")
    return Request(method="POST", path="/notes", headers=(header,), body=text.encode())


def upload(name: str, data: bytes, content_type: str) -> Request:
    head = (
        f"--{BOUNDARY}\r\n"
        f'Content-Disposition: form-data; name="file"; filename="{name}"\r\n'
        f"Content-Type: {content_type}\r\n\r\n"
    )
    header = ("Content-Type", f"multipart/form-data; boundary={BOUNDARY}")
    body = head.encode() + data + f"\r\n--{BOUNDARY}--\r\n".encode()
    return Request(method="POST", path="/uploads", headers=(header,), body=body)


def uploaded(name: str, data: bytes) -> Callable[[Answer], bool]:
    return is_json({"name": name, "size": len(data), "sha256": sha256(data).hexdigest()})


def greets(place: str, cookie: str) -> Callable[[Answer], bool]:
    def check(answer: Answer) -> bool:
        location = answer.header("location") or ""
        [one] = answer.cookies  # Rails writes a space in it as a plus
        return location.endswith(place) and one.replace("+", "%20").startswith(f"name={cookie};")

    return check


def sets_both(came: dict[str, str]) -> Callable[[Answer], bool]:
    def check(answer: Answer) -> bool:
        names = [cookie.partition(";")[0] for cookie in answer.cookies]
        return names == ["theme=dark", "visited=yes"] and json.loads(answer.decoded) == came

    return check


def is_compressed(answer: Answer) -> bool:
    return (
        answer.header("content-encoding") == "gzip"
        and len(answer.body) < 4000
        and lists_books(answer)
    )


def lists_books(answer: Answer) -> bool:
    return bool(json.loads(answer.decoded)[199] == {"id": 200, "title": "Book 200"})


def get(path: str, query: str = "", *headers: tuple[str, str]) -> Request:
    return Request(path=path, query=query, headers=headers)


LINES = "".join(f"line {number}\n" for number in range(1, 6))
LARGE = ALL_BYTES * 2048  # 512 KiB
GZIP = ("Accept-Encoding", "gzip")
JURGEN = "J%C3%BCrgen%20M%C3%BCller"

ROWS = [
    Row(name="page", request=get("/"), status=200, check=contains("<h1>Hello, world!</h1>")),
    Row(name="parameter", request=get("/hello/world"), status=200, check=says("Hello, world!")),
    Row(
        name="encoded parameter",
        request=get(f"/hello/{JURGEN}"),
        status=200,
        check=says("Hello, Jürgen Müller!"),
    ),
    Row(
        name="reserved characters",
        request=get("/hello/a%2Bb%26c%3Dd"),
        status=200,
        check=says("Hello, a+b&c=d!"),
    ),
    Row(
        name="encoded percent",
        request=get("/hello/100%25"),
        status=200,
        check=says("Hello, 100%!"),
        decoded="/hello/100%",
    ),
    Row(name="encoded slash", request=get("/hello/a%2Fb"), status=None, decoded="/hello/a/b"),
    Row(
        name="repeated keys",
        request=get("/search", "q=tea&tag=a&tag=b&tag=a"),
        status=200,
        check=is_json({"q": "tea", "tags": ["a", "b", "a"]}),
    ),
    Row(
        name="encoded query",
        request=get("/search", "q=caf%C3%A9+cr%C3%A8me%2B&tag=a%26b&tag=c%3Dd"),
        status=200,
        check=is_json({"q": "café crème+", "tags": ["a&b", "c=d"]}),
    ),
    Row(name="no query", request=get("/search"), status=200, check=is_json({"q": "", "tags": []})),
    Row(name="form", request=form("name=Ada"), status=303, check=greets("/hello/Ada", "Ada")),
    Row(
        name="encoded form",
        request=form("name=J%C3%BCrgen+M%C3%BCller"),
        status=303,
        check=greets(f"/hello/{JURGEN}", JURGEN),
    ),
    Row(
        name="json",
        request=note('{"title": "Überraschung"}'),
        status=201,
        check=is_json({"id": 1, "title": "Überraschung"}),
    ),
    Row(name="broken json", request=note('{"title": '), status=None),
    Row(
        name="no content",
        request=Request(method="DELETE", path="/notes/7"),
        status=204,
        check=says(""),
    ),
    Row(
        name="text upload",
        request=upload("hello.txt", b"Hello\r\n", "text/plain"),
        status=200,
        check=uploaded("hello.txt", b"Hello\r\n"),
    ),
    Row(
        name="binary upload",
        request=upload("bytes.bin", ALL_BYTES, "application/octet-stream"),
        status=200,
        check=uploaded("bytes.bin", ALL_BYTES),
    ),
    Row(
        name="large upload",
        request=upload("large.bin", LARGE, "application/octet-stream"),
        status=200,
        check=uploaded("large.bin", LARGE),
    ),
    Row(
        name="binary download",
        request=get("/download"),
        status=200,
        check=lambda answer: answer.body == ALL_BYTES,
    ),
    Row(name="compressed", request=get("/books", "", GZIP), status=200, check=is_compressed),
    Row(
        name="not compressed",
        request=get("/books"),
        status=200,
        check=lambda answer: lists_books(answer) and answer.header("content-encoding") is None,
    ),
    Row(name="other coding", request=get("/books", "", ("Accept-Encoding", "br")), status=200),
    Row(name="no cookies", request=get("/cookies"), status=200, check=sets_both({})),
    Row(
        name="several cookies",
        request=get("/cookies", "", ("Cookie", "b=2; a=1; theme=light")),
        status=200,
        check=sets_both({"a": "1", "b": "2", "theme": "light"}),
    ),
    Row(
        name="redirect",
        request=get("/moved"),
        status=302,
        check=lambda answer: (answer.header("location") or "").endswith("/hello/again"),
    ),
    Row(name="slow", request=get("/slow/300"), status=200, check=says("Done.")),
    Row(name="stream", request=get("/stream"), status=200, check=says(LINES)),
    Row(
        name="static file",
        request=get("/static/style.css"),
        status=200,
        check=contains("font-family"),
    ),
    Row(
        name="static file not modified",
        request=get(
            "/static/style.css", "", ("If-Modified-Since", "Fri, 01 Jan 2100 00:00:00 GMT")
        ),
        status=None,
    ),
    Row(
        name="part of a static file",
        request=get("/static/style.css", "", ("Range", "bytes=0-3")),
        status=None,
    ),
    Row(
        name="head", request=Request(method="HEAD", path="/hello/world"), status=200, check=says("")
    ),
    Row(
        name="head of a static file",
        request=Request(method="HEAD", path="/static/style.css"),
        status=200,
        check=says(""),
    ),
    Row(name="options", request=Request(method="OPTIONS", path="/hello/world"), status=None),
    Row(name="other method", request=Request(method="PUT", path="/hello/world"), status=None),
    Row(name="not found", request=get("/nowhere"), status=404),
    Row(name="static file not found", request=get("/static/none.css"), status=404),
    Row(name="defect", request=get("/broken"), status=500),
]
