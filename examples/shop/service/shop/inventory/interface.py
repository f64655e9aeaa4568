"""What other domains may ask of Inventory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True)
class Line:
    """A number of one article."""

    sku: str
    quantity: int


@dataclass(frozen=True)
class Reserved:
    """Goods that are kept for an order, at the price of that moment."""

    total_cents: int


@dataclass(frozen=True)
class Short:
    """An article of which there is too little: nothing is kept for the order, and never will be."""

    sku: str

    @property
    def reason(self) -> str:
        """Why the order is refused."""
        return f"there are too few of {self.sku}"


class Inventory(Protocol):
    """Inventory, to whom it is told of one order again and again.

    Every answer is given for good: asked again, it is the same.
    """

    def reserve(self, order: str, lines: Sequence[Line], correlation_id: str) -> Reserved | Short:
        """Keep goods for an order, all of them or none."""

    def ship(self, order: str, correlation_id: str) -> None:
        """Let the goods that are kept for an order go."""

    def release(self, order: str, correlation_id: str) -> None:
        """Put the goods that are kept for an order back on the shelves."""


def inventory() -> Inventory:
    """Inventory, in this process."""
    from shop.inventory.storage import stockroom  # noqa: PLC0415 - the interface knows no storage

    return stockroom()
