"""A plan as an SVG chart: grouped bars for a design review."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from serverless_patterns._chart import COLOURS, svg

if TYPE_CHECKING:
    from collections.abc import Iterator

    from serverless_patterns.plan import CutPlan, Plan

_WIDTH, _HEIGHT = 720, 300
_PANEL_WIDTH, _PANEL_LEFT, _GAP = 208, 24, 24
_TOP, _BASE = 96, 236
_BAR_WIDTH, _BAR_STEP = 44, 66


def chart(plan: Plan) -> str:
    """The chart of a plan: functions, resources and the largest surplus at each cut."""
    panels: list[tuple[str, list[int | None]]] = [
        ("Functions", [cut.functions for cut in plan.cuts]),
        ("Resources", [cut.resources for cut in plan.cuts]),
        ("Largest surplus of a route", [cut.largest_surplus for cut in plan.cuts]),
    ]
    body: list[str] = []
    for number, (name, values) in enumerate(panels):
        left = _PANEL_LEFT + number * (_PANEL_WIDTH + _GAP)
        body += _panel(left, name, values, [cut.granularity.value for cut in plan.cuts])
    body.append(
        f'<text class="quiet" x="{_PANEL_LEFT}" y="{_HEIGHT - 14}">Surplus: actions that a '
        "function may take and the route was not granted</text>"
    )
    title = f"{plan.path} at each granularity"
    description = f"{'; '.join(map(_sentence, plan.cuts))}."
    return svg(_WIDTH, _HEIGHT, title, description, body)


def _panel(left: int, name: str, values: list[int | None], names: list[str]) -> Iterator[str]:
    yield f'<text x="{left}" y="66">{escape(name)}</text>'
    right = left + _PANEL_WIDTH - 10
    yield f'<line class="line" x1="{left}" x2="{right}" y1="{_BASE}" y2="{_BASE}"/>'
    most = max([value or 0 for value in values], default=0) or 1
    for number, (value, label) in enumerate(zip(values, names, strict=True)):
        x = left + 8 + number * _BAR_STEP
        height = round((_BASE - _TOP) * (value or 0) / most, 1)
        middle = x + _BAR_WIDTH / 2
        if height:
            yield (
                f'<rect x="{x}" y="{_BASE - height}" width="{_BAR_WIDTH}" height="{height}" '
                f'rx="2" fill="{COLOURS[number]}"/>'
            )
        shown = "?" if value is None else value
        yield f'<text x="{middle}" y="{_BASE - height - 6}" text-anchor="middle">{shown}</text>'
        yield (
            f'<text class="quiet" x="{middle}" y="{_BASE + 18}" text-anchor="middle">{label}</text>'
        )


def _sentence(cut: CutPlan) -> str:
    surplus = "unknown" if cut.largest_surplus is None else cut.largest_surplus
    return (
        f"{cut.granularity.value}: {cut.functions} functions, {cut.resources} resources, "
        f"largest surplus {surplus}"
    )
