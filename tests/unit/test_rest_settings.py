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
from tests.rest import INTEGRATION, operations, resource, rest_api

if TYPE_CHECKING:
    from pathlib import Path


MATCH = assertions.Match
THROTTLE = apigwv2.ThrottleSettings(rate_limit=5, burst_limit=2)


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
