"""Stock: what picks take off the shelves, what deliveries put there, and what is to be reordered.

Every movement has an identity of the warehouse's own. A message's id isn't one: a message that
comes back from a dead-letter queue has a new id.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from warehouse.domain.documents import Malformed, count_of, parsed, text_of

if TYPE_CHECKING:
    from collections.abc import Mapping

REORDER_POINT = 10
REORDER_QUANTITY = 50


class Shortage(Exception):  # noqa: N818 - it is what it says
    """A shelf with less on it than was picked from it."""


@dataclass(frozen=True)
class Movement:
    """A number of articles that came (above 0) or went (below 0), once.

    Attributes:
        id: What tells it from every other movement.
        sku: The article.
        quantity: How many.
    """

    id: str
    sku: str
    quantity: int


@dataclass(frozen=True)
class Reorder:
    """Articles to be ordered."""

    id: str
    sku: str
    quantity: int


def pick(text: str) -> Movement:
    """The movement that a pick is: ``{"pick": "p-1", "sku": "BOLT-M8", "quantity": 2}``."""
    document = parsed(text)
    return Movement(
        id=f"pick/{text_of(document, 'pick')}",
        sku=text_of(document, "sku"),
        quantity=-count_of(document, "quantity"),
    )


def delivery(text: str | bytes) -> list[Movement]:
    """The movements that a delivery note lists.

    ``{"note": "n-1", "lines": [{"sku": "BOLT-M8", "quantity": 100}]}``; a line that failed can be
    tried again without the lines before it.
    """
    document = parsed(text)
    note, lines = text_of(document, "note"), document.get("lines")
    if not isinstance(lines, list) or not all(isinstance(line, dict) for line in lines):
        raise Malformed(f"lines must be a list of objects, got {lines!r}")
    return [
        Movement(
            id=f"note/{note}/{number}",
            sku=text_of(line, "sku"),
            quantity=count_of(line, "quantity"),
        )
        for number, line in enumerate(lines, start=1)
    ]


def reorder(
    change: str, before: Mapping[str, object], after: Mapping[str, object]
) -> Reorder | None:
    """What is to be ordered when a level changes: once, when it falls below the reorder point.

    Args:
        change: What tells this change from every other.
        before: The shelf before it; empty for a new one.
        after: The shelf after it; empty for one that was removed.
    """
    was, now = _level(before), _level(after)
    if now is None or now >= REORDER_POINT or (was is not None and was < REORDER_POINT):
        return None
    return Reorder(
        id=f"reorder/{change}", sku=text_of(after, "sku"), quantity=REORDER_QUANTITY - now
    )


def _level(shelf: Mapping[str, object]) -> int | None:
    level = shelf.get("level")
    return None if level is None else int(str(level))
