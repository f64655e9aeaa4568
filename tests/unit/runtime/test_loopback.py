"""What a hostile or an unlucky program on the agent's port does to the client and its caller."""

from __future__ import annotations

import socket
import struct
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

from serverless_patterns.runtime.appconfig import AppConfig, ConfigurationError
from serverless_patterns.runtime.parameters import Parameters
from tests.messages import exactly
from tests.unit.runtime.conftest import HANGS

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.unit.runtime.conftest import ExtensionServer

FLAGS = {"sale": {"enabled": True, "days": ["monday"]}}
WHAT = "configuration 'flags' of 'Shop' in 'live'"
SLOW = "give a longer timeout, or name the configuration in the extension's prefetch list"


def flags_at(port: int, **options: Any) -> AppConfig:
    return AppConfig("Shop", "live", "flags", port=port, **{"timeout": 0.3, **options})


@pytest.fixture
def flags(server: ExtensionServer) -> AppConfig:
    return flags_at(server.port, refresh_timeout=0.1)


def test_no_more_is_awaited_of_an_answer_that_is_whole(server: ExtensionServer) -> None:
    server.says(FLAGS)
    server.stays_open = HANGS

    started = time.monotonic()
    assert flags_at(server.port, timeout=HANGS).configuration().content == FLAGS
    assert time.monotonic() - started < HANGS / 2


def test_what_follows_a_whole_answer_is_left_out(server: ExtensionServer, flags: AppConfig) -> None:
    server.says({})
    server.answer += b"HTTP/1.1 200 OK"

    assert flags.configuration().content == {}


@pytest.mark.parametrize("length", [b"4194305", b"9" * 5_000])
def test_an_answer_that_says_it_is_oversized_is_not_waited_for(
    server: ExtensionServer, flags: AppConfig, length: bytes
) -> None:
    server.answer = b"HTTP/1.1 200 OK\r\nContent-Length: " + length + b"\r\n\r\n{}"
    server.stays_open = 2

    told = (
        f"there is no {WHAT}: AppConfig's agent answered more than 4 MB; make it smaller, or "
        "split it"
    )
    with pytest.raises(ConfigurationError, match=exactly(told)):
        flags.configuration()


@pytest.mark.parametrize("status", [b"2000 OK", b"20", b"-20 OK"])
def test_a_status_that_is_none_is_told(
    server: ExtensionServer, flags: AppConfig, status: bytes
) -> None:
    server.answer = b"HTTP/1.1 " + status + b"\r\n\r\n{}"

    told = (
        f"there is no {WHAT}: AppConfig's agent answered what is no HTTP; "
        f"see that nothing but AppConfig's agent listens on port {server.port}"
    )
    with pytest.raises(ConfigurationError, match=exactly(told)):
        flags.configuration()


def test_json_without_an_end_is_told(server: ExtensionServer, flags: AppConfig) -> None:
    server.says(b"[" * 100_000)

    told = f"there is no {WHAT}: it is no application/json (maximum recursion depth exceeded"
    with pytest.raises(ConfigurationError) as raised:
        flags.configuration()
    assert str(raised.value).startswith(told)
    parameters = Parameters(port=server.port)
    with pytest.raises(ConfigurationError, match="the answer has no value of one"):
        parameters.parameter("a")


def test_a_secret_that_is_no_json_is_told(server: ExtensionServer) -> None:
    server.says({"SecretString": "[" * 100_000})

    value = Parameters(port=server.port).secret("a")
    with pytest.raises(ConfigurationError, match=exactly("secret a is no JSON; take its text")):
        value.json()


def test_who_changes_what_it_read_changes_no_later_answer(
    server: ExtensionServer, flags: AppConfig
) -> None:
    server.says(FLAGS)
    flags.configuration().content.clear()
    flags.flag("sale").attribute("days", list).append("sunday")
    server.says(b"", status="500 Internal Server Error")

    first = flags.configuration()
    first.content["sale"]["days"].append("tuesday")

    assert first.is_stale
    assert flags.configuration().content == FLAGS


def test_several_flags_with_defaults_wait_for_a_slow_agent_once(
    server: ExtensionServer, flags: AppConfig, later: Callable[[float], None]
) -> None:
    server.says(FLAGS)
    server.pause = HANGS
    read = [flags.flag(name, default=False) for name in ("sale", "gifts", "vip")]

    assert len(server.requests) == 1
    told = f"there is no {WHAT}: AppConfig's agent did not answer within 0.3 s; {SLOW}"
    assert [each.problem for each in read] == [told] * 3
    server.pause = 0
    later(1)
    assert flags.flag("sale", default=False).enabled


