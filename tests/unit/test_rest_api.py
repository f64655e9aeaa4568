from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import assertions
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_apigatewayv2 as apigwv2
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs

from serverless_patterns import Endpoint, PatternError, ProxyApi, PythonFunction, Route, RouteApi
from tests.messages import exactly
from tests.rest import INTEGRATION, body, functions, operations, resource

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    MakeApp = Callable[..., cdk.App]

MATCH = assertions.Match
OPEN = "The catalogue is for everyone"
THROTTLE = apigwv2.ThrottleSettings(rate_limit=5, burst_limit=2)


def rest_api(stack: cdk.Stack, handler: lambda_.IFunction, **options: Any) -> ProxyApi:
    return ProxyApi(stack, "Api", handler=handler, endpoint=Endpoint.REST_API, **options)


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
    assert rest["BinaryMediaTypes"] == ["*/*"]
    assert rest["Body"]["x-amazon-apigateway-binary-media-types"] == ["*/*"]
    assert stack.resolve(api.url)["Fn::Join"][1][-1] == "/"
    assert "Outputs" not in assertions.Template.from_stack(stack).to_json()


def test_its_stage_is_traced_logged_and_throttled(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    api = rest_api(stack, handler, retention=logs.RetentionDays.ONE_YEAR)

    stage = resource(stack, "Stage")
    assert stage["TracingEnabled"] is True
    written = json.loads(stage["AccessLogSetting"]["Format"])
    assert (written["requestId"], written["status"]) == ("$context.requestId", "$context.status")
    assert stage["MethodSettings"] == [
        {
            "DataTraceEnabled": False,
            "HttpMethod": "*",
            "ResourcePath": "/*",
            "ThrottlingBurstLimit": 1000,
            "ThrottlingRateLimit": 1000,
        }
    ]
    template = assertions.Template.from_stack(stack)
    template.has_resource_properties("AWS::Logs::LogGroup", {"RetentionInDays": 365})
    assert isinstance(api.stage, apigateway.Stage)
    assert isinstance(api.access_logs, logs.LogGroup)


def test_a_route_may_be_throttled_alone(stack: cdk.Stack, handler: PythonFunction) -> None:
    routes = [
        Route("GET", "/books/{id}", handler, throttle=THROTTLE),
        Route("ANY", "/", handler, throttle=THROTTLE),
        Route("PUT", "/books/{id}", handler),
    ]
    RouteApi(stack, "Api", routes=routes, endpoint=Endpoint.REST_API, throttle=THROTTLE)

    settings = resource(stack, "Stage")["MethodSettings"]
    assert {(each["HttpMethod"], each["ResourcePath"]) for each in settings} == {
        ("*", "/*"),
        ("GET", "/~1books~1{id}"),
        ("ANY", "/"),
    }
    assert {each["ThrottlingBurstLimit"] for each in settings} == {2}


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


def test_answers_are_streamed_where_that_is_asked(stack: cdk.Stack) -> None:
    code = lambda_.Code.from_inline("exports.handler = async () => ({})")
    function = lambda_.Function(
        stack, "Node", runtime=lambda_.Runtime.NODEJS_22_X, handler="index.handler", code=code
    )
    rest_api(stack, function, response_streaming=True)

    for operation in operations(stack).values():
        assert operation[INTEGRATION]["responseTransferMode"] == "STREAM"
        [uri, _] = operation[INTEGRATION]["uri"]["Fn::Sub"]
        assert uri.endswith(
            "lambda:path/2021-11-15/functions/${Function}/response-streaming-invocations"
        )


def test_the_web_adapter_streams_what_python_cannot(
    stack: cdk.Stack, handler: PythonFunction, entry: Path
) -> None:
    message = (
        "Shop/Api: response_streaming must be asked of a REST API whose handler streams: in "
        "Node.js, with a runtime of its own, or by the Lambda Web Adapter, got a handler in "
        f"{handler.runtime.name}; run the application by a WebAdapterFunction, or omit it"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        rest_api(stack, handler, response_streaming=True)

    adapted = PythonFunction(
        stack, "Adapted", entry=entry, environment={"AWS_LAMBDA_EXEC_WRAPPER": "/opt/bootstrap"}
    )
    ProxyApi(stack, "Adapts", handler=adapted, endpoint=Endpoint.REST_API, response_streaming=True)


def test_a_name_of_ones_own_is_mapped_to_the_stage(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    arn = "arn:aws:acm:eu-west-1:111122223333:certificate/c"
    certificate = acm.Certificate.from_certificate_arn(stack, "Certificate", arn)
    api = rest_api(stack, handler, domain_name="api.shop.example", certificate=certificate)

    template = assertions.Template.from_stack(stack)
    [stage] = template.find_resources("AWS::ApiGateway::Stage")
    template.has_resource_properties("AWS::ApiGatewayV2::ApiMapping", {"Stage": {"Ref": stage}})
    assert "Ref" in str(stack.resolve(api.url))


def test_metrics_are_those_of_the_stage(stack: cdk.Stack, handler: PythonFunction) -> None:
    api = rest_api(stack, handler)
    minute = cdk.Duration.minutes(1)

    metrics = {
        "Count": api.metric_count(period=minute),
        "4XXError": api.metric_client_error(period=minute),
        "5XXError": api.metric_server_error(period=minute),
        "Latency": api.metric_latency(period=minute, statistic="p50"),
    }
    for name, metric in metrics.items():
        assert isinstance(metric, cloudwatch.Metric)
        assert metric.metric_name == name
        assert metric.dimensions is not None
        assert metric.dimensions["ApiName"] == "Shop-Api"
        assert {*metric.dimensions} == {"ApiName", "Stage"}
        assert metric.period.to_seconds() == 60


def warnings(stack: cdk.Stack) -> list[str]:
    found = assertions.Annotations.from_stack(stack).find_warning("*", MATCH.any_value())
    return [str(each.entry.data) for each in found]


def test_access_logs_are_warned_of_where_nothing_gives_the_account_a_role(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    rest_api(stack, handler)

    [warning] = warnings(stack)
    assert warning == (
        "Shop/Api: API Gateway refuses a REST API's access logs where the account gave it no role "
        "to write them in this region: define an apigateway.CfnAccount once, or acknowledge this "
        "if that is done [ack: serverless-patterns:rest-api-log-role]"
    )


def test_the_stage_waits_for_the_role_that_its_own_stack_gives_the_account(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    rest_api(stack, handler)
    account = apigateway.CfnAccount(stack, "Account", cloud_watch_role_arn="arn:aws:iam::1:role/r")

    assert warnings(stack) == []
    [stage] = (
        assertions.Template.from_stack(stack).find_resources("AWS::ApiGateway::Stage").values()
    )
    assert stack.resolve(account.logical_id) in stage["DependsOn"]


def test_more_resources_than_the_quota_are_warned_of(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    routes = [Route("GET", f"/things{number}", handler) for number in range(300)]
    RouteApi(stack, "Api", routes=routes, endpoint=Endpoint.REST_API)

    assert (
        "Shop/Api: 301 resources, one for each path and each part on the way to it, are more than "
        "the 300 that a REST API may have until AWS raises the quota of this account "
        "[ack: serverless-patterns:rest-api-resources]"
    ) in warnings(stack)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"cors": apigwv2.CorsPreflightOptions(allow_origins=["https://shop.example"])},
            "cors must be asked of Endpoint.HTTP_API or Endpoint.FUNCTION_URL, which answer "
            "preflight requests, got Endpoint.REST_API; choose one of them, or omit it and let "
            "the application answer OPTIONS",
        ),
        (
            {"api_key_required": "yes"},
            "api_key_required must be True or False, got 'yes'; omit it to get False",
        ),
        (
            {"response_streaming": "STREAM"},
            "response_streaming must be True or False, got 'STREAM'; omit it to get False",
        ),
        (
            {"api_name": "n" * 129},
            "api_name must have 1 to 128 characters, got 129; shorten it, or omit it",
        ),
        (
            {"description": ""},
            "description must have 1 to 1024 characters, got 0; shorten it, or omit it",
        ),
        (
            {"throttle": apigwv2.ThrottleSettings(rate_limit=0, burst_limit=1)},
            "throttle must have a rate_limit above 0, got 0; "
            "ThrottleSettings(rate_limit=1000, burst_limit=1000) is what you get without it",
        ),
        (
            {"domain_name": "api.shop.example"},
            "certificate must be given with domain_name, got none; make one with "
            "acm.Certificate(..., domain_name=...)",
        ),
    ],
)
def test_what_a_rest_api_cannot_be_is_refused_and_leaves_nothing_behind(
    stack: cdk.Stack, handler: PythonFunction, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(PatternError, match=exactly(f"Shop/Api: {message}")):
        rest_api(stack, handler, **options)

    assert stack.node.try_find_child("Api") is None


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
