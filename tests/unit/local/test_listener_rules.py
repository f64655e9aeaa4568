from __future__ import annotations

import fnmatch
import itertools
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from serverless_patterns.local.assembly import Template
from serverless_patterns.local.limits import unenforced
from serverless_patterns.local.listener_rules import translate_rules, wildcards

if TYPE_CHECKING:
    from collections.abc import Mapping

RULE = "AWS::ElasticLoadBalancingV2::ListenerRule"
PATHS = [
    "/" + "/".join(segments)
    for depth in range(1, 6)
    for segments in itertools.product(("a", "b", ""), repeat=depth)
]
EXPRESSIONS = {
    "root": "^/[^/]+$",
    "param": "^/a/[^/]+$",
    "inner": "^/a/[^/]+/b$",
    "both": "^/[^/]+/[^/]+$",
    "greedy": "^/b/.+$",
    "deep": "^/a/b/a/[^/]+$",
}


def rule(
    priority: Any, *, regex: str | None = None, listener: Any = None, **conditions: Any
) -> dict[str, Any]:
    asked = [{"Field": field, **what} for field, what in conditions.pop("asked", {}).items()]
    if regex:
        asked.append({"Field": "path-pattern", "PathPatternConfig": {"RegexValues": [regex]}})
    return {
        "Type": RULE,
        "Properties": {
            "ListenerArn": listener or {"Ref": "Listener"},
            "Priority": priority,
            "Conditions": asked,
        },
    }


def plain(priority: int, *patterns: str) -> dict[str, Any]:
    return rule(priority, asked={"path-pattern": {"PathPatternConfig": {"Values": [*patterns]}}})


def template(**rules: dict[str, Any]) -> Template:
    for name, each in rules.items():
        each["Properties"]["Actions"] = [{"Type": "forward", "TargetGroupArn": name}]
    listener = {
        "Type": "AWS::ElasticLoadBalancingV2::Listener",
        "Properties": {"DefaultActions": [{"Type": "forward", "TargetGroupArn": "default"}]},
    }
    return Template("Shop", Path("Shop.json"), {"Resources": {"Listener": listener, **rules}})


def answer(root: Template, path: str, *, regexes: bool) -> str:
    """Who answers a path: on AWS, or on the emulator, which knows ``fnmatch`` alone."""

    def matches(condition: Mapping[str, Any]) -> bool:
        config = condition["PathPatternConfig"]
        if regexes and "RegexValues" in config:
            return any(re.search(each, path) for each in config["RegexValues"])
        return any(fnmatch.fnmatchcase(path, each) for each in config.get("Values", []))

    rules = [each["Properties"] for each in root.resources.values() if each["Type"] == RULE]
    for each in sorted(rules, key=lambda properties: int(properties["Priority"])):
        if all(matches(condition) for condition in each["Conditions"]):
            return str(each["Actions"][0]["TargetGroupArn"])
    return "default"


@pytest.mark.parametrize("names", [*itertools.permutations(EXPRESSIONS, 3), (*EXPRESSIONS,)])
def test_every_path_is_answered_as_its_expressions_say(names: tuple[str, ...]) -> None:
    def rules() -> Template:
        expressions = {
            name: rule(number, regex=EXPRESSIONS[name]) for number, name in enumerate(names, 10)
        }
        return template(first=plain(1, "/a/b"), last=plain(99, "/b*", "/a/a/a"), **expressions)

    translated = rules()
    assert translate_rules([translated]) == [f"Shop.{name}" for name in names]

    there = {path: answer(rules(), path, regexes=True) for path in PATHS}
    here = {path: answer(translated, path, regexes=False) for path in PATHS}
    assert here == there
    assert len({*there.values()}) > 3


@pytest.mark.parametrize(
    ("expression", "pattern"),
    [
        ("^/books/[^/]+$", ("/books/[!/]*", False)),
        ("^/files/.+$", ("/files/?*", True)),
        ("^/files/.*$", ("/files/*", True)),
        (r"^/a\.b/\*\?\[x$", ("/a.b/[*][?][[]x", False)),
        ("^/books/[0-9]+$", None),
        ("^/books/(a|b)$", None),
        ("^/a/x[^/]+$", None),
        ("/books", None),
        ("^/.+/books$", None),
    ],
)
def test_paths_of_texts_and_parameters_are_understood(
    expression: str, pattern: tuple[str, bool] | None
) -> None:
    assert wildcards(expression) == pattern


def test_no_rule_changes_when_another_one_comes() -> None:
    small = template(param=rule(10, regex="^/a/[^/]+$"), greedy=rule(11, regex="^/b/.+$"))
    large = template(
        deep=rule(12, regex="^/a/b/[^/]+/[^/]+/c$"),
        param=rule(10, regex="^/a/[^/]+$"),
        greedy=rule(11, regex="^/b/.+$"),
    )
    translate_rules([small, large])

    assert small.resources.items() <= large.resources.items()


def test_a_rule_without_parameters_is_no_reason_to_change_any() -> None:
    root = template(one=plain(1, "/a"), two=plain(2, "/b/*"))
    before = json.dumps(root.content)

    assert translate_rules([root]) == []
    assert json.dumps(root.content) == before


@pytest.mark.parametrize(
    "kept",
    [
        {"listener": {"Fn::ImportValue": "Listener"}},
        {"listener": {"Ref": "ListenerParameter"}},
        {"priority": {"Ref": "Priority"}},
        {"regex": "^/books/[0-9]+$"},
    ],
    ids=str,
)
def test_what_cannot_be_sorted_in_stays_and_is_told(kept: dict[str, Any]) -> None:
    root = template(odd=rule(**{"priority": 1, "regex": "^/a/[^/]+$", **kept}))
    before = json.dumps(root.resources["odd"])

    assert translate_rules([root]) == []
    assert json.dumps(root.resources["odd"]) == before
    assert [limit.says for limit in unenforced([root], enforces_iam=True)] == [
        "regular expressions of listener rules but those of paths with parameters: they match "
        "nothing"
    ]


def test_what_else_a_rule_asks_for_is_asked_for_still() -> None:
    method = {"http-request-method": {"HttpRequestMethodConfig": {"Values": ["GET"]}}}
    root = template(books=rule(1, regex="^/books/[^/]+$", asked=method))
    translate_rules([root])

    assert root.resources["books"]["Properties"]["Conditions"] == [
        {"Field": "http-request-method", "HttpRequestMethodConfig": {"Values": ["GET"]}},
        {"Field": "path-pattern", "PathPatternConfig": {"Values": ["/books/[!/]*"]}},
    ]
