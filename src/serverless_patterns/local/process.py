"""The server's process: remembered in a file, told from others, and ended with all it started."""

from __future__ import annotations

import contextlib
import json
import socket
import subprocess
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import psutil

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

_STOP_SECONDS = 15


@dataclass(frozen=True)
class ServerRecord:
    """What is known of a server that was started.

    Attributes:
        pid: Its process.
        created: When that process was made, which tells it from a later one of the same number.
        persist: Whether it keeps its state over a stop.
        enforce_iam: Whether it refuses what a role does not allow.
        python_version: The interpreter that functions run under.
        appconfig_port: Where its functions look for AppConfig's agent.
        parameters_port: Where they look for the Parameters and Secrets extension.
    """

    pid: int
    created: float
    persist: bool
    enforce_iam: bool
    python_version: str
    appconfig_port: int = 0
    parameters_port: int = 0

    @classmethod
    def read(cls, file: Path) -> ServerRecord | None:
        """The record in ``file``, if there is one."""
        with contextlib.suppress(OSError, ValueError, TypeError):
            return cls(**json.loads(file.read_text()))
        return None

    def write(self, file: Path) -> None:
        """Keep the record in ``file``."""
        whole = file.with_suffix(".new")
        whole.write_text(json.dumps(asdict(self)))
        whole.replace(file)  # a reader finds all of it or the one before

    @classmethod
    def of(
        cls,
        pid: int,
        *,
        persist: bool,
        enforce_iam: bool,
        python_version: str,
        appconfig_port: int,
        parameters_port: int,
    ) -> ServerRecord:
        """The record of a server that was just started."""
        return cls(
            pid,
            psutil.Process(pid).create_time(),
            persist,
            enforce_iam,
            python_version,
            appconfig_port,
            parameters_port,
        )

    @property
    def process(self) -> psutil.Process | None:
        """The process, if it still runs."""
        with contextlib.suppress(psutil.Error):
            process = psutil.Process(self.pid)
            is_same = abs(process.create_time() - self.created) < 1
            if is_same and process.status() != psutil.STATUS_ZOMBIE:
                return process
        return None


def start_server(
    command: list[str],
    *,
    folder: Path,
    environment: Mapping[str, str],
    log: Path,
    inherits: Sequence[int] = (),
) -> subprocess.Popen[bytes]:
    """Start a process of its own session, which outlives this one.

    Args:
        command: What to run.
        folder: Where to run it.
        environment: Its whole environment.
        log: Where it prints.
        inherits: The files and sockets of this process that it goes on with, by their numbers.
    """
    with log.open("w") as output:
        return subprocess.Popen(
            command,
            cwd=folder,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            pass_fds=inherits,
        )


def end_server(record: ServerRecord | None, folder: Path) -> bool:
    """End the server and every process that it started, to write in ``folder``.

    Returns:
        Whether there was anything to end.
    """
    server = record.process if record else None
    ran = [server] if server else [*_running_from(folder)]  # the record may be lost
    for process in ran:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.terminate()
    psutil.wait_procs(ran, timeout=_STOP_SECONDS)
    left = {*_running_from(folder), *(process for process in ran if process.is_running())}
    for process in left:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(left, timeout=_STOP_SECONDS)
    return bool(ran)


@contextlib.contextmanager
def ending_all_of(pid: int) -> Iterator[None]:
    """Leave nothing of a process and its children behind when it is waited for no longer."""
    try:
        yield
    except BaseException:
        with contextlib.suppress(psutil.NoSuchProcess):
            process = psutil.Process(pid)
            family = [*process.children(recursive=True), process]
            for each in family:
                with contextlib.suppress(psutil.NoSuchProcess):
                    each.kill()
            psutil.wait_procs(family, timeout=_STOP_SECONDS)
        raise


def is_taken(port: int) -> bool:
    """Whether a program holds ``port`` on the loopback interface."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False


def _running_from(folder: Path) -> Iterator[psutil.Process]:
    """The processes that inherited from the server where to write: no other names it so."""
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            if process.environ().get("TMPDIR") == str(folder):
                yield process
