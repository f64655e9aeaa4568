"""Who may call the routes of an HTTP API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import jsii
from aws_cdk import aws_apigatewayv2 as apigwv2

from serverless_patterns._errors import PatternError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import aws_cdk as cdk
    from constructs import Node

    from serverless_patterns.endpoints import Access


def authorize(path: str, api: apigwv2.HttpApi, access: Access) -> dict[str, Any]:
    """The properties of a ``CfnRoute`` that say who may call it.

    Args:
        path: The construct path, for errors.
        api: The API of the route.
        access: Who may call it.

    Raises:
        PatternError: If the authorizer is none of an HTTP API's, or has no scopes to check.
    """
    if access.public is not None:
        return {"authorization_type": "NONE"}
    if access.authorizer is None:
        _check_scopes(path, access.scopes, "AWS_IAM", "IAM")
        return {"authorization_type": "AWS_IAM"}
    authorizer = _checked_authorizer(path, access.authorizer)
    bound = authorizer.bind(route=cast("apigwv2.IHttpRoute", _UnnamedRoute(api)), scope=api)
    _check_scopes(path, access.scopes, bound.authorization_type, type(authorizer).__name__)
    return {
        "authorization_type": bound.authorization_type,
        "authorizer_id": bound.authorizer_id,
        "authorization_scopes": list(access.scopes) or None,
    }


@jsii.implements(apigwv2.IHttpRoute)
class _UnnamedRoute:
    """What an authorizer asks of a route when it is bound: the API and its place in the tree."""

    def __init__(self, api: apigwv2.HttpApi) -> None:
        self._api = api

    @property
    def http_api(self) -> apigwv2.IHttpApi:
        return self._api

    @property
    def node(self) -> Node:
        return self._api.node

    @property
    def stack(self) -> cdk.Stack:
        return self._api.stack


def _checked_authorizer(path: str, authorizer: object) -> apigwv2.IHttpRouteAuthorizer:
    if isinstance(authorizer, apigwv2.HttpNoneAuthorizer):
        raise PatternError(
            path,
            "authorizer",
            rule="ask for something",
            got="HttpNoneAuthorizer",
            remedy='open the API with public="why it may be open"',
        )
    if not hasattr(authorizer, "bind"):
        raise PatternError(
            path,
            "authorizer",
            rule="be an authorizer for HTTP APIs (aws_apigatewayv2_authorizers.HttpJwtAuthorizer, "
            "HttpUserPoolAuthorizer, HttpLambdaAuthorizer or HttpIamAuthorizer)",
            got=type(authorizer).__name__,
            remedy="take the one of that name, or omit it to authorize with IAM",
        )
    return cast("apigwv2.IHttpRouteAuthorizer", authorizer)


def _check_scopes(path: str, scopes: Sequence[str], authorization_type: str, guard: str) -> None:
    if scopes and authorization_type != "JWT":
        raise PatternError(
            path,
            "scopes",
            rule="be given with a JWT authorizer only",
            got=f"{', '.join(scopes)} with {guard}",
            remedy="omit scopes, or authorize with HttpJwtAuthorizer",
        )
