"""Who may call the routes of an HTTP API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast
from weakref import WeakKeyDictionary

import jsii
from aws_cdk import aws_apigatewayv2 as apigwv2
from aws_cdk import aws_apigatewayv2_authorizers as authorizers
from aws_cdk import aws_iam as iam

from serverless_patterns._errors import PatternError, check_no_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    import aws_cdk as cdk
    from constructs import Node

    from serverless_patterns._units import Access


_WEB_SOCKET = (authorizers.WebSocketIamAuthorizer, authorizers.WebSocketLambdaAuthorizer)
_OF_ONE_API = (
    authorizers.HttpJwtAuthorizer,
    authorizers.HttpLambdaAuthorizer,
    authorizers.HttpUserPoolAuthorizer,
)
_apis: WeakKeyDictionary[object, apigwv2.HttpApi] = WeakKeyDictionary()


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
        return {"authorization_type": "AWS_IAM"}
    authorizer = cast("apigwv2.IHttpRouteAuthorizer", access.authorizer)
    _refuse_another_api(path, authorizer, api)
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


def default_authorizer(access: Access) -> apigwv2.IHttpRouteAuthorizer | None:
    """The authorizer of routes that a user adds to the API itself."""
    if access.public is not None:
        return None
    chosen = access.authorizer or authorizers.HttpIamAuthorizer()
    return cast("apigwv2.IHttpRouteAuthorizer", chosen)


def check_authorizer(path: str, access: Access) -> None:
    """Refuse an authorizer that is none of an HTTP API's, and scopes that none would check.

    Raises:
        PatternError: If there is such.
    """
    authorizer = access.authorizer
    if isinstance(authorizer, apigwv2.HttpNoneAuthorizer):
        raise PatternError(
            path,
            "authorizer",
            rule="ask for something",
            got="HttpNoneAuthorizer",
            remedy='open the API with public="why it may be open"',
        )
    is_another = isinstance(authorizer, (type, *_WEB_SOCKET)) or not hasattr(authorizer, "bind")
    if authorizer is not None and is_another:
        got = authorizer if isinstance(authorizer, type) else type(authorizer)
        raise PatternError(
            path,
            "authorizer",
            rule="be an authorizer for HTTP APIs (aws_apigatewayv2_authorizers.HttpJwtAuthorizer, "
            "HttpUserPoolAuthorizer, HttpLambdaAuthorizer or HttpIamAuthorizer)",
            got=f"the class {got.__name__}" if got is authorizer else got.__name__,
            remedy="take the one of that name, or omit it to authorize with IAM",
        )
    check_no_text(path, "scopes", access.scopes)
    if authorizer is None:
        _check_scopes(path, access.scopes, "AWS_IAM", "IAM")


def _refuse_another_api(
    path: str, authorizer: apigwv2.IHttpRouteAuthorizer, api: apigwv2.HttpApi
) -> None:
    """Refuse one of CDK's authorizers that became a resource of another API before."""
    if not isinstance(authorizer, _OF_ONE_API):
        return
    other = _apis.setdefault(authorizer, api)
    if other is not api:
        raise PatternError(
            path,
            "authorizer",
            rule="belong to one API",
            got=f"that of {other.node.path}",
            remedy=f"construct a second {type(authorizer).__name__}",
        )


def _check_scopes(path: str, scopes: Sequence[str], authorization_type: str, guard: str) -> None:
    if scopes and authorization_type != "JWT":
        raise PatternError(
            path,
            "scopes",
            rule="be given with a JWT authorizer only",
            got=f"{', '.join(scopes)} with {guard}",
            remedy="omit scopes, or authorize with HttpJwtAuthorizer",
        )


def grant_signed_requests(
    path: str, grantee: iam.IGrantable, authorization_type: str, arn: str
) -> iam.Grant:
    """Allow signed requests to every route of an API of API Gateway.

    Args:
        path: The construct path, for errors.
        grantee: Who calls.
        authorization_type: What authorizes the API.
        arn: The ARN of its routes.

    Raises:
        PatternError: If something other than IAM authorizes it.
    """
    if authorization_type != "AWS_IAM":
        raise PatternError(
            path,
            "grant_invoke",
            rule="be called on an API that IAM authorizes",
            got=f"{authorization_type} authorization",
            remedy="omit authorizer and public, or leave access to the authorizer",
        )
    return iam.Grant.add_to_principal(
        grantee=grantee, actions=["execute-api:Invoke"], resource_arns=[arn]
    )
