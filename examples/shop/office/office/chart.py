"""A day's sales as bars, one for each hour."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from office.shop_api import Hour

HOURS = 24
WIDTH, HEIGHT = 720, 240
_LEFT, _TOP, _BOTTOM = 64, 16, 28
_GAP = 4
_STEPS = (1, 2, 5, 10)
_MINIMUM = 100  # cents


@dataclass(frozen=True)
class Bar:
    """One hour.

    Attributes:
        hour: The hour.
        x: Its left edge.
        y: Its upper edge.
        height: Its height.
        text: What it says.
    """

    hour: int
    x: float
    y: float
    height: float
    text: str


@dataclass(frozen=True)
class Chart:
    """A chart of 720 by 240 units.

    Attributes:
        bars: The hours.
        bar_width: How wide each is.
        lines: Heights, with the sums that they stand for.
        bottom: Where the bars stand.
        title: What it shows.
        text: What it says, for whoever doesn't see it.
    """

    bars: tuple[Bar, ...]
    bar_width: float
    lines: tuple[tuple[float, str], ...]
    bottom: float
    title: str
    text: str


def chart(day: date, hours: Sequence[Hour]) -> Chart:
    """The chart of a day; hours without sales have bars of no height."""
    of = {int(hour.hour[-2:]): hour for hour in hours}
    top = _round_up(max([_MINIMUM, *(hour.cents for hour in hours)]))
    bottom = HEIGHT - _BOTTOM
    tall = bottom - _TOP
    slot = (WIDTH - _LEFT) / HOURS
    bars = []
    for number in range(HOURS):
        sold = of.get(number)
        height = round(tall * sold.cents / top, 1) if sold else 0
        text = f"{number:02}:00 to {number + 1:02}:00 UTC: {_told(sold)}"
        x = round(_LEFT + number * slot + _GAP / 2, 1)
        bars.append(Bar(number, x, round(bottom - height, 1), height, text))
    lines = tuple((round(bottom - tall * part, 1), money(int(top * part))) for part in (0, 0.5, 1))
    orders, pieces, cents = (
        sum(getattr(hour, name) for hour in hours) for name in ("orders", "pieces", "cents")
    )
    text = f"{_number(orders, 'order')}, {_number(pieces, 'piece')}, {money(cents)}"
    if hours:
        best = max(hours, key=lambda hour: hour.cents)
        text += f"; most between {best.hour[-2:]}:00 and {int(best.hour[-2:]) + 1:02}:00 UTC"
    title = f"Sales of {day.isoformat()} by the hour"
    return Chart(tuple(bars), round(slot - _GAP, 1), lines, bottom, title, f"{text}.")


def money(cents: int) -> str:
    """A sum as it is read: ``1,234.50``."""
    return f"{cents / 100:,.2f}"


def _round_up(cents: int) -> int:
    """The next 1, 2, 5 or 10 times a power of ten."""
    power: int = 10 ** (len(str(cents)) - 1)
    return next(step * power for step in _STEPS if step * power >= cents)


def _told(hour: Hour | None) -> str:
    if hour is None:
        return "nothing sold"
    return f"{_number(hour.orders, 'order')}, {money(hour.cents)}"


def _number(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
