"""`make load`: a rush of buyers at the shop, in a local cloud of its own."""

from __future__ import annotations

import statistics
import sys
import tempfile
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx

from examples.shop.provider import Charges, Handler, running
from serverless_patterns.local import LocalCloud
from serverless_patterns.testing.plugin import free_port
from tests.local.shop import FINAL, Shop, sku, waited
from tests.local.shop_books import Bookkeeper, accepted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from examples.shop.provider import Mode

ORDERS = 2_000
BUYERS = 20
STOCK = 1_900
"""Too little for all: the last buyers are refused."""

FAILS_ONCE_IN = 20
FAILURES: tuple[Mode, ...] = ("fail", "lost")
REQUESTS = 3
"""How often the provider is asked in one attempt: so often it fails, and the order waits."""

TWICE_ONCE_IN = 50
LONGEST = 300  # seconds that a buyer waits for an answer, or for the end of an order
TOLD_EACH = 250
_asked = threading.local()


class Unreliable(Charges):
    """A provider that fails at one order in twenty: before the charge or after it, in turn.

    It answers those well from the second attempt on.
    """

    def __init__(self) -> None:
        super().__init__()
        self.failed = 0
        self._left: dict[str, tuple[Mode, int]] = {}
        self._orders = 0
        self._turn = threading.Lock()

    def mode(self) -> Mode:
        """How the request that this thread answers is answered."""
        order: str = _asked.order
        with self._turn:
            if order not in self._left:
                bad = self._orders % FAILS_ONCE_IN == 0
                how = FAILURES[self._orders // FAILS_ONCE_IN % len(FAILURES)]
                self._left[order] = (how, REQUESTS if bad else 0)
                self._orders += 1
            how, left = self._left[order]
            if not left:
                return "well"
            self._left[order] = (how, left - 1)
            self.failed += 1
            return how


class Till(Handler):
    """Answers one connection, and remembers which order it is about."""

    def do_POST(self) -> None:  # noqa: N802 - that is what http.server calls
        """Make a charge, as well as the provider behaves."""
        _asked.order = self.headers["Idempotency-Key"]
        super().do_POST()


class Crowd:
    """Buyers who each place an order, wait for its end, and place the next.

    Attributes:
        took: The seconds from each request to the order's end, by the order's id.
    """

    def __init__(self, shop: Shop, article: str, customer: str) -> None:
        self.took: dict[str, float] = {}
        self.placed: list[str] = []
        self.twice = 0
        self._shop = shop
        self._article = article
        self._customer = customer
        self._waiting: dict[str, threading.Event] = {}
        self._lock = threading.Lock()
        self._stop = threading.Event()

    def buy(self) -> float:
        """Place all orders, and return the seconds until the last one ended."""
        watch = threading.Thread(target=self._watch)
        watch.start()
        start = time.perf_counter()
        try:
            with ThreadPoolExecutor(BUYERS) as buyers:
                [*buyers.map(self._buy, range(ORDERS))]
        finally:
            self._stop.set()
            watch.join()
        return time.perf_counter() - start

    def _buy(self, number: int) -> None:
        order, ended = uuid.uuid4().hex, threading.Event()
        with self._lock:
            self._waiting[order] = ended
        start = time.perf_counter()
        waited(partial(accepted, self._shop, self._article, self._customer, order), LONGEST)
        with self._lock:
            self.placed.append(order)
            if len(self.placed) % TOLD_EACH == 0:
                print(f"{len(self.placed):,} orders accepted", flush=True)
        if number % TWICE_ONCE_IN == 0:
            self._send_again(order)
        if ended.wait(LONGEST):
            self.took[order] = time.perf_counter() - start
        with self._lock:
            self._waiting.pop(order, None)

    def _send_again(self, order: str) -> None:
        """Have the order's message come twice."""
        self._shop.cloud.client("sqs").send_message(
            QueueUrl=self._shop.outputs["OrdersQueueUrl"],
            MessageBody=waited(partial(self._told, order), LONGEST),
        )
        with self._lock:
            self.twice += 1

    def _told(self, order: str) -> str | None:
        """What the shop tells of an order, if it answers in time."""
        try:
            answer = self._shop.http.get(f"orders/{order}")
        except httpx.HTTPError:
            return None
        return answer.text if answer.is_success else None

    def _watch(self) -> None:
        """See in the table which orders ended: questions over HTTP would be the larger load."""
        table, client = self._shop.outputs["OrdersTableName"], self._shop.cloud.client("dynamodb")
        while not self._stop.wait(0.05):
            with self._lock:
                keys = [{"id": {"S": order}} for order in self._waiting]
            if not keys:
                continue
            asked: dict[str, Any] = {table: {"Keys": keys, "ConsistentRead": True}}
            for item in client.batch_get_item(RequestItems=asked)["Responses"][table]:
                if item["state"]["S"] in FINAL and (ended := self._waiting.get(item["id"]["S"])):
                    ended.set()


def main() -> int:
    """Print what was measured; the exit code says whether everything adds up."""
    with (
        tempfile.TemporaryDirectory() as folder,
        running() as provider,
        running() as standby,
        httpx.Client(timeout=60) as http,
    ):
        provider.RequestHandlerClass = Till
        provider.charges = Unreliable()
        cloud = LocalCloud(free_port(), Path(folder))
        cloud.up()
        try:
            return _rush(Shop(cloud, http, 3, provider, standby))
        finally:
            cloud.down()


def _rush(shop: Shop) -> int:
    start = time.perf_counter()
    shop.deploy()
    print(f"deployed at step {shop.step} in {time.perf_counter() - start:.0f} s", flush=True)
    article, customer = sku(), "crowd"
    with Bookkeeper(shop, article, customer, STOCK) as bookkeeper:
        crowd = Crowd(shop, article, customer)
        seconds = crowd.buy()
        books = bookkeeper.books(crowd.placed, LONGEST)
    till = shop.provider.charges
    failed = till.failed if isinstance(till, Unreliable) else 0
    print(
        f"{len(books.placed):,} orders from {BUYERS} buyers: {len(books.settled):,} settled, "
        f"{len(books.refused):,} refused with a reason\n"
        f"{failed} of {failed + len(books.charged):,} requests to the provider failed, "
        f"{crowd.twice} messages came twice\n"
        f"{len(books.placed) / seconds:.1f} orders a second; from POST to its end, an order took "
        f"{_told(sorted(crowd.took.values()))}"
    )
    broken = books.broken()
    for rule in broken:
        print(f"BROKEN: {rule}")
    if not broken:
        print("everything adds up: orders, stock, charges, points, sales, messages")
    return bool(broken)


def _told(took: Sequence[float]) -> str:
    if len(took) < 2:  # noqa: PLR2004 - percentiles lie between two
        return "too long"
    median, last = statistics.median(took), statistics.quantiles(took, n=20)[-1]
    return f"{median:.1f} s (median), {last:.1f} s (95th percentile)"


if __name__ == "__main__":
    sys.exit(main())
