"""Event patterns."""

from __future__ import annotations

from typing import Any

import pytest

from serverless_patterns.testing.delivery import DeliveryError
from serverless_patterns.testing.delivery._patterns import check, matches
from tests.messages import exactly

EVENT = {
    "source": "shop",
    "detail": {
        "state": "new",
        "total": 300,
        "rate": 0.5,
        "paid": True,
        "coupon": None,
        "note": "",
        "tags": ["red", "big"],
        "none": [],
        "lines": [{"sku": "a", "count": 1}, {"sku": "b", "count": 2}],
        "file": "images/a.jpg",
        "ip": "10.0.0.7",
        "$or": ["x"],
    },
}


@pytest.mark.parametrize(
    ("detail", "expected"),
    [
        ({"state": ["new"]}, True),
        ({"state": ["old", "new"]}, True),
        ({"state": ["old"]}, False),
        ({"state": ["NEW"]}, False),
        ({"state": ["new"], "total": [1]}, False),
        ({"missing": ["new"]}, False),
        ({"total": [300]}, True),
        ({"total": [300.0]}, False),
        ({"total": ["300"]}, False),
        ({"paid": [True]}, True),
        ({"paid": [1]}, False),
        ({"coupon": [None]}, True),
        ({"missing": [None]}, False),
        ({"note": [""]}, True),
        ({"coupon": [""]}, False),
        ({"tags": ["big"]}, True),
        ({"tags": ["small"]}, False),
        ({"lines": {"sku": ["b"]}}, True),
        ({"lines": {"sku": ["b"], "count": [2]}}, True),
        ({"lines": {"sku": ["a"], "count": [2]}}, False),
        ({"state": {"deeper": ["x"]}}, False),
        ({"state": [{"prefix": "ne"}]}, True),
        ({"state": [{"prefix": "ew"}]}, False),
        ({"total": [{"prefix": "3"}]}, False),
        ({"state": [{"prefix": {"equals-ignore-case": "NE"}}]}, True),
        ({"state": [{"suffix": "ew"}]}, True),
        ({"state": [{"suffix": "ne"}]}, False),
        ({"state": [{"suffix": {"equals-ignore-case": "EW"}}]}, True),
        ({"state": [{"equals-ignore-case": "NEW"}]}, True),
        ({"state": [{"equals-ignore-case": "old"}]}, False),
        ({"state": [{"anything-but": "old"}]}, True),
        ({"state": [{"anything-but": "new"}]}, False),
        ({"state": [{"anything-but": ["old", "new"]}]}, False),
        ({"total": [{"anything-but": [300]}]}, False),
        ({"total": [{"anything-but": [301]}]}, True),
        ({"tags": [{"anything-but": ["red"]}]}, True),
        ({"tags": [{"anything-but": ["red", "big"]}]}, False),
        ({"missing": [{"anything-but": ["red"]}]}, False),
        ({"state": [{"anything-but": {"prefix": "ne"}}]}, False),
        ({"state": [{"anything-but": {"prefix": ["ol", "ne"]}}]}, False),
        ({"state": [{"anything-but": {"suffix": "ld"}}]}, True),
        ({"state": [{"anything-but": {"equals-ignore-case": ["NEW"]}}]}, False),
        ({"state": [{"anything-but": {"wildcard": "n*"}}]}, False),
        ({"total": [{"anything-but": {"prefix": "x"}}]}, False),
        ({"total": [{"numeric": ["=", 300.0]}]}, True),
        ({"total": [{"numeric": [">", 299, "<=", 300]}]}, True),
        ({"total": [{"numeric": [">", 300]}]}, False),
        ({"total": [{"numeric": ["<", 300]}]}, False),
        ({"rate": [{"numeric": [">=", 0.5]}]}, True),
        ({"state": [{"numeric": [">", 0]}]}, False),
        ({"paid": [{"numeric": ["=", 1]}]}, False),
        ({"state": [{"exists": True}]}, True),
        ({"state": [{"exists": False}]}, False),
        ({"coupon": [{"exists": True}]}, True),
        ({"missing": [{"exists": False}]}, True),
        ({"missing": [{"exists": True}]}, False),
        ({"lines": [{"exists": True}]}, False),
        ({"none": [{"exists": False}]}, True),
        ({"missing": {"deeper": [{"exists": False}]}}, True),
        ({"missing": {"deeper": [{"exists": True}]}}, False),
        ({"missing": ["x", {"exists": False}]}, True),
        ({"ip": [{"cidr": "10.0.0.0/24"}]}, True),
        ({"ip": [{"cidr": "10.0.1.0/24"}]}, False),
        ({"ip": [{"cidr": "2001:db8::/32"}]}, False),
        ({"state": [{"cidr": "10.0.0.0/24"}]}, False),
        ({"file": [{"wildcard": "images/*.jpg"}]}, True),
        ({"file": [{"wildcard": "*"}]}, True),
        ({"file": [{"wildcard": "images/*.png"}]}, False),
        ({"file": [{"wildcard": "images/a.jp"}]}, False),
        ({"file": [{"wildcard": "images\\*a.jpg"}]}, False),
        ({"$or": [{"state": ["old"]}, {"total": [300]}]}, True),
        ({"$or": [{"state": ["old"]}, {"total": [301]}]}, False),
        ({"state": ["old"], "$or": [{"total": [300]}, {"total": [301]}]}, False),
        ({"$or": ["x"]}, True),
        ({"$or": [{"prefix": "y"}]}, False),
    ],
)
def test_a_pattern_matches(detail: dict[str, Any], *, expected: bool) -> None:
    check({"detail": detail}, "Rule")
    assert matches({"detail": detail}, EVENT) is expected


