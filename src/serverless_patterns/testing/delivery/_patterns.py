"""Event patterns: the language in which rules, mappings and subscriptions say what they take.

- Fields are ANDed, the values of one are ORed, ``$or`` is between objects: D,
  https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
- A field that is a list matches with any of its values: D,
  https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns-arrays.html
- Numbers are equal if they are written alike (``300`` and ``300.0`` are not); ``numeric`` compares
  values: D, https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html
- ``exists`` asks for a value, and an object is none: D, the page of the operators.
- In a list of objects one object must match everything that is asked of it: D for EventBridge;
  A for mappings and subscriptions.
"""

from __future__ import annotations

import ipaddress
import json
import operator
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from serverless_patterns.testing.delivery._errors import DeliveryError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_OR = "$or"
_COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_TEXTUAL = ("prefix", "suffix", "equals-ignore-case", "wildcard", "cidr")
_NEGATABLE = ("prefix", "suffix", "equals-ignore-case", "wildcard")
OPERATORS = frozenset({*_TEXTUAL, "anything-but", "numeric", "exists"})


def matches(pattern: Mapping[str, Any], event: Mapping[str, Any]) -> bool:
    """Whether an event has everything that a pattern asks for.

    Args:
        pattern: The pattern.
        event: The event.

    Raises:
        DeliveryError: If the pattern asks what AWS doesn't know.
    """
    for key, wanted in pattern.items():
        if key == _OR and _is_alternatives(wanted):
            if not any(matches(alternative, event) for alternative in wanted):
                return False
        elif isinstance(wanted, Mapping):
            if not any(matches(wanted, inner) for inner in _objects(event.get(key))):
                return False
        elif not _any_of(wanted, list(_values(event.get(key, _ABSENT)))):
            return False
    return True


def check(
    pattern: Any, owner: str, *, operators: frozenset[str] = OPERATORS, at: str = "pattern"
) -> None:
    """Refuse a pattern that AWS would refuse.

    Args:
        pattern: The pattern.
        owner: The logical id of what has it.
        operators: The operators that are known there.
        at: What the owner calls it.

    Raises:
        DeliveryError: If it is none.
    """
    if not isinstance(pattern, Mapping) or not pattern:
        raise DeliveryError(
            f"{owner}: {at} must be an object with a field at least, got {_shown(pattern)}; "
            "name a field"
        )
    for key, wanted in pattern.items():
        here = f"{at}.{key}"
        if key == _OR and _is_alternatives(wanted):
            for alternative in wanted:
                check(alternative, owner, operators=operators, at=here)
        elif isinstance(wanted, Mapping):
            check(wanted, owner, operators=operators, at=here)
        elif not isinstance(wanted, list) or not wanted:
            raise DeliveryError(
                f"{owner}: {here} must be a list of values or an object, got {_shown(wanted)}; "
                "put the value in a list"
            )
        else:
            for value in wanted:
                _check_value(value, owner, operators, here)


def _check_value(value: Any, owner: str, operators: frozenset[str], at: str) -> None:
    if isinstance(value, list) or (isinstance(value, Mapping) and len(value) != 1):
        rule = "hold values and operators only"
    elif isinstance(value, Mapping) and next(iter(value)) not in operators:
        rule = f"use one of the operators {', '.join(sorted(operators))}"
    elif isinstance(value, Mapping) and not _is_well_formed(*next(iter(value.items()))):
        rule = f"give {next(iter(value))!r} what it takes"
    else:
        return
    raise DeliveryError(f"{owner}: {at} must {rule}, got {_shown(value)}; correct it")


def _is_well_formed(name: str, operand: Any) -> bool:
    match name, operand:
        case "anything-but", Mapping() if len(operand) == 1:
            inner, values = next(iter(operand.items()))
            listed = values if isinstance(values, list) else [values]
            well = inner in _NEGATABLE and bool(listed) and all(map(_is_text, listed))
        case "anything-but", list():
            well = bool(operand) and not any(isinstance(v, list | Mapping) for v in operand)
        case "anything-but", _:
            well = not isinstance(operand, Mapping)
        case "numeric", [_, _] | [_, _, _, _]:
            signs, bounds = operand[::2], operand[1::2]
            well = all(sign in _COMPARISONS for sign in signs) and all(map(_is_number, bounds))
        case "wildcard", str():
            well = "**" not in operand.replace("\\*", "")
        case "cidr", str():
            well = _network(operand) is not None
        case "prefix" | "suffix", {"equals-ignore-case": str()}:
            well = len(operand) == 1
        case _:
            well = isinstance(operand, bool if name == "exists" else str)
            well = well and name != "numeric"
    return well


