"""When an article runs low: once, when it falls below the threshold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shop.inventory.model import Alert

if TYPE_CHECKING:
    from collections.abc import Mapping


def ran_low(before: Mapping[str, object], after: Mapping[str, object], below: int) -> Alert | None:
    """The alert that a change of a shelf gives, if any.

    Args:
        before: The shelf before it; empty for a new one.
        after: The shelf after it; empty for one that was removed.
        below: What is too few.
    """
    was, now = _available(before), _available(after)
    if now is None or now >= below or (was is not None and was < below):
        return None
    return Alert(sku=str(after["sku"]), available=now, version=int(str(after["version"])))


def _available(shelf: Mapping[str, object]) -> int | None:
    return int(str(shelf["available"])) if "available" in shelf else None
