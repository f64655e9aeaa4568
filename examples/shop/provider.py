"""A payment provider for local use: a small HTTP server that can be told to misbehave.

``python examples/shop/provider.py --port 9300`` starts one. ``POST /charges`` makes a charge,
once for an ``Idempotency-Key``; ``GET /charges`` lists those that were made, and
``PUT /behaviour`` says how it answers from then on: ``{"mode": "slow", "seconds": 5, "share": 1}``.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import random
import threading
import time
import uuid
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Literal, get_args

if TYPE_CHECKING:
    from collections.abc import Iterator

Mode = Literal["well", "slow", "fail", "lost", "twice", "decline"]


@dataclass(frozen=True)
class Behaviour:
    """How the provider answers.

    Attributes:
        mode: ``well``; ``slow``: only after ``seconds``; ``fail``: 500, and nothing is charged;
            ``lost``: it charges and hangs up; ``twice``: it sends its answer twice; ``decline``.
        seconds: How long ``slow`` takes.
        share: Which share of the requests is answered so; the others are answered well.
    """

    mode: Mode = "well"
    seconds: float = 5
    share: float = 1

    def __post_init__(self) -> None:
        if self.mode not in get_args(Mode):
            raise ValueError(f"mode must be one of {', '.join(get_args(Mode))}, got {self.mode}")


@dataclass
class Charges:
    """The charges that were made.

    Attributes:
        made: Each charge, in the order in which it was made.
        asked: How often a charge was asked for.
        behaviour: How the provider answers.
    """

    made: list[dict[str, Any]] = field(default_factory=list)
    asked: int = 0
    behaviour: Behaviour = field(default_factory=Behaviour)
    _answers: dict[str, tuple[int, dict[str, Any]]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def mode(self) -> Mode:
        """How this request is answered."""
        bad = random.random() < self.behaviour.share  # noqa: S311 - it isn't meant to be secret
        return self.behaviour.mode if bad else "well"

    def charge(
        self, key: str | None, asked: dict[str, Any], *, declined: bool
    ) -> tuple[int, dict[str, Any]]:
        """Make a charge; asked again under the same key, repeat the first answer."""
        with self._lock:
            self.asked += 1
            if key is not None and key in self._answers:
                status, answer = self._answers[key]
                same = all(answer.get(name) == value for name, value in asked.items())
                return (status, answer) if same else (409, {"reason": "the key is in use"})
            if declined:
                made = (402, {**asked, "reason": "the card was declined"})
            else:
                made = (201, {**asked, "charge": f"ch_{uuid.uuid4().hex}"})
                self.made.append(made[1])
            if key is not None:
                self._answers[key] = made
            return made


class Handler(BaseHTTPRequestHandler):
    """Answers one connection."""

    protocol_version = "HTTP/1.1"
    server: Server

    def do_POST(self) -> None:
        """Make a charge, as well as the provider behaves."""
        asked, charges = self._body(), self.server.charges
        mode = charges.mode()
        if mode == "fail":
            self._answer(500, {"reason": "the provider failed"})
            return
        declined = mode == "decline"
        status, answer = charges.charge(
            self.headers.get("Idempotency-Key"), asked, declined=declined
        )
        if mode == "lost":
            self.close_connection = True
            return
        if mode == "slow":
            time.sleep(charges.behaviour.seconds)
        for _ in range(2 if mode == "twice" else 1):
            self._answer(status, answer)

    def do_GET(self) -> None:
        """List the charges."""
        charges = self.server.charges
        self._answer(200, {"made": charges.made, "asked": charges.asked})

    def do_PUT(self) -> None:
        """Behave so from now on."""
        try:
            self.server.charges.behaviour = Behaviour(**self._body())
        except (TypeError, ValueError) as error:
            self._answer(400, {"reason": str(error)})
        else:
            self._answer(200, {})

    def log_message(self, *_: Any) -> None:
        """Print nothing."""

    def _body(self) -> dict[str, Any]:
        body: dict[str, Any] = json.loads(
            self.rfile.read(int(self.headers.get("Content-Length", 0))) or b"{}"
        )
        return body

    def _answer(self, status: int, document: dict[str, Any]) -> None:
        body = json.dumps(document).encode()
        with contextlib.suppress(ConnectionError):  # who asked may have hung up
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
            self.wfile.flush()


class Server(ThreadingHTTPServer):
    """The server, with the charges that it made."""

    daemon_threads = True

    def __init__(self, port: int) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.charges = Charges()
        self.url = f"http://127.0.0.1:{self.server_address[1]}"


@contextlib.contextmanager
def running(port: int = 0) -> Iterator[Server]:
    """A provider that runs in a thread, on a free port by default."""
    server = Server(port)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="A payment provider for local use.")
    parser.add_argument("--port", type=int, default=9300)
    with Server(parser.parse_args().port) as provider, contextlib.suppress(KeyboardInterrupt):
        print(f"The payment provider answers at {provider.url}")
        provider.serve_forever()
