"""What stands in for Lambda around a web application: the real adapter, and AWS's own emulator."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from serverless_patterns.local.web_adapter import adapter_binary
from serverless_patterns.testing.plugin import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

STARTS = 30
# As an image has it: an extension beside the application. /opt is the namespace's own.
_IN_NAMESPACE = """
set -e
mount -t tmpfs none /opt
mkdir /opt/extensions
test -z "$ADAPTER" || cp "$ADAPTER" /opt/extensions/lambda-adapter
exec "$@"
"""


@dataclass(frozen=True)
class Emulated:
    """A command under the Runtime Interface Emulator.

    Attributes:
        url: Where it is invoked.
        log: What the emulator and the command write.
    """

    url: str
    log: Path


def interface_emulator() -> Path:
    """AWS's Runtime Interface Emulator."""
    return adapter_binary().with_name("aws-lambda-rie")


def require_adapter(program: Path) -> None:
    """Skip where ``make adapter`` can't install it, and fail where it could have."""
    if os.access(program, os.X_OK):
        return
    reason = f"there is no {program}: make adapter"
    if os.environ.get("SERVERLESS_PATTERNS_REQUIRES_ADAPTER"):
        pytest.fail(reason)
    pytest.skip(reason)


@contextlib.contextmanager
def container(
    command: Sequence[str],
    folder: Path,
    environment: Mapping[str, str] | None = None,
    *,
    extended: bool = True,
) -> Iterator[Emulated]:
    """What an image would start, under the emulator, without a container.

    Args:
        command: The entry point.
        folder: Where it is run.
        environment: Variables beside those of this process.
        extended: Whether the adapter is among the extensions.
    """
    for program in (adapter_binary(), interface_emulator()):
        require_adapter(program)
    unshare = shutil.which("unshare") or "unshare"
    tried = [shutil.which("env") or "env", unshare, "-rm", "true"]
    if subprocess.run(tried, check=False, capture_output=True).returncode:
        pytest.skip("mounts of one's own are not allowed here: /opt stays empty")
    front, runtime, port = free_port(), free_port(), str(free_port())
    emulator = [
        str(interface_emulator()),
        f"--runtime-interface-emulator-address=127.0.0.1:{front}",
        f"--runtime-api-address=127.0.0.1:{runtime}",
    ]
    scratch = tempfile.TemporaryDirectory()
    log = Path(scratch.name) / "log"
    with log.open("w") as written:
        process = subprocess.Popen(
            [unshare, "-rm", "--kill-child", "sh", "-c", _IN_NAMESPACE, "sh", *emulator, *command],
            cwd=folder,
            env=os.environ
            | {"ADAPTER": str(adapter_binary()) if extended else ""}
            | {"PORT": port, "AWS_LWA_PORT": port}
            | dict(environment or {}),
            stdout=written,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        _wait_for(front)
        path = "/2015-03-31/functions/function/invocations"
        yield Emulated(f"http://127.0.0.1:{front}{path}", log)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, 15)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, 9)
            process.wait(10)
        scratch.cleanup()


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + STARTS
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5).close()
            except urllib.error.HTTPError:
                return
            return
        time.sleep(0.05)
    pytest.fail(f"the Runtime Interface Emulator didn't start within {STARTS} s")
