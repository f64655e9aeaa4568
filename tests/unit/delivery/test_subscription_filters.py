"""Filter policies of SNS subscriptions."""

from __future__ import annotations

from typing import Any

import pytest

from serverless_patterns.testing.delivery import DeliveryError
from serverless_patterns.testing.delivery._subscription_filters import SubscriptionFilter
from tests.messages import exactly


def takes(
    policy: Any, attributes: dict[str, Any] | None = None, body: str = "", scope: str | None = None
) -> bool:
    return SubscriptionFilter("Subscription", policy, scope).takes(body, attributes or {})


def test_a_subscription_without_a_policy_takes_everything() -> None:
    assert takes(None, {"kind": "order"})


@pytest.mark.parametrize(
    ("policy", "attributes", "expected"),
    [
        ({"kind": ["order", "refund"]}, {"kind": "refund"}, True),
        ({"kind": ["order"]}, {"kind": "refund"}, False),
        ({"kind": ["order"]}, {}, False),
        ({"kind": ["order"], "urgent": ["yes"]}, {"kind": "order"}, False),
        ({"kind": ["order"], "urgent": ["yes"]}, {"kind": "order", "urgent": "yes"}, True),
        ({"tags": ["b"]}, {"tags": ["a", "b"]}, True),
        ({"tags": [{"anything-but": ["a"]}]}, {"tags": ["a", "b"]}, True),
        ({"price": [{"numeric": [">=", 10, "<", 20]}]}, {"price": 10}, True),
        ({"price": [{"numeric": [">=", 10, "<", 20]}]}, {"price": 20.0}, False),
        ({"price": [{"numeric": ["=", 10]}]}, {"price": "10"}, False),
        ({"kind": [{"prefix": "ord"}]}, {"kind": "order"}, True),
        ({"kind": [{"suffix": "er"}]}, {"kind": "order"}, True),
        ({"kind": [{"anything-but": {"prefix": "ord"}}]}, {"kind": "order"}, False),
        ({"kind": [{"equals-ignore-case": "ORDER"}]}, {"kind": "order"}, True),
        ({"ip": [{"cidr": "10.0.0.0/24"}]}, {"ip": "10.0.0.7"}, True),
        ({"kind": [{"exists": False}]}, {}, True),
        ({"kind": [{"exists": True}]}, {"kind": b"order"}, False),
        ({"$or": [{"kind": ["order"]}, {"urgent": ["yes"]}]}, {"urgent": "yes"}, True),
        ({"first.name": ["Ada"]}, {"first.name": "Ada"}, True),
        ('{"kind": ["order"]}', {"kind": "order"}, True),
    ],
)
def test_a_policy_is_compared_with_the_attributes(
    policy: Any, attributes: dict[str, Any], *, expected: bool
) -> None:
    assert takes(policy, attributes) is expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ('{"order": {"kind": "new"}}', True),
        ('{"order": {"kind": "old"}}', False),
        ('{"order": [{"kind": "old"}, {"kind": "new"}]}', True),
        ('["new"]', False),
        ('"new"', False),
        ("new", False),
        ("", False),
    ],
)
def test_a_policy_of_the_body_is_compared_with_what_is_in_it(body: str, *, expected: bool) -> None:
    policy = {"order": {"kind": ["new"]}}
    assert takes(policy, {"order": "new"}, body, "MessageBody") is expected


NESTED = {
    "a": {"b": {"c": ["1", "2", "3", "4"]}},
    "d": {"e": ["1", "2", "3"]},
    "f": ["1", "2", "3"],
}


@pytest.mark.parametrize(
    ("policy", "scope", "message"),
    [
        (
            {"kind": ["order"]},
            "Message",
            "FilterPolicyScope must be MessageAttributes or MessageBody, got Message; "
            "give one of these",
        ),
        (
            {"order": {"kind": ["new"]}},
            None,
            "FilterPolicy must not be nested in the scope MessageAttributes, got order; "
            "set FilterPolicyScope to MessageBody",
        ),
        (
            {name: ["x"] for name in "abcdef"},
            None,
            "FilterPolicy must have at most 5 keys, got 6; filter in the function",
        ),
        (
            {"a": ["x"] * 151},
            None,
            "FilterPolicy must have at most 150 combinations of values, got 151; "
            "filter in the function",
        ),
        (
            NESTED,
            "MessageBody",
            "FilterPolicy must have at most 150 combinations of values, got 216; "
            "filter in the function",
        ),
        (
            {"a": [{"wildcard": "*x"}]},
            None,
            "FilterPolicy.a must use one of the operators anything-but, cidr, "
            "equals-ignore-case, exists, numeric, prefix, suffix, got "
            '{"wildcard": "*x"}; correct it',
        ),
        (
            "{",
            None,
            "FilterPolicy must be an object with a field at least, got null; name a field",
        ),
    ],
)
def test_what_sns_refuses_is_refused(policy: Any, scope: str | None, message: str) -> None:
    with pytest.raises(DeliveryError, match=exactly(f"Subscription: {message}")):
        takes(policy, {}, "", scope)
