from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import assertions
from aws_cdk import aws_apigatewayv2 as apigwv2
from aws_cdk import aws_apigatewayv2_authorizers as authorizers
from aws_cdk import aws_apigatewayv2_integrations as integrations
from aws_cdk import aws_iam as iam

from serverless_patterns import PatternError, ProxyApi, PythonFunction
from tests.apis import authorization, jwt, routes
from tests.messages import exactly

if TYPE_CHECKING:
    from pathlib import Path

    import aws_cdk as cdk


MATCH = assertions.Match
ORIGINS = ["https://shop.example"]


def test_an_api_is_closed_by_iam(stack: cdk.Stack, handler: PythonFunction) -> None:
    ProxyApi(stack, "Api", handler=handler)

    assert authorization(stack) == {"ANY /": "AWS_IAM", "ANY /{proxy+}": "AWS_IAM"}


def test_a_reason_opens_it(stack: cdk.Stack, handler: PythonFunction) -> None:
    ProxyApi(stack, "Api", handler=handler, public="The catalogue is for everyone")

    assert authorization(stack) == {"ANY /": "NONE", "ANY /{proxy+}": "NONE"}


def test_a_jwt_authorizer_guards_it_once(stack: cdk.Stack, handler: PythonFunction) -> None:
    ProxyApi(stack, "Api", handler=handler, authorizer=jwt(), scopes=["shop/read"])

    template = assertions.Template.from_stack(stack)
    [authorizer] = template.find_resources("AWS::ApiGatewayV2::Authorizer")
    for route in routes(stack).values():
        assert route["Properties"]["AuthorizationType"] == "JWT"
        assert route["Properties"]["AuthorizerId"] == {"Ref": authorizer}
        assert route["Properties"]["AuthorizationScopes"] == ["shop/read"]


def test_a_lambda_authorizer_guards_it(
    stack: cdk.Stack, handler: PythonFunction, entry: Path
) -> None:
    guard = PythonFunction(stack, "Guard", entry=entry)
    ProxyApi(
        stack, "Api", handler=handler, authorizer=authorizers.HttpLambdaAuthorizer("Guard", guard)
    )

    assert {*authorization(stack).values()} == {"CUSTOM"}
    assertions.Template.from_stack(stack).resource_count_is("AWS::Lambda::Permission", 2)


def test_an_iam_authorizer_is_the_default_said_aloud(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    ProxyApi(stack, "Api", handler=handler, authorizer=authorizers.HttpIamAuthorizer())

    assert {*authorization(stack).values()} == {"AWS_IAM"}


@pytest.mark.parametrize("guard", [None, jwt])
def test_where_an_authorizer_would_block_preflight_requests_they_need_none(
    stack: cdk.Stack, handler: PythonFunction, guard: Any
) -> None:
    cors = apigwv2.CorsPreflightOptions(allow_origins=ORIGINS)
    ProxyApi(stack, "Api", handler=handler, authorizer=guard and guard(), cors=cors)

    found = authorization(stack)
    assert found["OPTIONS /"] == found["OPTIONS /{proxy+}"] == "NONE"
    assert "NONE" not in (found["ANY /"], found["ANY /{proxy+}"])
    assert "AuthorizerId" not in routes(stack)["OPTIONS /"]["Properties"]


def test_signers_can_be_let_in(stack: cdk.Stack, handler: PythonFunction) -> None:
    caller = iam.Role(stack, "Caller", assumed_by=iam.AccountRootPrincipal())
    ProxyApi(stack, "Api", handler=handler).grant_invoke(caller)

    assertions.Template.from_stack(stack).has_resource_properties(
        "AWS::IAM::Policy",
        {
            "PolicyDocument": {
                "Statement": [MATCH.object_like({"Action": "execute-api:Invoke"})],
            }
        },
    )


def test_nobody_signs_for_an_api_that_something_else_guards(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    caller = iam.Role(stack, "Caller", assumed_by=iam.AccountRootPrincipal())
    api = ProxyApi(stack, "Api", handler=handler, public="For everyone")

    message = (
        "Shop/Api: grant_invoke must be called on an API that IAM authorizes, got NONE "
        "authorization; omit authorizer and public, or leave access to the authorizer"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        api.grant_invoke(caller)


@pytest.mark.parametrize(
    ("options", "closed_by"),
    [({}, "AWS_IAM"), ({"authorizer": jwt()}, "JWT"), ({"public": "For everyone"}, "NONE")],
)
def test_a_route_that_is_added_is_as_closed_as_the_others(
    stack: cdk.Stack, handler: PythonFunction, options: dict[str, Any], closed_by: str
) -> None:
    api = ProxyApi(stack, "Api", handler=handler, **options)
    integration = integrations.HttpLambdaIntegration("Own", handler)
    api.api.add_routes(path="/own", methods=[apigwv2.HttpMethod.GET], integration=integration)

    assert authorization(stack)["GET /own"] == closed_by
