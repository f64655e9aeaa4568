"""Who may call the operations of a REST API: CDK's authorizers as security schemes of its body."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast
from weakref import WeakKeyDictionary

import aws_cdk as cdk
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_apigatewayv2 as apigwv2
from aws_cdk import aws_apigatewayv2_authorizers as http_authorizers

from serverless_patterns._errors import PatternError, check_no_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aws_cdk import aws_lambda as lambda_

    from serverless_patterns._units import Access

IAM = "iam"
"""The scheme of those who sign, by its name."""

IAM_SCHEME = {
    "type": "apiKey",
    "name": "Authorization",
    "in": "header",
    "x-amazon-apigateway-authtype": "awsSigv4",
}
API_KEY = "api_key"
API_KEY_SCHEME = {"type": "apiKey", "name": "x-api-key", "in": "header"}

_COGNITO = apigateway.CognitoUserPoolsAuthorizer
_LAMBDA = (apigateway.TokenAuthorizer, apigateway.RequestAuthorizer)
_OF_HTTP_APIS = (
    apigwv2.HttpNoneAuthorizer,
    http_authorizers.HttpIamAuthorizer,
    http_authorizers.HttpJwtAuthorizer,
    http_authorizers.HttpLambdaAuthorizer,
    http_authorizers.HttpUserPoolAuthorizer,
)
_HEADER = re.compile(r"method\.request\.header\.(?P<name>[^,]+)")


@dataclass(frozen=True)
class SecurityScheme:
    """An authorizer as a body of OpenAPI holds it.

    Attributes:
        name: What operations call it by.
        definition: The scheme.
        handler: The function that is asked, if one is.
        has_role: Whether a role lets the function be asked, and no permission need do so.
    """

    name: str
    definition: Mapping[str, Any]
    handler: lambda_.IFunction | None = None
    has_role: bool = False


_schemes: WeakKeyDictionary[object, SecurityScheme] = WeakKeyDictionary()


def authorization_type(access: Access) -> str:
    """What authorizes, as API Gateway calls it."""
    if access.public is not None:
        return "NONE"
    if access.authorizer is None:
        return "AWS_IAM"
    return "COGNITO_USER_POOLS" if isinstance(access.authorizer, _COGNITO) else "CUSTOM"


def scheme_of(access: Access) -> SecurityScheme | None:
    """The scheme of what authorizes; ``None`` where anyone may call.

    An authorizer of CDK's is a resource, to which a body can't refer before the API is there.
    So it is taken out of the tree, with the permission to ask its function, and stands in the
    body instead: of as many APIs as it is given to.
    """
    if access.public is not None:
        return None
    if access.authorizer is None:
        return SecurityScheme(IAM, IAM_SCHEME)
    if access.authorizer not in _schemes:
        _schemes[access.authorizer] = _taken_over(access.authorizer)
    return _schemes[access.authorizer]


def check_authorizer(path: str, access: Access) -> None:
    """Refuse an authorizer that is none of a REST API's, and scopes that none would check.

    Raises:
        PatternError: If there is such.
    """
    authorizer = access.authorizer
    if authorizer is not None and not isinstance(authorizer, (_COGNITO, *_LAMBDA)):
        raise PatternError(
            path,
            "authorizer",
            rule="be an authorizer for REST APIs (aws_apigateway.CognitoUserPoolsAuthorizer, "
            "TokenAuthorizer or RequestAuthorizer)",
            got=f"the class {authorizer.__name__}"
            if isinstance(authorizer, type)
            else type(authorizer).__name__,
            remedy="choose Endpoint.HTTP_API, or take one of those"
            if isinstance(authorizer, _OF_HTTP_APIS)
            else "take one of those, or omit it to authorize with IAM",
        )
    check_no_text(path, "scopes", access.scopes)
    if access.scopes and not isinstance(authorizer, _COGNITO):
        guard = type(authorizer).__name__ if authorizer is not None else "IAM"
        raise PatternError(
            path,
            "scopes",
            rule="be given with a Cognito authorizer only",
            got=f"{', '.join(access.scopes)} with {guard}",
            remedy="omit scopes, or authorize with CognitoUserPoolsAuthorizer",
        )
    if authorizer is not None and authorizer not in _schemes:
        _check_resource(path, authorizer)


def _check_resource(path: str, authorizer: apigateway.Authorizer) -> None:
    """Refuse an authorizer that stands in an API already, or reads a token from elsewhere."""
    resource = cast("apigateway.CfnAuthorizer", authorizer.node.default_child)
    try:
        owner = cdk.Stack.of(authorizer).resolve(resource.rest_api_id)
    except RuntimeError:  # CDK's refusal to name the API, as there is none
        owner = None
    if owner is not None:
        raise PatternError(
            path,
            "authorizer",
            rule="be left to the API that it is given to",
            got=f"{authorizer.node.path}, which guards methods of another one",
            remedy=f"construct a second {type(authorizer).__name__}",
        )
    source = resource.identity_source or ""
    if isinstance(authorizer, apigateway.RequestAuthorizer) or cdk.Token.is_unresolved(source):
        return
    if not _HEADER.fullmatch(source):
        raise PatternError(
            path,
            "authorizer",
            rule="read its token from a header",
            got=repr(source),
            remedy='identity_source=apigateway.IdentitySource.header("Authorization")',
        )


def _taken_over(authorizer: Any) -> SecurityScheme:
    """The scheme for an authorizer, whose own resources are removed."""
    resource = cast("apigateway.CfnAuthorizer", authorizer.node.default_child)
    name = cdk.Names.unique_id(authorizer)
    definition = _definition(resource)
    authorizer.node.try_remove_child(resource.node.id)
    if not isinstance(authorizer, _LAMBDA):
        return SecurityScheme(name, definition)
    handler = authorizer._handler  # noqa: SLF001 - CDK has it protected, and nothing public
    handler.node.try_remove_child(f"{name}:Permissions")
    return SecurityScheme(name, definition, handler, resource.authorizer_credentials is not None)


def _definition(resource: apigateway.CfnAuthorizer) -> dict[str, Any]:
    is_request = resource.type == "REQUEST"
    source = resource.identity_source or ""
    header = _HEADER.fullmatch(source)
    options = {
        "type": resource.type.lower(),
        "providerARNs": resource.provider_arns,
        "authorizerUri": resource.authorizer_uri,
        "authorizerCredentials": resource.authorizer_credentials,
        "authorizerResultTtlInSeconds": resource.authorizer_result_ttl_in_seconds,
        "identitySource": source if is_request else None,
        "identityValidationExpression": resource.identity_validation_expression,
    }
    is_cognito = resource.provider_arns is not None
    return {
        "type": "apiKey",
        # What a request authorizer reads stands in identitySource alone.
        "name": header["name"] if header and not is_request else "Unused",
        "in": "header",
        "x-amazon-apigateway-authtype": "cognito_user_pools" if is_cognito else "custom",
        "x-amazon-apigateway-authorizer": {
            name: value for name, value in options.items() if value not in (None, "")
        },
    }
