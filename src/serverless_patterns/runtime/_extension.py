"""What an extension on loopback answers in time, and otherwise what it answered before."""

from __future__ import annotations

import os
import socket
import time

from serverless_patterns.runtime._loopback import (
    HEAD_END,
    MAX_BYTES,
    headers_of,
    length_of,
    received_from,
)

TYPE_CHECKING = False  # as type checkers know it; importing `typing` takes milliseconds
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

RETRY_SECONDS = 1.0
"""How long an earlier answer stands in for an extension that failed, until it is asked again."""

_LAST_PORT = 65_535
_LONGEST_SECONDS = 900  # as no function runs longer
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


class SlowFailure(Failure):
    """An extension gave no answer in time."""


class Answer:
    """What an extension answered.

    Attributes:
        value: What was read of it, for one caller: who changes it changes no other's.
        source: The body and the headers that it was read of.
        received: When that was, in seconds since 1970: a snapshot may be restored days later.
        problem: Why it is an earlier answer; empty - it isn't.
        failed: When the extension was last asked for a newer one in vain.
    """

    __slots__ = ("failed", "problem", "received", "source", "value")

    def __init__(
        self,
        value: Any,
        source: tuple[bytes, Mapping[str, str]],
        received: float,
        problem: str = "",
        failed: float = 0,
    ) -> None:
        self.value = value
        self.source = source
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

    Raises:
        ConfigurationError: If there is no such port, or a timeout is none.
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
        for what, seconds in (("timeout", timeout), ("refresh_timeout", refresh_timeout)):
            if type(seconds) not in (int, float) or not 0 < seconds <= _LONGEST_SECONDS:
                raise ConfigurationError(
                    f"{what} must be seconds over 0, up to {_LONGEST_SECONDS}, got {seconds!r}; "
                    "omit it to get the default"
                )
        if type(port) is not int or not 0 < port <= _LAST_PORT:
            raise ConfigurationError(
                f"port must be a whole number from 1 to {_LAST_PORT}, got {port!r}; "
                "omit it to get the extension's own"
            )
        self.name = name
        self.port = port
        self._timeout = timeout
        self._refresh_timeout = refresh_timeout
        self._absent = absent
        self._refused = refused
        self._slow = slow
        self._answers: dict[str, Answer] = {}
        self._slow_ones: dict[str, tuple[SlowFailure, float]] = {}

    def get(
        self,
        target: str,
        what: str,
        read: Callable[[bytes, Mapping[str, str]], Any],
        headers: Mapping[str, str] | None = None,
        *,
        insists: bool = True,
    ) -> Answer:
        """What the extension answers to ``GET target``, or answered before.

        Args:
            target: The path and the query.
            what: What is asked for, in messages.
            read: Reads the body and the headers, or raises ``Failure``.
            headers: What to send beside what HTTP asks for.
            insists: Whether to wait anew for an extension that was too slow a moment ago.

        Raises:
            ConfigurationError: If there is neither.
        """
        earlier = self._answers.get(target)
        if earlier and _is_recent(earlier.failed):
            return _again(earlier, read, earlier.problem, earlier.failed)
        slow, since = self._slow_ones.get(target, (None, 0))
        try:
            if slow and not insists and not earlier and _is_recent(since):
                raise slow
            seconds = self._refresh_timeout if earlier else self._timeout
            source = self._exchange(target, headers or {}, seconds)
            answer = Answer(read(*source), source, time.time())
        except Failure as failure:
            earlier = self._answers.get(target)  # another thread may have got it meanwhile
            if earlier is None:
                if isinstance(failure, SlowFailure) and failure is not slow:
                    self._slow_ones[target] = failure, time.time()
                message = f"there is no {what}: {failure.problem}; {failure.remedy}"
                raise ConfigurationError(message) from failure
            answer = _again(earlier, read, failure.problem, time.time())
        self._answers[target] = answer
        return answer

    def _exchange(
        self, target: str, headers: Mapping[str, str], seconds: float
    ) -> tuple[bytes, dict[str, str]]:
        lines = [f"GET {target} HTTP/1.0", f"Host: localhost:{self.port}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        request = "\r\n".join([*lines, "", ""]).encode("latin-1", "replace")
        try:
            received = received_from(self.port, request, seconds)
        except (TimeoutError, socket.timeout):  # noqa: UP041 - they differ in Python 3.9
            problem = f"{self.name} did not answer within {seconds:g} s"
            raise SlowFailure(problem, self._slow) from None
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
        head, end, body = received.partition(HEAD_END)
        first, headers = headers_of(head)
        version, status, *_ = [*first.split(" ", 2), ""]
        length = length_of(headers)
        if max(len(received), length or 0) > MAX_BYTES:
            limit = f"{MAX_BYTES // 2**20} MB"
            raise Failure(f"{self.name} answered more than {limit}", "make it smaller, or split it")
        if not end or not version.startswith("HTTP/1.") or not _is_status(status):
            raise Failure(f"{self.name} answered what is no HTTP", remedy)
        if length is not None and len(body) < length:
            raise Failure(f"{self.name} broke off its answer", self._slow)
        if "transfer-encoding" in headers:
            raise Failure(f"{self.name} answered in chunks, which HTTP/1.0 doesn't know", remedy)
        return int(status), headers, body[:length]


def _is_status(text: str) -> bool:
    return len(text) == len("200") and text.isdecimal()


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


def _again(
    earlier: Answer,
    read: Callable[[bytes, Mapping[str, str]], Any],
    problem: str,
    failed: float,
) -> Answer:
    """An earlier answer, read anew."""
    return Answer(read(*earlier.source), earlier.source, earlier.received, problem, failed)


def _is_recent(failed: float) -> bool:
    return 0 <= time.time() - failed < RETRY_SECONDS
