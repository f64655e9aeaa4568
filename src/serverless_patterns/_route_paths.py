"""Paths of frameworks, as API Gateway writes them."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

METHODS = frozenset({"ANY", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"})
"""The methods of a route, as API Gateway names them."""

Part = str | tuple[str, str]
"""A piece of a path: text, or a parameter's name and the pattern of its values."""

# {name}, {name:int}, {name+} of Starlette and OpenAPI; <name>, <int:name> of Flask and Powertools.
_PARAMETER = re.compile(
    r"\{(?P<name>[^{}/:+]+)(?::(?P<kind>\w+))?(?P<greedy>\+)?\}"
    r"|<(?:(?P<converter>\w+)(?:\([^)]*\))?:)?(?P<other>\w+)>"
)
_TEXT = re.compile(r"[A-Za-z0-9._~!$&'()*+,;=:@-]+")  # what a URL holds as it is
# Values for parameters; the first is of no type, so that only those of any type take it.
_VALUES = ("~", "00000000-0000-4000-8000-000000000000", "1.5", "1", "a", "aa", "aaa", "2000-01-01")
_VALUES_WITH_SLASHES = ("~/~", "a/a", "1/1")


class InexpressibleError(ValueError):
    """Why API Gateway has no route for a path."""


def gateway_path(path: str) -> str:
    """A path of any framework in API Gateway's form: ``/books/{id}``, ``/files/{path+}``.

    Raises:
        InexpressibleError: If API Gateway has no such form.
    """
    return gateway_form(parts_of(path))


def parts_of(path: str) -> list[Part]:
    """The parts of a path whose parameters stand in braces, or in angle brackets."""
    parts: list[Part] = []
    end = 0
    for found in _PARAMETER.finditer(path):
        is_greedy = "path" in (found["kind"], found["converter"]) or found["greedy"]
        name = found["name"] or found["other"]
        parts += [path[end : found.start()], (name, ".+" if is_greedy else "[^/]+")]
        end = found.end()
    return [*parts, path[end:]]


def pattern_of(parts: Sequence[Part]) -> str:
    """What matches the path of a request."""
    return "".join(re.escape(each) if isinstance(each, str) else f"(?:{each[1]})" for each in parts)


def segments_of(parts: Sequence[Part]) -> list[list[Part]]:
    """The parts between slashes; before the first one there is nothing."""
    segments: list[list[Part]] = [[]]
    for part in parts:
        if isinstance(part, str):
            first, *others = part.split("/")
            segments[-1] += [first] if first else []
            segments += [[text] if text else [] for text in others]
        else:
            segments[-1].append(part)
    return segments


def gateway_form(parts: Sequence[Part]) -> str:
    """The path of these parts in API Gateway's form.

    Raises:
        InexpressibleError: If API Gateway has no such form.
    """
    segments = segments_of(parts)
    whole = segments if segments[0] else segments[1:]
    if whole[1:] and not whole[-1]:
        raise InexpressibleError("API Gateway has no path that ends in a slash")
    converted = [_segment(segment) for segment in whole if whole != [[]]]
    if any(segment.endswith("+}") for segment in converted[:-1]):
        raise InexpressibleError("a parameter that takes slashes must stand last")
    names = [segment.strip("{}+") for segment in converted if segment.startswith("{")]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise InexpressibleError(f"it has two parameters called {twice[0]}")
    return f"/{'/'.join(converted)}"


def position(path: str) -> str:
    """A path with its parameters' names left out: routes of the same are the same to a caller."""
    return re.sub(r"\{\w+(\+?)\}", r"{\1}", path)


@cache
def value_of(pattern: str, slash: str = "") -> str | None:
    """A value that a parameter of this pattern takes, if there is one among the likely."""
    values = _VALUES_WITH_SLASHES if slash else (*_VALUES, *re.findall(r"\w+", pattern))
    try:
        return next((value for value in values if re.fullmatch(pattern, value)), None)
    except re.error:
        return None


def _segment(parts: Sequence[Part]) -> str:
    text = "".join(part for part in parts if isinstance(part, str))
    parameters = [part for part in parts if not isinstance(part, str)]
    if len(parameters) > (not text) or {*text} & {*"{}<>"}:
        raise InexpressibleError("a parameter must be a whole segment of its path")
    for name, pattern in parameters:
        if not re.fullmatch(r"\w+", name, re.ASCII):
            raise InexpressibleError(f"the name {name} isn't of ASCII letters, digits and _ alone")
        return f"{{{name}{'+' if value_of(pattern, slash='/') else ''}}}"
    if not text:
        raise InexpressibleError("it has an empty segment")
    if text in (".", "..") or not _TEXT.fullmatch(text):
        raise InexpressibleError(f"no URL holds the segment {text!r} as it is")
    return text
