from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_elasticloadbalancingv2 as elbv2

from serverless_patterns import Compute, PatternError
from tests.load_balancers import ELB
from tests.messages import exactly
from tests.web_services import of_type, serve

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    MakeApp = Callable[..., cdk.App]

LAMBDA, FARGATE, EC2 = Compute
CONTAINERS = {FARGATE: 1, EC2: 1}
SECONDS = cdk.Duration.seconds

REFUSED: list[tuple[dict[str, Any], str]] = [
    (
        {"health_checks": elbv2.HealthCheck()},
        f"health_checks must be by Compute, got {elbv2.HealthCheck()!r}; write "
        "{Compute.FARGATE: ...}",
    ),
    (
        {"health_checks": {FARGATE: elbv2.HealthCheck()}, "weights": {LAMBDA: 1, EC2: 0}},
        "health_checks must be for a Compute that weights names, got Compute.FARGATE; weights "
        "names Compute.LAMBDA, Compute.EC2",
    ),
    (
        {"health_checks": {FARGATE: "/health"}},
        "health_checks[Compute.FARGATE] must be a HealthCheck, got '/health'; for example "
        "elbv2.HealthCheck(path='/health')",
    ),
    (
        {"health_checks": {FARGATE: elbv2.HealthCheck(timeout=SECONDS(30))}},
        "health_checks[Compute.FARGATE] must have an interval longer than its timeout of 30 s, got "
        "30 s; give both",
    ),
    (
        {"health_checks": {LAMBDA: elbv2.HealthCheck(interval=SECONDS(20))}},
        "health_checks[Compute.LAMBDA] must have an interval longer than its timeout of 30 s, got "
        "20 s; give both",
    ),
    (
        {"health_checks": {LAMBDA: elbv2.HealthCheck(interval=SECONDS(301))}},
        "health_checks[Compute.LAMBDA].interval must be whole seconds from 5 to 300, got 301 s; "
        "for example cdk.Duration.seconds(30)",
    ),
    (
        {"health_checks": {LAMBDA: elbv2.HealthCheck(timeout=SECONDS(121))}},
        "health_checks[Compute.LAMBDA].timeout must be whole seconds from 2 to 120, got 121 s; "
        "for example cdk.Duration.seconds(30)",
    ),
    (
        {"health_checks": {EC2: elbv2.HealthCheck(unhealthy_threshold_count=1)}},
        "health_checks[Compute.EC2].unhealthy_threshold_count must be a whole number from 2 to 10, "
        "got 1; omit it to get AWS's own",
    ),
    (
        {"health_checks": {EC2: elbv2.HealthCheck(healthy_threshold_count=11)}},
        "health_checks[Compute.EC2].healthy_threshold_count must be a whole number from 2 to 10, "
        "got 11; omit it to get AWS's own",
    ),
    (
        {"health_checks": {EC2: elbv2.HealthCheck(port="9000")}},
        "health_checks[Compute.EC2].port must be left to port, where the application listens and "
        "the load balancer may ask, got '9000'; omit it",
    ),
    (
        {"health_checks": {LAMBDA: elbv2.HealthCheck(protocol=elbv2.Protocol.HTTPS)}},
        "health_checks[Compute.LAMBDA] must ask over HTTP, as the load balancer asks for all else, "
        "got <Protocol.HTTPS: 'HTTPS'>; omit protocol and healthy_grpc_codes",
    ),
    (
        {"health_checks": {FARGATE: elbv2.HealthCheck(healthy_grpc_codes="0")}},
        "health_checks[Compute.FARGATE] must ask over HTTP, as the load balancer asks for all "
        "else, got '0'; omit protocol and healthy_grpc_codes",
    ),
    (
        {"health_checks": {FARGATE: elbv2.HealthCheck(enabled=False)}},
        "health_checks[Compute.FARGATE].enabled must be left out: a load balancer asks every task, "
        "got False; ask less often by interval",
    ),
    (
        {"health_checks": {LAMBDA: elbv2.HealthCheck(path="health")}},
        "health_checks[Compute.LAMBDA].path must start with a slash and hold at most 1,024 "
        "characters, no space among them, got 'health'; for example '/health'",
    ),
    (
        {"health_check_grace_period": cdk.Duration.millis(1500)},
        "health_check_grace_period must be whole seconds from 0 to 2,147,483,647, got 1.5 s; "
        "for example cdk.Duration.seconds(30)",
    ),
    (
        {"health_check_grace_period": 120},
        "health_check_grace_period must be a Duration, got 120; for example "
        "cdk.Duration.seconds(30)",
    ),
]


