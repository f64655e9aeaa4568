"""A web application that knows nothing of Lambda, and starts as ``MANNERS`` says."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

MANNERS = os.environ.get("MANNERS", "")
STARTED = f"{os.getpid()}-{time.time_ns()}"


class Requests(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.answer(200, {"path": self.path, "started": STARTED, "host": self.headers["host"]})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        if self.path != "/events":
            self.answer(200, {"bytes": len(body)})
            return
        records = json.loads(body)["Records"]
        poisoned = [record for record in records if record["body"].startswith("poison")]
        if poisoned and "partial" not in poisoned[0]["body"]:
            self.answer(500, {"error": "poison"})
            return
        failed = [{"itemIdentifier": record["messageId"]} for record in poisoned]
        self.answer(200, {"batchItemFailures": failed})

    def answer(self, status: int, value: Any) -> None:
        content = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - as in the base class
        """Keep silent."""


def main() -> None:
    if MANNERS == "crashes":
        sys.exit("no database")
    if MANNERS == "never":
        time.sleep(600)
    if MANNERS == "slow":
        time.sleep(4)
    server = ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Requests)

    def stop(*_: object) -> None:
        if "LAST_WORDS" in os.environ:
            Path(os.environ["LAST_WORDS"]).write_text("stopped in order\n")
        threading.Thread(target=server.shutdown).start()

    signal.signal(signal.SIGTERM, stop)
    server.serve_forever()


if __name__ == "__main__":
    main()
