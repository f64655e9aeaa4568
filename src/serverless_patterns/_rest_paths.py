"""The paths of a REST API: a tree of resources, in which a request never turns back."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from serverless_patterns._errors import PatternError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from serverless_patterns._units import Unit, UnitRoute

# https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html
_SEGMENT = re.compile(r"[a-zA-Z0-9._:-]+|\{[a-zA-Z0-9._-]+\+?\}")


def check_paths(path: str, units: Sequence[Unit]) -> None:
    """Refuse paths that a REST API can't have, by themselves or beside each other.

    Raises:
        PatternError: If there are any.
    """
    parameters: dict[str, tuple[str, UnitRoute]] = {}
    for route in (route for unit in units for route in unit.routes):
        parent = "/"
        for segment in _segments(route.path):
            _check_segment(path, segment, route)
            if segment.startswith("{"):
                first, owner = parameters.setdefault(parent, (segment, route))
                _check_sibling(path, (first, owner), (segment, route))
            parent = _child(parent, segment)


def resource_paths(routes: Iterable[UnitRoute]) -> set[str]:
    """The path of every resource that routes take, those on the way to them included."""
    return {*_tree(route.path for route in routes)}


def caught_paths(routes: Iterable[UnitRoute]) -> set[str]:
    """The paths at which a catch-all must stand, to be asked for all that no route matches.

    A greedy parameter takes nothing from the resources beside it, so one at the root isn't
    enough: ``/{proxy+}`` is not asked for ``/books/17`` where there is a ``/books``. So it stands
    at every resource, for the methods that have no route there, and greedily below each that has
    no parameter of its own: two parameters can't be siblings.

    See:
        https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-method-settings-method-request.html#api-gateway-proxy-resource
    """
    tree = _tree(route.path for route in routes)
    ends = {node for node, has_parameter in tree.items() if not has_parameter}
    greedy = {_child(node, "{proxy+}") for node in ends if not node.endswith("+}")}
    return {*tree} | greedy


def _tree(paths: Iterable[str]) -> dict[str, bool]:
    """Every resource, and whether a parameter stands right below it."""
    tree = {"/": False}
    for path in paths:
        parent = "/"
        for segment in _segments(path):
            tree[parent] |= segment.startswith("{")
            parent = _child(parent, segment)
            tree.setdefault(parent, False)
    return tree


def _segments(path: str) -> list[str]:
    return path.strip("/").split("/") if path != "/" else []


def _child(parent: str, segment: str) -> str:
    return f"{parent.rstrip('/')}/{segment}"


def _check_segment(path: str, segment: str, route: UnitRoute) -> None:
    if not _SEGMENT.fullmatch(segment):
        raise PatternError(
            path,
            "routes",
            rule="have paths of letters, digits and the marks . _ : - on a REST API",
            got=f"{segment!r} in {route.key}",
            remedy="rename it, or choose Endpoint.HTTP_API",
        )


def _check_sibling(path: str, one: tuple[str, UnitRoute], other: tuple[str, UnitRoute]) -> None:
    if one[0] != other[0]:
        raise PatternError(
            path,
            "routes",
            rule="have one parameter in one position on a REST API, also of longer paths",
            got=f"{one[0]} in {one[1].key} and {other[0]} in {other[1].key}",
            remedy="name both alike, or choose Endpoint.HTTP_API",
        )
