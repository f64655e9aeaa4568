"""The applications and the adapter as processes, as a function's environment has them."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

import aws_cdk as cdk
from aws_cdk import assertions

from examples.web_frameworks.stacks import FRAMEWORKS
from serverless_patterns._context import (
    CONTEXT_ARCHITECTURE,
    CONTEXT_PLATFORM,
    CONTEXT_PYTHON_VERSION,
)
from serverless_patterns._wheels import Target
from serverless_patterns.local import emulator
from serverless_patterns.local.web_adapter import adapter_binary
from serverless_patterns.testing.plugin import free_port
from tests.frameworks.exchange import Direct, Request

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_START_SECONDS = 40
_STOP_SECONDS = 10
# What must succeed for a row to run, besides what this environment brings.
_NEEDS: Mapping[str, Sequence[Sequence[str]]] = {
    "flask": (),
    "fastapi": (),
    "express": (("node", "--version"), ("npm", "--version")),
    "gin": (("go", "-C", str(FRAMEWORKS["gin"].entry), "list", "-m"),),  # go.mod names a version
    "spring_boot": (("java", "--version"), ("mvn", "--version")),
    "rails": (("ruby", "-e", "require 'rails'"), ("puma", "--version")),
    "laravel": (("php", "-r", "require 'Illuminate/autoload.php';"),),
}


def missing(framework: str) -> str | None:
    """The command of a framework's toolchain that this machine can't run, if any."""
    for command in _NEEDS[framework]:
        if shutil.which(command[0]) is None:
            return f"{command[0]} is not installed"
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            return f"`{' '.join(command)}` fails: {(done.stderr or done.stdout).strip()[:200]}"
    return None


@dataclass(frozen=True, kw_only=True)
class Package:
    """What a zip holds, unpacked.

    Attributes:
        folder: The folder.
        handler: The script in it that starts the application.
        environment: The variables of its function.
    """

    folder: Path
    handler: str
    environment: dict[str, str]


def package(framework: str, outdir: Path) -> Package:
    """A framework's application as the construct packages it, for this machine."""
    app = cdk.App(
        context={
            CONTEXT_ARCHITECTURE: emulator.target_architecture(),
            CONTEXT_PLATFORM: Target.here().platform,
            CONTEXT_PYTHON_VERSION: f"{sys.version_info.major}.{sys.version_info.minor}",
        },
        outdir=str(outdir),
        builtin_cloud_formation_validation=False,
        analytics_reporting=False,
    )
    stack = cdk.Stack(app, "Greetings")
    FRAMEWORKS[framework].zip_of(stack, "Function")
    template = assertions.Template.from_stack(stack)
    [function] = template.find_resources("AWS::Lambda::Function").values()
    [folder] = outdir.glob("asset.*")
    return Package(
        folder=folder,
        handler=function["Properties"]["Handler"],
        environment=function["Properties"]["Environment"]["Variables"],
    )


@contextlib.contextmanager
def running(command: Sequence[str], environment: dict[str, str], log: Path) -> Iterator[Process]:
    """A process that is ended at the end, by the signal that Lambda and containers send."""
    with log.open("wb") as output:
        process = Process(command, environment, output, log)
        try:
            yield process
        finally:
            process.end()


class Process:
    """A process of a group of its own."""

    def __init__(
        self, command: Sequence[str], environment: dict[str, str], output: IO[bytes], log: Path
    ) -> None:
        self._log = log
        self._popen = subprocess.Popen(
            command, env=environment, stdout=output, stderr=output, start_new_session=True
        )

    def end(self) -> None:
        if self._popen.poll() is not None:
            return
        os.killpg(self._popen.pid, signal.SIGTERM)
        try:
            self._popen.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(self._popen.pid, signal.SIGKILL)
            self._popen.wait()
            raise

    def check(self) -> None:
        """Fail with what it said if it has ended."""
        if self._popen.poll() is not None:
            said = self._log.read_text(errors="replace")[-2000:]
            raise AssertionError(f"it ended with {self._popen.returncode}: {said}")


@contextlib.contextmanager
def served(application: Package, log: Path) -> Iterator[int]:
    """A packaged application, started by its own script; the port that it listens on."""
    port = free_port()
    environment = {
        **clean_environment(),
        **application.environment,
        "LAMBDA_TASK_ROOT": str(application.folder),
        "PORT": str(port),
    }
    with running([str(application.folder / application.handler)], environment, log) as process:
        deadline = time.monotonic() + _START_SECONDS
        while True:
            process.check()
            with contextlib.suppress(OSError):
                if Direct(port).send(Request()).status == 200:
                    break
            assert time.monotonic() < deadline, log.read_text(errors="replace")[-2000:]
            time.sleep(0.05)
        yield port


@contextlib.contextmanager
def adapter(
    application: Package, port: int, runtime_api: str, log: Path, **settings: str
) -> Iterator[Process]:
    """The adapter in front of a port, behind a Runtime API."""
    environment = {
        **clean_environment(),
        **application.environment,
        **settings,
        "AWS_LWA_PORT": str(port),
        "AWS_LAMBDA_RUNTIME_API": runtime_api,
        "AWS_LAMBDA_FUNCTION_NAME": "greetings",
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "1024",
    }
    with running([str(adapter_binary())], environment, log) as process:
        yield process


def clean_environment() -> dict[str, str]:
    """What a process needs of this one's environment: no packages of this Python."""
    own = str(Path(sys.prefix) / "bin")
    others = [part for part in os.environ["PATH"].split(os.pathsep) if part != own]
    return {
        # This environment comes last: for its node, where the machine has none.
        "PATH": os.pathsep.join([str(Path(sys.base_prefix) / "bin"), *others, own]),
        "HOME": os.environ.get("HOME", "/tmp"),
        "LANG": "C.UTF-8",
        "PYTHONNOUSERSITE": "1",
    }
