"""Lambda's Runtime API, as far as a function's process and its extensions use it."""

from __future__ import annotations

import json
import sys
import threading
import time
import uuid
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Empty, Queue
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Iterator

RUNTIME = "/2018-06-01/runtime"
EXTENSION = "/2020-01-01/extension"
ARN = "arn:aws:lambda:us-east-1:123456789012:function:greetings"


@dataclass
class Invocation:
    """One event on its way, and what became of it.

    Attributes:
        event: The event.
        id: The request id.
        status: What the function reported: ``response`` or ``error``.
        content_type: The type of what it posted.
        chunks: What it posted, each part with the time that it came at.
    """

    event: dict[str, Any]
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    status: str = ""
    content_type: str = ""
    chunks: list[tuple[float, bytes]] = field(default_factory=list)
    done: threading.Event = field(default_factory=threading.Event)

    @property
    def payload(self) -> bytes:
        return b"".join(data for _, data in self.chunks)


class RuntimeApi:
    """The Runtime API on a free port of loopback, for one function."""

    def __init__(self) -> None:
        self._waiting: Queue[Invocation] = Queue()
        self._running: dict[str, Invocation] = {}
        self._closed = threading.Event()
        self._server = _Server(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))

    @property
    def address(self) -> str:
        """What ``AWS_LAMBDA_RUNTIME_API`` is to say."""
        return f"127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closed.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def invoke(self, event: dict[str, Any], timeout: float = 20) -> Invocation:
        """Give an event to the function and wait for what becomes of it."""
        invocation = Invocation(event)
        self._waiting.put(invocation)
        if not invocation.done.wait(timeout):
            raise TimeoutError(f"no answer within {timeout:g} s")
        return invocation

    def next(self) -> Invocation | None:
        """The next event, or nothing once this is closed."""
        while not self._closed.is_set():
            try:
                invocation = self._waiting.get(timeout=0.05)
            except Empty:
                continue
            self._running[invocation.id] = invocation
            return invocation
        return None

    def finish(self, invocation_id: str, status: str, content_type: str, parts: Any) -> None:
        """Take what the function made of an event."""
        invocation = self._running.pop(invocation_id)
        invocation.status, invocation.content_type = status, content_type
        for part in parts:
            invocation.chunks.append((time.monotonic(), part))
        invocation.done.set()

    def wait_until_closed(self) -> None:
        self._closed.wait()

    def _handler(self) -> type[_Handler]:
        return type("_BoundHandler", (_Handler,), {"api": self})


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """A function that is ended while it waits cuts its connection: no error."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            raise  # noqa: PLE0704 - called where it is handled


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    api: RuntimeApi

    def do_GET(self) -> None:
        if self.path == f"{RUNTIME}/invocation/next":
            invocation = self.api.next()
            if invocation is None:
                self._reply(500)
                return
            self._reply(
                200,
                invocation.event,
                {
                    "Lambda-Runtime-Aws-Request-Id": invocation.id,
                    "Lambda-Runtime-Deadline-Ms": str(int((time.time() + 30) * 1000)),
                    "Lambda-Runtime-Invoked-Function-Arn": ARN,
                    "Lambda-Runtime-Trace-Id": f"Root=1-{int(time.time()):x}-{'0' * 24}",
                },
            )
        elif self.path == f"{EXTENSION}/event/next":
            self.api.wait_until_closed()
            self._reply(200, {"eventType": "SHUTDOWN"})
        else:
            self._reply(404)

    def do_POST(self) -> None:
        parts = self._parts()
        match self.path.removeprefix(RUNTIME).split("/"):
            case ["", "invocation", invocation_id, "response" | "error" as status]:
                self.api.finish(invocation_id, status, self.headers.get("Content-Type", ""), parts)
                self._reply(202, {"status": "OK"})
            case _ if self.path == f"{EXTENSION}/register":
                list(parts)
                about = {"functionName": "greetings", "functionVersion": "$LATEST"}
                self._reply(200, about, {"Lambda-Extension-Identifier": str(uuid.uuid4())})
            case _:
                list(parts)
                self._reply(404)

    def _parts(self) -> Iterator[bytes]:
        """The body of the request, in the parts that it comes in."""
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            yield self.rfile.read(int(self.headers.get("Content-Length", "0")))
            return
        while size := int(self.rfile.readline().split(b";")[0], 16):
            yield self.rfile.read(size)
            self.rfile.readline()
        while self.rfile.readline().strip():  # trailers
            pass

    def _reply(
        self, status: int, content: object = None, headers: dict[str, str] | None = None
    ) -> None:
        body = json.dumps({} if content is None else content).encode()
        try:
            self.send_response(status)
            for name, value in (headers or {}).items():
                self.send_header(name, value)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        except ConnectionError:  # the function was ended while it waited
            self.close_connection = True

    def log_message(self, *_: object) -> None:
        """Say nothing."""
