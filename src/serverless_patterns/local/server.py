"""The local cloud's server process: started, watched, stopped."""

from __future__ import annotations

import contextlib
import os
import re
import time
import urllib.request
from typing import TYPE_CHECKING, Any

from serverless_patterns.local import emulator
from serverless_patterns.local._errors import LocalCloudError
from serverless_patterns.local.agents import LOG, AgentPorts, answers, listening
from serverless_patterns.local.aws import DEFAULT_REGION, make_client, tool_environment
from serverless_patterns.local.process import ServerRecord, end_server, is_taken, start_server
from serverless_patterns.local.state import State
from serverless_patterns.local.urls import local_urls

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from botocore.config import Config

PORT_VARIABLE = "SERVERLESS_PATTERNS_PORT"
DEFAULT_PORT = 4566

OUTPUT_PREFIX = "LocalRepair"
"""How the names of the outputs start that a local deployment adds for itself."""

# The bootstrap stacks, and those nested in others, of which the emulator doesn't tell the parent.
_NOT_THE_USERS = re.compile(r"^CDKToolkit|NestedStackResource[0-9A-F]{8}-")
_READY_SECONDS = 60
_LAST_PORT = 65_535


class LocalCloud:
    """An AWS emulator on 127.0.0.1, for one port.

    Args:
        port: The port of every service. Default - ``SERVERLESS_PATTERNS_PORT``, else 4566.
        folder: Where its record, log, scratch files and kept state stand. Default - a folder for
            the port in the user's state folder; ``SERVERLESS_PATTERNS_STATE_DIR`` moves that.

    Attributes:
        port: The port.
        endpoint: The URL of every service.
        state: What is kept of it between commands.

    Raises:
        LocalCloudError: If ``SERVERLESS_PATTERNS_PORT`` is no port.
    """

    def __init__(self, port: int | None = None, folder: Path | None = None) -> None:
        self.port = port or _chosen_port()
        self.state = State(folder) if folder else State.of_port(self.port)
        self.endpoint = f"http://127.0.0.1:{self.port}"
        self._clients: dict[tuple[str, str], Any] = {}
        self._children: list[subprocess.Popen[bytes]] = []

    @property
    def is_running(self) -> bool:
        """Whether the server that was started runs and answers."""
        record = self.state.record
        return record is not None and record.process is not None and self._answers()

    def require_running(self) -> ServerRecord:
        """The running server.

        Raises:
            LocalCloudError: If there is none.
        """
        record = self.state.record
        if record is None:
            raise LocalCloudError(
                f"the local cloud is not running on port {self.port}; "
                f"start it with `serverless-patterns local{self._port_option} up`"
            )
        if record.process is None or not self._answers():
            raise LocalCloudError(
                f"the local cloud on port {self.port} has died, see {self.state.log_file}; "
                f"start it again with `serverless-patterns local{self._port_option} up`"
            )
        return record

    def up(self, *, persist: bool = False, enforce_iam: bool = False) -> bool:
        """Start the server, if it doesn't run yet.

        Args:
            persist: Keep state over ``down``, and start with what was kept.
            enforce_iam: Refuse what a role doesn't allow, as AWS does.

        Returns:
            Whether it was started; ``False`` if it ran already.

        Raises:
            LocalCloudError: If it runs with other options, the port is taken, or it won't start.
        """
        with self.state.locked("server"):
            return self._up(persist=persist, enforce_iam=enforce_iam)

    def down(self) -> bool:
        """Stop the server and every function process that it started.

        Returns:
            Whether there was one to stop.
        """
        if not self.state.folder.is_dir():
            return False
        with self.state.locked("server"):
            return self._down()

    def _up(self, *, persist: bool, enforce_iam: bool) -> bool:
        record = self.state.record
        if record is not None and record.process is not None:
            if (record.persist, record.enforce_iam) == (persist, enforce_iam):
                self._start_lost_agents(record)
                return False
            raise LocalCloudError(
                f"the local cloud already runs on port {self.port} with other options; "
                f"stop it with `serverless-patterns local{self._port_option} down` first"
            )
        self._down()  # what a server that died left behind
        if is_taken(self.port):
            raise LocalCloudError(
                f"port {self.port} is taken by another program; "
                f"stop that, or choose another port with --port or {PORT_VARIABLE}"
            )
        try:
            self._start(persist=persist, enforce_iam=enforce_iam)
        except BaseException:  # Ctrl-C among them
            self._down()
            raise
        return True

    def _down(self) -> bool:
        ran = end_server(self.state.record, self.state.scratch)
        while self._children:
            self._children.pop().wait()  # it is ended: this says so to the object
        self.state.clear()
        return ran

    def reset(self) -> None:
        """Empty the local cloud, kept state included.

        Raises:
            LocalCloudError: If it isn't running.
        """
        self.require_running()
        self._request("/_ministack/reset", method="POST", timeout=_READY_SECONDS)

    def environment(self, region: str | None = None) -> dict[str, str]:
        """What an AWS tool must find in its environment to speak to this cloud."""
        return tool_environment(self.endpoint, region)

    def client(self, service: str, region: str | None = None, config: Config | None = None) -> Any:
        """A boto3 client of ``service`` in this cloud."""
        key = service, region or DEFAULT_REGION
        if config is not None:
            return make_client(service, self.endpoint, key[1], config)
        if key not in self._clients:
            self._clients[key] = make_client(service, self.endpoint, key[1])
        return self._clients[key]

    def stacks(self) -> Iterator[Mapping[str, Any]]:
        """What CloudFormation describes of every stack, those nested in another left aside."""
        for region in self.state.regions:
            pages = self.client("cloudformation", region).get_paginator("describe_stacks")
            for page in pages.paginate():
                for stack in page["Stacks"]:
                    if not _NOT_THE_USERS.search(stack["StackName"]):
                        yield stack

    def outputs(self, stack: str) -> dict[str, str]:
        """The outputs of a stack, URLs as this machine can call them.

        Raises:
            LocalCloudError: If the cloud doesn't run, or has no such stack.
        """
        self.require_running()
        described = next((each for each in self.stacks() if each["StackName"] == stack), None)
        if described is None:
            raise LocalCloudError(
                f"there is no stack {stack} on port {self.port}; deploy it with "
                f"`serverless-patterns local{self._port_option} deploy {stack}`"
            )
        values = stack_outputs(described)
        return {name: (local_urls(text, self.port) or [text])[0] for name, text in values.items()}

    @property
    def _port_option(self) -> str:
        return "" if self.port == DEFAULT_PORT else f" --port {self.port}"

    def _start(self, *, persist: bool, enforce_iam: bool) -> None:
        python = emulator.emulator_python()
        scratch = self.state.scratch
        scratch.mkdir(parents=True)
        with listening() as listeners:
            ports = listeners.ports
            environment = self._server_environment(ports, persist=persist, enforce_iam=enforce_iam)
            server = start_server(
                [str(python), "-m", "ministack"],
                folder=scratch,
                environment=environment,
                log=self.state.log_file,
            )
            self._children.append(server)
            record = ServerRecord.of(
                server.pid,
                persist=persist,
                enforce_iam=enforce_iam,
                python_version=emulator.PYTHON_VERSION,
                appconfig_port=ports.appconfig,
                parameters_port=ports.parameters,
            )
            self.state.remember(record)
            agents = listeners.start_agents(self.endpoint, self.state.folder, environment)
            self._children.append(agents)
        what = f"the local cloud did not start on port {self.port}"
        _wait_for(server, self._answers, what, self.state.log_file)
        self._wait_for_agents(agents, ports)

    def _start_lost_agents(self, record: ServerRecord) -> None:
        """Start the agents again, where functions look for them, if they have died."""
        if not is_taken(record.appconfig_port):
            ports = AgentPorts(record.appconfig_port, record.parameters_port)
            environment = self._server_environment(
                ports, persist=record.persist, enforce_iam=record.enforce_iam
            )
            with listening(ports) as listeners:
                agents = listeners.start_agents(self.endpoint, self.state.folder, environment)
                self._children.append(agents)
            self._wait_for_agents(agents, ports)

    def _wait_for_agents(self, agents: subprocess.Popen[bytes], ports: AgentPorts) -> None:
        what = "the agents of the local cloud did not start"
        _wait_for(agents, lambda: answers(ports.appconfig), what, self.state.folder / LOG)

    def _server_environment(
        self, ports: AgentPorts, *, persist: bool, enforce_iam: bool
    ) -> dict[str, str]:
        return {
            **tool_environment(self.endpoint),
            **emulator.settings(
                self.port,
                self.state.scratch,
                kept=self.state.kept if persist else None,
                enforce_iam=enforce_iam,
            ),
            **ports.variables,
        }

    def _answers(self) -> bool:
        with contextlib.suppress(OSError):
            self._request("/_ministack/health", timeout=5)
            return True
        return False

    def _request(self, path: str, *, method: str = "GET", timeout: float) -> None:
        request = urllib.request.Request(f"{self.endpoint}{path}", method=method)  # noqa: S310
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with direct.open(request, timeout=timeout):
            pass