_ABSENT = object()


def _is_alternatives(wanted: Any) -> bool:
    """Whether ``$or`` is the operator; elsewise it is a field of that name."""
    return (
        isinstance(wanted, list)
        and bool(wanted)
        and all(isinstance(alternative, Mapping) for alternative in wanted)
        and not any(set(alternative) <= OPERATORS for alternative in wanted)
    )


def _objects(value: Any) -> Iterator[Mapping[str, Any]]:
    """What a nested pattern is compared with: an empty object where there is none."""
    found = [inner for inner in _flat(value) if isinstance(inner, Mapping)]
    yield from found or [{}]


def _values(value: Any) -> Iterator[Any]:
    for inner in _flat(value):
        if inner is not _ABSENT and not isinstance(inner, Mapping):
            yield inner


def _flat(value: Any) -> Iterator[Any]:
    if isinstance(value, list | tuple):
        for inner in value:
            yield from _flat(inner)
    else:
        yield value


def _any_of(wanted: Any, values: list[Any]) -> bool:
    for test in wanted:
        if isinstance(test, Mapping) and "exists" in test:
            if test["exists"] is bool(values):
                return True
        elif any(_is_match(test, value) for value in values):
            return True
    return False


def _is_match(test: Any, value: Any) -> bool:
    if not isinstance(test, Mapping):
        return type(test) is type(value) and bool(test == value)
    name, operand = next(iter(test.items()))
    if name == "numeric":
        return _is_number(value) and all(
            _COMPARISONS[sign](value, bound)
            for sign, bound in zip(operand[::2], operand[1::2], strict=True)
        )
    if name == "anything-but":
        return not _is_excluded(operand, value)
    if name not in _TEXTUAL:
        raise DeliveryError(
            f"pattern must use one of the operators {', '.join(sorted(OPERATORS))}, "
            f"got {_shown(test)}; correct it"
        )
    return _is_text(value) and _is_textual_match(name, operand, value)


def _is_excluded(operand: Any, value: Any) -> bool:
    """Whether ``anything-but`` names the value; what isn't text has no prefix to be excluded by."""
    if isinstance(operand, Mapping):
        name, values = next(iter(operand.items()))
        listed = values if isinstance(values, list) else [values]
        return not _is_text(value) or any(_is_textual_match(name, one, value) for one in listed)
    return any(
        _is_match(one, value) for one in (operand if isinstance(operand, list) else [operand])
    )


def _is_textual_match(name: str, operand: Any, value: str) -> bool:
    text = str(operand)
    if isinstance(operand, Mapping):
        text, value = str(operand["equals-ignore-case"]).casefold(), value.casefold()
    match name:
        case "prefix":
            return value.startswith(text)
        case "suffix":
            return value.endswith(text)
        case "equals-ignore-case":
            return value.casefold() == text.casefold()
        case "wildcard":
            return _wildcard(text).fullmatch(value) is not None
    return _is_inside(text, value)


def _is_inside(network: str, address: str) -> bool:
    try:
        return ipaddress.ip_address(address) in ipaddress.ip_network(network, strict=False)
    except ValueError:
        return False


def _network(text: str) -> Any:
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None


@lru_cache(maxsize=256)
def _wildcard(text: str) -> re.Pattern[str]:
    parts = re.split(r"(\\\*|\\\\|\*)", text)
    literal = {"\\*": re.escape("*"), "\\\\": re.escape("\\"), "*": ".*"}
    return re.compile("".join(literal.get(part, re.escape(part)) for part in parts), re.DOTALL)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _shown(value: Any) -> str:
    return json.dumps(value, default=str)
