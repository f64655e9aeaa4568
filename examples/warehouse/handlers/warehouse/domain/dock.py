"""The dock: what arrived there, and what left."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from warehouse.domain.documents import text_of

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Entry:
    """An entry in the book of the dock, made once.

    Attributes:
        id: What tells it from every other.
        says: What is entered.
    """

    id: str
    says: str


def shipment(detail: Mapping[str, Any]) -> Entry:
    """The entry for a shipment: ``{"shipment": "s-1", "carrier": "Swift"}``."""
    return Entry(
        id=f"shipment/{text_of(detail, 'shipment')}",
        says=f"left with {text_of(detail, 'carrier')}",
    )


def arrival(key: str, sequencer: str, size: int) -> Entry:
    """The entry for a delivery note that was uploaded, as often as it was."""
    return Entry(id=f"arrival/{key}/{sequencer}", says=f"a delivery note of {size} bytes")
