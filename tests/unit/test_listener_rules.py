from __future__ import annotations

import re
from typing import Any

import pytest

from serverless_patterns import PatternError
from serverless_patterns._listener_rules import check_patterns, conditions, priorities
from serverless_patterns._units import Access, UnitRoute
from tests.messages import exactly

FIRST, SECOND, THIRD = range(1, 40_001), range(40_001, 45_001), range(45_001, 46_001)


def routes(*keys: str) -> list[UnitRoute]:
    split = (key.split(" ") for key in keys)
    return [UnitRoute(method, path, Access()) for method, path in split]


def numbers(*keys: str, chosen: dict[str, Any] | None = None) -> dict[str, int]:
    return priorities("Shop/Api", routes(*keys), chosen or {})


def asked(key: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for condition in conditions(*routes(key)):
        config = condition.path_pattern_config or condition.http_request_method_config
        found |= {f"{condition.field} {name}": each for name, each in config._values.items()}  # type: ignore[union-attr]
    return found


@pytest.mark.parametrize(
    ("key", "wanted"),
    [
        (
            "GET /books",
            {"path-pattern values": ["/books"], "http-request-method values": ["GET"]},
        ),
        ("ANY /books", {"path-pattern values": ["/books"]}),
        ("ANY /", {"path-pattern values": ["/"]}),
        ("ANY /a.b/c~d", {"path-pattern values": ["/a.b/c~d"]}),
        ("ANY /books/{id}", {"path-pattern regex_values": ["^/books/[^/]+$"]}),
        ("ANY /{a}/b/{c}", {"path-pattern regex_values": ["^/[^/]+/b/[^/]+$"]}),
        ("ANY /files/{name+}", {"path-pattern regex_values": ["^/files/.+$"]}),
        ("ANY /a*b", {"path-pattern regex_values": [r"^/a\*b$"]}),
        ("ANY /v1.0/(a)/{x}", {"path-pattern regex_values": [r"^/v1\.0/\(a\)/[^/]+$"]}),
        ("ANY /a%20b", {"path-pattern regex_values": ["^/a%20b$"]}),
    ],
)
def test_a_rule_asks_for_method_and_path(key: str, wanted: dict[str, Any]) -> None:
    assert asked(key) == wanted


@pytest.mark.parametrize(
    ("path", "matched", "passed_over"),
    [
        ("/books/{id}", ["/books/7", "/books/a.b", "/books/%2F"], ["/books/", "/books/7/parts"]),
        ("/v1.0/{x}", ["/v1.0/a"], ["/v1x0/a", "/V1.0/a", "/more/v1.0/a"]),
        ("/files/{name+}", ["/files/a", "/files/a/b", "/files//"], ["/files", "/files/"]),
    ],
)
def test_a_parameter_is_one_segment_and_a_greedy_one_is_more(
    path: str, matched: list[str], passed_over: list[str]
) -> None:
    [expression] = asked(f"ANY {path}")["path-pattern regex_values"]

    assert all(re.search(expression, each) for each in matched)
    assert not any(re.search(expression, each) for each in passed_over)


def test_routes_that_cannot_match_one_request_are_all_of_the_first_level() -> None:
    found = numbers("GET /books", "POST /books", "GET /books/{id}", "PUT /books/{id}", "GET /a/b/c")

    assert all(priority in FIRST for priority in found.values())
    assert len({*found.values()}) == len(found)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("GET /books/new", "GET /books/{id}"),
        ("GET /books/new", "ANY /books/{id}"),
        ("ANY /books/new", "GET /books/{id}"),
        ("GET /books/{id}", "ANY /books/{id}"),
        ("GET /books/{id}", "GET /books/{rest+}"),
        ("GET /books/{id}/parts", "GET /books/{rest+}"),
        ("GET /books/{a}/{b}/{rest+}", "GET /books/{rest+}"),
        ("GET /a/{x}", "GET /{y}/b"),
        ("GET /a", "GET /{rest+}"),
    ],
)
def test_the_more_specific_of_two_routes_is_asked_first(first: str, second: str) -> None:
    found = numbers(second, first)

    assert found[first] in FIRST
    assert found[second] in SECOND


def test_each_link_of_a_chain_has_its_level() -> None:
    found = numbers("ANY /{rest+}", "GET /a/{x}", "GET /{rest+}", "GET /a/b")

    levels = [FIRST, SECOND, THIRD, range(46_001, 47_001)]
    keys = ["GET /a/b", "GET /a/{x}", "GET /{rest+}", "ANY /{rest+}"]
    assert all(found[key] in level for key, level in zip(keys, levels, strict=True))


def test_a_route_that_comes_moves_only_what_is_less_specific() -> None:
    before = numbers("GET /books", "GET /books/{id}", "GET /orders/{id}", "ANY /files/{name+}")
    after = numbers(
        *("GET /books", "GET /books/new", "GET /books/{id}"),
        *("GET /orders/{id}", "ANY /files/{name+}"),
    )

    assert {key for key in before if before[key] != after[key]} == {"GET /books/{id}"}


