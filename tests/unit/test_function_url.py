from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import assertions
from aws_cdk import aws_apigatewayv2 as apigwv2
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sns as sns

from serverless_patterns import Endpoint, PatternError, ProxyApi, PythonFunction
from tests.messages import exactly

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    MakeApp = Callable[..., cdk.App]

MATCH = assertions.Match
URL = "AWS::Lambda::Url"
OPEN = "The catalogue is for everyone"
THROTTLE = apigwv2.ThrottleSettings(rate_limit=5, burst_limit=2)
ROUTERS = "Endpoint.HTTP_API, Endpoint.REST_API or Endpoint.load_balancer(vpc=...)"
API_GATEWAY = "Endpoint.HTTP_API or Endpoint.REST_API"


def function_url(stack: cdk.Stack, handler: lambda_.IFunction, **options: Any) -> ProxyApi:
    return ProxyApi(stack, "Api", handler=handler, endpoint=Endpoint.FUNCTION_URL, **options)


def properties(stack: cdk.Stack, resource_type: str = URL) -> Mapping[str, Any]:
    [found] = assertions.Template.from_stack(stack).find_resources(resource_type).values()
    of_it: Mapping[str, Any] = found["Properties"]
    return of_it


def cors(**options: Any) -> apigwv2.CorsPreflightOptions:
    return apigwv2.CorsPreflightOptions(**{"allow_origins": ["https://shop.example"], **options})


def alias_of(function: lambda_.Function) -> lambda_.Alias:
    return lambda_.Alias(function, "Live", alias_name="live", version=function.current_version)


