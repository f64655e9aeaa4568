from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_apigatewayv2_authorizers as http_authorizers
from aws_cdk import aws_iam as iam

from serverless_patterns import PatternError, PythonFunction
from tests.messages import exactly
from tests.rest import rest_api

if TYPE_CHECKING:
    from pathlib import Path

    import aws_cdk as cdk

OPEN = "The catalogue is for everyone"
KINDS = (
    "authorizer must be an authorizer for REST APIs "
    "(aws_apigateway.CognitoUserPoolsAuthorizer, TokenAuthorizer or RequestAuthorizer)"
)


@pytest.fixture
def guard(stack: cdk.Stack, entry: Path) -> PythonFunction:
    """The function of an authorizer."""
    return PythonFunction(stack, "Guard", entry=entry)


def test_an_authorizer_of_methods_elsewhere_is_refused(
    stack: cdk.Stack, handler: PythonFunction, guard: PythonFunction
) -> None:
    token = apigateway.TokenAuthorizer(stack, "Token", handler=guard)
    other = apigateway.RestApi(stack, "Other")
    other.root.add_method("GET", apigateway.LambdaIntegration(handler), authorizer=token)

    message = (
        "Shop/Api: authorizer must be left to the API that it is given to, got Shop/Token, which "
        "guards methods of another one; construct a second TokenAuthorizer"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        rest_api(stack, handler, authorizer=token)


@pytest.mark.parametrize(("options", "got"), [({"public": OPEN}, "NONE"), ({}, "CUSTOM")])
def test_nobody_is_granted_to_invoke_where_iam_is_not_asked(
    stack: cdk.Stack,
    handler: PythonFunction,
    guard: PythonFunction,
    options: dict[str, Any],
    got: str,
) -> None:
    if not options:
        options = {"authorizer": apigateway.TokenAuthorizer(stack, "Token", handler=guard)}
    api = rest_api(stack, handler, **options)

    message = (
        "Shop/Api: grant_invoke must be called on an API that IAM authorizes, "
        f"got {got} authorization; omit authorizer and public, or leave access to the authorizer"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        api.grant_invoke(iam.User(stack, "User"))


@pytest.mark.parametrize(
    ("authorizer", "message"),
    [
        (
            http_authorizers.HttpIamAuthorizer(),
            f"{KINDS}, got HttpIamAuthorizer; choose Endpoint.HTTP_API, or take one of those",
        ),
        (
            "Token",
            f"{KINDS}, got str; take one of those, or omit it to authorize with IAM",
        ),
        (
            apigateway.TokenAuthorizer,
            f"{KINDS}, got the class TokenAuthorizer; take one of those, or omit it to authorize "
            "with IAM",
        ),
    ],
)
def test_what_guards_no_rest_api_is_refused(
    stack: cdk.Stack, handler: PythonFunction, authorizer: object, message: str
) -> None:
    with pytest.raises(PatternError, match=exactly(f"Shop/Api: {message}")):
        rest_api(stack, handler, authorizer=authorizer)


@pytest.mark.parametrize("guarded_by", ["IAM", "TokenAuthorizer"])
def test_scopes_that_nobody_checks_are_refused(
    stack: cdk.Stack, handler: PythonFunction, guard: PythonFunction, guarded_by: str
) -> None:
    token = apigateway.TokenAuthorizer(stack, "Token", handler=guard)
    authorizer = None if guarded_by == "IAM" else token

    message = (
        "Shop/Api: scopes must be given with a Cognito authorizer only, got shop/read with "
        f"{guarded_by}; omit scopes, or authorize with CognitoUserPoolsAuthorizer"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        rest_api(stack, handler, authorizer=authorizer, scopes=["shop/read"])


def test_a_token_from_elsewhere_than_a_header_is_refused(
    stack: cdk.Stack, handler: PythonFunction, guard: PythonFunction
) -> None:
    source = apigateway.IdentitySource.query_string("token")
    token = apigateway.TokenAuthorizer(stack, "Token", handler=guard, identity_source=source)

    message = (
        "Shop/Api: authorizer must read its token from a header, got "
        "'method.request.querystring.token'; "
        'identity_source=apigateway.IdentitySource.header("Authorization")'
    )
    with pytest.raises(PatternError, match=exactly(message)):
        rest_api(stack, handler, authorizer=token)
