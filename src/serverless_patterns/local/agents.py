"""The agents that stand in for AWS's Lambda extensions, as the local cloud starts them."""

from __future__ import annotations

import contextlib
import http.client
import os
import socket
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from serverless_patterns.local._errors import LocalCloudError
from serverless_patterns.local.process import start_server

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator, Mapping
    from pathlib import Path

PORT_VARIABLES = (
    "AWS_APPCONFIG_EXTENSION_HTTP_PORT",
    "PARAMETERS_SECRETS_EXTENSION_HTTP_PORT",
)
_PORTS = (2772, 2773)
_SERVER = "serverless_patterns.local.agent_server"

LOG = "agents.log"
"""What the agents print into, in the folder of the local cloud's state."""


@dataclass(frozen=True)
class AgentPorts:
    """The ports of the agents on 127.0.0.1.

    Attributes:
        appconfig: That of AppConfig's agent.
        parameters: That of the Parameters and Secrets extension.
    """

    appconfig: int
    parameters: int

    @property
    def variables(self) -> dict[str, str]:
        """What tells functions of them: the emulator hands its own environment on."""
        ports = (self.appconfig, self.parameters)
        return {name: str(port) for name, port in zip(PORT_VARIABLES, ports, strict=True)}


class AgentListeners:
    """The sockets of the agents, listening.

    Attributes:
        ports: Their ports.
    """

    def __init__(self, *sockets: socket.socket) -> None:
        self._sockets = sockets
        self.ports = AgentPorts(*(each.getsockname()[1] for each in sockets))

    def start_agents(
        self, endpoint: str, folder: Path, environment: Mapping[str, str]
    ) -> subprocess.Popen[bytes]:
        """Start the process that answers on them.

        Args:
            endpoint: The URL of every service of the emulator.
            folder: The folder of the local cloud's state.
            environment: What the process finds in its environment: that of the emulator, by which
                it is ended together with that.
        """
        numbers = [each.fileno() for each in self._sockets]
        return start_server(
            [sys.executable, "-m", _SERVER, endpoint, str(folder), *map(str, numbers)],
            folder=folder,
            # It imports what this process does: the emulator's environment tells nothing of that.
            environment={**environment, "PYTHONPATH": os.pathsep.join(sys.path)},
            log=folder / LOG,
            inherits=numbers,
        )


@contextlib.contextmanager
def listening(ports: AgentPorts | None = None) -> Iterator[AgentListeners]:
    """Listen where AWS's extensions do, or where it is free when another program does.

    Args:
        ports: Where functions that run already look for them. Default - none do.

    Raises:
        LocalCloudError: If such a port is taken.
    """
    with contextlib.ExitStack() as sockets:
        yield AgentListeners(
            *(
                sockets.enter_context(_listener(port, must=ports is not None))
                for port in ((ports.appconfig, ports.parameters) if ports else _PORTS)
            )
        )


def answers(port: int) -> bool:
    """Whether an agent answers on a port: it listens before that."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    with contextlib.closing(connection), contextlib.suppress(OSError, http.client.HTTPException):
        connection.request("GET", "/")
        return bool(connection.getresponse().status)
    return False


def _listener(port: int, *, must: bool) -> socket.socket:
    try:
        return socket.create_server(("127.0.0.1", port), backlog=128)
    except OSError as error:
        if must:
            raise LocalCloudError(
                f"port {port}, where functions look for an extension, is taken by another "
                "program; stop that, or the local cloud with `down`"
            ) from error
        return socket.create_server(("127.0.0.1", 0), backlog=128)
