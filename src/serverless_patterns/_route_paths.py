"""Paths of frameworks, as API Gateway writes them."""

from __future__ import annotations

import re

METHODS = frozenset({"ANY", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"})
"""The methods of a route, as API Gateway names them."""

# {name}, {name:int}, {name+} of Starlette and OpenAPI; <name>, <int:name> of Flask and Powertools.
_PARAMETER = re.compile(
    r"\{(?P<name>\w+)(?::(?P<kind>\w+))?(?P<greedy>\+)?\}"
    r"|<(?:(?P<converter>\w+)(?:\([^)]*\))?:)?(?P<other>\w+)>"
)


class InexpressibleError(ValueError):
    """Why API Gateway has no route for a path."""


def gateway_path(path: str) -> str:
    """A path of a framework in API Gateway's form: ``/books/{id}``, ``/files/{path+}``.

    Raises:
        InexpressibleError: If API Gateway has no such form.
    """
    if path != "/" and path.endswith("/"):
        raise InexpressibleError("API Gateway has no path that ends in a slash")
    segments = path.lstrip("/").split("/")
    converted = [_segment(segment) for segment in segments]
    if any(segment.endswith("+}") for segment in converted[:-1]):
        raise InexpressibleError("a parameter that takes slashes must stand last")
    names = [segment.strip("{}+") for segment in converted if segment.startswith("{")]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise InexpressibleError(f"it has two parameters called {twice[0]}")
    return f"/{'/'.join(converted)}"


def _segment(segment: str) -> str:
    whole = _PARAMETER.fullmatch(segment)
    if whole:
        name = whole["name"] or whole["other"]
        is_greedy = "path" in (whole["kind"], whole["converter"]) or whole["greedy"]
        return f"{{{name}{'+' if is_greedy else ''}}}"
    if _PARAMETER.search(segment) or any(mark in segment for mark in "{}<>"):
        raise InexpressibleError("a parameter must be a whole segment of its path")
    if segment in (".", "..") or re.search(r"\s", segment):
        raise InexpressibleError(f"no URL holds the segment {segment!r} as it is")
    return segment


def position(path: str) -> str:
    """A path with its parameters' names left out: routes of the same are the same to a caller."""
    return re.sub(r"\{\w+(\+?)\}", r"{\1}", path)
