from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import assertions
from aws_cdk import aws_apigatewayv2 as apigwv2
from aws_cdk import aws_apigatewayv2_authorizers as authorizers
from aws_cdk import aws_apigatewayv2_integrations as integrations
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sns as sns

from serverless_patterns import PatternError, ProxyApi, PythonFunction
from tests.messages import exactly

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

MATCH = assertions.Match
ORIGINS = ["https://shop.example"]


@pytest.fixture
def handler(stack: cdk.Stack, entry: Path) -> PythonFunction:
    return PythonFunction(stack, "Handler", entry=entry)


def jwt() -> authorizers.HttpJwtAuthorizer:
    return authorizers.HttpJwtAuthorizer("Jwt", "https://id.example", jwt_audience=["shop"])


def routes(stack: cdk.Stack) -> dict[str, Mapping[str, Any]]:
    found = assertions.Template.from_stack(stack).find_resources("AWS::ApiGatewayV2::Route")
    return {each["Properties"]["RouteKey"]: each for each in found.values()}


def authorization(stack: cdk.Stack) -> dict[str, str]:
    found = routes(stack)
    return {key: route["Properties"]["AuthorizationType"] for key, route in found.items()}


def test_every_path_goes_to_one_function_through_one_integration(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    ProxyApi(stack, "Api", handler=handler)

    template = assertions.Template.from_stack(stack)
    [integration] = template.find_resources("AWS::ApiGatewayV2::Integration")
    [function] = template.find_resources("AWS::Lambda::Function")
    template.has_resource_properties(
        "AWS::ApiGatewayV2::Integration",
        {
            "IntegrationType": "AWS_PROXY",
            "IntegrationUri": {"Fn::GetAtt": [function, "Arn"]},
            "PayloadFormatVersion": "2.0",
        },
    )
    found = routes(stack)
    assert {*found} == {"ANY /", "ANY /{proxy+}"}
    for route in found.values():
        target = {"Fn::Join": ["", ["integrations/", {"Ref": integration}]]}
        assert route["Properties"]["Target"] == target


def test_one_permission_covers_the_api_and_every_route_waits_for_it(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    ProxyApi(stack, "Api", handler=handler)

    template = assertions.Template.from_stack(stack)
    [permission_id] = permissions = template.find_resources("AWS::Lambda::Permission")
    source = permissions[permission_id]["Properties"]["SourceArn"]["Fn::Join"][1]
    assert permissions[permission_id]["Properties"]["Principal"] == "apigateway.amazonaws.com"
    assert source[-1] == "/*/*"
    assert [route["DependsOn"] for route in routes(stack).values()] == [[permission_id]] * 2


def test_integration_and_permission_stand_in_the_units_scope(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    api = ProxyApi(stack, "Api", handler=handler)

    assert {child.node.id for child in api.node.children} >= {"Integration", "Permission"}


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


def test_an_alias_can_be_the_handler(stack: cdk.Stack, handler: PythonFunction) -> None:
    alias = lambda_.Alias(stack, "Live", alias_name="live", version=handler.current_version)
    ProxyApi(stack, "Api", handler=alias)

    assertions.Template.from_stack(stack).has_resource_properties(
        "AWS::ApiGatewayV2::Integration",
        {"IntegrationUri": {"Ref": MATCH.string_like_regexp("Live")}},
    )


def test_access_logs_are_json_and_kept(stack: cdk.Stack, handler: PythonFunction) -> None:
    ProxyApi(stack, "Api", handler=handler, retention=logs.RetentionDays.ONE_YEAR)

    template = assertions.Template.from_stack(stack)
    [stage] = template.find_resources("AWS::ApiGatewayV2::Stage").values()
    written = json.loads(stage["Properties"]["AccessLogSettings"]["Format"])
    assert written["requestId"] == "$context.requestId"
    template.has_resource_properties("AWS::Logs::LogGroup", {"RetentionInDays": 365})


def test_requests_are_throttled(stack: cdk.Stack, handler: PythonFunction) -> None:
    ProxyApi(stack, "Api", handler=handler)
    throttle = apigwv2.ThrottleSettings(rate_limit=5, burst_limit=2)
    ProxyApi(stack, "Slow", handler=handler, throttle=throttle)

    stages = assertions.Template.from_stack(stack).find_resources("AWS::ApiGatewayV2::Stage")
    found = [stage["Properties"]["DefaultRouteSettings"] for stage in stages.values()]
    assert found == [
        {"ThrottlingBurstLimit": 1000, "ThrottlingRateLimit": 1000},
        {"ThrottlingBurstLimit": 2, "ThrottlingRateLimit": 5},
    ]


def test_cors_is_answered_by_the_api(stack: cdk.Stack, handler: PythonFunction) -> None:
    cors = apigwv2.CorsPreflightOptions(allow_origins=ORIGINS)
    ProxyApi(stack, "Api", handler=handler, public="For everyone", cors=cors)

    template = assertions.Template.from_stack(stack)
    template.has_resource_properties(
        "AWS::ApiGatewayV2::Api", {"CorsConfiguration": {"AllowOrigins": ORIGINS}}
    )
    assert {*routes(stack)} == {"ANY /", "ANY /{proxy+}"}


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


def test_it_is_named_after_its_path_and_says_where_it_is(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    api = ProxyApi(stack, "Api", handler=handler, description="The shop window")

    assertions.Template.from_stack(stack).has_resource_properties(
        "AWS::ApiGatewayV2::Api", {"Name": "Shop-Api", "Description": "The shop window"}
    )
    assert isinstance(api.api, apigwv2.HttpApi)
    assert str(stack.resolve(api.url)["Fn::Join"][1][-1]) == "/"


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


def test_the_alarms_watch_errors_latency_and_throttles(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    api = ProxyApi(stack, "Api", handler=handler)
    topic = sns.Topic(stack, "Topic")
    alarms = api.add_alarms(actions.SnsAction(topic), latency=cdk.Duration.seconds(2))

    template = assertions.Template.from_stack(stack)
    template.all_resources_properties(
        "AWS::CloudWatch::Alarm",
        {
            "AlarmActions": [{"Ref": MATCH.string_like_regexp("Topic")}],
            "EvaluationPeriods": 5,
            "DatapointsToAlarm": 3,
            "TreatMissingData": "notBreaching",
        },
    )
    template.has_resource_properties(
        "AWS::CloudWatch::Alarm",
        {"MetricName": "Latency", "ExtendedStatistic": "p99", "Threshold": 2000},
    )
    template.has_resource_properties(
        "AWS::CloudWatch::Alarm",
        {
            "MetricName": "Throttles",
            "Threshold": 0,
            "ComparisonOperator": "GreaterThanThreshold",
        },
    )
    template.has_resource_properties(
        "AWS::CloudWatch::Alarm",
        {
            "Threshold": 1,
            "Metrics": MATCH.array_with(
                [MATCH.object_like({"Expression": "100 * errors / requests"})]
            ),
        },
    )
    assert [alarm.node.id for alarm in alarms] == [
        "ServerErrorAlarm",
        "LatencyAlarm",
        "ThrottleAlarm",
    ]


def test_alarms_are_added_once_and_at_a_share_that_can_be_reached(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    api = ProxyApi(stack, "Api", handler=handler)
    action = actions.SnsAction(sns.Topic(stack, "Topic"))
    message = (
        "Shop/Api: server_error_percent must be from 0 to below 100, got 100; omit it to get 1"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        api.add_alarms(action, server_error_percent=100)

    api.add_alarms(action)
    message = (
        "Shop/Api: add_alarms must be called once, got a second call; give the alarms that it "
        "returned a second action with add_alarm_action"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        api.add_alarms(action)


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


def test_a_domain_name_can_be_mapped_to_its_stage(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    api = ProxyApi(stack, "Api", handler=handler)
    domain_name = apigwv2.DomainName.from_domain_name_attributes(
        stack,
        "Domain",
        name="api.shop.example",
        regional_domain_name="r",
        regional_hosted_zone_id="z",
    )
    apigwv2.ApiMapping(stack, "Mapping", api=api.api, domain_name=domain_name, stage=api.stage)

    assertions.Template.from_stack(stack).has_resource_properties(
        "AWS::ApiGatewayV2::ApiMapping", {"Stage": "$default"}
    )
    assert isinstance(api.access_logs, logs.LogGroup)


def test_metrics_are_the_apis_own(stack: cdk.Stack, handler: PythonFunction) -> None:
    api = ProxyApi(stack, "Api", handler=handler)
    minute = cdk.Duration.minutes(1)

    metrics = [
        api.metric_count(period=minute),
        api.metric_client_error(period=minute),
        api.metric_server_error(period=minute),
        api.metric_latency(period=minute, statistic="p50"),
    ]
    assert [metric.metric_name for metric in metrics] == ["Count", "4xx", "5xx", "Latency"]
    assert {metric.namespace for metric in metrics} == {"AWS/ApiGateway"}
    assert {metric.period.to_seconds() for metric in metrics} == {60}
