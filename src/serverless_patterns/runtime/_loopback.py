"""HTTP on loopback, until a deadline.

A cold start pays for every import, so this speaks HTTP itself: ``http.client`` takes longer to
import than all of this package. It asks in HTTP/1.0, to which no server may answer in chunks.
"""

from __future__ import annotations

import socket
import time

TYPE_CHECKING = False  # as type checkers know it; importing `typing` takes milliseconds
if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_BYTES = 4 * 2**20
"""The largest answer that is read: AppConfig's own store takes half as much."""

HEAD_END = b"\r\n\r\n"
"""What stands between the headers of an answer and its body."""


def received_from(port: int, request: bytes, seconds: float) -> bytes:
    """All that is answered within ``seconds``, however little at a time."""
    deadline = time.monotonic() + seconds
    received = bytearray()
    with _connected(port, deadline) as connection:
        connection.settimeout(_left(deadline))
        connection.sendall(request)
        while len(received) <= MAX_BYTES and not _is_whole(received):
            connection.settimeout(_left(deadline))
            part = connection.recv(65_536)
            if not part:
                break
            received += part
    return bytes(received)


def _connected(port: int, deadline: float) -> socket.socket:
    """A connection by whichever address of localhost is listened on."""
    failure = OSError("localhost has no address")
    for *kind, _, address in socket.getaddrinfo("localhost", port, type=socket.SOCK_STREAM):
        try:
            connection = socket.socket(*kind)
        except OSError as error:  # of an address family that this machine doesn't have
            failure = error
            continue
        try:
            connection.settimeout(_left(deadline))
            connection.connect(address)
        except OSError as error:
            connection.close()
            failure = error
        else:
            return connection
    raise failure


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _is_whole(received: bytearray) -> bool:
    """Whether nothing more is awaited, though the connection may stay open."""
    end = received.find(HEAD_END)
    length = length_of(headers_of(bytes(received[:end]))[1]) if end >= 0 else None
    if length is None:
        return False
    return length > MAX_BYTES or len(received) - end - len(HEAD_END) >= length


def headers_of(head: bytes) -> tuple[str, dict[str, str]]:
    """The first line and the headers, by their names in small letters."""
    first, *lines = head.decode("latin-1").split("\r\n")
    pairs = (line.partition(":") for line in lines)
    return first, {name.strip().lower(): value.strip() for name, _, value in pairs}


def length_of(headers: Mapping[str, str]) -> int | None:
    """How long the body is said to be; ``None`` - until the connection is closed."""
    text = headers.get("content-length", "")
    if not text.isdecimal():
        return None
    return int(text) if len(text) <= len(str(MAX_BYTES)) else MAX_BYTES + 1
