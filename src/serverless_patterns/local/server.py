"""The local cloud's server process: started, watched, stopped."""

from __future__ import annotations

import contextlib
import os
import shutil
import time
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any

import platformdirs

from serverless_patterns.local import emulator
from serverless_patterns.local._errors import LocalCloudError
from serverless_patterns.local.process import ServerRecord, end_server, is_taken, start_server
from serverless_patterns.local.urls import local_urls

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator, Mapping

PORT_VARIABLE = "SERVERLESS_PATTERNS_PORT"
DEFAULT_PORT = 4566
DEFAULT_REGION = "us-east-1"
DEFAULT_ACCOUNT = "000000000000"

OUTPUT_PREFIX = "LocalRepair"
"""How the names of the outputs start that a local deployment adds for itself."""

_READY_SECONDS = 60


class LocalCloud:
    """An AWS emulator on 127.0.0.1, for one port.

    Args:
        port: The port of every service. Default - ``SERVERLESS_PATTERNS_PORT``, else 4566.
        folder: Where its record, log, scratch files and kept state stand. Default - a folder for
            the port in the user's state folder; ``SERVERLESS_PATTERNS_STATE_DIR`` moves that.
    """

    def __init__(self, port: int | None = None, folder: Path | None = None) -> None:
        self.port = port or int(os.environ.get(PORT_VARIABLE, DEFAULT_PORT))
        self.folder = folder or _state_folder() / f"local-{self.port}"
        self.endpoint = f"http://127.0.0.1:{self.port}"
        self._clients: dict[tuple[str, ...], Any] = {}
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def log_file(self) -> Path:
        """What the server printed."""
        return self.folder / "server.log"

    @property
    def record(self) -> ServerRecord | None:
        """The server that was started last and not stopped, running or not."""
        return ServerRecord.read(self._record_file)

    @property
    def is_running(self) -> bool:
        """Whether the server that was started runs and answers."""
        record = self.record
        return record is not None and record.process is not None and self._answers()

    def require_running(self) -> ServerRecord:
        """The running server.

        Raises:
            LocalCloudError: If there is none.
        """
        record = self.record
        if record is None:
            raise LocalCloudError(
                f"the local cloud is not running on port {self.port}; "
                f"start it with `serverless-patterns local{self._port_option} up`"
            )
        if record.process is None or not self._answers():
            raise LocalCloudError(
                f"the local cloud on port {self.port} has died, see {self.log_file}; "
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
        record = self.record
        if record is not None and record.process is not None:
            if (record.persist, record.enforce_iam) == (persist, enforce_iam):
                return False
            raise LocalCloudError(
                f"the local cloud already runs on port {self.port} with other options; "
                f"stop it with `serverless-patterns local{self._port_option} down` first"
            )
        if is_taken(self.port):
            raise LocalCloudError(
                f"port {self.port} is taken by another program; "
                "stop that, or choose another port with --port"
            )
        self.down()  # what a server that died left behind
        self._start(persist=persist, enforce_iam=enforce_iam)
        return True

    def down(self) -> bool:
        """Stop the server and every function process that it started.

        Returns:
            Whether there was one to stop.
        """
        ran = end_server(self.record, self._scratch)
        if self._child is not None:
            self._child.wait()  # it is ended: this says so to the object
        self._record_file.unlink(missing_ok=True)
        shutil.rmtree(self._scratch, ignore_errors=True)
        return ran

    def reset(self) -> None:
        """Empty the local cloud, kept state included.

        Raises:
            LocalCloudError: If it isn't running.
        """
        self.require_running()
        self._request("/_ministack/reset", method="POST", timeout=_READY_SECONDS)

    def environment(self, account: str | None = None, region: str | None = None) -> dict[str, str]:
        """What an AWS tool must find in its environment to speak to this cloud."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": account or "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_REGION": region or DEFAULT_REGION,
            "AWS_DEFAULT_REGION": region or DEFAULT_REGION,
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def client(self, service: str, region: str | None = None, account: str | None = None) -> Any:
        """A boto3 client of ``service`` in this cloud."""
        import boto3  # noqa: PLC0415 - slow to import, and `up` and `down` need none

        place = region or DEFAULT_REGION, account or "test"
        if (service, *place) not in self._clients:
            self._clients[service, *place] = boto3.client(
                service,  # type: ignore[call-overload]
                endpoint_url=self.endpoint,
                region_name=place[0],
                aws_access_key_id=place[1],
                aws_secret_access_key="test",  # noqa: S106 - the emulator knows no other
            )
        return self._clients[service, *place]

    def stacks(self) -> Iterator[Mapping[str, Any]]:
        """What CloudFormation describes of every stack in the default region."""
        pages = self.client("cloudformation").get_paginator("describe_stacks").paginate()
        for page in pages:
            for stack in page["Stacks"]:
                if not stack["StackName"].startswith("CDKToolkit"):
                    yield stack

    def outputs(self, stack: str) -> dict[str, str]:
        """The outputs of a stack in the default region, URLs as this machine can call them.

        Raises:
            LocalCloudError: If the cloud doesn't run, or has no such stack.
        """
        self.require_running()
        described = {each["StackName"]: each for each in self.stacks()}
        if stack not in described:
            raise LocalCloudError(
                f"there is no stack {stack} on port {self.port}; deploy it with "
                f"`serverless-patterns local{self._port_option} deploy {stack}`"
            )
        values = stack_outputs(described[stack])
        return {name: (local_urls(text, self.port) or [text])[0] for name, text in values.items()}

    @property
    def _record_file(self) -> Path:
        return self.folder / "server.json"

    @property
    def _scratch(self) -> Path:
        return self.folder / "tmp"

    @property
    def _port_option(self) -> str:
        return "" if self.port == DEFAULT_PORT else f" --port {self.port}"

    def _start(self, *, persist: bool, enforce_iam: bool) -> None:
        python = emulator.emulator_python()
        self._scratch.mkdir(parents=True)
        server = self._child = start_server(
            [str(python), "-m", "ministack"],
            folder=self._scratch,
            environment=self.environment()
            | emulator.settings(
                self.port,
                self._scratch,
                kept=self.folder / "state" if persist else None,
                enforce_iam=enforce_iam,
            ),
            log=self.log_file,
        )
        record = ServerRecord.of(
            server.pid,
            persist=persist,
            enforce_iam=enforce_iam,
            python_version=emulator.PYTHON_VERSION,
        )
        record.write(self._record_file)
        deadline = time.monotonic() + _READY_SECONDS
        while not self._answers():
            if server.poll() is not None or time.monotonic() > deadline:
                self.down()
                raise LocalCloudError(
                    f"the local cloud did not start on port {self.port}: {self._last_log_line()}"
                )
            time.sleep(0.1)

    def _answers(self) -> bool:
        with contextlib.suppress(OSError):
            self._request("/_ministack/health", timeout=5)
            return True
        return False

    def _request(self, path: str, *, method: str = "GET", timeout: float) -> None:
        request = urllib.request.Request(f"{self.endpoint}{path}", method=method)  # noqa: S310
        with urllib.request.urlopen(request, timeout=timeout):  # noqa: S310 - always loopback
            pass

    def _last_log_line(self) -> str:
        lines = self.log_file.read_text(errors="replace").split("\n")
        return next((line for line in reversed(lines) if line.strip()), "it printed nothing")


def stack_outputs(described: Mapping[str, Any]) -> dict[str, str]:
    """The outputs that an app gave a stack, from what CloudFormation describes."""
    return {
        output["OutputKey"]: output["OutputValue"]
        for output in described.get("Outputs", ())
        if not output["OutputKey"].startswith(OUTPUT_PREFIX)
    }


def _state_folder() -> Path:
    chosen = os.environ.get("SERVERLESS_PATTERNS_STATE_DIR")
    return Path(chosen) if chosen else platformdirs.user_state_path("serverless-patterns")
