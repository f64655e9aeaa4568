"""What SNS takes as the filter policy of a subscription."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING

from aws_cdk import aws_sns as sns

from serverless_patterns import _quotas
from serverless_patterns._errors import PatternError, check_type
from serverless_patterns._triggers.conditions import check_conditions, nothing_asked

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_EXAMPLES = {
    "filter_policy": '{"colour": sns.SubscriptionFilter.string_filter(allowlist=["red"])}',
    "filter_policy_with_message_body": '{"colour": sns.FilterOrPolicy.filter(…)}',
}


def check_filters(
    path: str,
    attributes: Mapping[str, sns.SubscriptionFilter] | None,
    body: Mapping[str, sns.FilterOrPolicy] | None,
) -> None:
    """Refuse filter policies that SNS would refuse, or that CDK would drop.

    Raises:
        PatternError: If both are given, one is empty, too large, or holds what matches nothing.
    """
    if attributes is not None and body is not None:
        raise PatternError(
            path,
            "filter_policy",
            rule="be left out beside filter_policy_with_message_body, as a subscription has one",
            got="both",
            remedy="put what both ask for into the body, or into attributes",
        )
    name = "filter_policy" if body is None else "filter_policy_with_message_body"
    policy = attributes if body is None else body
    if policy is None:
        return
    check_type(path, name, policy, dict, _EXAMPLES[name])
    if not policy:
        raise PatternError(
            path,
            name,
            rule="ask for something, as SNS refuses an empty filter",
            got="no condition",
            remedy="omit it to take every message",
        )
    kind = sns.SubscriptionFilter if body is None else sns.FilterOrPolicy
    _check_keys(path, name, policy, kind, _EXAMPLES[name])
    leaves = [*_leaves(policy, 1)]
    if len(leaves) > _quotas.SNS_FILTER_KEYS:
        raise PatternError(
            path,
            name,
            rule=f"have at most {_quotas.SNS_FILTER_KEYS} keys",
            got=f"{len(leaves)}",
            remedy="filter by fewer keys, and by the rest in the handler",
        )
    combinations = prod(count * depth for count, depth in leaves)
    if combinations > _quotas.SNS_FILTER_COMBINATIONS:
        raise PatternError(
            path,
            name,
            rule=f"have at most {_quotas.SNS_FILTER_COMBINATIONS} combinations of conditions"
            + (", each counted as often as it is deep" if body else ""),
            got=str(combinations),
            remedy="filter by prefixes or ranges in place of single values",
        )


def _check_keys(
    path: str, name: str, policy: Mapping[str, object], kind: type, example: str
) -> None:
    """Refuse keys of which one asks for nothing, or for what is no value."""
    if not policy:
        raise nothing_asked(path, name, "SNS")
    for key, each in policy.items():
        if not isinstance(key, str):
            raise PatternError(
                path, name, rule="name keys by texts", got=repr(key), remedy=f"write '{key}'"
            )
        place = f"{name}[{key!r}]"
        if not isinstance(each, kind):
            raise PatternError(
                path,
                place,
                rule=f"be a {kind.__name__}",
                got=repr(each),
                remedy=f"for example {example}",
            )
        if isinstance(each, sns.Policy):
            _check_keys(path, place, each.policy_doc, kind, example)
            continue
        conditions = _conditions(each)
        if conditions == []:
            raise nothing_asked(path, place, "SNS")
        check_conditions(path, place, conditions, null="leave it out, as CDK does")


def _conditions(leaf: object) -> list[object]:
    found = leaf.filter_doc if isinstance(leaf, sns.Filter) else leaf
    return [*found.conditions] if isinstance(found, sns.SubscriptionFilter) else []


def _leaves(policy: Mapping[str, object], depth: int) -> Iterator[tuple[int, int]]:
    """How many conditions each key has, and how deep it stands."""
    for each in policy.values():
        if isinstance(each, sns.Policy):
            yield from _leaves(each.policy_doc, depth + 1)
        else:
            yield len(_conditions(each)), depth
