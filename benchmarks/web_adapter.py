"""What the Lambda Web Adapter costs beside Mangum, a bare handler and the application's own server.

Each is invoked by AWS's Runtime Interface Emulator, the Python handlers through AWS's own runtime
client: what differs is what stands between the event and the application.
"""

from __future__ import annotations

import contextlib
import json
import re
import statistics
import subprocess
import time
from http.client import HTTPConnection
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from serverless_patterns._cache import cached, fingerprint
from serverless_patterns._uv import run_uv
from serverless_patterns.local.web_adapter import adapter_binary
from serverless_patterns.testing.plugin import free_port
from tests.adapter import container, interface_emulator

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SERVICE = Path(__file__).with_name("web_service")
PACKAGES = ("awslambdaric==4.2.2", "fastapi==0.165.0", "mangum==0.22.0", "uvicorn==0.54.0")
REQUESTS = 300
STARTS = 7
_INIT = re.compile(r"INIT REPORT\(durationMs: ([\d.]+)\)")
EVENT = {
    "version": "2.0",
    "rawPath": "/books/7",
    "rawQueryString": "",
    "headers": {"host": "shop.example", "accept": "application/json"},
    "requestContext": {
        "http": {"method": "GET", "path": "/books/7", "sourceIp": "127.0.0.1"},
        "stage": "$default",
    },
    "isBase64Encoded": False,
}


def main() -> None:
    """Print the rows, or what is missing."""
    missing = [str(p) for p in (adapter_binary(), interface_emulator()) if not p.exists()]
    if missing:
        print(f"\nweb adapter: left out, there is no {' and no '.join(missing)}: make adapter")
        return
    python = _environment() / "bin" / "python"
    runtime = [str(python), "-m", "awslambdaric"]
    server = [str(python), "-m", "uvicorn", "--no-access-log", "application:app"]
    commands = {
        "adapter": ["sh", "-c", f'exec {" ".join(server)} --port "$PORT"'],
        "Mangum": [*runtime, "by_mangum.handler"],
        "bare handler": [*runtime, "answers.bare"],
    }
    warm: dict[str, list[float]] = {name: [] for name in commands}
    cold: dict[str, list[float]] = {name: [] for name in commands}
    for start in range(STARTS):
        for name, command in commands.items():
            extended = name == "adapter"
            with container(command, SERVICE, extended=extended) as emulated:
                client = _Client(emulated.url)
                client.invoke()
                if start == 0:
                    warm[name] = [client.invoke() for _ in range(REQUESTS)]
                cold[name].append(float(_INIT.findall(emulated.log.read_text())[0]))
    with _own_server(server) as url:
        client = _Client(url)
        direct = [client.ask() for _ in range(REQUESTS)]
    _tell(
        {name: statistics.median(found) for name, found in warm.items()},
        {name: statistics.median(found) for name, found in cold.items()},
        statistics.median(direct),
    )


def _tell(warm: dict[str, float], cold: dict[str, float], direct: float) -> None:
    print(
        f"\none FastAPI application under the Runtime Interface Emulator, medians of {REQUESTS} "
        f"requests and {STARTS} starts"
    )
    for name, milliseconds in warm.items():
        print(f"  {name:<20} warm {milliseconds:6.2f} ms   initialization {cold[name]:7.0f} ms")
    for name in ("Mangum", "bare handler"):
        print(
            f"  adapter to {name:<12} warm {warm['adapter'] / warm[name]:6.2f}      "
            f"initialization {cold['adapter'] / cold[name]:7.2f}"
        )
    print(
        f"  its own server, asked directly: {direct:.2f} ms; adapter and emulator add "
        f"{warm['adapter'] - direct:.2f} ms ({warm['adapter'] / direct:.2f})"
    )


def _environment() -> Path:
    """An environment with what is compared, made once."""

    def build(folder: Path) -> None:
        requirements = folder / "requirements.txt"
        requirements.write_text("\n".join(PACKAGES))
        run_uv("venv --quiet --relocatable --allow-existing", folder).check_returncode()
        run_uv(
            "pip install --quiet", python=folder / "bin" / "python", requirements=requirements
        ).check_returncode()

    return cached("benchmark", fingerprint(PACKAGES), build)


class _Client:
    """One connection, kept open: what is measured isn't how one is opened."""

    def __init__(self, url: str) -> None:
        self._url = urlsplit(url)
        self._connection = HTTPConnection(self._url.netloc, timeout=60)

    def invoke(self) -> float:
        """The milliseconds of an invocation."""
        return self._timed("POST", json.dumps(EVENT), lambda text: json.loads(text)["body"])

    def ask(self) -> float:
        """The milliseconds of a request."""
        return self._timed("GET", None, lambda text: text)

    def _timed(self, method: str, body: str | None, read: Callable[[str], str]) -> float:
        started = time.perf_counter()
        self._connection.request(method, self._url.path, body)
        text = self._connection.getresponse().read().decode()
        took = (time.perf_counter() - started) * 1_000
        assert json.loads(read(text))["id"] == "7"
        return took


@contextlib.contextmanager
def _own_server(server: list[str]) -> Iterator[str]:
    port = free_port()
    process = subprocess.Popen(
        [*server, "--port", str(port)],
        cwd=SERVICE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{port}/books/7"
    try:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError):
                _Client(url).ask()
                break
            time.sleep(0.05)
        yield url
    finally:
        process.terminate()
        process.wait(10)


if __name__ == "__main__":
    main()
