"""The shop, as its HTTP API tells of it."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote, urlsplit

import urllib3

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

T = TypeVar("T")

_PAGE = 100  # the most that the shop lists at once
_PAGES = 10
_RETRIES = urllib3.Retry(2, status_forcelist=[502, 503, 504], backoff_factor=0.2)


class ShopError(Exception):
    """The shop doesn't tell what it is asked for."""


@dataclass(frozen=True)
class Shelf:
    """An article: how many can be sold, and how many are kept for orders."""

    sku: str
    name: str
    price_cents: int
    available: int
    reserved: int


@dataclass(frozen=True)
class Order:
    """An order, and what became of it so far."""

    id: str
    customer: str
    at: str
    state: str
    total_cents: int
    reason: str


@dataclass(frozen=True)
class Hour:
    """What was sold in one hour, as ``2026-11-25T14`` in UTC."""

    hour: str
    orders: int
    pieces: int
    cents: int


class ShopApi:
    """The API of the shop.

    Args:
        url: Where it is, without ``/api``.
        timeout: How long one answer may take, in seconds.
    """

    def __init__(self, url: str, timeout: float = 8) -> None:
        parts = urlsplit(url)
        self._headers = {"Host": parts.netloc}
        host = parts.hostname or ""
        # Names below localhost are this machine's (RFC 6761), which not every resolver knows.
        if host.endswith(".localhost"):
            url = f"{parts.scheme}://127.0.0.1:{parts.port}"
        self._pool = urllib3.connection_from_url(url, timeout=timeout, retries=_RETRIES)

    def stock(self) -> list[Shelf]:
        """The articles by their names."""
        found = [_made(Shelf, each) for each in self._pages("stock", "shelves")]
        return sorted(found, key=lambda shelf: (shelf.name, shelf.sku))

    def orders(self) -> list[Order]:
        """The orders, the newest first: of the first thousand that the shop lists."""
        found = [_made(Order, each) for each in self._pages("orders", "orders")]
        return sorted(found, key=lambda order: (order.at, order.id), reverse=True)

    def sales(self, day: date) -> list[Hour]:
        """The hours of a day in which something was sold."""
        return [_made(Hour, each) for each in self._get(f"sales/{day.isoformat()}")]

    def _pages(self, path: str, name: str) -> list[Any]:
        found: list[Any] = []
        after = ""
        for _ in range(_PAGES):
            answer = self._get(f"{path}?limit={_PAGE}{after}")
            found += answer[name]
            if not answer.get("next"):
                break
            after = f"&after={quote(answer['next'], safe='')}"
        return found

    def _get(self, path: str) -> Any:
        try:
            answer = self._pool.request("GET", f"/api/{path}", headers=self._headers)
        except urllib3.exceptions.HTTPError as error:
            raise ShopError(f"the shop doesn't answer: {error}") from error
        if answer.status != 200:  # noqa: PLR2004 - OK
            raise ShopError(f"the shop answers {path} with {answer.status}")
        try:
            return answer.json()
        except ValueError as error:
            raise ShopError(f"the shop answers {path} with no JSON") from error


def _made(kind: type[T], document: Mapping[str, Any]) -> T:
    """What the page shows of a document; what the shop tells besides is left alone."""
    try:
        return kind(**{field.name: document[field.name] for field in fields(kind)})  # type: ignore[arg-type]
    except (KeyError, TypeError) as error:
        raise ShopError(f"the shop tells of no {kind.__name__}: {error}") from error
