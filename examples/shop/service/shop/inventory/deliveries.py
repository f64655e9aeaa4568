"""A supplier's CSV: the goods that it lists, and the lines that are refused.

The columns are ``sku``, ``name``, ``price_cents`` and ``quantity``, in any order. One bad line
doesn't keep the others from being received.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from shop.errors import Malformed
from shop.inventory.model import Goods

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shop.inventory.model import Stockroom

COLUMNS = ("sku", "name", "price_cents", "quantity")
_KEPT = 1000  # of the refused lines of a file; the report counts the others


@dataclass(frozen=True)
class Refused:
    """A line that isn't received."""

    line: int
    reason: str


@dataclass
class Report:
    """What became of a supplier's file.

    Attributes:
        key: Its key in the bucket.
        received: How many lines were received, now or before.
        refused: How many were not.
        lines: Those, the first thousand at most.
    """

    key: str
    received: int = 0
    refused: int = 0
    lines: list[Refused] = field(default_factory=list)

    def document(self) -> dict[str, Any]:
        """The report as JSON has it."""
        lines = [{"line": each.line, "reason": each.reason} for each in self.lines]
        return {
            "key": self.key,
            "received": self.received,
            "refused": self.refused,
            "lines": lines,
        }

    def refuse(self, refused: Refused) -> None:
        """Report that a line isn't received."""
        self.refused += 1
        if len(self.lines) < _KEPT:
            self.lines.append(refused)


def goods_of(text: io.TextIOBase) -> Iterator[tuple[int, Goods | Refused]]:
    """The lines of a file with their numbers.

    Raises:
        Malformed: If it lacks a column, or isn't CSV in UTF-8.
    """
    rows = csv.DictReader(text, restkey="more")
    try:
        missing = [name for name in COLUMNS if name not in (rows.fieldnames or ())]
        if missing:
            raise Malformed(f"the file has no column {', '.join(missing)}")
        for row in rows:
            yield rows.line_num, _goods(rows.line_num, row)
    except (UnicodeDecodeError, csv.Error) as error:
        raise Malformed(f"the file is no CSV in UTF-8: {error}") from error


def receive(room: Stockroom, key: str, version: str, content: Any, correlation_id: str) -> Report:
    """Receive what a file lists; a line that was received before counts once.

    Args:
        room: Where the goods go.
        key: The key of the file.
        version: What tells it from others under that key.
        content: A binary stream of it.
        correlation_id: The id by which it is followed.
    """
    report = Report(key)
    try:
        for line, found in goods_of(io.TextIOWrapper(content, "utf-8-sig", newline="")):
            if isinstance(found, Refused):
                report.refuse(found)
            else:
                room.receive(f"file/{key}/{version}/{line}", found, correlation_id)
                report.received += 1
    except Malformed as error:
        report.refuse(Refused(0, str(error)))
    return report


def _goods(line: int, row: dict[str, Any]) -> Goods | Refused:
    if "more" in row:
        return Refused(line, "it has more fields than the file has columns")
    try:
        return Goods.model_validate({name: row[name] for name in COLUMNS})
    except ValidationError as error:
        [first, *_] = error.errors()
        return Refused(line, f"{first['loc'][0]}: {first['msg']}, got {first['input']!r}")
