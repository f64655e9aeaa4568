"""An Application Load Balancer in front of Lambda functions."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

import aws_cdk as cdk
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from constructs import Construct

from serverless_patterns import _quotas
from serverless_patterns._domain import check_domain
from serverless_patterns._errors import PatternError
from serverless_patterns._listener_rules import check_patterns, conditions, priorities
from serverless_patterns._load_balancer_authorization import (
    check_access,
    default_action,
    forward_to,
    open_the_way,
    rule_actions,
)
from serverless_patterns._load_balancer_listener import (
    define_balancer,
    listen,
    point_to,
    url_of,
)
from serverless_patterns._load_balancer_logs import define_access_logs, write_access_logs
from serverless_patterns._load_balancer_metrics import BalancerMetrics
from serverless_patterns._load_balancer_network import (
    check_certificate,
    check_network,
    define_security_group,
)
from serverless_patterns._load_balancer_settings import (
    check_settings,
    check_units,
)
from serverless_patterns._target_group import TargetGroup

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aws_cdk import aws_ec2 as ec2
    from aws_cdk import aws_iam as iam

    from serverless_patterns._units import Access, Target, Unit, UnitRoute
    from serverless_patterns.endpoints import Settings


class LoadBalancer:
    """What opens a load balancer in a VPC.

    Args:
        vpc: Where it stands.
        vpc_subnets: The subnets of its nodes, if the default ones won't do.
        priorities: The priorities of single rules, by route.
    """

    unit_resources = 2
    route_resources = 1

    def __init__(
        self, vpc: ec2.IVpc, vpc_subnets: ec2.SubnetSelection | None, priorities: Mapping[str, int]
    ) -> None:
        self.vpc = vpc
        self.vpc_subnets = vpc_subnets
        self.priorities = priorities

    def check(self, path: str, access: Access, settings: Settings, units: Sequence[Unit]) -> None:
        """Refuse what a load balancer can't be given.

        Raises:
            PatternError: If it is given that.
        """
        check_settings(path, settings)
        check_domain(path, settings)
        check_network(
            path, self.vpc, self.vpc_subnets, faces_internet=settings.certificate is not None
        )
        check_certificate(path, self.vpc, settings.certificate)
        check_units(path, units)
        check_access(path, access, settings, units)
        routes = [route for unit in units for route in unit.routes]
        check_patterns(path, routes)
        priorities(path, routes, self.priorities)

    def __call__(
        self,
        scope: Construct,
        path: str,
        access: Access,
        settings: Settings,
        targets: Sequence[Target],
    ) -> Balancer:
        """Define it."""
        return Balancer(scope, path, access, settings, targets, door=self)


class Balancer:
    """A load balancer with its listeners, for the construct ``scope`` whose path is ``path``.

    Target groups and rules are L1 resources here, for the reasons that an HTTP API's routes are:
    a function has one of the one, a route one of the other, and neither moves with the other.
    """

    stage = None

    def __init__(
        self,
        scope: Construct,
        path: str,
        access: Access,
        settings: Settings,
        targets: Sequence[Target],
        *,
        door: LoadBalancer,
    ) -> None:
        self._path = path
        self._settings = settings
        self._is_public = settings.certificate is not None
        routes = [route for target in targets for route in target.unit.routes]
        accesses = [access, *(route.access for route in routes)]
        self.access_logs = define_access_logs(scope, settings.log_retention)
        self.api = define_balancer(
            scope,
            "Api",
            vpc=door.vpc,
            vpc_subnets=door.vpc_subnets,
            settings=settings,
            security_group=define_security_group(
                scope, door.vpc, accesses, faces_internet=self._is_public
            ),
        )
        write_access_logs(self.api, self.access_logs)
        groups = [(target, TargetGroup.of(path, target)) for target in targets]
        caught = next((group for target, group in groups if target.unit.is_catch_all), None)
        self._listener = listen(self.api, settings, self._default_action(access, caught))
        open_the_way(scope, self._listener, accesses)
        _warn_of_limits(scope, len(routes))
        self._priorities = priorities(path, routes, door.priorities)
        self._routes = Construct(scope, "Routes")
        for target, group in groups:
            for route in target.unit.routes:
                self._rule(route, group)
        point_to(scope, settings, self.api)
        self.metrics = BalancerMetrics(self.api)
        self.domain_target = self.api.load_balancer_dns_name if self._is_public else None

    @property
    def url(self) -> str:
        """Where it answers, ending in a slash."""
        return url_of(self.api, self._settings)

    def grant_invoke(self, grantee: iam.IGrantable) -> NoReturn:  # noqa: ARG002 - as others have it
        """Refuse, for IAM authorizes no request to a load balancer."""
        raise PatternError(
            self._path,
            "grant_invoke",
            rule="be called on an API that IAM authorizes",
            got="Endpoint.load_balancer",
            remedy="choose Endpoint.HTTP_API, or let callers in with api.connections.allow_from",
        )

    def _default_action(self, access: Access, caught: TargetGroup | None) -> elbv2.ListenerAction:
        if caught is None:
            return elbv2.ListenerAction.fixed_response(
                404, content_type="application/json", message_body='{"message":"Not Found"}'
            )
        return default_action(access, forward_to(caught.arn))

    def _rule(self, route: UnitRoute, group: TargetGroup) -> None:
        rule = elbv2.CfnListenerRule(
            self._routes,
            route.construct_id,
            listener_arn=self._listener.listener_arn,
            priority=self._priorities[route.key],
            conditions=conditions(route),
            actions=rule_actions(route.access, group.arn),
        )
        if group.permission:
            rule.node.add_dependency(group.permission)


def _warn_of_limits(scope: Construct, rules: int) -> None:
    """Warn of more rules than a load balancer may have until AWS raises its quota."""
    if rules > _quotas.LOAD_BALANCER_RULES:
        cdk.Annotations.of(scope).add_warning_v2(
            "serverless-patterns:load-balancer-rules",
            f"{scope.node.path}: {rules} rules are more than the {_quotas.LOAD_BALANCER_RULES} "
            "that a load balancer may have until AWS raises the quota of this account",
        )
