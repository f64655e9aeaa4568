"""Goods, the shelves they stand on, and what is kept for orders."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Protocol

from pydantic import BaseModel, Field

from shop.errors import Conflict, NotFound
from shop.inventory.interface import Line, Reserved, Short

if TYPE_CHECKING:
    from collections.abc import Sequence

Sku = Annotated[str, Field(pattern=r"^[A-Z0-9][A-Z0-9-]{0,31}$", examples=["TEA-GREEN"])]

RESERVED, SHIPPED, RELEASED, REFUSED = "reserved", "shipped", "released", "refused"


class Goods(BaseModel):
    """Goods that come in."""

    sku: Sku
    name: Annotated[str, Field(min_length=1, max_length=200)]
    price_cents: Annotated[int, Field(gt=0, le=100_000_00)]
    quantity: Annotated[int, Field(gt=0, le=1_000_000)]


class Shelf(BaseModel):
    """An article: how many can be sold, and how many are kept for orders.

    Every change raises the version.
    """

    sku: Sku
    name: str
    price_cents: int
    available: int
    reserved: int
    version: int


class Shelves(BaseModel):
    """Some articles, and where the next page starts, if there is one."""

    shelves: list[Shelf]
    next: str | None = None


class Alert(BaseModel):
    """An article that ran low."""

    sku: Sku
    available: int
    version: int


@dataclass(frozen=True)
class Reservation:
    """What is kept for an order, or was.

    Attributes:
        order: The order.
        state: ``reserved``, ``shipped``, ``released`` or ``refused``.
        lines: What is kept.
        total_cents: What it costs.
        missing: The article that there was too little of.
    """

    order: str
    state: str
    lines: tuple[Line, ...] = ()
    total_cents: int = 0
    missing: str = ""


class StockStorage(Protocol):
    """Where shelves and reservations are kept."""

    def shelf(self, sku: str) -> Shelf | None:
        """The shelf of an article."""

    def page(self, limit: int, after: str | None) -> Shelves:
        """At most ``limit`` shelves after the one named."""

    def receive(self, delivery: str, goods: Goods, correlation_id: str) -> bool:
        """Put goods on their shelf; ``False`` if this delivery was there before."""

    def reservation(self, order: str) -> Reservation | None:
        """The reservation for an order."""

    def reserve(self, reservation: Reservation, correlation_id: str) -> str | None:
        """Keep a reservation and take its goods off the shelves, both or neither.

        Returns:
            ``None``, or the article that there is too little of.
        """

    def refuse(self, reservation: Reservation) -> None:
        """Keep that an order gets nothing, unless something is kept for it."""

    def close(self, reservation: Reservation, state: str, correlation_id: str) -> bool:
        """Ship or release what is reserved; ``False`` if it isn't reserved any more."""

    def alerts(self) -> list[Alert]:
        """The articles that ran low."""

    def alert(self, alert: Alert) -> bool:
        """Keep an alert; ``False`` if a later one is there."""


class Stockroom:
    """The goods of the shop."""

    def __init__(self, storage: StockStorage) -> None:
        self._storage = storage

    def receive(self, delivery: str, goods: Goods, correlation_id: str) -> bool:
        """Receive goods; ``False`` if this delivery was received before."""
        return self._storage.receive(delivery, goods, correlation_id)

    def level(self, sku: str) -> Shelf:
        """The shelf of an article."""
        shelf = self._storage.shelf(sku)
        if shelf is None:
            raise NotFound(f"there is no article {sku}")
        return shelf

    def page(self, limit: int, after: str | None) -> Shelves:
        """At most ``limit`` shelves after the one named."""
        return self._storage.page(limit, after)

    def alerts(self) -> list[Alert]:
        """The articles that ran low."""
        return self._storage.alerts()

    def alert(self, alert: Alert) -> bool:
        """Keep that an article ran low; ``False`` if something later is known."""
        return self._storage.alert(alert)

    def reserve(self, order: str, lines: Sequence[Line], correlation_id: str) -> Reserved | Short:
        """Keep goods for an order, all of them or none.

        The record of the reservation decides, also where two ask at a time: a refusal stands in
        it too, so that nobody keeps goods for an order that another has refused.
        """
        known = self._storage.reservation(order)
        if known is None:
            known = self._decide(order, lines, correlation_id)
        if known.state == REFUSED:
            return Short(known.missing)
        return Reserved(known.total_cents)

    def ship(self, order: str, correlation_id: str) -> None:
        """Let the goods that are kept for an order go."""
        self._close(order, SHIPPED, correlation_id)

    def release(self, order: str, correlation_id: str) -> None:
        """Put the goods that are kept for an order back on the shelves."""
        self._close(order, RELEASED, correlation_id)

    def _decide(self, order: str, lines: Sequence[Line], correlation_id: str) -> Reservation:
        total, missing = 0, None
        for line in lines:
            shelf = self._storage.shelf(line.sku)
            if shelf is None:
                missing = line.sku
                break
            total += shelf.price_cents * line.quantity
        wanted = Reservation(order, RESERVED, tuple(lines), total)
        missing = missing or self._storage.reserve(wanted, correlation_id)
        if missing:
            self._storage.refuse(Reservation(order, REFUSED, missing=missing))
        decided = self._storage.reservation(order)
        if decided is None:
            raise Conflict(f"the reservation for order {order} is gone")
        return decided

    def _close(self, order: str, state: str, correlation_id: str) -> None:
        there = self._storage.reservation(order)
        if there is None or there.state == REFUSED:
            raise Conflict(f"nothing is kept for order {order}")
        if there.state == RESERVED and self._storage.close(there, state, correlation_id):
            return
        there = self._storage.reservation(order)
        if there is None or there.state != state:
            raise Conflict(f"what was kept for order {order} is {there and there.state}")
