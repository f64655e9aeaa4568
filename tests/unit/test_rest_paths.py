from __future__ import annotations

import pytest

from serverless_patterns import PatternError
from serverless_patterns._rest_paths import caught_paths, check_paths, resource_paths
from serverless_patterns._units import Access, Unit, UnitRoute
from tests.messages import exactly

MARKS = "have paths of letters, digits and the marks . _ : - on a REST API"
ONE = "have one parameter in one position on a REST API, also of longer paths"


def routes(*paths: str) -> list[UnitRoute]:
    return [UnitRoute("GET", path, Access()) for path in paths]


@pytest.mark.parametrize(
    ("paths", "message"),
    [
        (["/caf%C3%A9"], f"{MARKS}, got 'caf%C3%A9' in GET /caf%C3%A9; rename it"),
        (["/a/~b"], f"{MARKS}, got '~b' in GET /a/~b; rename it"),
        (["/a/{b}c"], f"{MARKS}, got '{{b}}c' in GET /a/{{b}}c; rename it"),
        (
            ["/b/{id}", "/b/{book}/x"],
            f"{ONE}, got {{id}} in GET /b/{{id}} and {{book}} in GET /b/{{book}}/x; "
            "name both alike",
        ),
        (
            ["/{id}/x", "/{rest+}"],
            f"{ONE}, got {{id}} in GET /{{id}}/x and {{rest+}} in GET /{{rest+}}; name both alike",
        ),
    ],
)
def test_a_path_that_a_rest_api_refuses_is_refused(paths: list[str], message: str) -> None:
    units = [Unit(path, tuple(routes(path))) for path in paths]

    expected = f"Shop/Api: routes must {message}, or choose Endpoint.HTTP_API"
    with pytest.raises(PatternError, match=exactly(expected)):
        check_paths("Shop/Api", units)


def test_positions_apart_may_have_parameters_of_other_names() -> None:
    paths = ["/", "/b/{id}", "/b/{id}/x/{x}", "/c/{other}", "/v1.0/a_b/c-d:e", "/files/{path+}"]

    check_paths("Shop/Api", [Unit("All", tuple(routes(*paths)))])


def test_a_path_takes_a_resource_for_each_of_its_parts() -> None:
    assert resource_paths(routes("/api/books/{id}", "/api")) == {
        *("/", "/api", "/api/books", "/api/books/{id}"),
    }


@pytest.mark.parametrize(
    ("paths", "caught"),
    [
        ([], {"/", "/{proxy+}"}),
        (["/"], {"/", "/{proxy+}"}),
        (
            ["/api/books"],
            {"/", "/{proxy+}", "/api", "/api/{proxy+}", "/api/books", "/api/books/{proxy+}"},
        ),
        (
            ["/books/{id}"],
            {"/", "/{proxy+}", "/books", "/books/{id}", "/books/{id}/{proxy+}"},
        ),
        (["/{slug}"], {"/", "/{slug}", "/{slug}/{proxy+}"}),
        (["/files/{path+}"], {"/", "/{proxy+}", "/files", "/files/{path+}"}),
        (["/{rest+}"], {"/", "/{rest+}"}),
    ],
    ids=str,
)
def test_a_catch_all_stands_wherever_a_request_could_end(
    paths: list[str], caught: set[str]
) -> None:
    assert caught_paths(routes(*paths)) == caught
