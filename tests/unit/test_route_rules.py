from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import aws_apigatewayv2 as apigwv2

from serverless_patterns import PatternError, PythonFunction, Route, RouteApi
from tests.messages import exactly

if TYPE_CHECKING:
    import aws_cdk as cdk

METHODS = "ANY, DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT"


@pytest.mark.parametrize(
    ("listed", "message"),
    [
        (
            [("GET", "/books"), ("GET", "/books")],
            "routes must name each route once, got GET /books twice; keep one of them",
        ),
        (
            [("GET", "/books/{id}"), ("GET", "/books/{book}")],
            "routes must call a parameter by one name in one position, got GET /books/{id} and "
            "/books/{book}; name both alike",
        ),
        (
            [("get", "/books")],
            f"method must be one of {METHODS}, got 'get' for /books; write it in capitals",
        ),
        (
            [("TRACE", "/books")],
            f"method must be one of {METHODS}, got 'TRACE' for /books; choose one",
        ),
        (
            [("GET", "books")],
            "path must be written as API Gateway writes it, got GET books; write /books",
        ),
        (
            [("GET", "/books/<int:id>")],
            "path must be written as API Gateway writes it, got GET /books/<int:id>; "
            "write /books/{id}",
        ),
        (
            [("GET", "/books/")],
            "path must be a path that API Gateway can express, got '/books/': API Gateway has no "
            "path that ends in a slash; leave it to a catch-all",
        ),
        (
            [("GET", "/{id}/x/{id}")],
            "path must be a path that API Gateway can express, got '/{id}/x/{id}': it has two "
            "parameters called id; leave it to a catch-all",
        ),
        (
            [("GET", "/{path+}/bio")],
            "path must be a path that API Gateway can express, got '/{path+}/bio': a parameter "
            "that takes slashes must stand last; leave it to a catch-all",
        ),
        (
            [("GET", "/files/{name}.json")],
            "path must be a path that API Gateway can express, got '/files/{name}.json': a "
            "parameter must be a whole segment of its path; leave it to a catch-all",
        ),
        ([], "routes must hold a route, got none; ProxyApi sends every request to one function"),
    ],
)
def test_routes_that_no_endpoint_can_have_are_refused(
    stack: cdk.Stack, handler: PythonFunction, listed: list[tuple[str, str]], message: str
) -> None:
    with pytest.raises(PatternError, match=exactly(f"Shop/Api: {message}")):
        RouteApi(stack, "Api", routes=[Route(method, path, handler) for method, path in listed])
    assert stack.node.try_find_child("Api") is None


def test_a_route_that_shadows_the_catch_all_is_refused(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    message = (
        "Shop/Api: routes must leave to catch_all what no other route matches, got ANY /{rest+}; "
        "give its function as catch_all, or omit catch_all"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        RouteApi(stack, "Api", routes=[Route("ANY", "/{rest+}", handler)], catch_all=handler)


@pytest.mark.parametrize("given", [[("GET", "/books")], "GET /books"])
def test_what_is_no_list_of_routes_is_refused(stack: cdk.Stack, given: Any) -> None:
    message = (
        f"Shop/Api: routes must be a list of routes, got {type(given[0]).__name__}; "
        'for example [Route("GET", "/books", handler)]'
    )
    with pytest.raises(PatternError, match=exactly(message)):
        RouteApi(stack, "Api", routes=given)


def test_a_single_route_without_a_list_is_refused(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    message = (
        "Shop/Api: routes must be a list of routes, got Route; "
        'for example [Route("GET", "/books", handler)]'
    )
    with pytest.raises(PatternError, match=exactly(message)):
        RouteApi(stack, "Api", routes=Route("GET", "/books", handler))  # type: ignore[arg-type]


def test_a_handler_that_is_none_is_named_with_its_route(stack: cdk.Stack) -> None:
    message = (
        "Shop/Api GET /books: handler must be a function, an alias or a version, got str; "
        "make one with PythonFunction"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        RouteApi(stack, "Api", routes=[Route("GET", "/books", "books")])  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"throttle": apigwv2.ThrottleSettings(rate_limit=0, burst_limit=1)},
            "throttle must have a rate_limit above 0, got 0; ThrottleSettings(rate_limit=1000, "
            "burst_limit=1000) is what you get without it",
        ),
        (
            {"request_schema": {"type": "object"}},
            "request_schema must be asked of Endpoint.REST_API, which validates requests, got "
            "GET /books on Endpoint.HTTP_API; choose that endpoint, or let the application "
            "validate",
        ),
        (
            {"scopes": ["shop/read"]},
            "scopes must be given with a JWT authorizer only, got shop/read with IAM; omit "
            "scopes, or authorize with HttpJwtAuthorizer",
        ),
        (
            {"public": " "},
            "public must say why the API may be open to anyone, got ' '; "
            'for example public="The catalogue is for everyone"',
        ),
    ],
)
def test_what_a_route_of_an_http_api_cannot_have_is_refused(
    stack: cdk.Stack, handler: PythonFunction, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(PatternError, match=exactly(f"Shop/Api: {message}")):
        RouteApi(stack, "Api", routes=[Route("GET", "/books", handler, **options)])
