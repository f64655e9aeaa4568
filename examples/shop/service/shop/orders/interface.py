"""What Orders tells others: sales, as records of a stream."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from shop.errors import Malformed


@dataclass(frozen=True)
class Sale:
    """An order that was paid.

    Attributes:
        order: The order, by which a sale that is told twice is known.
        at: When it was placed, as ``2026-11-25T14:51:15+00:00``.
        cents: What was paid.
        pieces: How many articles were sold.
        correlation_id: The id by which the order is followed.
    """

    order: str
    at: str
    cents: int
    pieces: int
    correlation_id: str

    def record(self) -> bytes:
        """The record of the stream."""
        return json.dumps(asdict(self)).encode()


def sale(record: bytes) -> Sale:
    """The sale that a record tells of.

    Raises:
        Malformed: If it tells of none.
    """
    try:
        return Sale(**json.loads(record))
    except (ValueError, TypeError) as error:
        raise Malformed(f"it is no sale: {error}") from error
