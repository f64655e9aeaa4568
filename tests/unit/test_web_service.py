from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk import aws_logs as logs

from serverless_patterns import Compute, WebAdapterFunction, WebService
from tests.load_balancers import ELB, attributes, one
from tests.web_services import ALL, network, of_type, serve, template

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    MakeApp = Callable[..., cdk.App]

LAMBDA, FARGATE, EC2 = Compute


def weights_in(stack: cdk.Stack) -> list[tuple[str, Any]]:
    [action] = one(stack, f"{ELB}::Listener")["DefaultActions"]
    groups = action["ForwardConfig"]["TargetGroups"]
    return [(each["TargetGroupArn"]["Ref"], each["Weight"]) for each in groups]


def test_all_that_weights_name_stand_behind_one_listener(stack: cdk.Stack, image: Path) -> None:
    service = serve(stack, image, weights={EC2: 0, LAMBDA: 9, FARGATE: 1})

    groups = of_type(stack, f"{ELB}::TargetGroup")
    assert {name: each["TargetType"] for name, each in groups.items()} == {
        "Lambda/TargetGroup": "lambda",
        "Fargate/TargetGroup": "ip",
        "Ec2/TargetGroup": "ip",
    }
    assert [weight for _, weight in weights_in(stack)] == [9, 1, 0]
    assert isinstance(service.function, WebAdapterFunction)
    assert {*service.services} == {*service.scaling} == {FARGATE, EC2}
    assert isinstance(service.load_balancer, elbv2.ApplicationLoadBalancer)
    assert service.auto_scaling_group
    assert service.tasks


@pytest.mark.parametrize(
    "before", [{LAMBDA: 1, FARGATE: 0, EC2: 0}, {LAMBDA: 0, FARGATE: 1, EC2: 5}]
)
def test_a_share_of_the_traffic_moves_by_the_listeners_weights_alone(
    make_app: MakeApp, image: Path, before: dict[Compute, int]
) -> None:
    def synthesized(weights: dict[Compute, int]) -> dict[str, Any]:
        stack = cdk.Stack(make_app(), "Shop")
        serve(stack, image, weights=weights)
        return template(stack)

    one, other = synthesized(before), synthesized({LAMBDA: 1, FARGATE: 3, EC2: 5})

    assert {*one} == {*other}
    [changed] = [name for name in one if one[name] != other[name]]
    assert one[changed]["Type"] == f"{ELB}::Listener"
    for each in (one, other):
        [action] = each[changed]["Properties"]["DefaultActions"]
        for group in action["ForwardConfig"]["TargetGroups"]:
            group["Weight"] = "?"
    assert one == other


def test_the_order_of_weights_changes_nothing(make_app: MakeApp, image: Path) -> None:
    def synthesized(weights: dict[Compute, int]) -> dict[str, Any]:
        stack = cdk.Stack(make_app(), "Shop")
        serve(stack, image, weights=weights)
        return template(stack)

    assert synthesized({EC2: 2, LAMBDA: 1}) == synthesized({LAMBDA: 1, EC2: 2})


@pytest.mark.parametrize(
    ("weights", "made", "absent"),
    [
        (None, {"Lambda"}, {"AWS::ECS::Cluster", "AWS::AutoScaling::AutoScalingGroup"}),
        (
            {FARGATE: 1},
            {"Fargate"},
            {"AWS::Lambda::Function", "AWS::AutoScaling::AutoScalingGroup"},
        ),
        ({EC2: 1}, {"Ec2"}, {"AWS::Lambda::Function"}),
    ],
    ids=str,
)
def test_what_weights_do_not_name_is_not_made(
    stack: cdk.Stack, image: Path, weights: Any, made: set[str], absent: set[str]
) -> None:
    service = serve(stack, image, weights=weights)

    assert {each.split("/")[0] for each in of_type(stack, f"{ELB}::TargetGroup")} == made
    assert not absent & {each["Type"] for each in template(stack).values()}
    assert len(service.grant_principals) == 1


def test_a_weight_can_be_a_parameter(stack: cdk.Stack, image: Path) -> None:
    share = cdk.CfnParameter(stack, "Share", type="Number", default=0)
    serve(stack, image, weights={LAMBDA: 1, FARGATE: share.value_as_number})

    assert [weight for _, weight in weights_in(stack)] == [1, {"Ref": "Share"}]


