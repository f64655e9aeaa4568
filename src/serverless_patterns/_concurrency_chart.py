"""A forecast as an SVG chart: what is demanded, what there is, and what is throttled."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from serverless_patterns._chart import COLOURS, svg

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from serverless_patterns.concurrency import Forecast, Second

_WIDTH, _HEIGHT = 720, 420
_LEFT, _RIGHT = 76, 696
_EXECUTIONS = (84, 264)  # the top and the base of each panel
_THROTTLED = (316, 376)
_MOST_POINTS = 310  # two pixels each
_ROUND = (1, 2, 2.5, 5, 10)
_DEMANDED, _AVAILABLE, _LOST = COLOURS


def chart(forecast: Forecast) -> str:
    """The chart of a forecast."""
    seconds = forecast.seconds
    points = _grouped(seconds)
    demanded = [max(each.demanded for each in group) for group in points]
    available = [max(each.available for each in group) for group in points]
    throttled = [max(each.throttled for each in group) for group in points]
    body = [
        *_legend(),
        *_scale(_EXECUTIONS, max(*demanded, *available)),
        _steps(_EXECUTIONS, available, max(*demanded, *available), _AVAILABLE),
        _steps(_EXECUTIONS, demanded, max(*demanded, *available), _DEMANDED),
        '<text x="24" y="304">Throttled requests a second</text>',
        *_scale(_THROTTLED, max(throttled)),
        *_bars(_THROTTLED, throttled),
        *_time(len(seconds)),
    ]
    load = forecast.load
    title = f"{load.rate:,g} requests a second of {load.duration:g} s"
    if load.burst > 1:
        title += f", {load.burst:g} times as many at the peak"
    return svg(_WIDTH, _HEIGHT, title, _sentence(forecast), body)


def _sentence(forecast: Forecast) -> str:
    when = forecast.throttled_at
    lost = "Nothing is throttled."
    if when:
        lost = (
            f"{forecast.throttled:,} of {forecast.requests:,} requests are throttled, in seconds "
            f"{when[0]} to {when[1]}."
        )
    return (
        f"At most {forecast.needed:,} executions at once are demanded, and "
        f"{max(each.available for each in forecast.seconds):,} are available. {lost}"
    )


def _grouped(seconds: Sequence[Second]) -> list[Sequence[Second]]:
    size = math.ceil(len(seconds) / _MOST_POINTS)
    return [seconds[start : start + size] for start in range(0, len(seconds), size)]


def _legend() -> Iterator[str]:
    for x, colour, name in (
        (24, _DEMANDED, "executions demanded"),
        (204, _AVAILABLE, "executions available"),
    ):
        yield f'<rect x="{x}" y="55" width="16" height="4" fill="{colour}"/>'
        yield f'<text x="{x + 24}" y="62">{name}</text>'


def _scale(panel: tuple[int, int], most: int) -> Iterator[str]:
    top, base = panel
    for value in {0, most}:
        y = base if not value else top
        yield f'<line class="line" x1="{_LEFT}" x2="{_RIGHT}" y1="{y}" y2="{y}"/>'
        yield (
            f'<text class="quiet" x="{_LEFT - 8}" y="{y + 4}" text-anchor="end">{value:,}</text>'
        )


def _steps(panel: tuple[int, int], values: Sequence[int], most: int, colour: str) -> str:
    corners: list[str] = []
    for number, value in enumerate(values):
        if number and value == values[number - 1] and number + 1 < len(values):
            continue
        y = _height(panel, value, most)
        start, end = _x(number, len(values)), _x(number + 1, len(values))
        corners += [f"{start},{_height(panel, values[number - 1], most)}"] if number else []
        corners += [f"{start},{y}", f"{end},{y}"]
    return (
        f'<polyline points="{" ".join(corners)}" fill="none" stroke="{colour}" stroke-width="2"/>'
    )


def _bars(panel: tuple[int, int], values: Sequence[int]) -> Iterator[str]:
    most = max(values)
    for number, value in enumerate(values):
        if value:
            x, y = _x(number, len(values)), _height(panel, value, most)
            width = round(_x(number + 1, len(values)) - x, 2)
            height = round(panel[1] - y, 1)
            yield f'<rect x="{x}" y="{y}" width="{width}" height="{height}" fill="{_LOST}"/>'


def _time(seconds: int) -> Iterator[str]:
    magnitude = 10 ** math.floor(math.log10(seconds / 6))
    step = next(each * magnitude for each in _ROUND if each * magnitude >= seconds / 6)
    for tick in range(int(seconds / step) + 1):
        yield (
            f'<text class="quiet" x="{_x(tick * step, seconds)}" y="{_THROTTLED[1] + 20}" '
            f'text-anchor="middle">{tick * step:g} s</text>'
        )


def _x(number: float, of: int) -> float:
    return round(_LEFT + (_RIGHT - _LEFT) * number / of, 2)


def _height(panel: tuple[int, int], value: int, most: int) -> float:
    top, base = panel
    return round(base - (base - top) * value / (most or 1), 1)
