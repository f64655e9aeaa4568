"""What a pattern or a filter may ask of a value: texts, numbers, truth values and matchers."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING

from serverless_patterns._errors import PatternError

if TYPE_CHECKING:
    from collections.abc import Collection

_NULL = "write events.Match.null_value() for a null"


def is_unknown(value: object) -> bool:
    """Whether a value is one of CDK's that only a deployment tells."""
    return not isinstance(value, type) and hasattr(value, "resolve")


def check_conditions(path: str, name: str, conditions: object, *, null: str = _NULL) -> None:
    """Refuse what is no list of conditions: CDK drops some of it, and AWS refuses the rest.

    Args:
        path: The construct path of the trigger.
        name: The keyword, and the way into it.
        conditions: What was given.
        null: What to do about ``None``, which CDK drops.

    Raises:
        PatternError: If it is no list, is empty, or holds what is no condition.
    """
    if not isinstance(conditions, list):
        raise PatternError(
            path,
            name,
            rule="be a list of values",
            got=repr(conditions),
            remedy=_listed(conditions),
        )
    if not conditions:
        raise nothing_asked(path, name)
    for each in conditions:
        if not is_condition(each):
            raise PatternError(
                path,
                name,
                rule="list texts, numbers, truth values or matchers",
                got=repr(each),
                remedy=null if each is None else 'for example ["red", {"prefix": "b"}]',
            )


def is_condition(value: object) -> bool:
    """Whether a value is a text, a number, a truth value or a matcher, or a token."""
    if isinstance(value, dict):
        return bool(value) and all(
            isinstance(key, str) and _is_operand(each) for key, each in value.items()
        )
    if isinstance(value, int | float):
        return isfinite(value)
    return isinstance(value, str) or is_unknown(value)


def nothing_asked(path: str, name: str, service: str = "EventBridge") -> PatternError:
    """What is wrong with a place of a pattern that asks for nothing."""
    return PatternError(
        path,
        name,
        rule=f"hold a value, as {service} refuses what nothing can match",
        got="none",
        remedy="name values, or leave it out",
    )


def _is_operand(value: object) -> bool:
    """Whether a matcher may be given a value: a condition, or a list of them."""
    if isinstance(value, list):
        return bool(value) and all(is_condition(each) for each in value)
    return is_condition(value)


def _listed(value: object) -> str:
    if value is None:
        return f"name values, {_NULL}, or leave it out"
    if is_condition(value):
        return f"write [{value!r}]"
    if isinstance(value, tuple | set | frozenset) and all(is_condition(each) for each in value):
        return f"write {_sorted(value)!r}"
    return 'for example ["red", {"prefix": "b"}]'


def _sorted(values: Collection[object]) -> list[object]:
    return [*values] if isinstance(values, tuple) else sorted(values, key=repr)
