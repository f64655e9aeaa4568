"""What runs the image of a web service, by compute."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk import aws_lambda as lambda_

from serverless_patterns._web_service_compute import CONTAINERS, Compute
from serverless_patterns._web_service_containers import ContainerLeg, ContainerSettings, Instances
from serverless_patterns._web_service_tasks import Tasks, TaskSettings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aws_cdk import aws_logs as logs
    from constructs import Construct

    from serverless_patterns._web_service_function import FunctionLeg
    from serverless_patterns._web_service_image import Image
    from serverless_patterns._web_service_rules import Times

_IDS = {Compute.LAMBDA: "Lambda", Compute.FARGATE: "Fargate", Compute.EC2: "Ec2"}
_GRACE_SECONDS = 60
_INSTANCE_TYPES = {True: "t4g.medium", False: "t3.medium"}


@dataclass(frozen=True, kw_only=True)
class LegSettings:
    """What all that run the image are given."""

    image: Image
    architecture: lambda_.Architecture
    environment: Mapping[str, str]
    port: int
    readiness_path: str
    health_checks: Mapping[Compute, elbv2.HealthCheck]
    times: Times
    health_check_grace_period: cdk.Duration | None
    vpc: ec2.IVpc
    subnets: ec2.SubnetSelection
    security_group: ec2.ISecurityGroup
    memory_size: int
    cpu: int
    memory_limit_mib: int
    instance_type: ec2.InstanceType | None
    min_capacity: int
    max_capacity: int
    target_utilization_percent: int
    requests_per_target: int
    retention: logs.RetentionDays

    @property
    def is_arm(self) -> bool:
        """Whether the image is for Arm."""
        return self.architecture.name == lambda_.Architecture.ARM_64.name


class Legs:
    """All that run the image of one service.

    Args:
        scope: The service's construct.
        made: Which there are, by the weights.
        settings: What they are given.

    Attributes:
        function: The function with its target group.
        tasks: The cluster and the definition of its tasks.
        containers: The services of ECS, by compute.
        instances: The instances of EC2.
    """

    def __init__(
        self, scope: Construct, made: Mapping[Compute, int], settings: LegSettings
    ) -> None:
        self._settings = settings
        self.function = self._function(scope) if Compute.LAMBDA in made else None
        containers = [each for each in CONTAINERS if each in made]
        self.tasks = self._tasks(scope) if containers else None
        self.containers: dict[Compute, ContainerLeg] = {}
        self.instances: Instances | None = None
        shared = ContainerSettings(
            vpc=settings.vpc,
            subnets=settings.subnets,
            security_group=settings.security_group,
            port=settings.port,
            deregistration_delay=settings.times.deregistration_delay,
            health_check_grace_period=settings.health_check_grace_period
            or cdk.Duration.seconds(_GRACE_SECONDS),
            min_capacity=settings.min_capacity,
            max_capacity=settings.max_capacity,
            target_utilization_percent=settings.target_utilization_percent,
            requests_per_target=settings.requests_per_target,
        )
        for compute in containers:
            self._run(scope, compute, shared)

    @property
    def arns(self) -> dict[Compute, str]:
        """The target groups."""
        own = {Compute.LAMBDA: self.function.arn} if self.function else {}
        others = {
            compute: leg.target_group.target_group_arn for compute, leg in self.containers.items()
        }
        return own | others

    @property
    def group_names(self) -> dict[Compute, str]:
        """What metrics call the target groups."""
        own = (
            {Compute.LAMBDA: self.function.target_group.attr_target_group_full_name}
            if self.function
            else {}
        )
        others = {
            compute: leg.target_group.target_group_full_name
            for compute, leg in self.containers.items()
        }
        return own | others

    def stand_behind(self, listener: elbv2.ApplicationListener) -> None:
        """Start no task before its target group has a load balancer, and then scale them."""
        for leg in self.containers.values():
            leg.target_group.register_listener(listener)
            leg.scale()

    def _function(self, scope: Construct) -> FunctionLeg:
        from serverless_patterns._web_service_function import (  # noqa: PLC0415 - may not be asked for
            FunctionLeg,
        )

        settings = self._settings
        return FunctionLeg(
            scope,
            _IDS[Compute.LAMBDA],
            image=settings.image.for_function,
            architecture=settings.architecture,
            memory_size=settings.memory_size,
            times=settings.times,
            environment=settings.environment,
            port=settings.port,
            readiness_path=settings.readiness_path,
            health_check=settings.health_checks.get(Compute.LAMBDA),
            retention=settings.retention,
            vpc=settings.vpc,
            subnets=settings.subnets,
            security_group=settings.security_group,
        )

    def _tasks(self, scope: Construct) -> Tasks:
        settings = self._settings
        return Tasks(
            scope,
            "Tasks",
            vpc=settings.vpc,
            settings=TaskSettings(
                image=settings.image.for_tasks,
                architecture=settings.architecture,
                cpu=settings.cpu,
                memory_limit_mib=settings.memory_limit_mib,
                port=settings.port,
                environment={**settings.environment, "PORT": str(settings.port)},
                stop_timeout=settings.times.stop,
                retention=settings.retention,
            ),
        )

    def _run(self, scope: Construct, compute: Compute, shared: ContainerSettings) -> None:
        settings = self._settings
        leg = ContainerLeg(
            scope,
            _IDS[compute],
            settings=shared,
            health_check=settings.health_checks.get(compute)
            or elbv2.HealthCheck(
                path=settings.readiness_path,
                interval=cdk.Duration.seconds(10),
                timeout=cdk.Duration.seconds(5),
                healthy_threshold_count=2,
                unhealthy_threshold_count=3,
            ),
        )
        self.containers[compute] = leg
        if self.tasks is None:
            return
        if compute is Compute.FARGATE:
            leg.run_on_fargate(self.tasks)
            return
        self.instances = Instances(
            leg,
            "Instances",
            tasks=self.tasks,
            settings=shared,
            instance_type=settings.instance_type
            or ec2.InstanceType(_INSTANCE_TYPES[settings.is_arm]),
            is_arm=settings.is_arm,
        )
        leg.run_on_instances(self.tasks, self.instances)
