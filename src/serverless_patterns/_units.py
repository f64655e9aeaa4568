"""Units: the functions of an API and the routes that each serves, as an endpoint is given them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from serverless_patterns._errors import PatternError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aws_cdk import aws_apigatewayv2 as apigwv2
    from aws_cdk import aws_lambda as lambda_
    from constructs import Construct


@dataclass(frozen=True)
class Access:
    """Who may call: those whom an authorizer lets in, anyone, or else signers of IAM.

    Attributes:
        authorizer: CDK's own authorizer for the endpoint.
        scopes: The OAuth scopes of which a caller's token must hold one.
        public: Why anyone may call.
    """

    authorizer: object | None = None
    scopes: Sequence[str] = ()
    public: str | None = None

    def check(self, path: str) -> None:
        """Refuse an API that is both open and closed, or open without a reason.

        Raises:
            PatternError: If it is.
        """
        if self.public is None:
            return
        if not isinstance(self.public, str) or not self.public.strip():
            raise PatternError(
                path,
                "public",
                rule="say why the API may be open to anyone",
                got=repr(self.public),
                remedy='for example public="The catalogue is for everyone"',
            )
        if self.authorizer is not None or self.scopes:
            raise PatternError(
                path,
                "public",
                rule="be omitted where an authorizer or scopes guard the API",
                got=repr(self.public),
                remedy="keep one of them",
            )


@dataclass(frozen=True)
class UnitRoute:
    """A route as an endpoint defines it.

    Attributes:
        method: ``GET`` and its like, or ``ANY``.
        path: The path in API Gateway's form, without a slash at its end.
        access: Who may call it.
        throttle: Requests a second and burst for it alone, if it has a limit of its own.
        request_parameters: The parameters that a request may have, and whether it must.
        request_schema: The JSON schema of its body.
    """

    method: str
    path: str
    access: Access
    throttle: apigwv2.ThrottleSettings | None = None
    request_parameters: Mapping[str, bool] | None = None
    request_schema: Mapping[str, Any] | None = None

    @property
    def key(self) -> str:
        """Method and path: ``GET /books/{id}``."""
        return f"{self.method} {self.path}"

    @property
    def construct_id(self) -> str:
        """The construct id of what is defined for it; no two routes have the same."""
        return route_id(self.method, self.path)


@dataclass(frozen=True)
class Unit:
    """A function's share of an application, before the function is there.

    Attributes:
        id: The construct id of its scope.
        routes: The routes that lead to it.
        is_catch_all: Whether it answers what no route matches as well.
    """

    id: str
    routes: tuple[UnitRoute, ...] = ()
    is_catch_all: bool = False


@dataclass(frozen=True)
class Target:
    """A unit with its function.

    Attributes:
        unit: The unit.
        scope: Where its integration and its permission stand, in a nested stack maybe.
        handler: The function, or an alias or a version of one.
    """

    unit: Unit
    scope: Construct
    handler: lambda_.IFunction


def route_id(method: str, path: str) -> str:
    """The construct id for a route: its text with spaces for slashes, which ids can't hold.

    Paths hold no spaces, and none is called by ``/.``, so no two routes share an id.
    """
    return f"{method} {path.lstrip('/').replace('/', ' ') or '.'}"
