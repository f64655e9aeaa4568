"""What is read of a JSON document, or refused."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


class Malformed(ValueError):  # noqa: N818 - it is what it says
    """A document that can't be what it should; no retry will mend it."""


def parsed(text: str | bytes) -> Mapping[str, Any]:
    """The JSON object that ``text`` is."""
    try:
        document = json.loads(text)
    except ValueError as error:
        raise Malformed("it is no JSON") from error
    if not isinstance(document, dict):
        raise Malformed("it is no JSON object")
    return document


def text_of(document: Mapping[str, Any], name: str) -> str:
    """The text under ``name``."""
    value = document.get(name)
    if not isinstance(value, str) or not value:
        raise Malformed(f"{name} must be a text, got {value!r}")
    return value


def count_of(document: Mapping[str, Any], name: str) -> int:
    """The whole number from 1 under ``name``."""
    value = document.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise Malformed(f"{name} must be a whole number from 1, got {value!r}")
    return value
