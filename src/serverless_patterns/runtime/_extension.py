"""What an extension on loopback answers in time, and otherwise what it answered before.

A cold start pays for every import, so this speaks HTTP itself: ``http.client`` takes longer to
import than all of this package. It asks in HTTP/1.0, to which no server may answer in chunks.
"""

from __future__ import annotations

import os
import socket
import time

TYPE_CHECKING = False  # as type checkers know it; importing `typing` takes milliseconds
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

MAX_BYTES = 4 * 2**20
"""The largest answer that is read: AppConfig's own store takes half as much."""

RETRY_SECONDS = 1.0
"""How long an earlier answer stands in for an extension that failed, until it is asked again."""

_LAST_PORT = 65_535
_SAFE = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")


class ConfigurationError(Exception):
    """There is no usable configuration; the message says why, and what to do about it."""


class Failure(Exception):  # noqa: N818 - no error yet: an earlier answer may stand in
    """An extension gave no usable answer.

    Args:
        problem: What went wrong.
        remedy: What to do about it.
    """

    def __init__(self, problem: str, remedy: str) -> None:
        super().__init__(problem)
        self.problem = problem
        self.remedy = remedy


class Answer:
    """What an extension answered.

    Attributes:
        value: What was read of it.
        received: When that was, in seconds since 1970: a snapshot may be restored days later.
        problem: Why it is an earlier answer; empty - it isn't.
        failed: When the extension was last asked for a newer one in vain.
    """

    __slots__ = ("failed", "problem", "received", "value")

    def __init__(self, value: Any, received: float, problem: str = "", failed: float = 0) -> None:
        self.value = value
        self.received = received
        self.problem = problem
        self.failed = failed

    @property
    def age(self) -> float:
        """The seconds since it was received."""
        return max(time.time() - self.received, 0.0)


class Extension:
    """An extension on loopback, asked over HTTP.

    Args:
        name: What messages call it.
        port: The port that it listens on.
        timeout: The seconds to wait for an answer when there is no earlier one.
        refresh_timeout: The seconds to wait for an answer when an earlier one can stand in.
        absent: What to do if nothing listens.
        refused: What to do if it refuses.
        slow: What to do if it is slow.
    """

    def __init__(
        self,
        name: str,
        *,
        port: int,
        timeout: float,
        refresh_timeout: float,
        absent: str,
        refused: str,
        slow: str,
    ) -> None:
        self.name = name
        self.port = port
        self._timeout = timeout
        self._refresh_timeout = refresh_timeout
        self._absent = absent
        self._refused = refused
        self._slow = slow
        self._answers: dict[str, Answer] = {}

    def get(
        self,
        target: str,
        what: str,
        read: Callable[[bytes, Mapping[str, str]], Any],
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """What the extension answers to ``GET target``, or answered before.

        Args:
            target: The path and the query.
            what: What is asked for, in messages.
            read: Reads the body and the headers, or raises ``Failure``.
            headers: What to send beside what HTTP asks for.

        Raises:
            ConfigurationError: If there is neither.
        """
        earlier = self._answers.get(target)
        if earlier and 0 <= time.time() - earlier.failed < RETRY_SECONDS:
            return earlier
        seconds = self._refresh_timeout if earlier else self._timeout
        try:
            answer = Answer(read(*self._exchange(target, headers or {}, seconds)), time.time())
        except Failure as failure:
            earlier = self._answers.get(target)  # another thread may have got it meanwhile
            if earlier is None:
                message = f"there is no {what}: {failure.problem}; {failure.remedy}"
                raise ConfigurationError(message) from failure
            answer = Answer(earlier.value, earlier.received, failure.problem, time.time())
        self._answers[target] = answer
        return answer

    def _exchange(
        self, target: str, headers: Mapping[str, str], seconds: float
    ) -> tuple[bytes, dict[str, str]]:
        lines = [f"GET {target} HTTP/1.0", f"Host: localhost:{self.port}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        request = "\r\n".join([*lines, "", ""]).encode("latin-1", "replace")
        try:
            received = _received(self.port, request, seconds)
        except TimeoutError:
            raise Failure(f"{self.name} did not answer within {seconds:g} s", self._slow) from None
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise Failure(
                f"{self.name} can't be reached on localhost:{self.port} ({reason})", self._absent
            ) from None
        status, answered, body = self._parsed(received)
        if status != 200:  # noqa: PLR2004 - as every message of HTTP says it
            words = " ".join(body[:300].decode(errors="replace").split())
            said = f" ({words})" if words else ""
            raise Failure(f"{self.name} answered {status}{said}", self._refused)
        return body, answered

    def _parsed(self, received: bytes) -> tuple[int, dict[str, str], bytes]:
        remedy = f"see that nothing but {self.name} listens on port {self.port}"
        head, end, body = received.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        version, _, status = first.partition(" ")
        if len(received) > MAX_BYTES:
            limit = f"{MAX_BYTES // 2**20} MB"
            raise Failure(f"{self.name} answered more than {limit}", "make it smaller, or split it")
        if not end or not version.startswith("HTTP/1.") or not status[:3].isdecimal():
            raise Failure(f"{self.name} answered what is no HTTP", remedy)
        headers = {
            name.strip().lower(): value.strip()
            for name, _, value in (line.partition(":") for line in lines)
        }
        if len(body) < _length(headers):
            raise Failure(f"{self.name} broke off its answer", self._slow)
        if "transfer-encoding" in headers:
            raise Failure(f"{self.name} answered in chunks, which HTTP/1.0 doesn't know", remedy)
        return int(status[:3]), headers, body


def port_from_environment(variable: str, default: int) -> int:
    """The port that a function's environment names.

    Raises:
        ConfigurationError: If it names none.
    """
    text = os.environ.get(variable) or str(default)
    if not text.isdecimal() or not 0 < int(text) <= _LAST_PORT:
        raise ConfigurationError(
            f"{variable} must be a port from 1 to {_LAST_PORT}, got {text!r}; "
            f"omit it to get {default}"
        )
    return int(text)


def quoted(text: str) -> str:
    """``text`` as a part of a URL."""
    return "".join(chr(each) if each in _SAFE else f"%{each:02X}" for each in text.encode())


def _received(port: int, request: bytes, seconds: float) -> bytes:
    """All that is answered within ``seconds``, however little at a time."""
    deadline = time.monotonic() + seconds
    received = bytearray()
    with socket.create_connection(("localhost", port), timeout=seconds) as connection:
        connection.sendall(request)
        while len(received) <= MAX_BYTES:
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError
            connection.settimeout(left)
            part = connection.recv(65_536)
            if not part:
                break
            received += part
    return bytes(received)


def _length(headers: Mapping[str, str]) -> int:
    text = headers.get("content-length", "")
    return int(text) if text.isdecimal() else 0
