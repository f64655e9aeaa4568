"""The process that answers on loopback what AWS's extensions answer beside a function.

``python -m serverless_patterns.local.agent_server ENDPOINT FOLDER APPCONFIG PARAMETERS`` serves on
two sockets that it inherits, named by their numbers.
"""

from __future__ import annotations

import socket
import sys
import threading
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from serverless_patterns.local.appconfig_agent import AppConfigAgent
from serverless_patterns.local.aws import make_client
from serverless_patterns.local.parameters_agent import ParametersAgent
from serverless_patterns.local.state import State

if TYPE_CHECKING:
    from collections.abc import Mapping

    from serverless_patterns.local.appconfig_agent import AgentAnswer


class Agent(Protocol):
    """What stands in for an extension."""

    def answer(self, target: str, headers: Mapping[str, str]) -> AgentAnswer:
        """The answer to ``GET target``."""


class AgentServer(ThreadingHTTPServer):
    """An agent over HTTP.

    Args:
        listener: The socket that it listens on.
        agent: What it answers with.
    """

    daemon_threads = True

    def __init__(self, listener: socket.socket, agent: Agent) -> None:
        super().__init__(listener.getsockname(), _Requests, bind_and_activate=False)
        self.socket.close()
        self.socket = listener
        self.agent = agent


class _Requests(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: AgentServer

    def do_GET(self) -> None:
        answer = self.server.agent.answer(self.path, dict(self.headers))
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.content_type)
        self.send_header("Content-Length", str(len(answer.body)))
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(answer.body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - as in the base class
        """Keep silent: a function asks at each invocation."""


def main(endpoint: str, folder: str, *listeners: str) -> None:
    """Serve until the process is ended."""
    state = State(Path(folder))

    @cache
    def client(service: str, region: str) -> Any:
        return make_client(service, endpoint, region)

    agents = (agent(client, lambda: state.regions) for agent in (AppConfigAgent, ParametersAgent))
    servers = [
        AgentServer(socket.socket(fileno=int(number)), agent)
        for agent, number in zip(agents, listeners, strict=True)
    ]
    threads = [threading.Thread(target=server.serve_forever) for server in servers]
    for thread in threads:
        thread.start()
    for thread in threads:  # boto3 is imported at the first request, which needs a main thread
        thread.join()


if __name__ == "__main__":
    main(*sys.argv[1:])
