from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from aws_cdk import assertions

from serverless_patterns import Endpoint, PatternError, Route, RouteApi

if TYPE_CHECKING:
    import aws_cdk as cdk

    from serverless_patterns import PythonFunction

WARNED = assertions.Match.string_like_regexp("serverless-patterns:rest-api-template")


def rest_api(
    stack: cdk.Stack, handler: PythonFunction, routes: int, *, caught: bool = False
) -> RouteApi:
    return RouteApi(
        stack,
        "Api",
        endpoint=Endpoint.REST_API,
        routes=[Route("GET", f"/things{number}/{{id}}", handler) for number in range(routes)],
        catch_all=handler if caught else None,
    )


def test_a_body_that_fits_into_no_template_is_refused(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    message = (
        r"\AShop/Api: routes must make an OpenAPI body that fits into a template of 1000000 bytes, "
        r"got 1\d{6} bytes for 3002 paths; do without a catch-all function, which stands at every "
        r"path, let modules keep their routes together, or make two APIs of it\Z"
    )
    with pytest.raises(PatternError, match=message):
        rest_api(stack, handler, 1000, caught=True)


@pytest.mark.parametrize("routes", [500, 1400])
def test_a_body_that_only_a_compact_template_holds_is_warned_of(
    stack: cdk.Stack, handler: PythonFunction, routes: int
) -> None:
    rest_api(stack, handler, routes)

    found = assertions.Annotations.from_stack(stack).find_warning("/Shop/Api", WARNED)
    assert len(found) == (routes == 1400)
