"""A history as a table in text."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from serverless_patterns.testing.delivery._history import Outcome

if TYPE_CHECKING:
    from collections.abc import Sequence

    from serverless_patterns.testing.delivery._history import Leg

_WORST_FIRST = [
    Outcome.LOST,
    Outcome.PENDING,
    Outcome.ACKNOWLEDGED,
    Outcome.HELD,
    Outcome.FILTERED,
    Outcome.HANDLED,
]
_HEADINGS = ("event", "way", "attempts", "became")


def rendered(legs: Sequence[Leg], warnings: Sequence[str], limit: int) -> str:
    """The history of legs as a table, the worst first.

    Args:
        legs: The legs.
        warnings: What stands below it.
        limit: The most legs to show.
    """
    ordered = sorted(legs, key=lambda leg: _WORST_FIRST.index(leg.outcome))
    rows = [_HEADINGS, *(_row(leg) for leg in ordered[:limit])]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
    lines.insert(1, "  ".join("-" * width for width in widths))
    if len(ordered) > limit:
        lines.append(f"... and {len(ordered) - limit} more")
    return "\n".join([*lines, *(f"warning: {warning}" for warning in warnings)])


def _row(leg: Leg) -> tuple[str, str, str, str]:
    return leg.event, " > ".join(leg.path), _attempts(leg), _became(leg)


def _attempts(leg: Leg) -> str:
    """The times of attempts, those with one result together."""
    shown = []
    for result, group in groupby(leg.attempts, key=lambda attempt: attempt.result):
        times = [f"{attempt.time:g}" for attempt in group]
        if len(times) > 6:  # noqa: PLR2004 - enough to see how it goes on
            times = [*times[:3], f"... ({len(times)} times)", times[-1]]
        shown.append(f"{', '.join(times)} {result.value}")
    return "; ".join(shown) or "none"


def _became(leg: Leg) -> str:
    match leg.outcome:
        case Outcome.LOST:
            return f"LOST at {leg.lost_at:g}: {leg.lost_because}"
        case Outcome.FILTERED:
            return f"filtered by {leg.filtered_by}"
        case Outcome.HANDLED:
            return "; ".join([f"handled at {leg.handled_at:g}", *_held(leg)])
        case Outcome.HELD:
            return "; ".join(_held(leg))
        case Outcome.ACKNOWLEDGED:
            return f"acknowledged at {leg.acknowledged_at:g}, not handled"
    return "pending"


def _held(leg: Leg) -> list[str]:
    return [
        f"{'pointer ' if held.is_pointer else ''}held at {held.at} since {held.time:g}: "
        f"{held.reason}"
        for held in leg.held
    ]