def _wait_for(
    process: subprocess.Popen[bytes], is_ready: Callable[[], bool], what: str, log: Path
) -> None:
    """Wait until a process is ready.

    Raises:
        LocalCloudError: If it ends, or takes too long: ``what``, and the last line of its log.
    """
    deadline = time.monotonic() + _READY_SECONDS
    while process.poll() is not None or not is_ready():
        if process.poll() is not None or time.monotonic() > deadline:
            lines = log.read_text(errors="replace").split("\n")
            last = next((line for line in reversed(lines) if line.strip()), "it printed nothing")
            raise LocalCloudError(f"{what}: {last}")
        time.sleep(0.1)


def stack_outputs(described: Mapping[str, Any]) -> dict[str, str]:
    """The outputs that an app gave a stack, from what CloudFormation describes."""
    return {
        output["OutputKey"]: output["OutputValue"]
        for output in described.get("Outputs", ())
        if not output["OutputKey"].startswith(OUTPUT_PREFIX)
    }


def _chosen_port() -> int:
    text = os.environ.get(PORT_VARIABLE, str(DEFAULT_PORT))
    if not text.isdecimal() or not 0 < int(text) <= _LAST_PORT:
        raise LocalCloudError(f"{PORT_VARIABLE} must be a port from 1 to {_LAST_PORT}, got {text}")
    return int(text)