def test_a_task_may_take_long_to_start(stack: cdk.Stack, image: Path) -> None:
    serve(stack, image, weights=CONTAINERS, health_check_grace_period=SECONDS(300))

    services = of_type(stack, "AWS::ECS::Service").values()
    assert [each["HealthCheckGracePeriodSeconds"] for each in services] == [300, 300]


def test_tasks_are_asked_for_their_health(stack: cdk.Stack, image: Path) -> None:
    own = elbv2.HealthCheck(path="/ready", interval=cdk.Duration.seconds(20))
    serve(stack, image, weights=CONTAINERS, readiness_path="/health", health_checks={EC2: own})

    groups = of_type(stack, f"{ELB}::TargetGroup")
    asked = {
        name: (each["HealthCheckPath"], each["HealthCheckIntervalSeconds"])
        for name, each in groups.items()
    }
    assert asked == {"Fargate/TargetGroup": ("/health", 10), "Ec2/TargetGroup": ("/ready", 20)}
    assert groups["Fargate/TargetGroup"]["UnhealthyThresholdCount"] == 3
    assert groups["Fargate/TargetGroup"]["HealthyThresholdCount"] == 2
    assert groups["Fargate/TargetGroup"]["HealthCheckTimeoutSeconds"] == 5


def test_the_function_is_asked_for_its_health_only_if_it_is_said_how(
    make_app: MakeApp, image: Path
) -> None:
    plain, asked = (cdk.Stack(make_app(), "Shop") for _ in range(2))
    serve(plain, image)
    serve(
        asked,
        image,
        health_checks={
            LAMBDA: elbv2.HealthCheck(
                path="/health",
                interval=cdk.Duration.seconds(60),
                timeout=cdk.Duration.seconds(20),
                healthy_threshold_count=2,
                unhealthy_threshold_count=4,
                healthy_http_codes="200-299",
            )
        },
    )

    of_plain = of_type(plain, f"{ELB}::TargetGroup")["Lambda/TargetGroup"]
    of_asked = of_type(asked, f"{ELB}::TargetGroup")["Lambda/TargetGroup"]
    assert {*of_plain} == {"TargetType", "Targets", "TargetGroupAttributes"}
    assert {name: of_asked[name] for name in {*of_asked} - {*of_plain}} == {
        "HealthCheckEnabled": True,
        "HealthCheckPath": "/health",
        "HealthCheckIntervalSeconds": 60,
        "HealthCheckTimeoutSeconds": 20,
        "HealthyThresholdCount": 2,
        "UnhealthyThresholdCount": 4,
        "Matcher": {"HttpCode": "200-299"},
    }


@pytest.mark.parametrize(("options", "message"), REFUSED, ids=str)
def test_it_refuses_a_health_check_that_aws_would(
    stack: cdk.Stack, image: Path, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(PatternError, match=exactly(f"Shop/Web: {message}")):
        serve(stack, image, **options)


def test_times_that_are_known_at_deployment_are_not_guessed(stack: cdk.Stack, image: Path) -> None:
    seconds = cdk.CfnParameter(stack, "Seconds", type="Number").value_as_number
    check = elbv2.HealthCheck(interval=SECONDS(seconds), path="/health")
    serve(stack, image, health_checks={LAMBDA: check})

    group = of_type(stack, f"{ELB}::TargetGroup")["Lambda/TargetGroup"]
    assert group["HealthCheckIntervalSeconds"] == {"Ref": "Seconds"}
