"""A function for each route, or shared between routes."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import KW_ONLY, dataclass
from typing import TYPE_CHECKING, Any, Unpack

import aws_cdk as cdk

from serverless_patterns._api import ApiOptions, FrontDoorApi, checked_settings
from serverless_patterns._errors import PatternError, new_path
from serverless_patterns._invocation import check_handler
from serverless_patterns._nesting import UnitScopes, needs_nesting
from serverless_patterns._route_rules import check_routes
from serverless_patterns._units import Access, Target, Unit, UnitRoute
from serverless_patterns.endpoints import Endpoint

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aws_cdk import aws_apigatewayv2 as apigwv2
    from aws_cdk import aws_lambda as lambda_
    from constructs import Construct


@dataclass(frozen=True)
class Route:
    """A method and a path, and the function that answers them.

    Attributes:
        method: ``GET``, ``POST`` …, or ``ANY``.
        path: The path in API Gateway's form: ``/books/{id}``, or ``/files/{name+}`` where a
            parameter takes slashes.
        handler: The function, or an alias or a version of one.
        throttle: Requests a second and burst for this route alone, on an HTTP API or a REST API.
            Default - the API's.
        authorizer: CDK's authorizer for the endpoint. Default - the API's.
        scopes: OAuth scopes, one of which a JWT must hold, in place of the API's.
        public: Why this route may be open to anyone. Default - it is as the API is.
        request_parameters: The parameters that a REST API looks for, and whether a request must
            have them: ``{"method.request.querystring.limit": True}``. Default - none.
        request_schema: The JSON schema of the body that a REST API asks for. Default - none.
    """

    method: str
    path: str
    handler: lambda_.IFunction
    _: KW_ONLY
    throttle: apigwv2.ThrottleSettings | None = None
    authorizer: object | None = None
    scopes: Sequence[str] = ()
    public: str | None = None
    request_parameters: Mapping[str, bool] | None = None
    request_schema: Mapping[str, Any] | None = None


class RouteApi(FrontDoorApi):
    """An HTTP front door that sends each route to a function of its own, or to a shared one.

    Defines the endpoint, and for every function one integration and one permission, which its
    routes share. They stand in a scope that is named after the function, so that no route that
    comes or goes replaces them. Where they are too many for a stack they stand in nested stacks.
    Callers sign with IAM unless an authorizer or a public reason is given.

    The handler owes an answer to the routes that lead to it within the time that the endpoint
    waits for it.

    Args:
        scope: The construct that the API belongs to.
        id: The construct id.
        routes: The routes, in any order: the most specific one answers.
        catch_all: The function that answers what no route matches. Default - the endpoint answers
            that itself, with 404 (403 by a REST API).
        endpoint: The kind of front door.
        authorizer: CDK's authorizer for that endpoint. Default - IAM authorizes.
        scopes: OAuth scopes, one of which a JWT must hold.
        public: Why the API may be open to anyone; cdk-nag's acknowledgment records the reason.
            Default - it is closed.
        nested_stacks: Whether integrations and permissions stand in nested stacks. Default - if
            they would take more than 400 of the 500 resources that a stack can have. They are
            made anew, and nothing is refused, when that number is passed.
        **options: What the endpoint is set to: see ``ApiOptions``.

    Attributes:
        api: The L2 of the endpoint. A route that is added to it is closed as well.
        stage: The L2 of its stage.
        access_logs: Where it logs requests.
        routes: The routes.

    Raises:
        PatternError: If a route is none or is there twice, the API would be open without a
            reason, or the endpoint refuses or punishes an argument.

    See:
        https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html
    """

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002 - CDK's own name
        *,
        routes: Sequence[Route],
        catch_all: lambda_.IFunction | None = None,
        endpoint: Endpoint = Endpoint.HTTP_API,
        authorizer: object | None = None,
        scopes: Sequence[str] = (),
        public: str | None = None,
        nested_stacks: bool | None = None,
        **options: Unpack[ApiOptions],
    ) -> None:
        path = new_path(scope, id)
        self.routes = _checked(path, routes, catch_all)
        access = Access(authorizer, scopes, public)
        handlers = _handlers(self.routes, catch_all)
        served = _served(self.routes, access)
        units = {
            key: Unit(
                _unit_id(key, scope),
                tuple(served.get(key, ())),
                is_catch_all=catch_all is not None and key == catch_all.node.path,
            )
            for key in handlers
        }
        settings = checked_settings(path, endpoint, access, [*units.values()], **options)
        super().__init__(scope, id)
        door = endpoint.door
        if nested_stacks is None:
            nested_stacks = needs_nesting(
                [*units.values()], door.unit_resources, door.route_resources
            )
        scopes_of_units = UnitScopes(
            self, "Units", nested=nested_stacks, unit_resources=door.unit_resources
        )
        self._open(
            endpoint,
            access,
            settings,
            [
                Target(unit, scopes_of_units.define(unit.id), handlers[key])
                for key, unit in units.items()
            ],
        )


def _checked(
    path: str, routes: Sequence[Route], catch_all: lambda_.IFunction | None
) -> tuple[Route, ...]:
    if isinstance(routes, Route) or not all(isinstance(each, Route) for each in routes):
        wrong = (
            routes
            if isinstance(routes, Route)
            else next(each for each in routes if not isinstance(each, Route))
        )
        raise PatternError(
            path,
            "routes",
            rule="be a list of routes",
            got=type(wrong).__name__,
            remedy='for example [Route("GET", "/books", handler)]',
        )
    if not routes:
        raise PatternError(
            path,
            "routes",
            rule="hold a route",
            got="none",
            remedy="ProxyApi sends every request to one function",
        )
    for each in routes:
        check_handler(f"{path} {each.method} {each.path}", each.handler)
    if catch_all is not None:
        check_handler(path, catch_all)
    check_routes(
        path,
        [(each.method, each.path) for each in routes],
        has_catch_all=catch_all is not None,
    )
    return tuple(routes)


def _handlers(
    routes: Sequence[Route], catch_all: lambda_.IFunction | None
) -> dict[str, lambda_.IFunction]:
    """Every function by its construct path."""
    handlers = {each.handler.node.path: each.handler for each in routes}
    if catch_all is not None:
        handlers.setdefault(catch_all.node.path, catch_all)
    return handlers


def _served(routes: Sequence[Route], access: Access) -> dict[str, list[UnitRoute]]:
    """The routes that each function serves, by its construct path."""
    served = defaultdict(list)
    for each in routes:
        served[each.handler.node.path].append(_unit_route(each, access))
    return served


def _unit_id(handler: str, scope: Construct) -> str:
    """The construct id for a function: its path in the stack that it shares with the API."""
    return handler.removeprefix(f"{cdk.Stack.of(scope).node.path}/").replace("/", ".")


def _unit_route(route: Route, access: Access) -> UnitRoute:
    own = route.authorizer is not None or route.scopes or route.public is not None
    guarded = Access(
        route.authorizer or (access.authorizer if route.public is None else None),
        route.scopes,
        route.public,
    )
    return UnitRoute(
        route.method,
        route.path,
        guarded if own else access,
        throttle=route.throttle,
        request_parameters=route.request_parameters,
        request_schema=route.request_schema,
    )
