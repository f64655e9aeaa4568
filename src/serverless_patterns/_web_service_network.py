"""Where the tasks, instances and functions of a web service stand in its network."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2

from serverless_patterns._errors import PatternError, check_type, refusals_of

if TYPE_CHECKING:
    from constructs import Construct

_TO_PULL = ("ecr.api", "ecr.dkr", "logs", "s3")
_OF_INSTANCES = ("ecs", "ecs-agent", "ecs-telemetry")
_SELECTION = (
    *("availability_zones", "one_per_az", "subnet_filters"),
    *("subnet_group_name", "subnets", "subnet_type"),
)


def subnets_of(path: str, vpc: ec2.IVpc, chosen: Any) -> ec2.SubnetSelection:
    """The subnets that were chosen, or else the private ones, with a way out if there are any.

    Raises:
        PatternError: If there are none, or they are public: no leg has a public address.
    """
    check_type(
        path,
        "service_subnets",
        chosen,
        ec2.SubnetSelection,
        "ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_WITH_EGRESS)",
    )
    if chosen is None:
        if vpc.private_subnets:
            return ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_WITH_EGRESS)
        if vpc.isolated_subnets:
            return ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED)
        got = "a VPC with public ones alone"
    elif _selected(path, vpc, chosen).has_public:
        got = "public ones"
    else:
        return chosen  # type: ignore[no-any-return]  # checked above
    raise PatternError(
        path,
        "service_subnets",
        rule="be private, as nothing but the load balancer has a public address",
        got=got,
        remedy="give the VPC subnets of type PRIVATE_WITH_EGRESS",
    )


def check_region(path: str, scope: Construct, vpc: ec2.IVpc) -> None:
    """Refuse a VPC of another region.

    Raises:
        PatternError: If both regions are known and differ.
    """
    here, there = cdk.Stack.of(scope).region, vpc.env.region
    if here != there and not cdk.Token.is_unresolved(here) and not cdk.Token.is_unresolved(there):
        raise PatternError(
            path,
            "vpc",
            rule=f"be in {here} as the service is",
            got=f"one in {there}",
            remedy="define both in stacks of one region",
        )


def lead_nowhere(path: str, vpc: ec2.IVpc, subnets: ec2.SubnetSelection) -> bool:
    """Whether nothing but the VPC can be reached from them, as far as is known."""
    isolated = {each.subnet_id for each in vpc.isolated_subnets}
    return {*_selected(path, vpc, subnets).subnet_ids} <= isolated


def no_way_out(*, has_instances: bool) -> dict[str, str]:
    """The warning, by its id, for tasks in such subnets.

    Args:
        has_instances: Whether EC2 instances stand there too, which join their cluster.
    """
    *others, last = _TO_PULL + _OF_INSTANCES if has_instances else _TO_PULL
    return {
        "image-pull": f"its subnets lead nowhere: without endpoints for {', '.join(others)} and "
        f"{last} in the VPC no task can pull its image"
    }


def define_application_group(scope: Construct, vpc: ec2.IVpc) -> ec2.SecurityGroup:
    """One security group of all legs, so that what one may reach the others may too."""
    return ec2.SecurityGroup(
        scope,
        "ApplicationSecurityGroup",
        vpc=vpc,
        description="An application, wherever it runs",
    )


def _selected(path: str, vpc: ec2.IVpc, subnets: ec2.SubnetSelection) -> ec2.SelectedSubnets:
    given = {name: getattr(subnets, name) for name in _SELECTION}
    with refusals_of("Vpc", path):
        return vpc.select_subnets(
            **{name: value for name, value in given.items() if value is not None}
        )
