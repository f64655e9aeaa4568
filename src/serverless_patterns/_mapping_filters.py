"""The filters of an event source mapping, through which alone an event gets to its handler."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import aws_cdk as cdk

from serverless_patterns import _quotas
from serverless_patterns._errors import PatternError

if TYPE_CHECKING:
    from collections.abc import Mapping

_RAISED = 2 * _quotas.FILTERS

# https://docs.aws.amazon.com/lambda/latest/dg/with-sqs-filtering.html
# https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis-filtering.html
# https://docs.aws.amazon.com/lambda/latest/dg/with-ddb-filtering.html, which names dynamodb alone;
# eventName is that of CDK's own example of a filter.
_KEYS = {"sqs": ("body",), "kinesis": ("data",), "dynamodb": ("dynamodb", "eventName")}
_SKIPPED = {"sqs": "a message that matches no filter is deleted"}


def check_filters(path: str, filters: object, source: str) -> dict[str, str]:
    """Check event filters: AWS says nothing of one that can match no event.

    Args:
        path: The construct path of what polls.
        filters: What was given.
        source: What is polled: ``sqs``, ``kinesis`` or ``dynamodb``.

    Returns:
        Warnings by their ids.

    Raises:
        PatternError: If Lambda would refuse them.
    """
    if filters is None:
        return {}
    example = f"write [lambda_.FilterCriteria.filter({{'{_KEYS[source][0]}': {{...}}}})]"
    if isinstance(filters, str | dict) or not hasattr(filters, "__len__"):
        raise PatternError(
            path, "filters", rule="be a list", got=type(filters).__name__, remedy=example
        )
    listed: list[object] = [*filters]  # type: ignore[misc]
    if len(listed) > _RAISED:
        raise PatternError(
            path,
            "filters",
            rule=f"be at most {_quotas.FILTERS}, or {_RAISED} once AWS raised the quota",
            got=len(listed),
            remedy="let one pattern name several values",
        )
    keys: set[str] = set()
    for each in listed:
        pattern = each.get("pattern") if isinstance(each, dict) else None
        if not isinstance(pattern, str):
            raise PatternError(
                path, "filters", rule="be made by FilterCriteria", got=repr(each), remedy=example
            )
        if not cdk.Token.is_unresolved(pattern):
            keys |= _looked_at(_parsed(path, pattern))
    return _warnings(len(listed), keys - {*_KEYS[source]}, source)


def _warnings(count: int, others: set[str], source: str) -> dict[str, str]:
    kind = "sqs" if source == "sqs" else "stream"
    warnings = {}
    if count > _quotas.FILTERS:
        warnings[f"{kind}-filters"] = (
            f"{count} filters are more than the {_quotas.FILTERS} that a mapping may have "
            "until AWS raises the quota of this account"
        )
    if others:
        what = {"sqs": "a queue", "kinesis": "a Kinesis stream", "dynamodb": "a table's stream"}
        known = " and ".join(_KEYS[source])
        skipped = _SKIPPED.get(source, "a record that matches no filter is skipped")
        warnings[f"{kind}-filter-keys"] = (
            f"filters look at {', '.join(sorted(others))}, where Lambda is known to look at "
            f"{known} alone for {what[source]}: {skipped}"
        )
    return warnings


def _looked_at(pattern: Mapping[str, object]) -> set[str]:
    """The keys of an event that a pattern looks at."""
    keys = {*pattern} - {"$or"}
    either = pattern.get("$or")
    for each in either if isinstance(either, list) else []:
        keys |= _looked_at(each) if isinstance(each, dict) else set()
    return keys


def _parsed(path: str, pattern: str) -> dict[str, object]:
    if len(pattern) > _quotas.FILTER_LENGTH:
        raise PatternError(
            path,
            "filters",
            rule=f"hold at most {_quotas.FILTER_LENGTH:,} characters each",
            got=f"{len(pattern):,}",
            remedy="split the pattern into several filters",
        )
    try:
        parsed = json.loads(pattern)
    except ValueError:
        parsed = None
    if not isinstance(parsed, dict):
        raise PatternError(
            path,
            "filters",
            rule="hold JSON objects",
            got=repr(pattern),
            remedy="make them with lambda_.FilterCriteria.filter",
        )
    return parsed
