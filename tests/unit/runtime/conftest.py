from __future__ import annotations

import json
import socket
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

HANGS = 20
"""Seconds that a server hangs for, so far beyond what a client waits that a busy machine can't tell
one for the other."""


@dataclass
class ExtensionServer:
    """A server on loopback that answers with whatever bytes it is told to, as slowly as told.

    Attributes:
        listener: What it listens on.
        answer: What it answers.
        pieces: How many bytes it sends at a time. Default - all.
        pause: The seconds that it waits before each piece.
        stays_open: The seconds for which it keeps a connection after that.
        requests: What it was asked, whole.
        sent: How many bytes were taken of what it answered.
    """

    listener: socket.socket
    answer: bytes = b""
    pieces: int | None = None
    pause: float = 0
    stays_open: float = 0
    requests: list[str] = field(default_factory=list)
    sent: int = 0

    @property
    def port(self) -> int:
        port: int = self.listener.getsockname()[1]
        return port

    def serve(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        with connection:
            self.requests.append(connection.recv(65_536).decode())
            answer, size = self.answer, self.pieces or len(self.answer) or 1
            for start in range(0, len(answer) or 1, size):
                time.sleep(self.pause)
                try:
                    connection.sendall(answer[start : start + size])
                    self.sent += size
                except OSError:
                    return
            time.sleep(self.stays_open)

    def says(
        self, body: bytes | Any, *, status: str = "200 OK", kind: str = "application/json"
    ) -> None:
        """Answer so from now on; what is no bytes is said in JSON."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(content)}"
        self.answer = head.encode() + b"\r\nConfiguration-Version: 7\r\n\r\n" + content


@pytest.fixture
def server() -> Iterator[ExtensionServer]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = ExtensionServer(listener)
        thread = threading.Thread(target=server.serve, daemon=True)
        thread.start()
        yield server
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()


@pytest.fixture
def dead_port() -> int:
    """A port that nothing listens on."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Lets seconds pass for the client without waiting for them."""
    now, passed = time.time, 0.0
    monkeypatch.setattr("serverless_patterns.runtime._extension.time.time", lambda: now() + passed)

    def later(seconds: float) -> None:
        nonlocal passed
        passed += seconds

    return later