def test_a_star_may_stand_for_itself() -> None:
    assert matches({"key": [{"wildcard": "a\\*b"}]}, {"key": "a*b"})
    assert not matches({"key": [{"wildcard": "a\\*b"}]}, {"key": "axb"})


OPERATORS = "anything-but, cidr, equals-ignore-case, exists, numeric, prefix, suffix, wildcard"


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ({}, "pattern must be an object with a field at least, got {}; name a field"),
        ([], "pattern must be an object with a field at least, got []; name a field"),
        (
            {"a": {}},
            "pattern.a must be an object with a field at least, got {}; name a field",
        ),
        (
            {"a": "x"},
            'pattern.a must be a list of values or an object, got "x"; put the value in a list',
        ),
        (
            {"a": []},
            "pattern.a must be a list of values or an object, got []; put the value in a list",
        ),
        (
            {"$or": [{"a": ["x"]}, {"b": "y"}]},
            'pattern.$or.b must be a list of values or an object, got "y"; put the value in a list',
        ),
        (
            {"a": {"b": [["x"]]}},
            'pattern.a.b must hold values and operators only, got ["x"]; correct it',
        ),
        (
            {"a": [{"prefix": "x", "suffix": "y"}]},
            "pattern.a must hold values and operators only, "
            'got {"prefix": "x", "suffix": "y"}; correct it',
        ),
        (
            {"a": [{"infix": "x"}]},
            f'pattern.a must use one of the operators {OPERATORS}, got {{"infix": "x"}}; '
            "correct it",
        ),
    ],
)
def test_what_is_no_pattern_is_refused(pattern: Any, message: str) -> None:
    with pytest.raises(DeliveryError, match=exactly(f"Rule: {message}")):
        check(pattern, "Rule")


@pytest.mark.parametrize(
    ("operator", "shown"),
    [
        ({"exists": "yes"}, '{"exists": "yes"}'),
        ({"numeric": [">"]}, '{"numeric": [">"]}'),
        ({"numeric": ["~", 1]}, '{"numeric": ["~", 1]}'),
        ({"numeric": [">", "1"]}, '{"numeric": [">", "1"]}'),
        ({"numeric": [">", 1, "<", True]}, '{"numeric": [">", 1, "<", true]}'),
        ({"numeric": "1"}, '{"numeric": "1"}'),
        ({"prefix": 1}, '{"prefix": 1}'),
        ({"prefix": {"suffix": "x"}}, '{"prefix": {"suffix": "x"}}'),
        ({"suffix": ["x"]}, '{"suffix": ["x"]}'),
        ({"equals-ignore-case": None}, '{"equals-ignore-case": null}'),
        ({"anything-but": []}, '{"anything-but": []}'),
        ({"anything-but": [["x"]]}, '{"anything-but": [["x"]]}'),
        ({"anything-but": {"exists": True}}, '{"anything-but": {"exists": true}}'),
        ({"anything-but": {"prefix": [1]}}, '{"anything-but": {"prefix": [1]}}'),
        ({"wildcard": "a**b"}, '{"wildcard": "a**b"}'),
        ({"cidr": "10.0.0.0/33"}, '{"cidr": "10.0.0.0/33"}'),
    ],
)
def test_what_an_operator_does_not_take_is_refused(operator: dict[str, Any], shown: str) -> None:
    name = next(iter(operator))
    message = f"Rule: pattern.a must give {name!r} what it takes, got {shown}; correct it"
    with pytest.raises(DeliveryError, match=exactly(message)):
        check({"a": [operator]}, "Rule")


def test_an_unknown_operator_is_refused_where_a_pattern_was_not_checked() -> None:
    message = f'pattern must use one of the operators {OPERATORS}, got {{"infix": "x"}}; correct it'
    with pytest.raises(DeliveryError, match=exactly(message)):
        matches({"source": [{"infix": "x"}]}, EVENT)
