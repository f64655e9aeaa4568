from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import assertions
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_lambda as lambda_

from serverless_patterns import Endpoint, PatternError, PythonFunction, Route, RouteApi
from tests.messages import exactly
from tests.rest import INTEGRATION, body, functions, operations, resource, rest_api

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    MakeApp = Callable[..., cdk.App]


def logical_id(function: lambda_.Function) -> str:
    resource = function.node.default_child
    assert isinstance(resource, cdk.CfnElement)
    return str(cdk.Stack.of(function).resolve(resource.logical_id))


def test_every_path_goes_to_one_function(stack: cdk.Stack, handler: PythonFunction) -> None:
    api = rest_api(stack, handler)

    assert functions(stack) == dict.fromkeys(["ANY /", "ANY /{proxy+}"], logical_id(handler))
    integration = operations(stack)["ANY /"][INTEGRATION]
    assert (integration["type"], integration["httpMethod"]) == ("aws_proxy", "POST")
    [uri, _] = integration["uri"]["Fn::Sub"]
    assert uri == (
        "arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/"
        "${Function}/invocations"
    )
    assert isinstance(api.api, apigateway.SpecRestApi)


def test_it_is_regional_and_takes_any_body_as_it_is(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    api = rest_api(stack, handler, description="The shop window")

    rest = resource(stack, "RestApi")
    assert rest["Name"] == rest["Body"]["info"]["title"] == "Shop-Api"
    assert rest["Body"]["info"]["description"] == "The shop window"
    assert rest["EndpointConfiguration"] == {"Types": ["REGIONAL"]}
    assert rest["Parameters"] == {"endpointConfigurationTypes": "REGIONAL"}
    assert rest["BinaryMediaTypes"] == ["*/*"]
    assert rest["Body"]["x-amazon-apigateway-binary-media-types"] == ["*/*"]
    assert stack.resolve(api.url)["Fn::Join"][1][-1] == "/"
    assert "Outputs" not in assertions.Template.from_stack(stack).to_json()


def test_a_route_wins_over_the_catch_all_which_answers_the_other_methods(
    stack: cdk.Stack, handler: PythonFunction, entry: Path
) -> None:
    rest = PythonFunction(stack, "Rest", entry=entry)
    routes = [
        Route("GET", "/books", handler),
        Route("POST", "/api/books/{id}", handler),
        Route("ANY", "/files/{path+}", handler),
    ]
    RouteApi(stack, "Api", routes=routes, catch_all=rest, endpoint=Endpoint.REST_API)

    own = {"GET /books", "POST /api/books/{id}", "ANY /files/{path+}"}
    caught = {
        *("ANY /", "ANY /{proxy+}", "ANY /books", "ANY /books/{proxy+}", "ANY /files"),
        *("ANY /api", "ANY /api/{proxy+}", "ANY /api/books", "ANY /api/books/{id}"),
        "ANY /api/books/{id}/{proxy+}",
    }
    assert functions(stack) == {
        **dict.fromkeys(own, logical_id(handler)),
        **dict.fromkeys(caught, logical_id(rest)),
    }


def test_without_a_catch_all_there_are_the_routes_alone(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    routes = [Route("GET", "/api/books/{id}", handler), Route("DELETE", "/", handler)]
    RouteApi(stack, "Api", routes=routes, endpoint=Endpoint.REST_API)

    assert {*operations(stack)} == {"GET /api/books/{id}", "DELETE /"}


def test_the_parameters_of_a_path_are_declared(stack: cdk.Stack, handler: PythonFunction) -> None:
    routes = [Route("GET", "/shops/{shop}/files/{path+}", handler)]
    RouteApi(stack, "Api", routes=routes, endpoint=Endpoint.REST_API)

    [item] = body(stack)["paths"].values()
    assert item["parameters"] == [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in ("shop", "path")
    ]


def test_an_alias_can_be_the_handler(stack: cdk.Stack, handler: PythonFunction) -> None:
    alias = lambda_.Alias(stack, "Live", alias_name="live", version=handler.current_version)
    rest_api(stack, alias)

    assert {name.startswith("Live") for name in functions(stack).values()} == {True}
    [permission] = (
        assertions.Template.from_stack(stack).find_resources("AWS::Lambda::Permission").values()
    )
    assert permission["Properties"]["FunctionName"]["Ref"].startswith("Live")


def deployment(stack: cdk.Stack) -> tuple[str, list[str]]:
    """The logical id of the only deployment, and what it waits for."""
    template = assertions.Template.from_stack(stack)
    [(name, found)] = template.find_resources("AWS::ApiGateway::Deployment").items()
    return name, found["DependsOn"]


def test_a_unit_adds_one_permission_that_the_deployment_waits_for(
    stack: cdk.Stack, handler: PythonFunction, entry: Path
) -> None:
    routes = [Route("GET", f"/books{number}", handler) for number in range(3)]
    other = PythonFunction(stack, "Other", entry=entry)
    RouteApi(stack, "Api", routes=routes, catch_all=other, endpoint=Endpoint.REST_API)

    permissions = assertions.Template.from_stack(stack).find_resources("AWS::Lambda::Permission")
    assert len(permissions) == 2
    assert sorted(deployment(stack)[1]) == sorted(permissions)
    sources = [each["Properties"]["SourceArn"]["Fn::Join"][1] for each in permissions.values()]
    assert {source[-1] for source in sources} == {"/*/*"}


def test_permissions_stand_in_the_scopes_of_units(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    api = RouteApi(
        stack, "Api", routes=[Route("GET", "/books", handler)], endpoint=Endpoint.REST_API
    )

    units = api.node.find_child("Units").node.children
    assert [[child.node.id for child in unit.node.children] for unit in units] == [["Permission"]]


def deployed(make_app: MakeApp, entry: Path, *paths: str) -> tuple[str, dict[str, Any]]:
    """The logical id of the deployment of an API of these paths, and every other resource's."""
    stack = cdk.Stack(make_app(), "Shop")
    function = PythonFunction(stack, "Handler", entry=entry)
    RouteApi(
        stack,
        "Api",
        routes=[Route("GET", path, function) for path in paths],
        endpoint=Endpoint.REST_API,
    )
    name, _ = deployment(stack)
    resources = assertions.Template.from_stack(stack).to_json()["Resources"]
    return name, {key: each for key, each in resources.items() if key != name}


def test_a_route_that_comes_makes_a_new_deployment_and_touches_nothing_else(
    make_app: MakeApp, entry: Path
) -> None:
    before, others_before = deployed(make_app, entry, "/books")
    after, others_after = deployed(make_app, entry, "/authors", "/books")

    assert before != after
    assert {*others_before} == {*others_after}
    changed = {key for key, each in others_before.items() if each != others_after[key]}
    assert {others_before[key]["Type"] for key in changed} == {
        *("AWS::ApiGateway::RestApi", "AWS::ApiGateway::Stage"),
    }


def test_the_order_of_routes_makes_no_new_deployment(make_app: MakeApp, entry: Path) -> None:
    before, _ = deployed(make_app, entry, "/books", "/authors")
    after, _ = deployed(make_app, entry, "/authors", "/books")

    assert before == after


def test_a_handler_that_outlasts_the_api_is_refused(stack: cdk.Stack, entry: Path) -> None:
    slow = PythonFunction(stack, "Slow", entry=entry, timeout=cdk.Duration.seconds(30))

    message = (
        "Shop/Api: handler must answer within the 29 s that a REST API waits for it, got a timeout "
        "of 30 s; lower its timeout, or answer 202 and leave the work to a queue"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        rest_api(stack, slow)


def test_the_routes_of_a_rest_api_are_checked(stack: cdk.Stack, handler: PythonFunction) -> None:
    routes = [Route("GET", "/b/{id}", handler), Route("GET", "/b/{book}/x", handler)]

    with pytest.raises(PatternError, match=r"Shop/Api: routes must have one parameter in one "):
        RouteApi(stack, "Api", routes=routes, endpoint=Endpoint.REST_API)
