"""What an event pattern may hold, each place named that EventBridge would refuse."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import assertions
from aws_cdk import aws_events as events

from serverless_patterns import EventBridgeTrigger, PatternError, PythonFunction
from tests.messages import exactly
from tests.unit.trigger_templates import properties

if TYPE_CHECKING:
    from collections.abc import Callable


def test_a_pattern_of_tokens_is_not_measured(stack: cdk.Stack, handler: PythonFunction) -> None:
    pattern = events.EventPattern(account=[stack.account], source=["x" * 4_096])
    EventBridgeTrigger(stack, "Orders", handler=handler, event_pattern=pattern)

    assert len(properties(stack, "AWS::Events::Rule")) == 1


def test_a_matcher_is_a_value(stack: cdk.Stack, handler: PythonFunction) -> None:
    pattern = events.EventPattern(source=events.Match.prefix("shop."))
    EventBridgeTrigger(stack, "Orders", handler=handler, event_pattern=pattern)

    [rule] = properties(stack, "AWS::Events::Rule")
    assert rule["EventPattern"] == {"source": [{"prefix": "shop."}]}


NULL = "events.Match.null_value()"


MATCHER = 'for example ["red", {"prefix": "b"}]'


@pytest.mark.parametrize(
    ("detail", "message"),
    [
        ({"a": "new"}, "detail.a must be a list of values, got 'new'; write ['new']"),
        ({"a": {"b": 5}}, "detail.a.b must be a list of values, got 5; write [5]"),
        ({"a": True}, "detail.a must be a list of values, got True; write [True]"),
        (
            {"a": None},
            "detail.a must be a list of values, got None; name values, write "
            f"{NULL} for a null, or leave it out",
        ),
        ({"a": ("x", "y")}, "detail.a must be a list of values, got ('x', 'y'); write ['x', 'y']"),
        ({"a": {"x"}}, "detail.a must be a list of values, got {'x'}; write ['x']"),
        ({"a": bytes(1)}, rf"detail.a must be a list of values, got b'\x00'; {MATCHER}"),
        (
            {"a": [None]},
            "detail.a must list texts, numbers, truth values or matchers, got None; write "
            f"{NULL} for a null",
        ),
        (
            {"a": [["x"]]},
            "detail.a must list texts, numbers, truth values or matchers, got ['x']; " + MATCHER,
        ),
        (
            {"a": [("x",)]},
            "detail.a must list texts, numbers, truth values or matchers, got ('x',); " + MATCHER,
        ),
        (
            {"a": [{}]},
            "detail.a must list texts, numbers, truth values or matchers, got {}; " + MATCHER,
        ),
        (
            {"a": [{"anything-but": []}]},
            "detail.a must list texts, numbers, truth values or matchers, got "
            "{'anything-but': []}; " + MATCHER,
        ),
        (
            {"a": [float("nan")]},
            "detail.a must list texts, numbers, truth values or matchers, got nan; " + MATCHER,
        ),
        (
            {"a": {}},
            "detail.a must hold a value, as EventBridge refuses what nothing can match, got none; "
            "name values, or leave it out",
        ),
        (
            {"a": MappingProxyType({"b": ["x"]})},
            "detail.a must be a dict, got mappingproxy; write dict(…) around it",
        ),
        ({"a": {1: ["x"]}}, "detail.a must name fields by texts, got 1; write '1'"),
        (
            {"$or": []},
            "detail.$or must hold a value, as EventBridge refuses what nothing can match, got "
            "none; name values, or leave it out",
        ),
        (
            {"$or": [{"a": ["x"]}, "y"]},
            'detail.$or[1] must be a pattern, got \'y\'; for example {"colour": ["red"]}',
        ),
        (
            {"$or": [{"a": ["x"]}, {"b": "y"}]},
            "detail.$or[1].b must be a list of values, got 'y'; write ['y']",
        ),
    ],
    ids=str,
)
def test_what_a_detail_asks_for_stands_in_lists(
    stack: cdk.Stack, handler: PythonFunction, detail: dict[str, Any], message: str
) -> None:
    pattern = events.EventPattern(detail=detail)
    with pytest.raises(PatternError, match=exactly(f"Shop/Orders: event_pattern.{message}")):
        EventBridgeTrigger(stack, "Orders", handler=handler, event_pattern=pattern)


def test_a_tuple_of_sources_is_named(stack: cdk.Stack, handler: PythonFunction) -> None:
    message = "Shop/Orders: event_pattern.source must be a list of values, got ('x',); write ['x']"
    sources: Any = ("x",)
    with pytest.raises(PatternError, match=exactly(message)):
        EventBridgeTrigger(
            stack, "Orders", handler=handler, event_pattern=events.EventPattern(source=sources)
        )


@pytest.mark.parametrize(
    ("detail", "written"),
    [
        (lambda _: {"a": ["x", 5, 1.5, True]}, {"a": ["x", 5, 1.5, True]}),
        (lambda _: {"a": [{"numeric": [">", 5]}]}, {"a": [{"numeric": [">", 5]}]}),
        (lambda _: {"a": events.Match.null_value()}, {"a": [None]}),
        (lambda _: {"a": events.Match.prefix("x")}, {"a": [{"prefix": "x"}]}),
        (
            lambda _: {"$or": [{"a": ["x"]}, {"b": ["y"]}]},
            {"$or": [{"a": ["x"]}, {"b": ["y"]}]},
        ),
        (lambda _: {"a": [cdk.Aws.REGION]}, {"a": [{"Ref": "AWS::Region"}]}),
        (
            lambda stack: {"a": cdk.CfnParameter(stack, "Values", type="CommaDelimitedList").value},
            {"a": {"Ref": "Values"}},
        ),
    ],
)
def test_values_matchers_and_tokens_are_written_as_they_are(
    stack: cdk.Stack,
    handler: PythonFunction,
    detail: Callable[[cdk.Stack], dict[str, Any]],
    written: object,
) -> None:
    pattern = events.EventPattern(detail=detail(stack))
    EventBridgeTrigger(stack, "Orders", handler=handler, event_pattern=pattern)

    [rule] = assertions.Template.from_stack(stack).find_resources("AWS::Events::Rule").values()
    assert rule["Properties"]["EventPattern"] == {"detail": written}
