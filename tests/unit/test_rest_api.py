from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import assertions
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_apigatewayv2 as apigwv2
from aws_cdk import aws_apigatewayv2_authorizers as authorizers
from aws_cdk import aws_cognito as cognito

from serverless_patterns import Endpoint, PatternError, PythonFunction, Route, RouteApi

if TYPE_CHECKING:
    from pathlib import Path

_ANY = "x-amazon-apigateway-any-method"


@pytest.fixture
def other(stack: cdk.Stack, entry: Path) -> PythonFunction:
    return PythonFunction(stack, "Other", entry=entry)


def rest_api(stack: cdk.Stack, *routes: Route, **options: Any) -> RouteApi:
    return RouteApi(stack, "Api", endpoint=Endpoint.REST_API, routes=routes, **options)


def body(stack: cdk.Stack) -> dict[str, Any]:
    template = assertions.Template.from_stack(stack)
    [api] = template.find_resources("AWS::ApiGateway::RestApi").values()
    found: dict[str, Any] = api["Properties"]["Body"]
    return found


def operations(stack: cdk.Stack) -> dict[str, dict[str, Any]]:
    return {
        f"{method} {path}": operation
        for path, item in body(stack)["paths"].items()
        for method, operation in item.items()
        if method != "parameters"
    }


def function_of(operation: dict[str, Any]) -> str:
    uri = operation["x-amazon-apigateway-integration"]["uri"]["Fn::Sub"][1]
    function: str = uri["Function"]["Fn::GetAtt"][0]
    return function


def test_each_route_leads_to_its_function_and_every_other_method_to_the_catch_all(
    stack: cdk.Stack, handler: PythonFunction, other: PythonFunction
) -> None:
    rest_api(stack, Route("GET", "/books/{id}", handler), catch_all=other)

    found = {key: function_of(each)[:5] for key, each in operations(stack).items()}
    assert found["get /books/{id}"] == "Handl"
    assert {key: name for key, name in found.items() if key != "get /books/{id}"} == {
        f"{_ANY} /": "Other",
        f"{_ANY} /books/{{id}}": "Other",
        f"{_ANY} /{{proxy+}}": "Other",
    } | {key: "Other" for key in found if key.startswith(f"{_ANY} /books")}


def test_a_route_costs_no_resource_and_a_function_one_permission(
    stack: cdk.Stack, handler: PythonFunction, other: PythonFunction
) -> None:
    rest_api(
        stack,
        *(Route("GET", f"/a{number}", handler) for number in range(20)),
        Route("GET", "/b", other),
    )

    template = assertions.Template.from_stack(stack)
    template.resource_count_is("AWS::Lambda::Permission", 2)
    template.resource_count_is("AWS::ApiGateway::Method", 0)
    template.resource_count_is("AWS::ApiGateway::Resource", 0)


def test_the_deployment_waits_for_every_permission_and_follows_the_routes(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    rest_api(stack, Route("GET", "/a", handler))
    template = assertions.Template.from_stack(stack)
    [permission] = template.find_resources("AWS::Lambda::Permission")
    [(first, deployment)] = template.find_resources("AWS::ApiGateway::Deployment").items()
    assert permission in deployment["DependsOn"]

    app = stack.node.root
    another = cdk.Stack(cdk.App(context=dict(app.node.get_all_context())), "Shop")
    function = PythonFunction.from_function_arn(
        another, "Handler", "arn:aws:lambda:eu-west-1:111122223333:function:x"
    )
    rest_api(another, Route("GET", "/b", function))
    [second] = assertions.Template.from_stack(another).find_resources("AWS::ApiGateway::Deployment")
    assert first != second


def test_every_operation_is_closed_by_iam_unless_there_is_a_reason(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    rest_api(
        stack,
        Route("GET", "/closed", handler),
        Route("GET", "/open", handler, public="The status page is for everyone"),
        catch_all=handler,
    )

    schemes = body(stack)["components"]["securitySchemes"]
    [iam] = [
        name
        for name, each in schemes.items()
        if each.get("x-amazon-apigateway-authtype") == "awsSigv4"
    ]
    for key, operation in operations(stack).items():
        if key == "get /open":
            assert not operation.get("security")
        else:
            assert operation["security"] == [{iam: []}], key


def test_cognito_guards_every_operation(stack: cdk.Stack, handler: PythonFunction) -> None:
    pool = cognito.UserPool(stack, "Pool")
    guard = apigateway.CognitoUserPoolsAuthorizer(stack, "Guard", cognito_user_pools=[pool])
    rest_api(
        stack,
        Route("GET", "/a", handler),
        catch_all=handler,
        authorizer=guard,
        scopes=["shop/read"],
    )

    schemes = body(stack)["components"]["securitySchemes"]
    [(name, scheme)] = schemes.items()
    assert scheme["x-amazon-apigateway-authorizer"]["type"] == "cognito_user_pools"
    assert {str(each["security"]) for each in operations(stack).values()} == {
        str([{name: ["shop/read"]}])
    }
    assertions.Template.from_stack(stack).resource_count_is("AWS::ApiGateway::Authorizer", 0)


def test_api_keys_are_asked_for(stack: cdk.Stack, handler: PythonFunction) -> None:
    rest_api(stack, Route("GET", "/a", handler), api_key_required=True)

    schemes = body(stack)["components"]["securitySchemes"]
    [key] = [name for name, each in schemes.items() if each["name"] == "x-api-key"]
    assert all({key: []} in each["security"] for each in operations(stack).values())


def test_a_route_may_have_a_throttle_of_its_own(stack: cdk.Stack, handler: PythonFunction) -> None:
    slow = apigwv2.ThrottleSettings(rate_limit=5, burst_limit=2)
    rest_api(stack, Route("GET", "/books/{id}", handler, throttle=slow))

    template = assertions.Template.from_stack(stack)
    [stage] = template.find_resources("AWS::ApiGateway::Stage").values()
    settings = {
        each["ResourcePath"]: each["ThrottlingRateLimit"]
        for each in stage["Properties"]["MethodSettings"]
    }
    assert settings["/*"] == 1000
    assert [rate for path, rate in settings.items() if path != "/*"] == [5]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"cors": apigwv2.CorsPreflightOptions(allow_origins=["*"])}, "HTTP_API"),
        ({"authorizer": authorizers.HttpIamAuthorizer()}, "authorizer"),
        ({"response_streaming": True}, "stream"),
    ],
    ids=["cors", "authorizer", "streaming"],
)
def test_what_a_rest_api_cannot_have_is_refused(
    stack: cdk.Stack, handler: PythonFunction, options: dict[str, Any], said: str
) -> None:
    with pytest.raises(PatternError, match=said):
        rest_api(stack, Route("GET", "/a", handler), **options)


def test_two_names_for_one_position_are_refused_across_methods(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    with pytest.raises(PatternError, match="one parameter in one position"):
        rest_api(stack, Route("GET", "/b/{id}", handler), Route("PUT", "/b/{book}/x", handler))