def test_iam_authorizes_and_nobody_is_let_in_by_a_permission(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    function_url(stack, handler)

    template = assertions.Template.from_stack(stack)
    assert properties(stack)["AuthType"] == "AWS_IAM"
    template.resource_count_is("AWS::Lambda::Permission", 0)


def test_a_public_url_waits_for_both_permissions_that_lambda_asks_for(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    function_url(stack, handler, public=OPEN)

    template = assertions.Template.from_stack(stack)
    permissions = template.find_resources("AWS::Lambda::Permission")
    [function] = template.find_resources("AWS::Lambda::Function")
    [url] = template.find_resources(URL).values()
    arn = {"Fn::GetAtt": [function, "Arn"]}
    by_action = {
        each["Properties"].pop("Action"): each["Properties"] for each in permissions.values()
    }
    assert url["Properties"]["AuthType"] == "NONE"
    assert by_action == {
        "lambda:InvokeFunctionUrl": {
            "FunctionName": arn,
            "FunctionUrlAuthType": "NONE",
            "Principal": "*",
        },
        "lambda:InvokeFunction": {
            "FunctionName": arn,
            "InvokedViaFunctionUrl": True,
            "Principal": "*",
        },
    }
    assert {*url["DependsOn"]} == {*permissions}


def test_the_l2_is_the_function_url_and_there_is_no_stage_and_no_access_log(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    api = function_url(stack, handler)

    [logical_id] = assertions.Template.from_stack(stack).find_resources(URL)
    assert isinstance(api.api, lambda_.FunctionUrl)
    assert (api.stage, api.access_logs) == (None, None)
    assert stack.resolve(api.url) == {"Fn::GetAtt": [logical_id, "FunctionUrl"]}


def test_an_alias_has_a_url_of_its_own(stack: cdk.Stack, handler: PythonFunction) -> None:
    alias = alias_of(handler)
    api = function_url(stack, alias, public=OPEN)
    ProxyApi(stack, "Latest", handler=handler, endpoint=Endpoint.FUNCTION_URL, public=OPEN)

    template = assertions.Template.from_stack(stack)
    [alias_id] = template.find_resources("AWS::Lambda::Alias")
    template.resource_count_is(URL, 2)
    template.has_resource_properties(URL, {"Qualifier": "live", "AuthType": "NONE"})
    ours = {"Properties": {"FunctionName": {"Ref": alias_id}}}
    assert len(template.find_resources("AWS::Lambda::Permission", ours)) == 2
    assert stack.resolve(api.metric_count().dimensions)["Resource"]["Fn::Join"][1][-1] == ":live"


def test_a_function_keeps_its_url_whichever_api_it_is_given_to(
    make_app: MakeApp, entry: Path
) -> None:
    def urls(*, construct_id: str) -> Mapping[str, Any]:
        stack = cdk.Stack(make_app(), "Shop")
        function = PythonFunction(stack, "Handler", entry=entry)
        if construct_id:
            ProxyApi(stack, construct_id, handler=function, endpoint=Endpoint.FUNCTION_URL)
        else:
            function.add_function_url()
        found: Mapping[str, Any] = assertions.Template.from_stack(stack).find_resources(URL)
        return found

    assert {*urls(construct_id="Api")} == {*urls(construct_id="Other")} == {*urls(construct_id="")}


def test_the_function_may_stand_in_another_stack(make_app: MakeApp, entry: Path) -> None:
    app = make_app()
    functions, front = cdk.Stack(app, "Functions"), cdk.Stack(app, "Front")
    api = function_url(front, PythonFunction(functions, "Handler", entry=entry), public=OPEN)
    cdk.CfnOutput(front, "Url", value=api.url)

    assert properties(functions)["AuthType"] == "NONE"
    assertions.Template.from_stack(front).resource_count_is(URL, 0)


def test_callers_are_granted_both_actions_on_this_url(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    role = iam.Role(stack, "Caller", assumed_by=iam.AccountRootPrincipal())
    function_url(stack, handler).grant_invoke(role)

    [function] = assertions.Template.from_stack(stack).find_resources("AWS::Lambda::Function")
    arn = {"Fn::GetAtt": [function, "Arn"]}
    statements = properties(stack, "AWS::IAM::Policy")["PolicyDocument"]["Statement"]
    assert statements == [
        {
            "Action": "lambda:InvokeFunctionUrl",
            "Condition": {"StringEquals": {"lambda:FunctionUrlAuthType": "AWS_IAM"}},
            "Effect": "Allow",
            "Resource": arn,
        },
        {
            "Action": "lambda:InvokeFunction",
            "Condition": {"Bool": {"lambda:InvokedViaFunctionUrl": True}},
            "Effect": "Allow",
            "Resource": arn,
        },
    ]


def test_nobody_is_granted_what_anyone_may(stack: cdk.Stack, handler: PythonFunction) -> None:
    api = function_url(stack, handler, public=OPEN)

    message = (
        "Shop/Api: grant_invoke must be called on an API that IAM authorizes, got NONE "
        "authorization; omit public"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        api.grant_invoke(handler)


def test_cors_is_answered_in_lambdas_words(stack: cdk.Stack, handler: PythonFunction) -> None:
    methods = apigwv2.CorsHttpMethod
    wanted = cors(
        allow_credentials=True,
        allow_headers=["x-key"],
        allow_methods=[methods.PUT, methods.DELETE, methods.PUT],
        expose_headers=["x-page"],
        max_age=cdk.Duration.hours(1),
    )
    function_url(stack, handler, cors=wanted)

    assert properties(stack)["Cors"] == {
        "AllowCredentials": True,
        "AllowHeaders": ["x-key"],
        "AllowMethods": ["PUT", "DELETE"],
        "AllowOrigins": ["https://shop.example"],
        "ExposeHeaders": ["x-page"],
        "MaxAge": 3600,
    }


@pytest.mark.parametrize(
    ("methods", "allowed"),
    [
        (None, ["GET", "HEAD", "POST"]),
        ([], ["GET", "HEAD", "POST"]),
        (["DELETE"], ["DELETE"]),
        (["GET", "ANY"], ["*"]),
    ],
)
def test_no_more_methods_are_allowed_than_a_browser_would_use_on_an_http_api(
    stack: cdk.Stack,
    handler: PythonFunction,
    methods: list[str] | None,
    allowed: list[str],
) -> None:
    named = None if methods is None else [apigwv2.CorsHttpMethod[name] for name in methods]
    function_url(stack, handler, cors=cors(allow_methods=named))

    assert properties(stack)["Cors"]["AllowMethods"] == allowed


def test_answers_are_buffered_or_streamed(stack: cdk.Stack, handler: PythonFunction) -> None:
    function_url(stack, handler)
    streams = lambda_.Function(
        stack,
        "Streams",
        code=lambda_.Code.from_inline("exports.handler = awslambda.streamifyResponse(() => {})"),
        handler="index.handler",
        runtime=lambda_.Runtime.NODEJS_24_X,
    )
    ProxyApi(
        stack,
        "Stream",
        handler=streams,
        endpoint=Endpoint.FUNCTION_URL,
        response_streaming=True,
    )

    found = assertions.Template.from_stack(stack).find_resources(URL).values()
    modes = [each["Properties"]["InvokeMode"] for each in found]
    assert sorted(modes) == ["BUFFERED", "RESPONSE_STREAM"]


def test_metrics_are_those_of_the_url(stack: cdk.Stack, handler: PythonFunction) -> None:
    api = function_url(stack, handler)
    minute = cdk.Duration.minutes(1)

    found = [
        api.metric_count(period=minute),
        api.metric_client_error(),
        api.metric_server_error(),
        api.metric_latency(),
        api.metric_latency(statistic="p99"),
    ]
    metrics = [metric for metric in found if isinstance(metric, cloudwatch.Metric)]
    assert [(metric.metric_name, metric.statistic) for metric in metrics] == [
        ("UrlRequestCount", "Sum"),
        ("Url4xxCount", "Sum"),
        ("Url5xxCount", "Sum"),
        ("UrlRequestLatency", "Average"),
        ("UrlRequestLatency", "p99"),
    ]
    assert {metric.namespace for metric in metrics} == {"AWS/Lambda"}
    assert metrics[0].period.to_seconds() == 60


def test_it_may_take_as_long_as_a_function_may(stack: cdk.Stack, entry: Path) -> None:
    slow = PythonFunction(stack, "Slow", entry=entry, timeout=cdk.Duration.minutes(15))

    assert function_url(stack, slow).handler is slow


def test_its_alarms_watch_the_url(stack: cdk.Stack, handler: PythonFunction) -> None:
    topic = sns.Topic(stack, "Topic")
    function_url(stack, handler).add_alarms(actions.SnsAction(topic))

    template = assertions.Template.from_stack(stack)
    template.resource_count_is("AWS::CloudWatch::Alarm", 3)
    template.has_resource_properties(
        "AWS::CloudWatch::Alarm",
        {"MetricName": "UrlRequestLatency", "ExtendedStatistic": "p99"},
    )
