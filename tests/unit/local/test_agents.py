"""Where the agents listen."""

from __future__ import annotations

import socket

import pytest

from serverless_patterns.local import LocalCloudError
from serverless_patterns.local.agents import AgentPorts, listening
from serverless_patterns.testing.plugin import free_port
from tests.messages import exactly


@pytest.fixture
def usual(monkeypatch: pytest.MonkeyPatch) -> tuple[int, int]:
    """The ports of AWS's extensions, which another program may hold on this machine."""
    ports = free_port(), free_port()
    monkeypatch.setattr("serverless_patterns.local.agents._PORTS", ports)
    return ports


def test_they_listen_where_extensions_do(usual: tuple[int, int]) -> None:
    with listening() as listeners:
        assert listeners.ports == AgentPorts(*usual)
        assert listeners.ports.variables == {
            "AWS_APPCONFIG_EXTENSION_HTTP_PORT": str(usual[0]),
            "PARAMETERS_SECRETS_EXTENSION_HTTP_PORT": str(usual[1]),
        }
        with socket.create_connection(("127.0.0.1", usual[0]), timeout=1):
            pass


def test_they_listen_elsewhere_where_another_program_does(usual: tuple[int, int]) -> None:
    with socket.create_server(("127.0.0.1", usual[0])), listening() as listeners:
        assert listeners.ports.appconfig not in (0, usual[0])
        assert listeners.ports.parameters == usual[1]


def test_a_port_that_functions_know_must_be_free() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        message = (
            f"port {port}, where functions look for an extension, is taken by another "
            "program; stop that, or the local cloud with `down`"
        )
        with (
            pytest.raises(LocalCloudError, match=exactly(message)),
            listening(AgentPorts(port, free_port())),
        ):
            pass
