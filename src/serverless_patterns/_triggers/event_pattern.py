"""What EventBridge takes as the pattern of a rule."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

import aws_cdk as cdk
from aws_cdk import aws_events as events

from serverless_patterns import _quotas
from serverless_patterns._errors import PatternError, check_type
from serverless_patterns._triggers.conditions import check_conditions, is_unknown, nothing_asked

if TYPE_CHECKING:
    from constructs import Construct

_EITHER = "$or"


def check_pattern(path: str, scope: Construct, pattern: events.EventPattern | None) -> None:
    """Refuse a pattern that EventBridge would refuse, or that CDK would write otherwise.

    Args:
        path: The construct path of the trigger.
        scope: Where the trigger stands.
        pattern: What was given.

    Raises:
        PatternError: If it asks for nothing, is too long, or holds what matches nothing.
    """
    check_type(
        path,
        "event_pattern",
        pattern,
        events.EventPattern,
        'events.EventPattern(source=["shop.orders"])',
    )
    asked = pattern._values if pattern else {}  # noqa: SLF001 - what jsii keeps of a struct
    given = {name: value for name, value in asked.items() if value is not None}
    if not given:
        raise PatternError(
            path,
            "event_pattern",
            rule="ask for something, as EventBridge refuses an empty pattern",
            got="nothing",
            remedy='for example events.EventPattern(source=["shop.orders"]), or '
            "account=[stack.account] for all that the account sends",
        )
    _check_fields(path, "event_pattern", given)
    said = json.dumps(cdk.Stack.of(scope).resolve(given), separators=(",", ":"))
    size = 0 if '"Ref":' in said or '"Fn::' in said else len(said)
    if size > _quotas.EVENT_PATTERN_LENGTH:
        raise PatternError(
            path,
            "event_pattern",
            rule=f"be at most {_quotas.EVENT_PATTERN_LENGTH} characters",
            got=f"{size}",
            remedy="match by prefixes, or let several triggers share it",
        )


def _check_fields(path: str, name: str, fields: Mapping[str, object]) -> None:
    """Refuse fields of an event of which one asks for nothing, or for what is no value."""
    if not fields:
        raise nothing_asked(path, name)
    for key, value in fields.items():
        if not isinstance(key, str):
            raise PatternError(
                path, name, rule="name fields by texts", got=repr(key), remedy=f"write '{key}'"
            )
        place = f"{name}.{key}"
        if is_unknown(value):
            continue
        if isinstance(value, dict):
            _check_fields(path, place, value)
        elif isinstance(value, Mapping):  # which jsii can't write
            raise PatternError(
                path,
                place,
                rule="be a dict",
                got=type(value).__name__,
                remedy="write dict(…) around it",
            )
        elif key == _EITHER and isinstance(value, list):
            _check_alternatives(path, place, value)
        else:
            check_conditions(path, place, value)


def _check_alternatives(path: str, name: str, patterns: list[object]) -> None:
    if not patterns:
        raise nothing_asked(path, name)
    for number, each in enumerate(patterns):
        if is_unknown(each):
            continue
        if not isinstance(each, dict):
            raise PatternError(
                path,
                f"{name}[{number}]",
                rule="be a pattern",
                got=repr(each),
                remedy='for example {"colour": ["red"]}',
            )
        _check_fields(path, f"{name}[{number}]", each)
