from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_sns as sns

from serverless_patterns import Compute, PatternError
from tests.messages import exactly
from tests.web_services import ALL, of_type, serve

if TYPE_CHECKING:
    from pathlib import Path

LAMBDA, FARGATE, EC2 = Compute
ALARM = "AWS::CloudWatch::Alarm"


def call(stack: cdk.Stack) -> actions.SnsAction:
    return actions.SnsAction(sns.Topic(stack, "Call"))


@pytest.mark.parametrize(
    ("weights", "alarms"),
    [
        (
            ALL,
            {
                "ServerErrorAlarm": "answers with server errors",
                "LatencyAlarm": "is slow",
                "ThrottleAlarm": "has a function that is throttled",
                "FargateHealthAlarm": "has tasks on fargate that fail their health check",
                "Ec2HealthAlarm": "has tasks on ec2 that fail their health check",
            },
        ),
        (
            {FARGATE: 1},
            {
                "ServerErrorAlarm": "answers with server errors",
                "LatencyAlarm": "is slow",
                "FargateHealthAlarm": "has tasks on fargate that fail their health check",
            },
        ),
    ],
    ids=str,
)
def test_the_alarms_that_matter_call_somebody(
    stack: cdk.Stack, image: Path, weights: dict[Compute, int], alarms: dict[str, str]
) -> None:
    added = serve(stack, image, weights=weights).add_alarms(call(stack))

    found = of_type(stack, ALARM)
    described = {name: each["AlarmDescription"] for name, each in found.items()}
    assert described == {name: f"Shop/Web {text}" for name, text in alarms.items()}
    assert [each.node.id for each in added] == [*alarms]
    for each in found.values():
        assert len(each["AlarmActions"]) == 1
        assert each["EvaluationPeriods"] == 3
        assert each["TreatMissingData"] == "notBreaching"


def test_the_thresholds_can_be_chosen(stack: cdk.Stack, image: Path) -> None:
    serve(stack, image).add_alarms(
        call(stack), server_error_percent=5, latency=cdk.Duration.seconds(1)
    )

    thresholds = {name: each["Threshold"] for name, each in of_type(stack, ALARM).items()}
    assert (thresholds["ServerErrorAlarm"], thresholds["LatencyAlarm"]) == (5, 1000)


@pytest.mark.parametrize("share", [0, 101])
def test_no_share_of_errors_is_refused(stack: cdk.Stack, image: Path, share: float) -> None:
    message = (
        f"Shop/Web: server_error_percent must be above 0 and at most 100, got {share}; omit it to "
        "get 1"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        serve(stack, image).add_alarms(call(stack), server_error_percent=share)


def test_alarms_are_added_once(stack: cdk.Stack, image: Path) -> None:
    service = serve(stack, image)
    action = call(stack)
    service.add_alarms(action)

    message = (
        "Shop/Web: add_alarms must be called once, got a second call; add further actions to the "
        "alarms that the first call returned"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        service.add_alarms(action)


def test_each_compute_is_measured_by_its_target_group(stack: cdk.Stack, image: Path) -> None:
    service = serve(stack, image)

    for compute, leg in {LAMBDA: "Lambda", FARGATE: "Fargate", EC2: "Ec2"}.items():
        group = service.node.find_child(leg).node.find_child("TargetGroup")
        resource: Any = group.node.default_child or group
        expected = {"Fn::GetAtt": [stack.get_logical_id(resource), "TargetGroupFullName"]}
        for metric in (
            service.metric_count_of(compute),
            service.metric_server_error_of(compute),
            service.metric_latency_of(compute),
            service.metric_unhealthy_of(compute),
        ):
            dimensions = metric.dimensions or {}
            assert stack.resolve(dimensions["TargetGroup"]) == expected
            assert {*dimensions} == {"LoadBalancer", "TargetGroup"}


def test_metrics_are_named_as_cloudwatch_names_them(stack: cdk.Stack, image: Path) -> None:
    service = serve(stack, image)

    named = {
        (metric.namespace, metric.metric_name, metric.statistic)
        for metric in (
            service.metric_count(),
            service.metric_count_of(LAMBDA),
            service.metric_server_error_of(LAMBDA),
            service.metric_latency_of(LAMBDA, statistic="p99"),
            service.metric_unhealthy_of(FARGATE),
        )
    }
    assert named == {
        ("AWS/ApplicationELB", "RequestCount", "Sum"),
        ("AWS/ApplicationELB", "HTTPCode_Target_5XX_Count", "Sum"),
        ("AWS/ApplicationELB", "TargetResponseTime", "p99"),
        ("AWS/ApplicationELB", "UnHealthyHostCount", "Maximum"),
    }
    assert service.metric_client_error().expression == (
        "FILL(function4xx, 0) + FILL(balancer4xx, 0)"
    )
    assert service.metric_server_error().expression == (
        "FILL(function5xx, 0) + FILL(balancer5xx, 0)"
    )
    assert service.metric_latency().expression == "1000 * seconds"


def test_what_is_not_made_is_not_measured(stack: cdk.Stack, image: Path) -> None:
    service = serve(stack, image, weights={LAMBDA: 1, EC2: 0})

    message = (
        "Shop/Web: compute must be one that weights names, got Compute.FARGATE; it names "
        "Compute.LAMBDA, Compute.EC2"
    )
    for measure in (
        service.metric_count_of,
        service.metric_server_error_of,
        service.metric_latency_of,
        service.metric_unhealthy_of,
    ):
        with pytest.raises(PatternError, match=exactly(message)):
            measure(FARGATE)


@pytest.mark.parametrize(("weights", "graphs"), [(ALL, 4), ({LAMBDA: 1}, 3)], ids=str)
def test_a_dashboard_compares_what_runs_the_image(
    stack: cdk.Stack, image: Path, weights: dict[Compute, int], graphs: int
) -> None:
    widgets = serve(stack, image, weights=weights).dashboard_widgets()
    cloudwatch.Dashboard(stack, "Dashboard", widgets=[widgets])

    assert len(widgets) == graphs
    shown = stack.resolve(widgets[0].to_json())[0]["properties"]
    assert shown["title"] == "Shop/Web: requests"
    assert [each[-1]["label"] for each in shown["metrics"]] == [each.value for each in weights]