def test_who_has_no_default_waits_for_a_slow_agent_anew(
    server: ExtensionServer, flags: AppConfig
) -> None:
    server.says(FLAGS)
    server.pause = HANGS
    assert not flags.flag("sale", default=False)
    server.pause = 0

    assert flags.flag("sale").enabled


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_an_agent_is_found_at_either_address_of_localhost(
    host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    both = [
        (family, socket.SOCK_STREAM, 0, "", (each, 0))
        for each, family in (("::1", socket.AF_INET6), ("127.0.0.1", socket.AF_INET))
    ]
    unknown = (socket.AF_APPLETALK, socket.SOCK_STREAM, 0, "", ("x", 0))
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host, 0), family=family) as listener:
        port = listener.getsockname()[1]

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(65_536)
                connection.sendall(b"HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n{}")

        def getaddrinfo(_: str, port: int, **__: Any) -> list[Any]:
            return [unknown, *((*kind, (each, port)) for *kind, (each, _) in both)]

        monkeypatch.setattr("socket.getaddrinfo", getaddrinfo)
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        assert flags_at(port).configuration().content == {}
        thread.join()


def test_an_agent_that_resets_the_connection_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            connection.recv(65_536)
            # Closed without lingering, it is reset.
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            connection.close()

        thread = threading.Thread(target=serve)
        thread.start()
        port = listener.getsockname()[1]
        told = (
            f"there is no {WHAT}: AppConfig's agent can't be reached on localhost:{port} "
            "(Connection reset by peer); attach AppConfigExtension to the function, or start the "
            "agent of `serverless-patterns local up`"
        )
        with pytest.raises(ConfigurationError, match=exactly(told)):
            flags_at(port).configuration()
        thread.join()


def test_an_agent_that_accepts_no_connection_is_waited_for_no_longer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def getaddrinfo(_: str, port: int, **__: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 0, "", ("127.0.0.1", port))] * 3

    monkeypatch.setattr("socket.getaddrinfo", getaddrinfo)
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listener:
        address = listener.getsockname()
        waiting = [socket.socket() for _ in range(4)]
        for each in waiting:  # the queue is full after one or two
            each.settimeout(0)
            each.connect_ex(address)

        started = time.monotonic()
        told = f"there is no {WHAT}: AppConfig's agent did not answer within 0.3 s; {SLOW}"
        with pytest.raises(ConfigurationError, match=exactly(told)):
            flags_at(address[1]).configuration()
        assert time.monotonic() - started < HANGS
        for each in waiting:
            each.close()


def test_a_timeout_of_python_39_is_one(flags: AppConfig, monkeypatch: pytest.MonkeyPatch) -> None:
    class OldTimeoutError(OSError):
        """What sockets raise there: no TimeoutError yet."""

    def times_out(*_: Any) -> bytes:
        raise OldTimeoutError

    monkeypatch.setattr("socket.timeout", OldTimeoutError)
    monkeypatch.setattr("serverless_patterns.runtime._extension.received_from", times_out)

    told = f"there is no {WHAT}: AppConfig's agent did not answer within 0.3 s; {SLOW}"
    with pytest.raises(ConfigurationError, match=exactly(told)):
        flags.configuration()


def test_threads_read_by_one_client(server: ExtensionServer) -> None:
    server.says(FLAGS)
    flags = flags_at(server.port, timeout=5)
    read: list[Any] = []
    threads = [
        threading.Thread(target=lambda: read.append(flags.configuration().content))
        for _ in range(20)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert read == [FLAGS] * 20


@pytest.mark.parametrize("name", ["timeout", "refresh_timeout"])
@pytest.mark.parametrize("seconds", [0, -1, 901, float("nan"), None, "3", True])
def test_a_timeout_that_is_none_is_told(name: str, seconds: Any) -> None:
    told = f"{name} must be seconds over 0, up to 900, got {seconds!r}; omit it to get the default"
    with pytest.raises(ConfigurationError, match=exactly(told)):
        flags_at(2772, **{name: seconds})


@pytest.mark.parametrize("port", [0, 65_536, -1, "2772", True])
def test_a_port_that_is_none_is_told(port: Any) -> None:
    told = (
        f"port must be a whole number from 1 to 65535, got {port!r}; "
        "omit it to get the extension's own"
    )
    with pytest.raises(ConfigurationError, match=exactly(told)):
        flags_at(port)
    with pytest.raises(ConfigurationError, match=exactly(told)):
        Parameters(port=port)
