"""What a filter policy may hold, each place named that SNS would refuse."""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_sns as sns

from serverless_patterns import PatternError, PythonFunction, SnsTrigger
from tests.messages import exactly
from tests.unit.trigger_templates import properties

SUBSCRIPTION = "AWS::SNS::Subscription"
RED = sns.SubscriptionFilter.string_filter(allowlist=["red"])


def test_messages_are_filtered_by_their_attributes(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    SnsTrigger(stack, "News", handler=handler, filter_policy={"colour": RED})

    [subscription] = properties(stack, SUBSCRIPTION)
    assert subscription["FilterPolicy"] == {"colour": ["red"]}
    assert "FilterPolicyScope" not in subscription


def test_messages_are_filtered_by_their_body(stack: cdk.Stack, handler: PythonFunction) -> None:
    body = {"item": sns.FilterOrPolicy.policy({"colour": sns.FilterOrPolicy.filter(RED)})}
    SnsTrigger(stack, "News", handler=handler, filter_policy_with_message_body=body)

    [subscription] = properties(stack, SUBSCRIPTION)
    assert subscription["FilterPolicy"] == {"item": {"colour": ["red"]}}
    assert subscription["FilterPolicyScope"] == "MessageBody"


def nested(*sizes: int) -> dict[str, sns.FilterOrPolicy]:
    """A filter of the body with so many values at the first key, one level deeper at each next."""
    found: dict[str, sns.FilterOrPolicy] = {}
    for place, size in reversed([*enumerate(sizes)]):
        values = [f"{place}.{number}" for number in range(size)]
        leaf = sns.FilterOrPolicy.filter(sns.SubscriptionFilter(values))
        found = {f"key{place}": leaf} | (
            {f"in{place}": sns.FilterOrPolicy.policy(found)} if found else {}
        )
    return found


def attributes(keys: int, values: int) -> dict[str, sns.SubscriptionFilter]:
    return {
        f"key{key}": sns.SubscriptionFilter([str(value) for value in range(values)])
        for key in range(keys)
    }


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"filter_policy": {}},
            "Shop/News: filter_policy must ask for something, as SNS refuses an empty filter, got "
            "no condition; omit it to take every message",
        ),
        (
            {"filter_policy": attributes(1, 0)},
            "Shop/News: filter_policy['key0'] must hold a value, as SNS refuses what nothing can "
            "match, got none; name values, or leave it out",
        ),
        (
            {"filter_policy": attributes(6, 1)},
            "Shop/News: filter_policy must have at most 5 keys, got 6; filter by fewer keys, and "
            "by the rest in the handler",
        ),
        (
            {"filter_policy": attributes(2, 13)},
            "Shop/News: filter_policy must have at most 150 combinations of conditions, got 169; "
            "filter by prefixes or ranges in place of single values",
        ),
        (
            {"filter_policy_with_message_body": nested(13, 6)},
            "Shop/News: filter_policy_with_message_body must have at most 150 combinations of "
            "conditions, each counted as often as it is deep, got 156; filter by prefixes or "
            "ranges in place of single values",
        ),
        (
            {"filter_policy_with_message_body": nested(1, 1, 1, 1, 1, 1)},
            "Shop/News: filter_policy_with_message_body must have at most 5 keys, got 6; filter by "
            "fewer keys, and by the rest in the handler",
        ),
        (
            {"filter_policy": {"colour": ["red"]}},
            "Shop/News: filter_policy['colour'] must be a SubscriptionFilter, got ['red']; for "
            'example {"colour": sns.SubscriptionFilter.string_filter(allowlist=["red"])}',
        ),
        (
            {"filter_policy_with_message_body": {"colour": ["red"]}},
            "Shop/News: filter_policy_with_message_body['colour'] must be a FilterOrPolicy, got "
            "['red']; for example {\"colour\": sns.FilterOrPolicy.filter(…)}",
        ),
        (
            {"filter_policy": "red"},
            "Shop/News: filter_policy must be a dict, got 'red'; for example "
            '{"colour": sns.SubscriptionFilter.string_filter(allowlist=["red"])}',
        ),
        (
            {"filter_policy": attributes(1, 1), "filter_policy_with_message_body": nested(1)},
            "Shop/News: filter_policy must be left out beside filter_policy_with_message_body, as "
            "a subscription has one, got both; put what both ask for into the body, or into "
            "attributes",
        ),
        (
            {"topic": "news"},
            "Shop/News: topic must be an SNS topic, got str; for example "
            'sns.Topic(self, "Uploads")',
        ),
    ],
)
def test_what_sns_would_refuse_is_refused(
    stack: cdk.Stack, handler: PythonFunction, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(PatternError, match=exactly(message)):
        SnsTrigger(stack, "News", handler=handler, **options)


@pytest.mark.parametrize(
    "options",
    [
        {"filter_policy": attributes(5, 2)},
        {"filter_policy": attributes(1, 150)},
        {"filter_policy_with_message_body": nested(15, 5)},
    ],
)
def test_a_filter_may_be_as_large_as_sns_takes_it(
    stack: cdk.Stack, handler: PythonFunction, options: dict[str, Any]
) -> None:
    SnsTrigger(stack, "News", handler=handler, **options)

    assert len(properties(stack, SUBSCRIPTION)) == 1


NO_FILTER = (
    'got None; for example {"colour": sns.SubscriptionFilter.string_filter(allowlist=["red"])}'
)


def deep(leaf: Any) -> dict[str, Any]:
    return {"paint": sns.FilterOrPolicy.policy({"colour": leaf})}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"filter_policy": {"colour": None}},
            f"filter_policy['colour'] must be a SubscriptionFilter, {NO_FILTER}",
        ),
        (
            {"filter_policy": {"colour": RED, "size": sns.SubscriptionFilter([])}},
            "filter_policy['size'] must hold a value, as SNS refuses what nothing can match, got "
            "none; name values, or leave it out",
        ),
        (
            {"filter_policy": {"colour": sns.SubscriptionFilter([["red"]])}},
            "filter_policy['colour'] must list texts, numbers, truth values or matchers, got "
            '[\'red\']; for example ["red", {"prefix": "b"}]',
        ),
        (
            {"filter_policy": {"colour": sns.SubscriptionFilter(["red", None])}},
            "filter_policy['colour'] must list texts, numbers, truth values or matchers, got None; "
            "leave it out, as CDK does",
        ),
        ({"filter_policy": {1: RED}}, "filter_policy must name keys by texts, got 1; write '1'"),
        (
            {"filter_policy_with_message_body": {"paint": sns.FilterOrPolicy.policy({})}},
            "filter_policy_with_message_body['paint'] must hold a value, as SNS refuses what "
            "nothing can match, got none; name values, or leave it out",
        ),
        (
            {
                "filter_policy_with_message_body": deep(
                    sns.FilterOrPolicy.filter(sns.SubscriptionFilter([]))
                )
            },
            "filter_policy_with_message_body['paint']['colour'] must hold a value, as SNS refuses "
            "what nothing can match, got none; name values, or leave it out",
        ),
        (
            {"filter_policy_with_message_body": {"colour": None}},
            "filter_policy_with_message_body['colour'] must be a FilterOrPolicy, got None; for "
            'example {"colour": sns.FilterOrPolicy.filter(…)}',
        ),
    ],
)
def test_the_key_that_asks_for_nothing_is_named(
    stack: cdk.Stack, handler: PythonFunction, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(PatternError, match=exactly(f"Shop/News: {message}")):
        SnsTrigger(stack, "News", handler=handler, **options)
