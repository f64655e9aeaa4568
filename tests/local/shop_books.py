"""What must add up in the shop, whatever happened to it: orders, goods, money, points and sales."""

from __future__ import annotations

import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Self

import httpx

from tests.local.shop import FINAL, SECONDS, waited

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.local.shop import Shop

CENTS = 500
POINTS = 5
"""What one article costs, and the points that it earns."""

_PAGE = 100


def accepted(shop: Shop, article: str, customer: str, order: str) -> bool:
    """Place an order of one piece, under its id; whether that was answered as it should be.

    Whoever got no such answer asks again, and places no second order by that.
    """
    wanted = {"customer": customer, "lines": [{"sku": article, "quantity": 1}]}
    try:
        answer = shop.http.post("orders", json=wanted, headers={"Idempotency-Key": order})
    except httpx.HTTPError:
        return False
    return answer.status_code == httpx.codes.ACCEPTED


def sales(shop: Shop) -> int:
    """How many sales were counted, today and the day before."""
    today = datetime.now(UTC).date()
    days = (today - timedelta(days=1), today)
    hours = [hour for day in days for hour in shop.http.get(f"sales/{day}").json()]
    return sum(hour["orders"] for hour in hours)


@dataclass(frozen=True)
class Books:
    """What became of orders of one piece each, all of one article and one customer.

    Attributes:
        placed: The orders that were accepted, each by its id.
        received: How many pieces came in.
        told: What the shop tells of each order.
        charged: The orders, each as often as it was charged.
        shelf: How many pieces can be sold now, and how many are kept for orders.
        least: The least that was seen of either at any time.
        points: The points of the customer.
        sold: How many sales were counted.
        waiting: How many messages are in the queue still.
        dead: How many dead letters there are.
    """

    placed: Sequence[str]
    received: int
    told: Sequence[dict[str, Any]]
    charged: Sequence[str]
    shelf: tuple[int, int]
    least: int
    points: int
    sold: int
    waiting: int = 0
    dead: int = 0

    @property
    def settled(self) -> list[str]:
        """The orders that were settled."""
        return sorted(each["id"] for each in self.told if each["state"] == "settled")

    @property
    def refused(self) -> list[str]:
        """The orders that were refused, with a reason."""
        return sorted(
            each["id"] for each in self.told if each["state"] == "refused" and each["reason"]
        )

    def broken(self) -> list[str]:
        """Each rule that doesn't hold, with the numbers."""
        settled = len(self.settled)
        twice = [each for each, times in Counter(self.charged).items() if times > 1]
        rules = {
            f"{len(self.placed)} orders in, {settled} settled, {len(self.refused)} refused": (
                sorted(self.placed) == sorted([*self.settled, *self.refused])
            ),
            f"{len(self.charged)} charges for {settled} settled orders, {len(twice)} twice": (
                sorted(self.charged) == self.settled
            ),
            f"{self.least} pieces at the least": self.least >= 0,
            f"{self.shelf} on the shelf, of {self.received} that came in": (
                self.shelf == (self.received - settled, 0)
            ),
            f"{self.points} points for {settled} settled orders": self.points == settled * POINTS,
            f"{self.sold} sales for {settled} settled orders": self.sold == settled,
            f"{self.waiting} messages left": self.waiting == 0,
            f"{self.dead} dead letters": self.dead == 0,
        }
        return [told for told, holds in rules.items() if not holds]


@dataclass
class Bookkeeper:
    """Who watches the stock of one article, and adds up in the end.

    Args:
        shop: The shop.
        article: The article.
        customer: The one customer who orders it.
        received: How many pieces come in first.

    Attributes:
        least: The least that was on the shelf, or kept for orders, at any time.
    """

    shop: Shop
    article: str
    customer: str
    received: int
    least: int = 0
    _stop: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Self:
        self.shop.receive(self.article, self.received, CENTS)
        self._sold, self._dead = sales(self.shop), self.shop.queued("OrdersDeadLettersUrl")
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def books(self, placed: Sequence[str], seconds: float = SECONDS) -> Books:
        """Wait until all is done, or ``seconds`` are over, and add up."""
        wanted = set(placed)
        end = time.monotonic() + seconds
        while not self._done(told := self._told(wanted), wanted) and time.monotonic() < end:
            time.sleep(1)
        settled = sum(each["state"] == "settled" for each in told)
        while sales(self.shop) - self._sold < settled and time.monotonic() < end:
            time.sleep(0.5)
        shelf = self.shop.stock(self.article)
        points = self.shop.http.get(f"points/{self.customer}").json()["points"]
        return Books(
            placed,
            self.received,
            told,
            self.shop.charges([*wanted]),
            shelf,
            min(self.least, *shelf),
            points,
            sales(self.shop) - self._sold,
            self.shop.queued(),
            self.shop.queued("OrdersDeadLettersUrl") - self._dead,
        )

    def _done(self, told: Sequence[dict[str, Any]], wanted: set[str]) -> bool:
        final = {each["id"] for each in told if each["state"] in FINAL}
        return final == wanted and self.shop.queued() == 0

    def _told(self, wanted: set[str]) -> list[dict[str, Any]]:
        """What the shop tells of the orders, page by page."""
        found: list[dict[str, Any]] = []
        query: dict[str, Any] = {"limit": _PAGE}
        while True:
            page = waited(partial(self._page, query))
            found += [each for each in page["orders"] if each["id"] in wanted]
            if page["next"] is None:
                return found
            query = {"limit": _PAGE, "after": page["next"]}

    def _page(self, query: dict[str, Any]) -> Any:
        """A page of orders, if there is an answer: a machine in a rush may give none in time."""
        try:
            answer = self.shop.http.get("orders", params=query)
        except httpx.HTTPError:
            return None
        return answer.json() if answer.is_success else None

    def _watch(self) -> None:
        """See how many there are, where it is kept: the API may be away right now."""
        table = {"TableName": self.shop.outputs["StockTableName"], "ConsistentRead": True}
        client = self.shop.cloud.client("dynamodb")
        while not self._stop.wait(0.1):
            shelf = client.get_item(**table, Key={"sku": {"S": self.article}})["Item"]
            self.least = min(self.least, *(int(shelf[n]["N"]) for n in ("available", "reserved")))
