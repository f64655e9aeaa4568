"""The values that a template may have for a property, read or refused.

- CloudFormation takes a flag and a number as text too: D,
  https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html
- A value behind an intrinsic function is known at deployment only, so that it is refused where
  what is delivered depends on it. A reference stands for a resource, and is left as it is.
- Where IAM asks for a list it takes one thing alone too: D,
  https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, NoReturn, TypeAlias

from serverless_patterns.testing.delivery._errors import DeliveryError

Kind: TypeAlias = Callable[[str, Any], Any]
"""What reads a value: it takes where that stands, and the value."""

_DEEPEST = 100
_REFERENCES = (
    "Ref",
    "Fn::GetAtt",
    "Fn::GetStackOutput",
    "Fn::ImportValue",
    "Fn::Join",
    "Fn::Select",
    "Fn::Split",
    "Fn::Sub",
)


def is_intrinsic(value: Any) -> bool:
    """Whether a value is one of CloudFormation's functions."""
    if not isinstance(value, Mapping) or len(value) != 1:
        return False
    name = next(iter(value))
    return isinstance(name, str) and (name == "Ref" or name.startswith("Fn::"))


def shown(value: Any) -> str:
    """A value in an error: as JSON, if it is."""
    try:
        return json.dumps(value)
    except (RecursionError, TypeError, ValueError):
        return f"{type(value).__name__} that is no JSON"


def refuse(at: str, rule: str, value: Any) -> NoReturn:
    """Refuse a value.

    Raises:
        DeliveryError: Always.
    """
    remedy = "write it as AWS takes it"
    if is_intrinsic(value):
        remedy = "write the value, as what is delivered depends on it"
    raise DeliveryError(f"{at} must be {rule}, got {shown(value)}; {remedy}")


def flag(at: str, value: Any) -> bool:
    """True or false, perhaps as a text."""
    text = str(value).lower() if isinstance(value, bool | str) else ""
    if text not in ("true", "false"):
        refuse(at, "true or false", value)
    return text == "true"


def whole(value: Any) -> int | None:
    """A whole number, perhaps as a text; ``None`` if it is none."""
    if isinstance(value, str) and value.removeprefix("-").isdecimal() and value.isascii():
        value = int(value[:30])
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return int(value) if abs(value) < 1e15 and value == int(value) else None  # noqa: PLR2004 - no limit is near


def number(at: str, value: Any) -> int:
    """A whole number."""
    found = whole(value)
    if found is None:
        refuse(at, "a whole number", value)
    return found


def within(
    owner: str, properties: Mapping[str, Any], name: str, default: int, limits: tuple[int, int]
) -> int:
    """A number that was read, within its limits.

    Args:
        owner: The logical id of what has it.
        properties: Those of the owner.
        name: What it is called.
        default: What it is where it is left out.
        limits: The least and the most that it may be.

    Raises:
        DeliveryError: If it is outside of them.
    """
    found: int = properties.get(name, default)
    least, most = limits
    if not least <= found <= most:
        raise DeliveryError(
            f"{owner}: {name} must be {least} to {most}, got {found}; give one of these"
        )
    return found


def text(at: str, value: Any) -> str:
    """A text."""
    if not isinstance(value, str) or not value:
        refuse(at, "a text", value)
    return value


def one_of(*choices: str) -> Kind:
    """One of these texts."""

    def read(at: str, value: Any) -> str:
        if not isinstance(value, str) or value not in choices:
            refuse(at, f"one of {', '.join(choices)}", value)
        return value

    return read


def reference(at: str, value: Any) -> Any:
    """An ARN, a name or what refers to a resource."""
    is_reference = is_intrinsic(value) and next(iter(value)) in _REFERENCES
    if not is_reference and not (isinstance(value, str) and value):
        refuse(at, "a text or a reference", value)
    return value


def parsed(at: str, value: Any) -> Any:
    """JSON, which a text may hold too."""
    found = _loaded(value) if isinstance(value, str) else value
    if not isinstance(found, Mapping) or is_intrinsic(found):
        if is_intrinsic(value):
            refuse(at, "a JSON object", value)
        raise DeliveryError(f"{at} must be a JSON object, got {value!r:.200}; correct it")
    return found


def _loaded(text: str) -> Any:
    """JSON; ``None`` if it is none, or is nested so deep that nobody could read it."""
    try:
        found = json.loads(text)
    except (RecursionError, ValueError):
        return None
    return None if _is_deep(found, _DEEPEST) else found


def _is_deep(value: Any, left: int) -> bool:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return left < 0 or any(_is_deep(each, left - 1) for each in inner)


def json_of(kind: Kind) -> Kind:
    """An object, which a text may hold too."""
    return lambda at, value: kind(at, parsed(at, value))


def object_of(**fields: Kind) -> Kind:
    """An object with these fields, as far as they are there, and others as they are."""

    def read(at: str, value: Any) -> dict[str, Any]:
        if not isinstance(value, Mapping) or is_intrinsic(value):
            refuse(at, "an object", value)
        return {
            key: fields[key](f"{at}.{key}", inner) if key in fields else inner
            for key, inner in value.items()
        }

    return read


def every(kind: Kind) -> Kind:
    """An object, each field of which is of one kind."""

    def read(at: str, value: Any) -> dict[str, Any]:
        if not isinstance(value, Mapping) or is_intrinsic(value):
            refuse(at, "an object", value)
        return {str(key): kind(f"{at}.{key}", inner) for key, inner in value.items()}

    return read


def list_of(kind: Kind) -> Kind:
    """A list."""

    def read(at: str, value: Any) -> list[Any]:
        if not isinstance(value, list | tuple):
            refuse(at, "a list", value)
        return [kind(f"{at}.{position}", inner) for position, inner in enumerate(value)]

    return read


def one_or_more(kind: Kind) -> Kind:
    """A list, or one thing alone."""
    several = list_of(kind)

    def read(at: str, value: Any) -> list[Any]:
        return several(at, value) if isinstance(value, list | tuple) else [kind(at, value)]

    return read


def anything(at: str, value: Any) -> Any:  # noqa: ARG001 - as the others
    """What its reader looks at."""
    return value
