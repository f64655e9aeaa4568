"""The requests that ``many_service`` answers the same wherever it is deployed."""

from __future__ import annotations

import json
from dataclasses import dataclass


@dataclass(frozen=True)
class Ask:
    """A request.

    Attributes:
        method: Its method.
        target: Its path and query, encoded as it is sent, without the first slash.
        headers: Its headers beside those that every client sends.
        body: Its body.
        note: What tells it from another of the same method and target.
    """

    method: str
    target: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes | None = None
    note: str = ""

    @property
    def key(self) -> str:
        """What tables and the docs call it."""
        return f"{self.method} /{self.target}{f' ({self.note})' if self.note else ''}"


def _json(method: str, target: str, value: object, note: str = "") -> Ask:
    body = json.dumps(value, ensure_ascii=False).encode()
    return Ask(method, target, (("content-type", "application/json"),), body, note)


def _typed(method: str, target: str, kind: str, body: bytes, note: str = "") -> Ask:
    return Ask(method, target, (("content-type", kind),), body, note)


BYTES = bytes(range(256))
QUERIES = [
    Ask("GET", "items"),
    Ask("GET", "items?q=a&limit=3"),
    Ask("GET", "items?tag=a&tag=b&tag=a"),
    Ask("GET", "items?tag=a%26b&tag=c%3Dd&q=e%2Bf"),
    Ask("GET", "items?q=a+b"),
    Ask("GET", "items?q=a%20b"),
    Ask("GET", "items?q=gr%C3%BC%C3%9Fe%20%F0%9F%9A%80"),
    Ask("GET", "items?q="),
    Ask("GET", "items?q=100%25"),
    Ask("GET", "items?limit=many"),
    Ask("GET", "items?q=a,b&tag=c,d"),
]
PATHS = [
    Ask("GET", "items/new"),
    Ask("GET", "items/7"),
    Ask("GET", "items/Ada%20Lovelace"),
    Ask("GET", "items/gr%C3%BC%C3%9Fe"),
    Ask("GET", "items/a%2Bb"),
    Ask("GET", "items/a+b"),
    Ask("GET", "items/100%25"),
    Ask("GET", "items/a%2Fb"),
    Ask("GET", "items/a%3Fb%23c"),
    Ask("GET", "items/a.b~c-d_e"),
    Ask("GET", "items/a:b@c"),
    Ask("GET", "items/a%252Fb"),
    Ask("GET", "items/7/parts/3"),
    Ask("GET", "items/7/parts/three"),
    Ask("GET", "files/raw/a"),
    Ask("GET", "files/raw/a/b/c.txt?x=1"),
    Ask("GET", "files/raw/a%20b/gr%C3%BC%C3%9Fe"),
]
BODIES = [
    _json("POST", "items", {"name": "pen", "price": 1.5}),
    _json("POST", "items", {"name": "pen"}, "without a price"),
    _json("PUT", "items/7", {"name": "grüße 🚀"}, "not ASCII"),
    _json("PUT", "items/7", {"nested": {"list": [1, None, True]}}),
    _json("PUT", "items/7", [1], "a list"),
    _json("PATCH", "items/7", {"price": 2}),
    _typed("POST", "items", "application/json", b"{no json", "malformed"),
    Ask("POST", "items", note="without a body"),
    Ask("DELETE", "items/7"),
    _typed("POST", "items/7/echo", "text/plain; charset=utf-8", "grüße".encode()),
    _typed("POST", "items/7/echo", "application/octet-stream", BYTES, "bytes"),
    _typed("POST", "items/7/echo", "image/png", BYTES[::-1], "an image"),
    _typed("POST", "items/7/echo", "text/plain; charset=latin-1", BYTES, "bytes called text"),
    _typed("POST", "items/7/echo", "application/json", b'{"a": 1}', "JSON"),
    _typed("POST", "items/7/echo", "application/octet-stream", b"0" * 300_000, "long"),
    _typed("POST", "items/7/echo", "text/plain", b"", "empty"),
    _typed("PUT", "files/raw/a/b", "application/octet-stream", BYTES),
    _typed("PUT", "files/raw/a", "text/plain", b"text"),
]
ANSWERS = [
    Ask("GET", "files/text"),
    Ask("GET", "files/page"),
    Ask("GET", "files/empty"),
    Ask("GET", "files/image"),
    Ask("GET", "files/image", (("accept", "image/png"),), note="asked for"),
    Ask("GET", "files/stream"),
    Ask("GET", "files/big"),
    Ask("GET", "items/7/moved"),
    Ask("GET", "account/answer"),
    Ask("GET", "account/teapot"),
    Ask("GET", "account/not-modified"),
    Ask("HEAD", "account/probe"),
    Ask("OPTIONS", "account/options"),
    Ask("GET", "docs"),
    Ask("GET", "openapi.json"),
]
HEADERS = [
    Ask("GET", "account/cookies"),
    Ask("GET", "account/cookies", (("cookie", "first=1; second=two"),), note="two"),
    Ask("GET", "account/cookies", (("cookie", "first=a%20b"),), note="encoded"),
    _typed("POST", "account/login", "application/x-www-form-urlencoded", b"user=Ada+Lovelace"),
    _typed("POST", "account/login", "application/x-www-form-urlencoded", b"user=eve", "another"),
    Ask("GET", "account/headers"),
    Ask("GET", "account/headers", (("x-one", "1"), ("accept", "text/html")), note="one value"),
    Ask("GET", "account/headers", (("x-one", "1"), ("x-one", "2")), note="two values"),
    Ask("GET", "account/headers", (("X-ONE", "a, b"),), note="upper case"),
    Ask("GET", "account/headers", (("authorization", "Bearer abc"),), note="a bearer"),
]
METHODS = [Ask(method, "account/any") for method in ("GET", "POST", "PUT", "DELETE", "PATCH")]
ERRORS = [
    Ask("GET", ""),
    Ask("GET", "nowhere"),
    Ask("POST", "nowhere/at/all"),
    Ask("GET", "items/7/nowhere"),
    Ask("GET", "items/"),
    Ask("GET", "items/7/parts"),
    Ask("GET", "files"),
    Ask("DELETE", "items"),
    Ask("POST", "items/7"),
    Ask("GET", "items/7/echo"),
    Ask("GET", "account/login"),
    Ask("HEAD", "items/7"),
    Ask("OPTIONS", "items/7"),
    Ask("GET", "items/7/broken"),
    Ask("GET", "items/7/lost"),
]
REQUESTS = [*QUERIES, *PATHS, *BODIES, *ANSWERS, *HEADERS, *METHODS, *ERRORS]
"""Every route, and what no route answers."""
