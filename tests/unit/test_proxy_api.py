from __future__ import annotations

import json
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import assertions
from aws_cdk import aws_apigatewayv2 as apigwv2
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sns as sns

from serverless_patterns import PatternError, ProxyApi, PythonFunction
from tests.apis import routes
from tests.messages import exactly

MATCH = assertions.Match
ORIGINS = ["https://shop.example"]


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


def test_it_is_named_after_its_path_and_says_where_it_is(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    api = ProxyApi(stack, "Api", handler=handler, description="The shop window")

    assertions.Template.from_stack(stack).has_resource_properties(
        "AWS::ApiGatewayV2::Api", {"Name": "Shop-Api", "Description": "The shop window"}
    )
    assert isinstance(api.api, apigwv2.HttpApi)
    assert str(stack.resolve(api.url)["Fn::Join"][1][-1]) == "/"


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

    metrics: list[Any] = [
        api.metric_count(period=minute),
        api.metric_client_error(period=minute),
        api.metric_server_error(period=minute),
        api.metric_latency(period=minute, statistic="p50"),
    ]
    assert [metric.metric_name for metric in metrics] == ["Count", "4xx", "5xx", "Latency"]
    assert {metric.namespace for metric in metrics} == {"AWS/ApiGateway"}
    assert {metric.period.to_seconds() for metric in metrics} == {60}
