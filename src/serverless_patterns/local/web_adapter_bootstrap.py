"""The bootstrap of a web function in the emulator: the application, and the adapter beside it.

Run by itself, of the standard library alone: ``web_adapter_bootstrap.py ADAPTER FOLDER``.
"""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

_KILLED_WITH_PARENT = 1  # PR_SET_PDEATHSIG
_GRACE_SECONDS = 1.5  # Lambda gives 2 s from SIGTERM to SIGKILL


def _environment(folder: str) -> dict[str, str]:
    """The function's environment, as on Lambda but for the port.

    An execution environment of Lambda has a network of its own. Here they share one, so that each
    application gets a port that is free, in the variable where it finds it on Lambda.
    """
    environment = dict(os.environ)
    for name in ("AWS_LAMBDA_EXEC_WRAPPER", "AWS_LWA_HOST"):
        environment.pop(name, None)
    port = environment.get("AWS_LWA_PORT") or environment.get("PORT") or "8080"
    readiness = environment.get("AWS_LWA_READINESS_CHECK_PORT")
    if readiness and readiness != port:
        free = port  # a second listener is the application's own: both keep their ports
    else:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            free = str(probe.getsockname()[1])
        environment.pop("AWS_LWA_READINESS_CHECK_PORT", None)
    environment |= {"PORT": free, "AWS_LWA_PORT": free}
    root = environment["LAMBDA_TASK_ROOT"] = str(Path(environment["LAMBDA_TASK_ROOT"]) / folder)
    interpreter = str(Path(sys.executable).parent)
    environment["PATH"] = os.pathsep.join(
        [interpreter, environment.get("PATH", os.defpath), f"{root}/bin"]
    )
    environment["LAMBDA_RUNTIME_DIR"] = root
    return environment


def _die_with_parent() -> None:
    """Leave no process behind when the emulator kills the bootstrap."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_KILLED_WITH_PARENT, signal.SIGKILL)


def main(adapter: str, folder: str) -> str:
    """Run both until one ends, as Lambda ends an environment whose runtime exits."""
    environment = _environment(folder)
    task_root = Path(environment["LAMBDA_TASK_ROOT"])

    def start(command: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [command],
            cwd=task_root,
            env=environment,
            preexec_fn=_die_with_parent,  # noqa: PLW1509 - no thread runs here
        )

    application = start(str(task_root / environment["_HANDLER"]))
    beside = start(adapter)

    def shut_down(*_: object) -> None:
        """Do as Lambda does at the end of an environment."""
        application.terminate()
        try:
            application.wait(_GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            application.kill()
        beside.kill()
        os._exit(0)

    signal.signal(signal.SIGTERM, shut_down)
    ended, _ = os.wait()
    application.kill()
    beside.kill()
    return f"{'the application' if ended == application.pid else 'the adapter'} exited"


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
