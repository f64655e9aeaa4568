"""What no endpoint could do with a set of routes, refused by name."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from serverless_patterns._errors import PatternError
from serverless_patterns._route_paths import METHODS, InexpressibleError, gateway_path, position

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def check_routes(path: str, routes: Sequence[tuple[str, str]], *, has_catch_all: bool) -> None:
    """Refuse routes that are none, that are one, or that a catch-all would fight with.

    Args:
        path: The construct path.
        routes: Method and path of each, in API Gateway's form.
        has_catch_all: Whether a function answers whatever no route matches.

    Raises:
        PatternError: If there are such.
    """
    seen: dict[tuple[str, str], str] = {}
    for method, route_path in routes:
        _check_method(path, method, route_path)
        _check_path(path, method, route_path)
        if has_catch_all and method == "ANY" and position(route_path) == "/{+}":
            raise PatternError(
                path,
                "routes",
                rule="leave to catch_all what no other route matches",
                got=f"{method} {route_path}",
                remedy="give its function as catch_all, or omit catch_all",
            )
        key = method, position(route_path)
        if key in seen:
            other, is_same = seen[key], seen[key] == route_path
            raise PatternError(
                path,
                "routes",
                rule="name each route once"
                if is_same
                else "call a parameter by one name in one position",
                got=f"{method} {other} twice" if is_same else f"{method} {other} and {route_path}",
                remedy="keep one of them" if is_same else "name both alike",
            )
        seen[key] = route_path


def nearest(wanted: str, known: Iterable[str], what: str) -> str:
    """The remedy for a name that is not among the known ones."""
    names = sorted(known)
    close = difflib.get_close_matches(wanted, names, n=3, cutoff=0.5)
    if close:
        return f"did you mean {' or '.join(close)}?"
    return f"{what} {', '.join(names[:20])}{', ...' * (len(names) > 20)}"  # noqa: PLR2004 - a line


def _check_method(path: str, method: str, route_path: str) -> None:
    if method not in METHODS:
        raise PatternError(
            path,
            "method",
            rule=f"be one of {', '.join(sorted(METHODS))}",
            got=f"{method!r} for {route_path}",
            remedy="write it in capitals" if str(method).upper() in METHODS else "choose one",
        )


def _check_path(path: str, method: str, route_path: str) -> None:
    try:
        converted = gateway_path(route_path)
    except InexpressibleError as error:
        rule, remedy = "be a path that API Gateway can express", "leave it to a catch-all"
        got = f"{route_path!r}: {error}"
    else:
        if route_path.startswith("/") and converted == route_path:
            return
        rule = "be written as API Gateway writes it"
        got, remedy = f"{method} {route_path}", f"write {converted}"
    raise PatternError(path, "path", rule=rule, got=got, remedy=remedy)
