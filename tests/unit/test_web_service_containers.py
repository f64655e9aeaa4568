from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ec2 as ec2

from serverless_patterns import Compute
from tests.load_balancers import ELB, one
from tests.web_services import network, of_type, serve, template, warnings

if TYPE_CHECKING:
    from pathlib import Path

LAMBDA, FARGATE, EC2 = Compute
CONTAINERS = {FARGATE: 1, EC2: 1}


def depends_on(stack: cdk.Stack, kind: str) -> list[set[str]]:
    """What each resource of a type waits for, by its type."""
    everything = template(stack)
    return [
        {everything[name]["Type"] for name in each.get("DependsOn", ())}
        for each in everything.values()
        if each["Type"] == kind
    ]


def test_both_services_run_the_same_task(stack: cdk.Stack, image: Path) -> None:
    serve(stack, image, weights=CONTAINERS, cpu=1024, memory_limit_mib=2048)

    task = one(stack, "AWS::ECS::TaskDefinition")
    assert (task["Cpu"], task["Memory"], task["NetworkMode"]) == ("1024", "2048", "awsvpc")
    assert task["RequiresCompatibilities"] == ["EC2", "FARGATE"]
    services = of_type(stack, "AWS::ECS::Service")
    assert {*services} == {"Fargate/Service/Service", "Ec2/Service/Service"}
    on_fargate, on_instances = services["Fargate/Service/Service"], services["Ec2/Service/Service"]
    assert on_fargate["TaskDefinition"] == on_instances["TaskDefinition"]
    assert on_fargate["LaunchType"] == "FARGATE"
    [strategy] = on_instances["CapacityProviderStrategy"]
    assert "LaunchType" not in on_instances
    assert template(stack)[strategy["CapacityProvider"]["Ref"]]["Type"] == (
        "AWS::ECS::CapacityProvider"
    )
    assert [each["Type"] for each in on_instances["PlacementStrategies"]] == ["spread", "binpack"]


def test_a_deployment_that_does_not_get_well_is_rolled_back(stack: cdk.Stack, image: Path) -> None:
    serve(stack, image, weights=CONTAINERS)

    for each in of_type(stack, "AWS::ECS::Service").values():
        assert each["DeploymentConfiguration"] == {
            "DeploymentCircuitBreaker": {"Enable": True, "Rollback": True},
            "MaximumPercent": 200,
            "MinimumHealthyPercent": 100,
        }
        assert each["HealthCheckGracePeriodSeconds"] == 60
        assert "DesiredCount" not in each


def test_no_task_starts_before_its_target_group_has_a_load_balancer(
    stack: cdk.Stack, image: Path
) -> None:
    serve(stack, image, weights={FARGATE: 0, LAMBDA: 1})

    [waits] = depends_on(stack, "AWS::ECS::Service")
    assert f"{ELB}::Listener" in waits


def test_the_cluster_knows_its_instances_before_a_service_asks_for_them(
    stack: cdk.Stack, image: Path
) -> None:
    serve(stack, image, weights={EC2: 1})

    [waits] = depends_on(stack, "AWS::ECS::Service")
    assert "AWS::ECS::ClusterCapacityProviderAssociations" in waits


@pytest.mark.parametrize("compute", CONTAINERS)
def test_no_task_starts_before_it_may_pull_its_image(
    stack: cdk.Stack, image: Path, compute: Compute
) -> None:
    serve(stack, image, weights={compute: 1})

    [waits] = depends_on(stack, "AWS::ECS::Service")
    assert "AWS::IAM::Policy" in waits  # the execution role's: the task role has none here


def test_tasks_scale_by_cpu_and_requests(stack: cdk.Stack, image: Path) -> None:
    serve(
        stack,
        image,
        weights=CONTAINERS,
        min_capacity=3,
        max_capacity=7,
        target_utilization_percent=50,
        requests_per_target=900,
    )

    targets = of_type(stack, "AWS::ApplicationAutoScaling::ScalableTarget")
    assert [(each["MinCapacity"], each["MaxCapacity"]) for each in targets.values()] == [(3, 7)] * 2
    tracked = {}
    for name, policy in of_type(stack, "AWS::ApplicationAutoScaling::ScalingPolicy").items():
        how = policy["TargetTrackingScalingPolicyConfiguration"]
        metric = how["PredefinedMetricSpecification"]["PredefinedMetricType"]
        tracked[name] = (metric, how["TargetValue"], how["ScaleInCooldown"])
    assert tracked == {
        f"{leg}/Service/TaskCount/Target/{name}": expected
        for leg in ("Fargate", "Ec2")
        for name, expected in {
            "Cpu": ("ECSServiceAverageCPUUtilization", 50, 300),
            "Requests": ("ALBRequestCountPerTarget", 900, 300),
        }.items()
    }


