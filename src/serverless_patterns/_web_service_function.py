"""The function behind the load balancer of a web service."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from constructs import Construct

from serverless_patterns import _quotas
from serverless_patterns._invocation import acknowledge_synchronous
from serverless_patterns._target_group import TargetGroup
from serverless_patterns._units import Target, Unit
from serverless_patterns.web_adapter import WebAdapterFunction

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aws_cdk import aws_ec2 as ec2
    from aws_cdk import aws_lambda as lambda_
    from aws_cdk import aws_logs as logs

    from serverless_patterns._web_service_rules import Times


class FunctionLeg(Construct):
    """A function of the image, and its target group.

    Args:
        scope: The service's construct.
        construct_id: The construct id.
        image: The image.
        architecture: The instruction set.
        memory_size: Its memory in MB.
        times: How long it may take, and how long its caller waits.
        environment: Its variables.
        port: Where the application listens.
        readiness_path: What it answers when it can.
        health_check: How the load balancer asks whether it is well, if it does.
        retention: How long its logs are kept.
        vpc: The network.
        subnets: Where in it.
        security_group: What it is in there.

    Attributes:
        function: The L2 of the function.
        arn: The target group's ARN.
        target_group: The L1 of the target group.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        image: lambda_.EcrImageCode,
        architecture: lambda_.Architecture,
        memory_size: int,
        times: Times,
        environment: Mapping[str, str],
        port: int,
        readiness_path: str,
        health_check: elbv2.HealthCheck | None,
        retention: logs.RetentionDays,
        vpc: ec2.IVpc,
        subnets: ec2.SubnetSelection,
        security_group: ec2.ISecurityGroup,
    ) -> None:
        super().__init__(scope, construct_id)
        self.function = WebAdapterFunction(
            self,
            "Function",
            image=image,
            architecture=architecture,
            memory_size=memory_size,
            timeout=times.of_function,
            environment=environment,
            port=port,
            readiness_path=readiness_path,
            retention=retention,
            vpc=vpc,
            vpc_subnets=subnets,
            security_groups=[security_group],
        )
        unit = Unit(construct_id, is_catch_all=True)
        waits = _quotas.LOAD_BALANCER_IDLE_SECONDS
        if not times.idle.is_unresolved():
            waits = int(times.idle.to_seconds())
        self.arn = TargetGroup.of(scope.node.path, Target(unit, self, self.function), waits).arn
        self.target_group = cast("elbv2.CfnTargetGroup", self.node.find_child("TargetGroup"))
        if health_check is not None:
            _ask(self.target_group, health_check)
        acknowledge_synchronous(self, [self.function])


def _ask(group: elbv2.CfnTargetGroup, check: elbv2.HealthCheck) -> None:
    """Ask a function whether it is well. Each time is an invocation, which is paid for."""
    group.health_check_enabled = check.enabled is not False
    group.health_check_path = check.path
    for name in ("interval", "timeout"):
        duration = getattr(check, name)
        if duration is not None:
            setattr(group, f"health_check_{name}_seconds", duration.to_seconds())
    group.healthy_threshold_count = check.healthy_threshold_count
    group.unhealthy_threshold_count = check.unhealthy_threshold_count
    codes = check.healthy_http_codes
    if codes is not None:
        group.matcher = elbv2.CfnTargetGroup.MatcherProperty(http_code=codes)
