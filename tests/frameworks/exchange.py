"""A request and an answer, whoever carries them."""

from __future__ import annotations

import gzip
import http.client
import re
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

# What differs by nature: the time, what belongs to one connection, how a body is framed (a
# gateway frames it anew), the gateway's own id of a request, and how long Rails took.
IGNORED = {
    "apigw-requestid",
    "connection",
    "content-length",
    "date",
    "keep-alive",
    "transfer-encoding",
    "x-runtime",
}
# Spring says in the body of an error when it was.
TIMESTAMP = re.compile(rb'(?<="timestamp":")[^"]+')
HOST = "greetings.example"
# What a gateway adds, and Rails' request id, which is made up unless it is told.
ALWAYS = (
    ("User-Agent", "tests"),
    ("X-Forwarded-For", "192.0.2.1"),
    ("X-Forwarded-Port", "443"),
    ("X-Forwarded-Proto", "https"),
    ("X-Request-Id", "7f0c8f4e"),
)


@dataclass(frozen=True, kw_only=True)
class Request:
    """A request, its path and query as they stand on the wire."""

    method: str = "GET"
    path: str = "/"
    query: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    host: str = HOST

    @property
    def all_headers(self) -> tuple[tuple[str, str], ...]:
        length = (("Content-Length", str(len(self.body))),) if self.body else ()
        return (("Host", self.host), *ALWAYS, *self.headers, *length)


@dataclass(frozen=True, kw_only=True)
class Answer:
    """An answer.

    Attributes:
        status: Its status code.
        headers: Its headers as they came.
        body: Its body as it came.
        moments: When the parts of its body came, if they were told apart.
    """

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    moments: tuple[float, ...] = field(default=(), compare=False)

    def header(self, name: str) -> str | None:
        return ", ".join(self.values(name)) or None

    def values(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key.lower() == name]

    @property
    def cookies(self) -> list[str]:
        return self.values("set-cookie")

    @property
    def first_headers(self) -> Answer:
        """This answer with the first alone of headers of the same name, other than cookies."""
        kept: dict[str, tuple[str, str]] = {}
        cookies = [each for each in self.headers if each[0].lower() == "set-cookie"]
        for name, value in self.headers:
            kept.setdefault(name.lower(), (name, value))
        kept.pop("set-cookie", None)
        return replace(self, headers=(*kept.values(), *cookies))

    @property
    def decoded(self) -> bytes:
        """Its body, unpacked if it is compressed by gzip: two packings differ in their time."""
        return (
            gzip.decompress(self.body) if self.header("content-encoding") == "gzip" else self.body
        )

    def compared(self) -> dict[str, Any]:
        """What is the same whoever carried it."""
        names = {key.lower() for key, _ in self.headers} - IGNORED - {"set-cookie"}
        return {
            "status": self.status,
            "headers": {name: self._compared_values(name) for name in sorted(names)},
            "cookies": self.cookies,
            "body": TIMESTAMP.sub(b"then", self.decoded),
        }

    def _compared_values(self, name: str) -> list[str]:
        values = self.values(name)
        # Frameworks keep methods in sets, whose order differs from process to process.
        return sorted(re.split(r",\s*", values[0])) if name == "allow" else values


class Way(Protocol):
    """A way to the application."""

    def send(self, request: Request) -> Answer:
        """The answer to a request."""


class Direct:
    """A server on loopback, asked over HTTP: the application's own, or the local cloud's."""

    def __init__(self, port: int) -> None:
        self._port = port

    def send(self, request: Request) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=20)
        target = f"{request.path}?{request.query}" if request.query else request.path
        connection.putrequest(request.method, target, skip_host=True, skip_accept_encoding=True)
        for name, value in request.all_headers:
            connection.putheader(name, value)
        connection.endheaders(request.body or None)
        response = connection.getresponse()
        answer = Answer(
            status=response.status, headers=tuple(response.getheaders()), body=response.read()
        )
        connection.close()
        return answer
