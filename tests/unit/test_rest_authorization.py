from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import assertions
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_cognito as cognito
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_

from serverless_patterns import Endpoint, ProxyApi, PythonFunction, Route, RouteApi
from tests.rest import body, rest_api, security

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import aws_cdk as cdk

OPEN = "The catalogue is for everyone"
EXTENSION = "x-amazon-apigateway-authorizer"


@pytest.fixture
def guard(stack: cdk.Stack, entry: Path) -> PythonFunction:
    """The function of an authorizer."""
    return PythonFunction(stack, "Guard", entry=entry)


def user_pool(stack: cdk.Stack, **options: Any) -> apigateway.CognitoUserPoolsAuthorizer:
    pool = cognito.UserPool(stack, "Pool")
    return apigateway.CognitoUserPoolsAuthorizer(
        stack, "Users", cognito_user_pools=[pool], **options
    )


def schemes(stack: cdk.Stack) -> Mapping[str, Any]:
    found: Mapping[str, Any] = body(stack)["components"]["securitySchemes"]
    return found


def permissions(stack: cdk.Stack) -> dict[str, list[str]]:
    """How the sources of the permissions to invoke each function end."""
    found: dict[str, list[str]] = {}
    template = assertions.Template.from_stack(stack)
    for permission in template.find_resources("AWS::Lambda::Permission").values():
        [reference] = permission["Properties"]["FunctionName"].values()
        name = reference if isinstance(reference, str) else reference[0]
        source = permission["Properties"]["SourceArn"]["Fn::Join"][1][-1]
        found.setdefault(name, []).append(source)
    return found


