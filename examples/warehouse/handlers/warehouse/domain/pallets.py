"""Pallets: where they were put, and where they were last seen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from warehouse.domain.documents import Malformed, count_of, parsed, text_of


@dataclass(frozen=True)
class Sighting:
    """Where a pallet is, and as of when.

    Attributes:
        id: The pallet, and who says so.
        place: Where it is.
        order: What later ones have more of: a stale sighting changes nothing.
    """

    id: str
    place: str
    order: int


def move(text: str) -> Sighting:
    """The sighting that a move is: ``{"pallet": "P7", "to": "A-12", "step": 3}``."""
    document = parsed(text)
    return Sighting(
        id=f"moved/{text_of(document, 'pallet')}",
        place=text_of(document, "to"),
        order=count_of(document, "step"),
    )


def reading(text: bytes) -> Sighting:
    """The sighting that a scanner reads.

    ``{"pallet": "P7", "place": "DOCK-3", "at": "2026-03-01T08:00:00Z"}``; scanners buffer while
    they are offline, so the latest reading isn't always the last that arrives.
    """
    document = parsed(text)
    try:
        at = datetime.fromisoformat(text_of(document, "at"))
    except ValueError as error:
        raise Malformed(f"at must be a time, got {document.get('at')!r}") from error
    if at.tzinfo is None:
        raise Malformed(f"at must have a time zone, got {document['at']!r}")
    return Sighting(
        id=f"seen/{text_of(document, 'pallet')}",
        place=text_of(document, "place"),
        order=round(at.timestamp() * 1000),
    )
