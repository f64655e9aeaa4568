"""Sales by the hour."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from pydantic import BaseModel

if TYPE_CHECKING:
    from datetime import date

    from shop.orders.interface import Sale

HOURS = 24


class Hour(BaseModel):
    """What was sold in one hour, in UTC."""

    hour: str
    orders: int = 0
    pieces: int = 0
    cents: int = 0


class InsightStorage(Protocol):
    """Where hours are kept."""

    def add(self, sale: Sale, hour: str) -> bool:
        """Add a sale to its hour; ``False`` if it was added before."""

    def hour(self, hour: str) -> Hour | None:
        """What was sold in an hour."""


class Insight:
    """What sales tell."""

    def __init__(self, storage: InsightStorage) -> None:
        self._storage = storage

    def add(self, sale: Sale) -> bool:
        """Add a sale; ``False`` if it was added before."""
        return self._storage.add(sale, hour_of(sale))

    def day(self, day: date) -> list[Hour]:
        """The hours of a day in which something was sold."""
        hours = [self._storage.hour(f"{day.isoformat()}T{number:02}") for number in range(HOURS)]
        return [hour for hour in hours if hour]


def hour_of(sale: Sale) -> str:
    """The hour of a sale, as ``2026-11-25T14``: sales are told in UTC."""
    return sale.at[: len("2026-11-25T14")]