def test_all_have_one_environment(stack: cdk.Stack, image: Path) -> None:
    service = serve(stack, image, environment={"TABLE": "books"}, port=8000)
    service.add_environment("LATER", "yes")

    [container] = one(stack, "AWS::ECS::TaskDefinition")["ContainerDefinitions"]
    of_tasks = {each["Name"]: each["Value"] for each in container["Environment"]}
    of_function = one(stack, "AWS::Lambda::Function")["Environment"]["Variables"]
    assert of_tasks == {"TABLE": "books", "LATER": "yes", "PORT": "8000"}
    assert {**of_function, **of_tasks} == of_function


def test_a_grant_is_for_all(stack: cdk.Stack, image: Path) -> None:
    service = serve(stack, image)
    key = dynamodb.Attribute(name="id", type=dynamodb.AttributeType.STRING)
    table = dynamodb.TableV2(stack, "Table", partition_key=key)

    grants = service.grant(table.grant_read_data)

    assert len(grants) == 2
    may = {}
    for name, policy in of_type(stack, "AWS::IAM::Policy").items():
        statements = policy["PolicyDocument"]["Statement"]
        may[name] = any("dynamodb:GetItem" in each["Action"] for each in statements)
    assert {name for name, granted in may.items() if granted} == {
        "Lambda/FunctionRole/DefaultPolicy",
        "Tasks/Definition/TaskRole/DefaultPolicy",
    }


def test_tasks_may_do_nothing_of_their_own(stack: cdk.Stack, image: Path) -> None:
    serve(stack, image)

    role = of_type(stack, "AWS::IAM::Role")["Tasks/Definition/TaskRole"]
    assert {*role} == {"AssumeRolePolicyDocument"}
    assert "Tasks/Definition/TaskRole/DefaultPolicy" not in of_type(stack, "AWS::IAM::Policy")


def test_all_stand_in_private_subnets_with_one_security_group(
    stack: cdk.Stack, image: Path
) -> None:
    service = serve(stack, image)

    group = stack.resolve(service.security_group.security_group_id)
    subnets = ["private-1", "private-2"]
    network_of_function = one(stack, "AWS::Lambda::Function")["VpcConfig"]
    assert network_of_function == {"SecurityGroupIds": [group], "SubnetIds": subnets}
    for each in of_type(stack, "AWS::ECS::Service").values():
        assert each["NetworkConfiguration"]["AwsvpcConfiguration"] == {
            "AssignPublicIp": "DISABLED",
            "SecurityGroups": [group],
            "Subnets": subnets,
        }
    assert one(stack, "AWS::AutoScaling::AutoScalingGroup")["VPCZoneIdentifier"] == subnets


def test_logs_are_kept_for_as_long_as_is_said(stack: cdk.Stack, image: Path) -> None:
    serve(stack, image, retention=logs.RetentionDays.ONE_WEEK)

    groups = of_type(stack, "AWS::Logs::LogGroup")
    assert {name: each["RetentionInDays"] for name, each in groups.items()} == {
        "Lambda/FunctionLogGroup": 7,
        "Tasks/LogGroup": 7,
    }
    [rule] = one(stack, "AWS::S3::Bucket")["LifecycleConfiguration"]["Rules"]
    assert rule["ExpirationInDays"] == 7


def test_no_request_outlasts_its_task(stack: cdk.Stack, image: Path) -> None:
    serve(
        stack,
        image,
        idle_timeout=cdk.Duration.seconds(100),
        stop_timeout=cdk.Duration.seconds(45),
    )

    balancer = one(stack, f"{ELB}::LoadBalancer")
    waits = attributes(balancer, "LoadBalancerAttributes")["idle_timeout.timeout_seconds"]
    [container] = one(stack, "AWS::ECS::TaskDefinition")["ContainerDefinitions"]
    drains = [
        attributes(each, "TargetGroupAttributes").get("deregistration_delay.timeout_seconds")
        for each in of_type(stack, f"{ELB}::TargetGroup").values()
    ]
    assert (waits, one(stack, "AWS::Lambda::Function")["Timeout"]) == ("100", 100)
    assert sorted(drains, key=str) == ["100", "100", None]
    assert container["StopTimeout"] == 45
    assert container["LinuxParameters"]["InitProcessEnabled"] is True


def test_a_time_that_is_known_at_deployment_is_not_guessed(stack: cdk.Stack, image: Path) -> None:
    seconds = cdk.CfnParameter(stack, "Seconds", type="Number").value_as_number
    service = WebService(
        stack, "Web", image=image, vpc=network(stack), idle_timeout=cdk.Duration.seconds(seconds)
    )

    assert service.function
    assert one(stack, "AWS::Lambda::Function")["Timeout"] == {"Ref": "Seconds"}


def test_the_events_of_the_same_image_have_a_sibling(stack: cdk.Stack, image: Path) -> None:
    service = serve(stack, image, weights={**ALL})

    assert service.function
    assert service.function.for_events()
