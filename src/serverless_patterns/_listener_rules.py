"""The rules of a load balancer's listener: what each matches, and in which order they are asked.

A listener asks its rules in the order of their priorities, and no two rules may have the same.
CloudFormation updates rules one by one: a deployment in which two rules trade priorities, or one
takes what another still has, fails half-way. Numbered in order, every route that comes or goes
would move those behind it. So a rule's priority is made of its own route.

Order matters only between routes that can match one request, such as ``GET /books/{id}`` and
``GET /books/new``. A route's *level* is the length of the longest chain of more specific routes
that overlap it: 0 where there is none, as for almost all. Each level has a band of priorities,
and a hash of the route chooses one in it. A route that comes can lift the level of those less
specific than itself; it moves no other. Where two routes of a band hash alike, the user chooses.
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, NamedTuple

from aws_cdk import aws_elasticloadbalancingv2 as elbv2

from serverless_patterns import _quotas
from serverless_patterns._errors import PatternError
from serverless_patterns._route_rules import nearest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from serverless_patterns._units import UnitRoute

_BANDS = (
    range(1, 40_001),
    range(40_001, 45_001),
    *(range(first, first + 1_000) for first in range(45_001, 50_001, 1_000)),
)
"""The priorities of each level: most routes are of the first."""

# What a path pattern takes as it is, wildcards apart: anything else is matched by an expression.
# https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-condition-types.html#path-conditions
_PLAIN = re.compile(r"""[A-Za-z0-9_.$/~"'@:+-]+""")
_SPECIAL = re.compile(r"[.^$*+?{}()\[\]\\|]")


class _Rank(NamedTuple):
    """How specific a route is: the less, the later. Of two that overlap it tells which answers."""

    kinds: tuple[int, ...]
    """For each segment: 0 a text, 1 a parameter, 2 a parameter that takes slashes."""

    is_any: bool


def conditions(route: UnitRoute) -> list[elbv2.CfnListenerRule.RuleConditionProperty]:
    """What a request must be for a rule to take it."""
    rule = elbv2.CfnListenerRule
    pattern = _pattern(route.path)
    config = rule.PathPatternConfigProperty(
        **{"values" if pattern == route.path else "regex_values": [pattern]}
    )
    matched = [rule.RuleConditionProperty(field="path-pattern", path_pattern_config=config)]
    if route.method != "ANY":
        method = rule.HttpRequestMethodConfigProperty(values=[route.method])
        matched.append(
            rule.RuleConditionProperty(
                field="http-request-method", http_request_method_config=method
            )
        )
    return matched


def check_patterns(path: str, routes: Sequence[UnitRoute]) -> None:
    """Refuse routes whose paths no rule could match.

    Raises:
        PatternError: If there are such.
    """
    limit = _quotas.LISTENER_RULE_PATTERN_LENGTH
    for route in routes:
        length = len(_pattern(route.path))
        if length > limit:
            raise PatternError(
                path,
                "routes",
                rule=f"have paths whose patterns have at most {limit} characters in a rule of a "
                "load balancer",
                got=f"{length} for {route.key}",
                remedy="shorten the path, or choose Endpoint.HTTP_API",
            )
        if not re.fullmatch(r"[!-~]+", route.path):
            raise PatternError(
                path,
                "routes",
                rule="have paths of visible ASCII characters behind a load balancer",
                got=repr(route.key),
                remedy="percent-encode it, or choose Endpoint.HTTP_API",
            )


def priorities(path: str, routes: Sequence[UnitRoute], chosen: Mapping[str, int]) -> dict[str, int]:
    """The priority of each route's rule, by the route's key.

    Args:
        path: The construct path.
        routes: The routes of all units.
        chosen: The priorities that the user chose for single routes.

    Raises:
        PatternError: If the chosen ones are none, two are the same, or a route would answer what
            a more specific one should.
    """
    _check_chosen(path, [route.key for route in routes], chosen)
    before = _before(routes)
    found: dict[str, int] = {}
    owners: dict[int, str] = {}
    levels: dict[str, int] = {}
    for route in sorted(routes, key=_rank):
        key = route.key
        levels[key] = max((levels[other] + 1 for other in before[key]), default=0)
        priority = chosen[key] if key in chosen else _hashed(path, key, levels[key])
        if priority in owners:
            raise _same(path, (owners[priority], key), priority, owners, chosen)
        found[key], owners[priority] = priority, key
    for key, others in before.items():
        for other in others:
            if found[other] > found[key]:
                raise PatternError(
                    path,
                    "priorities",
                    rule=f"ask {other} before {key}, which matches its requests too",
                    got=f"{found[other]} after {found[key]}",
                    remedy=f"give {other} a lower number",
                )
    return found


