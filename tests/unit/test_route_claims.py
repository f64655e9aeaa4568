"""Which routes of an application API Gateway can have, when it sees paths and methods alone."""

from __future__ import annotations

import pytest

from serverless_patterns._route_claims import Found, tell_apart
from serverless_patterns._route_paths import Part, parts_of


def found(*rows: str) -> list[Found]:
    """Rows of method, path and module; each pair of path and module has its own endpoint."""
    endpoints: dict[str, int] = {}
    made = []
    for row in rows:
        method, path, module = row.split()
        parts: list[Part] = []
        for part in parts_of(path):
            is_int = isinstance(part, tuple) and f"{{{part[0]}:int}}" in path
            parts.append((part[0], "[0-9]+") if is_int else part)
        endpoint = endpoints.setdefault(path + module, len(endpoints))
        owner = None if module == "-" else module
        made.append(Found(path, method, parts, owner, endpoint=endpoint))
    return made


def told(*rows: str) -> tuple[list[str], dict[str, str]]:
    claims, left = tell_apart(found(*rows))
    return [
        f"{claim.method} {claim.path} {claim.found[0].module}{' HEAD' * claim.answers_head}"
        for claim in claims
    ], dict(left)


@pytest.mark.parametrize(
    ("rows", "listed"),
    [
        pytest.param(["GET /b a", "GET /b b"], ["GET /b a"], id="the same twice"),
        pytest.param(
            ["GET /b/{id} a", "GET /b/new b", "POST /b/new b"],
            ["GET /b/{id} a", "POST /b/new b"],
            id="text after a parameter",
        ),
        pytest.param(
            ["GET /b/{rest+} a", "GET /b/new/one b", "GET /b b"],
            ["GET /b/{rest+} a", "GET /b b"],
            id="anything after a parameter that takes slashes",
        ),
        pytest.param(
            ["GET /b/{id} a", "GET /b/{id:int} b"], ["GET /b/{id} a"], id="a type after none"
        ),
        pytest.param(["ANY /b a", "GET /b b"], ["ANY /b a"], id="a method after all"),
        pytest.param(["GET /docs -", "GET /docs a"], [], id="after the framework's own"),
    ],
)
def test_what_an_earlier_route_hides_is_not_listed(rows: list[str], listed: list[str]) -> None:
    assert told(*rows) == (listed, {})


@pytest.mark.parametrize(
    ("rows", "listed"),
    [
        pytest.param(
            ["GET /b/new a", "GET /b/{id} b"], ["GET /b/new a", "GET /b/{id} b"], id="text first"
        ),
        pytest.param(["GET /b a", "ANY /b b"], ["GET /b a", "ANY /b b"], id="a method first"),
        pytest.param(
            ["GET /b/{id:int} a", "POST /b/{id} b"],
            ["GET /b/{id} a", "POST /b/{id} b"],
            id="of another method",
        ),
        pytest.param(
            ["GET /b/{id:int} a", "GET /b/{id} a"], ["GET /b/{id} a"], id="types of one module"
        ),
        pytest.param(
            ["GET /b/ b", "GET /{rest+} a"], ["GET /{rest+} a"], id="all that is left, alone"
        ),
        pytest.param(
            ["GET /b/{id:int} a", "GET /{rest+} b"],
            ["GET /b/{id} a", "GET /{rest+} b"],
            id="all that is left, last",
        ),
        pytest.param(
            ["GET /static/{rest+} -", "GET /static/{id} a", "GET /{shop}/{id} a"],
            ["GET /{shop}/{id} a"],
            id="the framework's own files",
        ),
    ],
)
def test_what_both_tell_apart_alike_is_listed(rows: list[str], listed: list[str]) -> None:
    assert told(*rows)[0] == listed


@pytest.mark.parametrize(
    ("rows", "left"),
    [
        pytest.param(
            ["GET /b/{id:int} a", "GET /b/{id} b"],
            {"/b/{id:int}": "/b/{id}", "/b/{id}": "/b/{id:int}"},
            id="types in two modules",
        ),
        pytest.param(
            ["GET /b/{id:int} a", "GET /b/{rest+} a"],
            {"/b/{id:int}": "/b/{rest+}", "/b/{rest+}": "/b/{id:int}"},
            id="a type, and anything else",
        ),
        pytest.param(
            ["GET /f/{name}.json a", "GET /f/{name} a"],
            {"/f/{name}": "/f/{name}.json"},
            id="a suffix",
        ),
        pytest.param(
            ["GET /f/{name:path}/meta a", "GET /f/{name:path} a"],
            {"/f/{name:path}": "/f/{name:path}/meta"},
            id="an end",
        ),
        pytest.param(
            ["GET /{shop}/books a", "GET /admin/{page} b"],
            {"/admin/{page}": "/{shop}/books"},
            id="text where the other has a parameter",
        ),
        pytest.param(
            ["GET /admin/{rest+} a", "GET /{shop}/new/page b"],
            {"/{shop}/new/page": "/admin/{rest+}"},
            id="text where the other takes slashes",
        ),
        pytest.param(
            ["GET /b/{id:int} a", "ANY /b/{rest+} b"],
            {"/b/{id:int}": "/b/{rest+}", "/b/{rest+}": "/b/{id:int}"},
            id="all methods",
        ),
    ],
)
def test_what_api_gateway_would_send_elsewhere_is_left(
    rows: list[str], left: dict[str, str]
) -> None:
    _, reasons = told(*rows)

    confused = {path: why for path, why in reasons.items() if "tell" in why}
    assert confused == {path: f"API Gateway can't tell it from {left[path]}" for path in left}


def test_head_belongs_to_the_get_of_the_same_endpoint() -> None:
    assert told("GET /b a", "HEAD /b a") == (["GET /b a HEAD"], {})
    assert told("GET /b a", "HEAD /b b") == (["GET /b a", "HEAD /b b"], {})
    assert told("HEAD /b b", "GET /b a", "HEAD /b a") == (["HEAD /b b", "GET /b a"], {})
    assert told("HEAD /b a") == (["HEAD /b a"], {})


def test_head_is_left_with_its_get() -> None:
    rows = ["GET /f/{name}.json a", "HEAD /f/{name}.json a", "GET /f/{name} b", "HEAD /f/{name} b"]

    assert told(*rows)[0] == []


@pytest.mark.parametrize("pattern", ["(?P<broken", "[x-z]{40}"])
def test_a_type_without_a_known_value_hides_nothing_and_is_listed(pattern: str) -> None:
    parts: list[Part] = ["/b/", ("id", pattern)]
    claims, left = tell_apart([Found("/b/{id:odd}", "GET", parts, "a"), *found("GET /b/new b")])

    assert [claim.path for claim in claims] == ["/b/{id}", "/b/new"]
    assert left == []