def test_iam_authorizes_every_operation_unless_told_otherwise(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    RouteApi(
        stack,
        "Api",
        routes=[Route("GET", "/books/{id}", handler), Route("ANY", "/files/{path+}", handler)],
        catch_all=handler,
        endpoint=Endpoint.REST_API,
    )

    asked = security(stack)
    assert {"GET /books/{id}", "ANY /books/{id}", "ANY /", "ANY /{proxy+}"} < {*asked}
    assert all(asks == [{"iam": []}] for asks in asked.values())
    assert schemes(stack) == {
        "iam": {
            "type": "apiKey",
            "name": "Authorization",
            "in": "header",
            "x-amazon-apigateway-authtype": "awsSigv4",
        }
    }


def test_a_public_api_asks_nobody_anything(stack: cdk.Stack, handler: PythonFunction) -> None:
    rest_api(stack, handler, public=OPEN)

    assert security(stack) == {"ANY /": [], "ANY /{proxy+}": []}
    assert "components" not in body(stack)


def test_a_route_may_be_guarded_otherwise_than_its_api(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    users = user_pool(stack)
    routes = [
        Route("GET", "/books", handler, public=OPEN),
        Route("POST", "/books", handler, authorizer=users, scopes=["shop/write"]),
        Route("DELETE", "/books", handler),
    ]
    RouteApi(stack, "Api", routes=routes, catch_all=handler, endpoint=Endpoint.REST_API)

    asked = security(stack)
    [name] = {*schemes(stack)} - {"iam"}
    assert asked["GET /books"] == []
    assert asked["POST /books"] == [{name: ["shop/write"]}]
    assert asked["DELETE /books"] == asked["ANY /books"] == [{"iam": []}]


def test_every_operation_asks_for_a_key_beside_its_authorization(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    routes = [Route("GET", "/books", handler, public=OPEN), Route("POST", "/books", handler)]
    RouteApi(stack, "Api", routes=routes, endpoint=Endpoint.REST_API, api_key_required=True)

    assert security(stack) == {
        "GET /books": [{"api_key": []}],
        "POST /books": [{"iam": []}, {"api_key": []}],
    }
    assert schemes(stack)["api_key"] == {"type": "apiKey", "name": "x-api-key", "in": "header"}


def test_a_user_pool_stands_in_the_body(stack: cdk.Stack, handler: PythonFunction) -> None:
    users = user_pool(stack, identity_source=apigateway.IdentitySource.header("X-Token"))
    rest_api(stack, handler, authorizer=users, scopes=["shop/read"])

    [(name, scheme)] = schemes(stack).items()
    [pool] = assertions.Template.from_stack(stack).find_resources("AWS::Cognito::UserPool")
    assert scheme == {
        "type": "apiKey",
        "name": "X-Token",
        "in": "header",
        "x-amazon-apigateway-authtype": "cognito_user_pools",
        EXTENSION: {"type": "cognito_user_pools", "providerARNs": [{"Fn::GetAtt": [pool, "Arn"]}]},
    }
    assert all(asks == [{name: ["shop/read"]}] for asks in security(stack).values())
    assertions.Template.from_stack(stack).resource_count_is("AWS::ApiGateway::Authorizer", 0)


def test_a_token_is_shown_to_a_function_that_the_api_may_ask(
    stack: cdk.Stack, handler: PythonFunction, guard: PythonFunction
) -> None:
    token = apigateway.TokenAuthorizer(stack, "Token", handler=guard, validation_regex="Bearer .+")
    rest_api(stack, handler, authorizer=token)

    [(name, scheme)] = schemes(stack).items()
    extension = scheme[EXTENSION]
    function = stack.resolve(guard.function_arn)
    parts = extension.pop("authorizerUri")["Fn::Join"][1]
    assert parts[-2:] == [function, "/invocations"]
    assert scheme == {
        "type": "apiKey",
        "name": "Authorization",
        "in": "header",
        "x-amazon-apigateway-authtype": "custom",
        EXTENSION: {
            "type": "token",
            "authorizerResultTtlInSeconds": 300,
            "identityValidationExpression": "Bearer .+",
        },
    }
    assert all(asks == [{name: []}] for asks in security(stack).values())
    assert permissions(stack)[function["Fn::GetAtt"][0]] == ["/authorizers/*"]


def test_a_request_is_shown_to_a_function_with_what_it_is_known_by(
    stack: cdk.Stack, handler: PythonFunction, guard: PythonFunction
) -> None:
    source = apigateway.IdentitySource
    request = apigateway.RequestAuthorizer(
        stack,
        "Request",
        handler=guard,
        identity_sources=[source.header("X-Shop"), source.query_string("till")],
    )
    rest_api(stack, handler, authorizer=request)

    [scheme] = schemes(stack).values()
    assert (scheme["name"], scheme["x-amazon-apigateway-authtype"]) == ("Unused", "custom")
    assert scheme[EXTENSION]["type"] == "request"
    assert scheme[EXTENSION]["identitySource"] == (
        "method.request.header.X-Shop,method.request.querystring.till"
    )


def test_an_authorizer_that_is_asked_as_a_role_needs_no_permission(
    stack: cdk.Stack, handler: PythonFunction, guard: PythonFunction
) -> None:
    role = iam.Role(stack, "Role", assumed_by=iam.ServicePrincipal("apigateway.amazonaws.com"))
    token = apigateway.TokenAuthorizer(stack, "Token", handler=guard, assume_role=role)
    rest_api(stack, handler, authorizer=token)

    [scheme] = schemes(stack).values()
    assert scheme[EXTENSION]["authorizerCredentials"] == stack.resolve(role.role_arn)
    assert [*permissions(stack).values()] == [["/*/*"]]
    assertions.Template.from_stack(stack).resource_count_is("AWS::IAM::Policy", 1)


def test_an_authorizer_may_be_asked_through_an_alias(
    stack: cdk.Stack, handler: PythonFunction, guard: PythonFunction
) -> None:
    alias = lambda_.Alias(stack, "Live", alias_name="live", version=guard.current_version)
    rest_api(stack, handler, authorizer=apigateway.TokenAuthorizer(stack, "Token", handler=alias))

    assert sorted(permissions(stack).values()) == [["/*/*"], ["/authorizers/*"]]


def test_one_authorizer_may_guard_two_apis(
    stack: cdk.Stack, handler: PythonFunction, guard: PythonFunction
) -> None:
    token = apigateway.TokenAuthorizer(stack, "Token", handler=guard)
    for name in ("Shop", "Office"):
        ProxyApi(stack, name, handler=handler, authorizer=token, endpoint=Endpoint.REST_API)

    assert sorted(permissions(stack)[stack.resolve(guard.function_arn)["Fn::GetAtt"][0]]) == [
        *("/authorizers/*", "/authorizers/*"),
    ]


def test_only_who_may_sign_is_granted_to_invoke(stack: cdk.Stack, handler: PythonFunction) -> None:
    role = iam.Role(stack, "Role", assumed_by=iam.AccountRootPrincipal())
    rest_api(stack, handler).grant_invoke(role)

    [policy] = assertions.Template.from_stack(stack).find_resources("AWS::IAM::Policy").values()
    [statement] = policy["Properties"]["PolicyDocument"]["Statement"]
    assert statement["Action"] == "execute-api:Invoke"
    assert statement["Resource"]["Fn::Join"][1][-1] == "/*/*/*"