def _before(routes: Sequence[UnitRoute]) -> dict[str, list[str]]:
    """The more specific routes that overlap each route, by key."""
    ranked = sorted(routes, key=_rank)
    return {
        route.key: [other.key for other in ranked[:place] if _overlap(other, route)]
        for place, route in enumerate(ranked)
    }


def _hashed(path: str, key: str, level: int) -> int:
    if level >= len(_BANDS):
        raise PatternError(
            path,
            "routes",
            rule=f"overlap at most {len(_BANDS)} deep behind a load balancer",
            got=f"{key}, which {level} routes precede one by one",
            remedy=f'choose its place with Endpoint.load_balancer(vpc=..., priorities={{"{key}": '
            f"{_quotas.LISTENER_RULE_PRIORITIES[-1]}}})",
        )
    digest = hashlib.sha256(key.encode()).digest()
    return _BANDS[level][int.from_bytes(digest[:8], "big") % len(_BANDS[level])]


def _same(
    path: str,
    pair: tuple[str, str],
    priority: int,
    taken: Mapping[int, str],
    chosen: Mapping[str, int],
) -> PatternError:
    first, second = pair
    moved = second if second not in chosen else first
    band = next(band for band in _BANDS if priority in band)
    others = (*range(priority + 1, band.stop), *range(band.start, priority))
    free = next(number for number in others if number not in taken)
    return PatternError(
        path,
        "priorities",
        rule=f"differ between {first} and {second}",
        got=f"{priority} for both",
        remedy=f'choose one with Endpoint.load_balancer(vpc=..., priorities={{"{moved}": {free}}})',
    )


def _check_chosen(path: str, keys: Sequence[str], chosen: Mapping[str, int]) -> None:
    numbers = _quotas.LISTENER_RULE_PRIORITIES
    for key, priority in chosen.items():
        if key not in keys:
            raise PatternError(
                path,
                "priorities",
                rule="name routes of the API by method and path",
                got=repr(key),
                remedy=nearest(str(key), keys, "it has") if keys else "omit them: it has no routes",
            )
        if not isinstance(priority, int) or isinstance(priority, bool) or priority not in numbers:
            raise PatternError(
                path,
                "priorities",
                rule=f"be whole numbers from {numbers[0]} to {numbers[-1]}",
                got=f"{priority!r} for {key}",
                remedy="omit it to get one that is made of the route",
            )


def _pattern(path: str) -> str:
    """The path itself where it is a pattern of its own, else a regular expression."""
    if _PLAIN.fullmatch(path):
        return path
    return f"^{'/'.join(_expression(segment) for segment in path.split('/'))}$"


def _expression(segment: str) -> str:
    kind = _kind(segment)
    return (_SPECIAL.sub(r"\\\g<0>", segment), "[^/]+", ".+")[kind]


def _kind(segment: str) -> int:
    if segment.startswith("{"):
        return 2 if segment.endswith("+}") else 1
    return 0


def _rank(route: UnitRoute) -> _Rank:
    return _Rank(
        tuple(_kind(segment) for segment in route.path.split("/")[1:]), route.method == "ANY"
    )


def _overlap(one: UnitRoute, other: UnitRoute) -> bool:
    """Whether a request can match both."""
    if one.method != other.method and "ANY" not in (one.method, other.method):
        return False
    left, right = one.path.split("/")[1:], other.path.split("/")[1:]
    for mine, theirs in zip(left, right, strict=False):
        if 2 in (_kind(mine), _kind(theirs)):  # noqa: PLR2004 - it takes all that follow
            return True
        if mine != theirs and not _kind(mine) and not _kind(theirs):
            return False
    return len(left) == len(right)
