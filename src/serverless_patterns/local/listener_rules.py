"""Listener rules with regular expressions, written so that the emulator understands them.

Its CloudFormation drops regular expressions of paths: such a rule would match nothing. It knows
wildcards, but its ``*`` takes slashes too. So the rules of a listener are sorted by the number of
slashes in a request's path, most first. Those for a number ask for that many slashes at least, and
a guard after them does for the rest what the listener would do by default. Only paths with exactly
that number are left for them then, and where each slash has its place a ``*`` can take none.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from serverless_patterns.local.assembly import Template

_RULE = "AWS::ElasticLoadBalancingV2::ListenerRule"
_PATH = "path-pattern"
_SEGMENT = "[^/]+"
_GREEDY = {".+": "?*", ".*": "*"}
_LITERAL = re.compile(r"(?:\\[^A-Za-z0-9]|[^.^$*+?{}()\[\]\\|])*")
# The emulator takes any number as a priority. Each number of slashes has this many to itself.
_PRIORITIES = 100_000
_MOST_SLASHES = 1_000


@dataclass(frozen=True)
class _Rule:
    """A rule whose path, if it asks for one, is written with wildcards.

    Attributes:
        logical_id: Its logical id.
        properties: Its properties.
        slashes: The least slashes in a path that it takes.
        takes_more: Whether it takes more of them.
    """

    logical_id: str
    properties: dict[str, Any]
    slashes: int
    takes_more: bool


def translate_rules(templates: Sequence[Template]) -> list[str]:
    """Rewrite in place the rules of listeners that have regular expressions among them.

    A rule stays as it is where its expression is no path with parameters. All rules of a listener
    do where it stands in another template, or a priority is known at deployment only.

    Args:
        templates: The templates, nested ones included.

    Returns:
        The rules whose expressions were rewritten, as ``Stack.LogicalId``.
    """
    translated = []
    for template in templates:
        for listener, rules in _by_listener(template):
            readable = {name: rule for name, rule in rules.items() if _is_readable(_of(rule))}
            found = [name for name, rule in readable.items() if any(_expressions(_of(rule)))]
            default = template.resources.get(listener, {}).get("Properties", {})
            numbered = all(str(_of(rule).get("Priority")).isdigit() for rule in rules.values())
            if found and numbered and "DefaultActions" in default:
                for logical_id in readable:
                    del template.resources[logical_id]
                template.resources.update(_sorted(listener, default["DefaultActions"], readable))
                translated += [f"{template.name}.{name}" for name in found]
    return translated


def wildcards(expression: str) -> tuple[str, bool] | None:
    """A regular expression of a path as a pattern with wildcards, and whether it takes slashes.

    The pattern is right for paths with as many slashes as it has itself, or more if it takes them.
    ``None`` where the expression is no path of texts and parameters.
    """
    if not (expression.startswith("^/") and expression.endswith("$")):
        return None
    marked = expression[2:-1].replace(_SEGMENT, "\0")
    *segments, last = marked.split("/")
    parts = [_wildcard(segment) for segment in segments]
    parts.append(_GREEDY.get(last) or _wildcard(last))
    if any(part is None for part in parts):
        return None
    return "".join(f"/{part}" for part in parts), last in _GREEDY


def _wildcard(segment: str) -> str | None:
    if segment == "\0":
        return "[!/]*"
    if not _LITERAL.fullmatch(segment) or "\0" in segment:
        return None
    return re.sub(r"[*?\[]", r"[\g<0>]", re.sub(r"\\(.)", r"\1", segment))


def _by_listener(template: Template) -> Iterator[tuple[str, dict[str, dict[str, Any]]]]:
    """The rules of each listener that stands in a template beside them, by its logical id."""
    found: dict[str, dict[str, dict[str, Any]]] = defaultdict(dict)
    for logical_id, resource in template.resources.items():
        if resource["Type"] == _RULE:
            listener = resource["Properties"].get("ListenerArn")
            if isinstance(listener, dict) and isinstance(listener.get("Ref"), str):
                found[listener["Ref"]][logical_id] = resource
    yield from found.items()


def _of(rule: dict[str, Any]) -> dict[str, Any]:
    properties: dict[str, Any] = rule["Properties"]
    return properties


def _expressions(properties: dict[str, Any]) -> Iterator[str]:
    for condition in properties.get("Conditions", []):
        yield from condition.get("PathPatternConfig", {}).get("RegexValues", [])


def _is_readable(properties: dict[str, Any]) -> bool:
    """Whether a rule has one expression at most, which is a path."""
    expressions = [*_expressions(properties)]
    return len(expressions) <= 1 and all(wildcards(expression) for expression in expressions)


def _sorted(
    listener: str, default_actions: list[Any], rules: dict[str, dict[str, Any]]
) -> dict[str, dict[str, Any]]:
    """The resources that stand for a listener's rules.

    Their priorities and logical ids depend on nothing but each rule itself and the number of
    slashes: whichever rule comes or goes, the others stay.
    """
    parsed = [_parsed(logical_id, rule) for logical_id, rule in rules.items()]
    most = max(rule.slashes for rule in parsed) + 1
    resources: dict[str, dict[str, Any]] = {}
    for rule in parsed:
        for slashes in range(rule.slashes, most + 1 if rule.takes_more else rule.slashes + 1):
            is_first = slashes == rule.slashes
            name = rule.logical_id if is_first else f"{rule.logical_id}Slashes{slashes}"
            asked = rule.properties["Conditions"] + ([] if is_first else [_at_least(slashes)])
            priority = _first_priority(slashes) + int(rule.properties["Priority"])
            properties = rule.properties | {"Conditions": asked, "Priority": priority}
            resources[name] = rules[rule.logical_id] | {"Properties": properties}
    for slashes in range(2, most + 1):
        resources[f"{listener}Slashes{slashes}"] = {
            "Type": _RULE,
            "Properties": {
                "ListenerArn": {"Ref": listener},
                "Actions": json.loads(json.dumps(default_actions)),
                "Conditions": [_at_least(slashes)],
                "Priority": _first_priority(slashes) + _PRIORITIES - 1,
            },
        }
    return resources


def _parsed(logical_id: str, rule: dict[str, Any]) -> _Rule:
    properties = _of(rule)
    slashes, takes_more = 1, True
    conditions = []
    for condition in properties.get("Conditions", []):
        read = condition
        config = condition.get("PathPatternConfig", {})
        patterns = config.get("Values") or condition.get("Values") or []
        for expression in config.get("RegexValues", []):
            pattern, takes_more = wildcards(expression) or ("", True)
            slashes = pattern.replace("[!/]", "").count("/")
            read = {"Field": _PATH, "PathPatternConfig": {"Values": [pattern]}}
        if condition.get("Field") == _PATH and patterns:
            slashes, takes_more = _slashes_of(patterns)
        conditions.append(read)
    return _Rule(logical_id, properties | {"Conditions": conditions}, slashes, takes_more)


def _slashes_of(patterns: Sequence[Any]) -> tuple[int, bool]:
    """The least slashes in a path that one of some patterns matches, and whether more may be."""
    if not all(isinstance(pattern, str) for pattern in patterns):
        return 1, True  # some are known at deployment only
    counts = [pattern.count("/") for pattern in patterns]
    takes_more = max(counts) > min(counts) or any("*" in pattern for pattern in patterns)
    return max(min(counts), 1), takes_more


def _first_priority(slashes: int) -> int:
    return (_MOST_SLASHES - slashes) * _PRIORITIES


def _at_least(slashes: int) -> dict[str, Any]:
    return {"Field": _PATH, "PathPatternConfig": {"Values": ["/*" * slashes]}}
