"""The load balancer of a web service, whose listener divides the traffic by weights."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as elbv2

from serverless_patterns import _quotas
from serverless_patterns._domain import check_domain
from serverless_patterns._errors import PatternError
from serverless_patterns._load_balancer_authorization import (
    check_authorizer,
    default_action,
    open_the_way,
)
from serverless_patterns._load_balancer_listener import (
    define_balancer,
    listen,
    point_to,
    url_of,
)
from serverless_patterns._load_balancer_logs import define_access_logs, write_access_logs
from serverless_patterns._load_balancer_network import (
    check_certificate,
    check_network,
    define_security_group,
)
from serverless_patterns._load_balancer_settings import check_settings
from serverless_patterns._numbers import whole_seconds
from serverless_patterns._web_service_firewall import check_firewall, define_firewall

if TYPE_CHECKING:
    from collections.abc import Mapping

    import aws_cdk as cdk
    from constructs import Construct

    from serverless_patterns._units import Access
    from serverless_patterns._web_service_compute import Compute
    from serverless_patterns.endpoints import Settings


@dataclass(frozen=True, kw_only=True)
class FrontSettings:
    """What the load balancer is given."""

    vpc: ec2.IVpc
    vpc_subnets: ec2.SubnetSelection | None
    access: Access
    settings: Settings
    waf: bool | str
    idle_timeout: cdk.Duration
    stickiness_duration: cdk.Duration | None

    @property
    def faces_internet(self) -> bool:
        """Whether it is reached from anywhere."""
        return self.settings.certificate is not None

    def check(self, path: str, scope: Construct) -> None:
        """Refuse what a load balancer can't be given.

        Args:
            path: The path of the service.
            scope: What it belongs to.

        Raises:
            PatternError: If it is given that.
        """
        check_settings(path, self.settings)
        check_domain(path, self.settings)
        check_network(path, self.vpc, self.vpc_subnets, faces_internet=self.faces_internet)
        check_certificate(path, self.vpc, self.settings.certificate)
        self._check_callers(path)
        check_firewall(path, scope, self.waf)
        allowed = _quotas.TARGET_GROUP_STICKINESS_SECONDS
        whole_seconds(path, "stickiness_duration", self.stickiness_duration, allowed)

    def _check_callers(self, path: str) -> None:
        access = self.access
        access.check(path)
        check_authorizer(path, access, self.settings, otherwise="")
        if self.faces_internet and access.authorizer is None and access.public is None:
            raise PatternError(
                path,
                "authorizer",
                rule="guard a load balancer that faces the internet",
                got="none",
                remedy="give one, or say why it may be open with public=...",
            )


class Front:
    """A load balancer with its listeners, for the construct ``scope``.

    Args:
        scope: The service's construct.
        given: What it is given.
        weights: How much of the traffic each compute gets.
        arns: The target group of each.

    Attributes:
        load_balancer: The L2 of the load balancer.
        listener: The L2 of the listener that divides the traffic.
        access_logs: The bucket of its access logs.
        web_acl: The L1 of the web ACL, if it was made here.
        url: Where it answers.
    """

    def __init__(
        self,
        scope: Construct,
        given: FrontSettings,
        weights: Mapping[Compute, int],
        arns: Mapping[Compute, str],
    ) -> None:
        settings = given.settings
        self.access_logs = define_access_logs(scope, settings.log_retention)
        group = define_security_group(
            scope,
            given.vpc,
            [given.access],
            faces_internet=given.faces_internet,
            description="Requests to a load balancer of a web service",
        )
        self.load_balancer = define_balancer(
            scope,
            "LoadBalancer",
            vpc=given.vpc,
            vpc_subnets=given.vpc_subnets,
            settings=settings,
            security_group=group,
            idle_timeout=given.idle_timeout,
        )
        _let_nothing_else_out(group)
        write_access_logs(self.load_balancer, self.access_logs)
        forward = _divide(weights, arns, given.stickiness_duration)
        self.listener = listen(self.load_balancer, settings, default_action(given.access, forward))
        open_the_way(scope, self.listener, [given.access])
        point_to(scope, settings, self.load_balancer)
        self.web_acl = define_firewall(scope, self.load_balancer, given.waf)
        self.url = url_of(self.load_balancer, settings)


def _let_nothing_else_out(group: ec2.SecurityGroup) -> None:
    """Add a rule that leads nowhere, in the group itself.

    Without any rule of its own, a security group lets everything out, and CDK defines those that
    lead to tasks beside it.
    """
    group.add_egress_rule(ec2.Peer.ipv4("127.0.0.1/32"), ec2.Port.all_traffic(), "Nowhere")


def _divide(
    weights: Mapping[Compute, int],
    arns: Mapping[Compute, str],
    stickiness_duration: cdk.Duration | None,
) -> elbv2.ListenerAction:
    listener = elbv2.CfnListener
    sticky: Any = None
    if stickiness_duration is not None:
        sticky = listener.TargetGroupStickinessConfigProperty(
            enabled=True, duration_seconds=stickiness_duration.to_seconds()
        )
    groups = [
        listener.TargetGroupTupleProperty(target_group_arn=arns[each], weight=weight)
        for each, weight in weights.items()
    ]
    return elbv2.ListenerAction(
        listener.ActionProperty(
            type="forward",
            forward_config=listener.ForwardConfigProperty(
                target_groups=groups, target_group_stickiness_config=sticky
            ),
        )
    )
