"""A DynamoDB table without capacity left: a proxy that refuses the writes to it."""

from __future__ import annotations

import contextlib
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import httpx

if TYPE_CHECKING:
    from collections.abc import Iterator

_PASSED_ON = ("authorization", "content-type", "x-amz-date", "x-amz-target", "x-amz-security-token")


class BusyTable(ThreadingHTTPServer):
    """Passes on what it is asked, and while it is busy refuses transactions on one table.

    The local cloud throttles nothing. This answers as AWS does: the reasons of a cancelled
    transaction name the write that was too much.

    Attributes:
        url: Where it answers.
        busy: Whether the table is.
        refused: How many transactions it refused.
    """

    daemon_threads = True

    def __init__(self, endpoint: str, table: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self.busy = threading.Event()
        self.refused = 0
        self.table = table
        self.behind = httpx.Client(base_url=endpoint, timeout=60, trust_env=False)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: BusyTable

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        busy = self.server
        if busy.busy.is_set() and self.headers["X-Amz-Target"].endswith(".TransactWriteItems"):
            writes = [next(iter(each.values())) for each in json.loads(body)["TransactItems"]]
            codes = ["ThrottlingError" if w["TableName"] == busy.table else "None" for w in writes]
            if "ThrottlingError" in codes:
                busy.refused += 1
                self._answer(400, json.dumps(_cancelled(codes)).encode())
                return
        headers = {name: self.headers[name] for name in _PASSED_ON if name in self.headers}
        answer = busy.behind.post(self.path, content=body, headers=headers)
        self._answer(answer.status_code, answer.content)

    def log_message(self, *_: Any) -> None:
        """Print nothing."""

    def _answer(self, status: int, body: bytes) -> None:
        with contextlib.suppress(ConnectionError):  # who asked may have been killed
            self.send_response(status)
            self.send_header("Content-Type", "application/x-amz-json-1.0")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)


def _cancelled(codes: list[str]) -> dict[str, Any]:
    return {
        "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
        "Message": "Transaction cancelled, please refer cancellation reasons for specific reasons "
        f"[{', '.join(codes)}]",
        "CancellationReasons": [{"Code": code} for code in codes],
    }


@contextlib.contextmanager
def busy_table(endpoint: str, table: str) -> Iterator[BusyTable]:
    """A table that can be busy, in front of the DynamoDB at ``endpoint``."""
    server = BusyTable(endpoint, table)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        server.behind.close()
