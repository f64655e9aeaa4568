"""The services of containers behind a load balancer: on Fargate, and on EC2 instances."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import aws_cdk as cdk
from aws_cdk import aws_autoscaling as autoscaling
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk import aws_iam as iam
from constructs import Construct

from serverless_patterns._acknowledge import acknowledge
from serverless_patterns._web_service_tasks import CONTAINER

if TYPE_CHECKING:
    from serverless_patterns._web_service_tasks import Tasks

_INSTANCES_EACH_TASK = 2
_SCALE_IN_MINUTES = 5


@dataclass(frozen=True)
class ContainerSettings:
    """What both services are given."""

    vpc: ec2.IVpc
    subnets: ec2.SubnetSelection
    security_group: ec2.ISecurityGroup
    port: int
    deregistration_delay: cdk.Duration
    health_check_grace_period: cdk.Duration
    min_capacity: int
    max_capacity: int
    target_utilization_percent: float
    requests_per_target: int


class ContainerLeg(Construct):
    """A service of Amazon ECS, its target group, and how it scales.

    Args:
        scope: The service's construct.
        construct_id: The construct id.
        settings: What it is given.
        health_check: How the load balancer asks whether a task is well.

    Attributes:
        service: The L2 of the service.
        target_group: The L2 of the target group.
        scaling: How many tasks it runs; ``scale`` defines it.
    """

    service: ecs.FargateService | ecs.Ec2Service
    scaling: ecs.ScalableTaskCount

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        settings: ContainerSettings,
        health_check: elbv2.HealthCheck,
    ) -> None:
        super().__init__(scope, construct_id)
        self._settings = settings
        self.target_group = elbv2.ApplicationTargetGroup(
            self,
            "TargetGroup",
            vpc=settings.vpc,
            port=settings.port,
            protocol=elbv2.ApplicationProtocol.HTTP,
            target_type=elbv2.TargetType.IP,
            deregistration_delay=settings.deregistration_delay,
            health_check=health_check,
        )

    def run_on_fargate(self, tasks: Tasks) -> None:
        """Run the tasks on Fargate."""
        self._attach(
            ecs.FargateService(
                self,
                "Service",
                cluster=tasks.cluster,
                task_definition=tasks.definition,
                security_groups=[self._settings.security_group],
                vpc_subnets=self._settings.subnets,
                min_healthy_percent=100,
                max_healthy_percent=200,
                health_check_grace_period=self._settings.health_check_grace_period,
                circuit_breaker=ecs.DeploymentCircuitBreaker(enable=True, rollback=True),
            ),
            tasks,
        )

    def run_on_instances(self, tasks: Tasks, instances: Instances) -> None:
        """Run the tasks on EC2 instances, spread over zones and then as few as can be."""
        service = ecs.Ec2Service(
            self,
            "Service",
            cluster=tasks.cluster,
            task_definition=tasks.definition,
            security_groups=[self._settings.security_group],
            vpc_subnets=self._settings.subnets,
            min_healthy_percent=100,
            max_healthy_percent=200,
            health_check_grace_period=self._settings.health_check_grace_period,
            circuit_breaker=ecs.DeploymentCircuitBreaker(enable=True, rollback=True),
            capacity_provider_strategies=[
                ecs.CapacityProviderStrategy(
                    capacity_provider=instances.provider.capacity_provider_name, weight=1
                )
            ],
            placement_strategies=[
                ecs.PlacementStrategy.spread_across(ecs.BuiltInAttributes.AVAILABILITY_ZONE),
                ecs.PlacementStrategy.packed_by_memory(),
            ],
        )
        # With all that stands below the cluster: it must know the provider before the service
        # asks for it, and until the service is gone.
        service.node.add_dependency(tasks.cluster)
        self._attach(service, tasks)

    def scale(self) -> None:
        """Scale by CPU and by requests; the target group stands behind its listener by now."""
        settings = self._settings
        self.scaling = self.service.auto_scale_task_count(
            min_capacity=settings.min_capacity, max_capacity=settings.max_capacity
        )
        cooldown = cdk.Duration.minutes(_SCALE_IN_MINUTES)
        self.scaling.scale_on_cpu_utilization(
            "Cpu",
            target_utilization_percent=settings.target_utilization_percent,
            scale_in_cooldown=cooldown,
        )
        self.scaling.scale_on_request_count(
            "Requests",
            requests_per_target=settings.requests_per_target,
            target_group=self.target_group,
            scale_in_cooldown=cooldown,
        )

    def _attach(self, service: ecs.FargateService | ecs.Ec2Service, tasks: Tasks) -> None:
        self.service = service
        # Tasks that may not pull their image yet would count as a deployment that fails.
        service.node.add_dependency(tasks.definition.obtain_execution_role())
        self.target_group.add_target(
            service.load_balancer_target(
                container_name=CONTAINER, container_port=self._settings.port
            )
        )


class Instances(Construct):
    """EC2 instances as a cluster asks for them: as many as its tasks need.

    Args:
        scope: What they belong to.
        construct_id: The construct id.
        tasks: The tasks that they run.
        settings: What the service is given.
        instance_type: What they are.
        is_arm: Whether they are of Arm.

    Attributes:
        auto_scaling_group: The L2 of the group.
        provider: The L2 of the capacity provider.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        tasks: Tasks,
        settings: ContainerSettings,
        instance_type: ec2.InstanceType,
        is_arm: bool,
    ) -> None:
        super().__init__(scope, construct_id)
        hardware = ecs.AmiHardwareType.ARM if is_arm else ecs.AmiHardwareType.STANDARD
        role = iam.Role(self, "Role", assumed_by=iam.ServicePrincipal("ec2.amazonaws.com"))
        template = ec2.LaunchTemplate(
            self,
            "Template",
            instance_type=instance_type,
            machine_image=ecs.EcsOptimizedImage.amazon_linux2023(hardware),
            role=role,
            user_data=ec2.UserData.for_linux(),
            security_group=ec2.SecurityGroup(
                self,
                "SecurityGroup",
                vpc=settings.vpc,
                description="Instances of a cluster, which nobody connects to",
            ),
            require_imdsv2=True,
            detailed_monitoring=True,
            block_devices=[
                ec2.BlockDevice(
                    device_name="/dev/xvda",
                    volume=ec2.BlockDeviceVolume.ebs(
                        30, encrypted=True, volume_type=ec2.EbsDeviceVolumeType.GP3
                    ),
                )
            ],
        )
        self.auto_scaling_group = autoscaling.AutoScalingGroup(
            self,
            "Group",
            vpc=settings.vpc,
            vpc_subnets=settings.subnets,
            launch_template=template,
            min_capacity=0,
            max_capacity=_most_instances(settings.max_capacity),
        )
        self.provider = ecs.AsgCapacityProvider(
            self,
            "Provider",
            auto_scaling_group=self.auto_scaling_group,
            enable_managed_scaling=True,
            enable_managed_draining=True,
            # It would keep the stack from being deleted; draining moves the tasks in time.
            enable_managed_termination_protection=False,
        )
        tasks.cluster.add_asg_capacity_provider(self.provider)
        # What an instance's role may do is no business of the tasks on it.
        self.auto_scaling_group.add_user_data(
            "echo ECS_AWSVPC_BLOCK_IMDS=true >> /etc/ecs/ecs.config"
        )
        self._acknowledge(role)

    def _acknowledge(self, role: iam.Role) -> None:
        policy = role.node.try_find_child("DefaultPolicy")
        acknowledge(
            self.auto_scaling_group,
            "AwsSolutions-AS3",
            reason="Instances come and go as Amazon ECS needs them for its tasks, and nobody needs "
            "to know; the alarms of the service tell of tasks that aren't well.",
        )
        if policy:
            acknowledge(
                policy,
                "AwsSolutions-IAM5[Resource::*]",
                "AwsSolutions-IAM5[Action::ecs:Submit*]",
                reason="What the agent of an instance does: it polls its own cluster alone, asks "
                "where that answers, tells of its tasks (ecs:Submit*), logs in to Amazon ECR and "
                "writes logs.",
            )


def _most_instances(tasks: int) -> int:
    """A task each at worst, and twice as many while a deployment replaces them."""
    return tasks if cdk.Token.is_unresolved(tasks) else _INSTANCES_EACH_TASK * tasks