def test_instances_come_and_go_with_tasks_which_are_drained(stack: cdk.Stack, image: Path) -> None:
    serve(stack, image, weights={EC2: 1}, max_capacity=6)

    group = one(stack, "AWS::AutoScaling::AutoScalingGroup")
    assert (group["MinSize"], group["MaxSize"]) == ("0", "12")
    assert "NewInstancesProtectedFromScaleIn" not in group
    provider = one(stack, "AWS::ECS::CapacityProvider")["AutoScalingGroupProvider"]
    assert {
        name: provider[name] for name in ("ManagedDraining", "ManagedTerminationProtection")
    } == {
        "ManagedDraining": "ENABLED",
        "ManagedTerminationProtection": "DISABLED",
    }
    assert provider["ManagedScaling"] == {"Status": "ENABLED", "TargetCapacity": 100}


def test_instances_are_closed(stack: cdk.Stack, image: Path) -> None:
    serve(stack, image, weights={EC2: 1}, instance_type=ec2.InstanceType("m7g.large"))

    data = one(stack, "AWS::EC2::LaunchTemplate")["LaunchTemplateData"]
    assert data["InstanceType"] == "m7g.large"
    assert data["MetadataOptions"] == {"HttpTokens": "required"}
    [volume] = data["BlockDeviceMappings"]
    assert volume["Ebs"]["Encrypted"] is True
    assert "ECS_AWSVPC_BLOCK_IMDS=true" in str(data["UserData"])
    groups = of_type(stack, "AWS::EC2::SecurityGroup")
    assert "SecurityGroupIngress" not in groups["Ec2/Instances/SecurityGroup"]


def test_the_load_balancer_alone_reaches_tasks_and_reaches_nothing_else(
    stack: cdk.Stack, image: Path
) -> None:
    serve(stack, image, weights=CONTAINERS, port=8000)

    groups = of_type(stack, "AWS::EC2::SecurityGroup")
    [nowhere] = groups["SecurityGroup"]["SecurityGroupEgress"]
    assert nowhere["CidrIp"] == "127.0.0.1/32"
    assert "SecurityGroupIngress" not in groups["ApplicationSecurityGroup"]
    [let_in] = of_type(stack, "AWS::EC2::SecurityGroupIngress").values()
    [let_out] = of_type(stack, "AWS::EC2::SecurityGroupEgress").values()
    assert (let_in["FromPort"], let_in["ToPort"]) == (8000, 8000)
    assert let_in["SourceSecurityGroupId"] == let_out["GroupId"]
    assert let_in["GroupId"] == let_out["DestinationSecurityGroupId"]


def test_logs_never_hold_up_a_request(stack: cdk.Stack, image: Path) -> None:
    serve(stack, image, weights=CONTAINERS)

    [container] = one(stack, "AWS::ECS::TaskDefinition")["ContainerDefinitions"]
    options = container["LogConfiguration"]["Options"]
    assert (options["mode"], options["max-buffer-size"]) == ("non-blocking", "26214400b")


def test_the_subnets_can_be_chosen(stack: cdk.Stack, image: Path) -> None:
    chosen = ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED)
    serve(stack, image, weights={FARGATE: 1}, service_subnets=chosen)

    service = one(stack, "AWS::ECS::Service")["NetworkConfiguration"]["AwsvpcConfiguration"]
    assert service["Subnets"] == ["isolated-1", "isolated-2"]
    assert one(stack, f"{ELB}::LoadBalancer")["Subnets"] == ["private-1", "private-2"]


LEADS_NOWHERE = "Shop/Web: its subnets lead nowhere: without endpoints for"
NO_IMAGE = "in the VPC no task can pull its image"
TO_PULL = f"{LEADS_NOWHERE} ecr.api, ecr.dkr, logs and s3 {NO_IMAGE}"
TO_JOIN = f"{LEADS_NOWHERE} ecr.api, ecr.dkr, logs, s3, ecs, ecs-agent and ecs-telemetry {NO_IMAGE}"


@pytest.mark.parametrize(
    ("weights", "warned"),
    [
        ({FARGATE: 1}, {"image-pull": TO_PULL}),
        ({FARGATE: 1, EC2: 1}, {"image-pull": TO_JOIN}),
        ({LAMBDA: 1}, {}),
    ],
    ids=str,
)
def test_subnets_without_a_way_out_are_warned_of_where_tasks_pull(
    stack: cdk.Stack, vpc: ec2.Vpc, image: Path, weights: Any, warned: dict[str, str]
) -> None:
    serve(stack, image, weights=weights, vpc=vpc)

    assert warnings(stack) == warned


def test_a_way_out_warns_of_nothing(stack: cdk.Stack, image: Path) -> None:
    serve(stack, image, vpc=network(stack))

    assert warnings(stack) == {}