def test_priorities_are_the_same_in_any_order_and_process() -> None:
    assert numbers("GET /books", "GET /books/{id}") == numbers("GET /books/{id}", "GET /books")
    assert numbers("GET /books") == {"GET /books": 36_891}


def two_that_hash_alike() -> tuple[str, str]:
    seen: dict[int, str] = {}
    for number in range(10_000):
        key = f"GET /route{number}"
        [priority] = numbers(key).values()
        if priority in seen:
            return seen[priority], key
        seen[priority] = key
    raise AssertionError


def test_two_routes_that_hash_alike_are_the_users_to_tell_apart() -> None:
    one, other = two_that_hash_alike()
    [same] = numbers(one).values()

    message = (
        f"Shop/Api: priorities must differ between {one} and {other}, got {same} for both; "
        f'choose one with Endpoint.load_balancer(vpc=..., priorities={{"{other}": {same + 1}}})'
    )
    with pytest.raises(PatternError, match=exactly(message)):
        numbers(one, other)
    assert numbers(one, other, chosen={other: same + 1}) == {one: same, other: same + 1}


@pytest.mark.parametrize(
    ("keys", "chosen", "message"),
    [
        (
            ["GET /books"],
            {"GET /bookz": 1},
            "priorities must name routes of the API by method and path, got 'GET /bookz'; "
            "did you mean GET /books?",
        ),
        (
            [],
            {"GET /books": 1},
            "priorities must name routes of the API by method and path, got 'GET /books'; "
            "omit them: it has no routes",
        ),
        (
            ["GET /books"],
            {"GET /books": 0},
            "priorities must be whole numbers from 1 to 50000, got 0 for GET /books; "
            "omit it to get one that is made of the route",
        ),
        (
            ["GET /books"],
            {"GET /books": "17"},
            "priorities must be whole numbers from 1 to 50000, got '17' for GET /books; "
            "omit it to get one that is made of the route",
        ),
        (
            ["GET /books"],
            {"GET /books": True},
            "priorities must be whole numbers from 1 to 50000, got True for GET /books; "
            "omit it to get one that is made of the route",
        ),
        (
            ["GET /books", "GET /orders"],
            {"GET /books": 5, "GET /orders": 5},
            "priorities must differ between GET /books and GET /orders, got 5 for both; choose one "
            'with Endpoint.load_balancer(vpc=..., priorities={"GET /books": 6})',
        ),
        (
            ["GET /books/new", "GET /books/{id}"],
            {"GET /books/{id}": 1},
            "priorities must ask GET /books/new before GET /books/{id}, which matches its requests "
            f"too, got {numbers('GET /books/new')['GET /books/new']} after 1; "
            "give GET /books/new a lower number",
        ),
        (
            [
                *("GET /a/b/c", "ANY /a/b/c", "GET /a/b/{z}", "ANY /a/b/{z}", "GET /a/b/{z+}"),
                *("ANY /a/b/{z+}", "GET /a/{y}/c", "ANY /a/{y}/c"),
            ],
            {},
            "routes must overlap at most 7 deep behind a load balancer, got ANY /a/{y}/c, which "
            "7 routes precede one by one; choose its place with Endpoint.load_balancer(vpc=..., "
            'priorities={"ANY /a/{y}/c": 50000})',
        ),
    ],
)
def test_priorities_that_no_listener_could_have_are_refused(
    keys: list[str], chosen: dict[str, Any], message: str
) -> None:
    with pytest.raises(PatternError, match=exactly(f"Shop/Api: {message}")):
        numbers(*keys, chosen=chosen)


@pytest.mark.parametrize(
    ("key", "message"),
    [
        (
            f"GET /{'a' * 128}",
            "routes must have paths whose patterns have at most 128 characters in a rule of a load "
            f"balancer, got 129 for GET /{'a' * 128}; shorten the path, or choose "
            "Endpoint.HTTP_API",
        ),
        (
            f"GET /{'a' * 120}/{{id}}",
            "routes must have paths whose patterns have at most 128 characters in a rule of a load "
            f"balancer, got 129 for GET /{'a' * 120}/{{id}}; shorten the path, or choose "
            "Endpoint.HTTP_API",
        ),
        (
            "GET /grüße",
            "routes must have paths of visible ASCII characters behind a load balancer, got "
            "'GET /grüße'; percent-encode it, or choose Endpoint.HTTP_API",
        ),
    ],
)
def test_a_path_that_no_rule_could_match_is_refused(key: str, message: str) -> None:
    with pytest.raises(PatternError, match=exactly(f"Shop/Api: {message}")):
        check_patterns("Shop/Api", routes(key))


def test_a_path_may_be_as_long_as_a_pattern() -> None:
    check_patterns("Shop/Api", routes(f"GET /{'a' * 127}", f"GET /{'a' * 119}/{{id}}"))
