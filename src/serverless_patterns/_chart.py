"""How the charts of the command line look."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

if TYPE_CHECKING:
    from collections.abc import Iterable

COLOURS = ("#5b8def", "#2aa58c", "#d9822b")  # legible on white and on black alike

_STYLE = (
    "text{font:13px system-ui,sans-serif;fill:#222}.quiet{fill:#666}.line{stroke:#999}"
    "@media(prefers-color-scheme:dark){text{fill:#eee}.quiet{fill:#aaa}.line{stroke:#777}}"
)
_LEFT = 24


def svg(width: int, height: int, title: str, description: str, body: Iterable[str]) -> str:
    """A chart with its title, and what it shows in words for who doesn't see it."""
    lines = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
            f'width="{width}" height="{height}" role="img" aria-labelledby="title desc">'
        ),
        f'<title id="title">{escape(title)}</title>',
        f'<desc id="desc">{escape(description)}</desc>',
        f"<style>{_STYLE}</style>",
        f'<text x="{_LEFT}" y="32" style="font-size:17px;font-weight:600">{escape(title)}</text>',
    ]
    return "\n".join([*lines, *body, "</svg>", ""])
