"""A day's sales as bars: as high as they should be, and said in words."""

from __future__ import annotations

from datetime import date

import pytest

from office.chart import HEIGHT, WIDTH, chart, money
from office.shop_api import Hour

DAY = date(2026, 11, 25)


def test_bars_are_as_high_as_the_sums_that_they_stand_for() -> None:
    found = chart(DAY, [Hour("2026-11-25T09", 1, 1, 5000), Hour("2026-11-25T23", 2, 3, 10000)])
    heights = {bar.hour: bar.height for bar in found.bars if bar.height}

    assert len(found.bars) == 24
    assert heights == {9: 98.0, 23: 196.0}
    assert [sum_ for _, sum_ in found.lines] == ["0.00", "50.00", "100.00"]
    for bar in found.bars:
        assert bar.y + bar.height == found.bottom
        assert 0 <= bar.x <= WIDTH - found.bar_width
    assert found.bottom < HEIGHT
    tops = {y for y, _ in found.lines}
    assert {bar.y for bar in found.bars if bar.height} <= tops


def test_it_says_what_it_shows() -> None:
    found = chart(DAY, [Hour("2026-11-25T09", 1, 1, 5000), Hour("2026-11-25T23", 2, 3, 123456)])

    assert found.title == "Sales of 2026-11-25 by the hour"
    assert found.text == "3 orders, 4 pieces, 1,284.56; most between 23:00 and 24:00 UTC."
    assert found.bars[9].text == "09:00 to 10:00 UTC: 1 order, 50.00"
    assert found.bars[10].text == "10:00 to 11:00 UTC: nothing sold"


def test_a_day_without_sales_has_a_chart_as_well() -> None:
    found = chart(DAY, [])

    assert {bar.height for bar in found.bars} == {0}
    assert found.text == "0 orders, 0 pieces, 0.00."
    assert found.lines[-1][1] == "1.00"


@pytest.mark.parametrize(
    ("cents", "top"), [(100, 100), (101, 200), (201, 500), (501, 1000), (99_999, 100_000)]
)
def test_the_scale_ends_at_a_round_sum(cents: int, top: int) -> None:
    found = chart(DAY, [Hour("2026-11-25T00", 1, 1, cents)])

    assert found.lines[-1][1] == money(top)
    assert found.bars[0].height <= found.bottom
