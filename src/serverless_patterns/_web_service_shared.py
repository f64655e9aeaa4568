"""What is said once of all that run the image of a web service."""

from __future__ import annotations

from typing import TYPE_CHECKING

from serverless_patterns._web_service_metrics import MeasuredService
from serverless_patterns._web_service_rules import check_environment

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_cdk import aws_autoscaling as autoscaling
    from aws_cdk import aws_ec2 as ec2
    from aws_cdk import aws_ecs as ecs
    from aws_cdk import aws_elasticloadbalancingv2 as elbv2
    from aws_cdk import aws_iam as iam
    from aws_cdk import aws_s3 as s3
    from aws_cdk import aws_wafv2 as wafv2

    from serverless_patterns._web_service_compute import Compute
    from serverless_patterns._web_service_front import Front
    from serverless_patterns.web_adapter import WebAdapterFunction


class SharedService(MeasuredService):
    """A load balancer and what stands behind it, as their owner handles them.

    See ``WebService`` for the attributes.
    """

    listener: elbv2.ApplicationListener
    access_logs: s3.Bucket
    web_acl: wafv2.CfnWebACL | None
    security_group: ec2.SecurityGroup
    function: WebAdapterFunction | None
    tasks: ecs.TaskDefinition | None
    services: dict[Compute, ecs.FargateService | ecs.Ec2Service]
    scaling: dict[Compute, ecs.ScalableTaskCount]
    auto_scaling_group: autoscaling.AutoScalingGroup | None
    url: str

    def _open(self, front: Front) -> None:
        legs = self._legs
        legs.stand_behind(front.listener)
        self.load_balancer = front.load_balancer
        self.listener = front.listener
        self.access_logs = front.access_logs
        self.web_acl = front.web_acl
        self.url = front.url
        self.function = legs.function.function if legs.function else None
        self.tasks = legs.tasks.definition if legs.tasks else None
        self.services = {compute: leg.service for compute, leg in legs.containers.items()}
        self.scaling = {compute: leg.scaling for compute, leg in legs.containers.items()}
        self.auto_scaling_group = legs.instances.auto_scaling_group if legs.instances else None

    @property
    def grant_principals(self) -> list[iam.IGrantable]:
        """Who runs the image: the function, and the role of the tasks."""
        function = [self.function] if self.function else []
        return [*function, *([self.tasks.task_role] if self.tasks else [])]

    def grant(self, grant: Callable[[iam.IGrantable], iam.Grant]) -> list[iam.Grant]:
        """Grant the same to all that run the image.

        Args:
            grant: What grants it: ``service.grant(table.grant_read_write_data)``.

        Returns:
            The grants.
        """
        return [grant(each) for each in self.grant_principals]

    def add_environment(self, key: str, value: str) -> None:
        """Add an environment variable to all that run the image.

        Args:
            key: Its name.
            value: Its value.

        Raises:
            PatternError: If the library sets it itself, Lambda reserves the name, or all of them
                exceed 4 KB.
        """
        check_environment(self.node.path, {key: value})
        if self.function:
            self.function.add_environment(key, value)
        if self._legs.tasks:
            self._legs.tasks.container.add_environment(key, value)
