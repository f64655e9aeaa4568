"""A picture in Graphviz's language."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from serverless_patterns._diagram.edges import Line
from serverless_patterns._diagram.kinds import kind_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from serverless_patterns._diagram.picture import Arrow, Picture
    from serverless_patterns._diagram.resources import Resource, Scope

LEGEND = (
    "solid: requests and events",
    "dashed: what failed",
    "thin: what a role may write to (arrow there) and read (arrow back)",
)
_LINE_LENGTH = 20
_BETWEEN_WORDS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<= )")
_LABELS = 4
FONT = "Helvetica,Arial,sans-serif"
_STYLES = {Line.DELIVERS: "solid", Line.FAILS: "dashed", Line.MAY: "solid"}
# Text gets more room than it is drawn with: fonts differ from machine to machine.
_GRAPH = f"""\
  graph [rankdir=LR, bgcolor=transparent, nodesep=0.15, ranksep=0.55, pad=0.1, labeljust=l, \
fontname="{FONT}", fontsize=12]
  node [shape=box, style="rounded,filled", height=0.4, margin="0.12,0.05", \
fontname="{FONT}", fontsize=12]
  edge [fontname="{FONT}", fontsize=11, arrowsize=0.7]"""


def dot(picture: Picture) -> str:
    """A picture in Graphviz's language, the same for the same templates.

    Args:
        picture: What it shows.
    """
    title = ", ".join(picture.stacks)
    names = {resource: f"{resource.type} {resource.path}" for resource in picture.resources}
    lines = [
        f"digraph {_quoted(title)} {{",
        _GRAPH,
        *_clusters(picture, names),
        *(_arrow(arrow, names) for arrow in picture.arrows),
        "}",
        "",
    ]
    return "\n".join(lines)


def _clusters(picture: Picture, names: dict[Resource, str]) -> Iterator[str]:
    """The boxes, in a frame for each stack and within it for each that is nested."""
    scopes = {scope for each in picture.resources for scope in _around(each.scope)}
    roots = [scope for scope in scopes if scope.parent is None]
    for root in sorted(roots, key=_path):
        yield from _cluster(root, scopes, picture, names, "  ")


def _cluster(
    scope: Scope,
    scopes: Iterable[Scope],
    picture: Picture,
    names: dict[Resource, str],
    indent: str,
) -> Iterator[str]:
    other = "" if scope.root.path in picture.stacks else " other"
    above = f"{scope.parent.path}/" if scope.parent else ""
    yield f"{indent}subgraph {_quoted(f'cluster {scope.path}')} {{"
    yield f'{indent}  graph [label={_quoted(scope.path.removeprefix(above))}, class="stack{other}"]'
    for resource in picture.resources:
        if resource.scope is scope:
            yield f"{indent}  {_box(resource, names[resource], other)}"
    for child in sorted((each for each in scopes if each.parent is scope), key=_path):
        yield from _cluster(child, scopes, picture, names, f"{indent}  ")
    yield f"{indent}}}"


def _box(resource: Resource, name: str, other: str) -> str:
    kind = kind_of(resource)
    path = resource.path.removeprefix(f"{resource.scope.path}/")
    label = _quoted("\n".join([*_broken(path), kind.name]))
    return f'{_quoted(name)} [label={label}, class="{kind.role}{other}"]'


def _arrow(arrow: Arrow, names: dict[Resource, str]) -> str:
    ends = f"{_quoted(names[arrow.source])} -> {_quoted(names[arrow.target])}"
    attributes = {"class": arrow.line.value, "style": _STYLES[arrow.line]}
    if arrow.line is Line.MAY:
        attributes |= {"arrowsize": "0.5", "penwidth": "0.6"}
        if arrow.is_back:  # boxes stand in the order of what is delivered
            attributes["constraint"] = "false"
        attributes["dir"] = {(True, True): "both", (True, False): "back"}.get(
            (arrow.reads, arrow.writes), "forward"
        )
    if arrow.labels:
        attributes["label"] = "\n".join(_shortened(sorted(arrow.labels)))
    told = ", ".join(f"{key}={_quoted(value)}" for key, value in attributes.items())
    return f"  {ends} [{told}]"


def _shortened(labels: list[str]) -> list[str]:
    """The first labels, and how many more there are."""
    if len(labels) <= _LABELS:
        return labels
    return [*labels[: _LABELS - 1], f"and {len(labels) - _LABELS + 1} more"]


def _broken(path: str) -> Iterator[str]:
    """A path in lines that are not too long, broken between its parts, a long one within."""
    line = ""
    for part in (f"{name}/" for name in path.split("/")):
        is_long = len(part) > _LINE_LENGTH + 1
        for piece in _BETWEEN_WORDS.split(part) if is_long else [part]:
            is_start = is_long and part.startswith(piece)
            if line and (is_start or len(line + piece) > _LINE_LENGTH + 1):
                yield line.rstrip()
                line = ""
            line += piece
    yield line.removesuffix("/")


def _around(scope: Scope) -> Iterator[Scope]:
    yield scope
    if scope.parent:
        yield from _around(scope.parent)


def _path(scope: Scope) -> str:
    return scope.path


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
