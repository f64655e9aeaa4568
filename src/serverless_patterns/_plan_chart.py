"""A plan as an SVG chart: grouped bars for a design review."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

if TYPE_CHECKING:
    from collections.abc import Iterator

    from serverless_patterns.plan import CutPlan, Plan

_WIDTH, _HEIGHT = 720, 300
_PANEL_WIDTH, _PANEL_LEFT, _GAP = 208, 24, 24
_TOP, _BASE = 96, 236
_BAR_WIDTH, _BAR_STEP = 44, 66
_COLOURS = ("#5b8def", "#2aa58c", "#d9822b")  # legible on white and on black alike
_STYLE = (
    "text{font:13px system-ui,sans-serif;fill:#222}.quiet{fill:#666}.line{stroke:#999}"
    "@media(prefers-color-scheme:dark){text{fill:#eee}.quiet{fill:#aaa}.line{stroke:#777}}"
)


def chart(plan: Plan) -> str:
    """The chart of a plan: functions, resources and the largest surplus at each cut."""
    panels: list[tuple[str, list[int | None]]] = [
        ("Functions", [cut.functions for cut in plan.cuts]),
        ("Resources", [cut.resources for cut in plan.cuts]),
        ("Largest surplus of a route", [cut.largest_surplus for cut in plan.cuts]),
    ]
    title = escape(f"{plan.path} at each granularity")
    lines = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" '
            f'width="{_WIDTH}" height="{_HEIGHT}" role="img" aria-labelledby="title desc">'
        ),
        f'<title id="title">{title}</title>',
        f'<desc id="desc">{escape("; ".join(map(_sentence, plan.cuts)))}.</desc>',
        f"<style>{_STYLE}</style>",
        f'<text x="{_PANEL_LEFT}" y="32" style="font-size:17px;font-weight:600">{title}</text>',
    ]
    for number, (name, values) in enumerate(panels):
        left = _PANEL_LEFT + number * (_PANEL_WIDTH + _GAP)
        lines += _panel(left, name, values, [cut.granularity.value for cut in plan.cuts])
    lines.append(
        f'<text class="quiet" x="{_PANEL_LEFT}" y="{_HEIGHT - 14}">Surplus: actions that a '
        "function may take and the route was not granted</text>"
    )
    return "\n".join([*lines, "</svg>", ""])


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
                f'rx="2" fill="{_COLOURS[number]}"/>'
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
