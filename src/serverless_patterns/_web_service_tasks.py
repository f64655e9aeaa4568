"""The task that runs a web service's image, the same on Fargate and on EC2."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import aws_cdk as cdk
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from serverless_patterns._acknowledge import acknowledge

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aws_cdk import aws_ec2 as ec2

CONTAINER = "Application"


@dataclass(frozen=True)
class TaskSettings:
    """What a task is given."""

    image: ecs.ContainerImage
    architecture: lambda_.Architecture
    cpu: int
    memory_limit_mib: int
    port: int
    environment: Mapping[str, str]
    stop_timeout: cdk.Duration
    retention: logs.RetentionDays


class Tasks(Construct):
    """A cluster and the definition of the tasks that run in it.

    The definition suits Fargate and EC2 alike: a task has a network interface of its own, so
    that the load balancer and whatever it connects to see no difference.

    Args:
        scope: The service's construct.
        construct_id: The construct id.
        vpc: The network.
        settings: What a task is given.

    Attributes:
        cluster: The cluster.
        definition: The task definition.
        container: The container of the image.
        log_group: Where it logs.
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, vpc: ec2.IVpc, settings: TaskSettings
    ) -> None:
        super().__init__(scope, construct_id)
        self.cluster = ecs.Cluster(
            self, "Cluster", vpc=vpc, container_insights_v2=ecs.ContainerInsights.ENHANCED
        )
        self.log_group = logs.LogGroup(self, "LogGroup", retention=settings.retention)
        self.definition = ecs.TaskDefinition(
            self,
            "Definition",
            compatibility=ecs.Compatibility.EC2_AND_FARGATE,
            network_mode=ecs.NetworkMode.AWS_VPC,
            cpu=cdk.Tokenization.stringify_number(settings.cpu),
            memory_mib=cdk.Tokenization.stringify_number(settings.memory_limit_mib),
            runtime_platform=ecs.RuntimePlatform(
                cpu_architecture=_cpu(settings.architecture),
                operating_system_family=ecs.OperatingSystemFamily.LINUX,
            ),
        )
        self.container = self.definition.add_container(
            CONTAINER,
            image=settings.image,
            environment=dict(settings.environment),
            logging=ecs.LogDriver.aws_logs(
                log_group=self.log_group,
                stream_prefix="task",
                # A request never waits for its log record; what doesn't fit into it is dropped.
                mode=ecs.AwsLogDriverMode.NON_BLOCKING,
                max_buffer_size=cdk.Size.mebibytes(25),
            ),
            port_mappings=[ecs.PortMapping(container_port=settings.port)],
            stop_timeout=settings.stop_timeout,
            # As process 1, an application without a handler of its own would ignore SIGTERM.
            linux_parameters=ecs.LinuxParameters(self, "Init", init_process_enabled=True),
        )
        self._acknowledge()

    def _acknowledge(self) -> None:
        acknowledge(
            self.definition,
            "AwsSolutions-ECS2",
            reason="The environment is the same as the function's: names and settings. Secrets "
            "are read when they are needed, by what the task role is granted.",
        )
        policy = self.definition.obtain_execution_role().node.try_find_child("DefaultPolicy")
        if policy:
            acknowledge(
                policy,
                "AwsSolutions-IAM5[Resource::*]",
                reason="A login to Amazon ECR (ecr:GetAuthorizationToken) is for no particular "
                "repository; what may be pulled is this image's alone.",
            )


def container_of(definition: ecs.TaskDefinition) -> ecs.ContainerDefinition:
    """The container of the image."""
    return cast("ecs.ContainerDefinition", definition.find_container(CONTAINER))


def _cpu(architecture: lambda_.Architecture) -> Any:
    is_arm = architecture.name == lambda_.Architecture.ARM_64.name
    return ecs.CpuArchitecture.ARM64 if is_arm else ecs.CpuArchitecture.X86_64
