"""Where a load balancer stands in a network, and who reaches it there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2

from serverless_patterns._acknowledge import acknowledge
from serverless_patterns._errors import PatternError, check_type, refusals_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from constructs import Construct

    from serverless_patterns._units import Access

_ZONES = 2
_REGION_IN_ARN = 3


def define_security_group(
    scope: Construct,
    vpc: ec2.IVpc,
    accesses: Sequence[Access],
    *,
    faces_internet: bool,
    description: str = "Requests to a load balancer of Lambda functions",
) -> ec2.SecurityGroup:
    """Let requests in, and nothing out: functions are invoked, and others ask to be let in.

    Args:
        scope: The API's construct.
        vpc: The network.
        accesses: Who may call, for the reason why it may be reached from anywhere.
        faces_internet: Whether it is reached from anywhere, or else from the VPC alone.
        description: What the group is for.
    """
    group = ec2.SecurityGroup(
        scope,
        "SecurityGroup",
        vpc=vpc,
        description=description,
        allow_all_outbound=False,
    )
    if not faces_internet:
        group.add_ingress_rule(ec2.Peer.ipv4(vpc.vpc_cidr_block), ec2.Port.tcp(80), "From the VPC")
        reason = (
            "Only addresses of the VPC are let in; which they are is known when it is deployed."
        )
    else:
        for port in (80, 443):
            group.add_ingress_rule(ec2.Peer.any_ipv4(), ec2.Port.tcp(port), "From anywhere")
        reasons = dict.fromkeys(access.public for access in accesses if access.public)
        reason = "; ".join(reasons) or "The load balancer authenticates whoever calls."
    acknowledge(group, "AwsSolutions-EC23", reason=reason)
    return group


def check_network(path: str, vpc: Any, subnets: Any, *, faces_internet: bool) -> None:
    """Refuse a network in which no such load balancer can stand.

    Raises:
        PatternError: If it is one.
    """
    if isinstance(vpc, type) or not hasattr(vpc, "select_subnets"):
        raise PatternError(
            path,
            "vpc",
            rule="be a VPC",
            got=repr(vpc),
            remedy='make one with ec2.Vpc, or ec2.Vpc.from_lookup(self, "Vpc", vpc_id=...)',
        )
    check_type(
        path,
        "vpc_subnets",
        subnets,
        ec2.SubnetSelection,
        "ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED)",
    )
    if faces_internet and subnets is None:
        subnets = ec2.SubnetSelection(subnet_type=ec2.SubnetType.PUBLIC)
    _check_zones(path, vpc, subnets or ec2.SubnetSelection())
    if not faces_internet:
        _check_range(path, vpc)


def _check_zones(path: str, vpc: ec2.IVpc, subnets: ec2.SubnetSelection) -> None:
    names = (
        *("availability_zones", "one_per_az", "subnet_filters"),
        *("subnet_group_name", "subnets", "subnet_type"),
    )
    chosen = {name: getattr(subnets, name) for name in names if getattr(subnets, name) is not None}
    with refusals_of("Vpc", path):
        selected = vpc.select_subnets(**chosen)
    known = not cdk.Token.is_unresolved(selected.subnet_ids) and not selected.is_pending_lookup
    zones = {*selected.availability_zones}
    if known and len(zones) < _ZONES:
        raise PatternError(
            path,
            "vpc_subnets",
            rule=f"be in {_ZONES} availability zones at least",
            got=f"{len(selected.subnet_ids)} subnets in {len(zones)}",
            remedy="give the VPC max_azs=2, or choose other subnets",
        )


def _check_range(path: str, vpc: ec2.IVpc) -> None:
    try:
        _ = vpc.vpc_cidr_block
    except RuntimeError as error:  # CDK's own way to say that an imported VPC has none
        raise PatternError(
            path,
            "vpc",
            rule="tell its range of addresses, from which alone it may be called",
            got="a VPC without vpc_cidr_block",
            remedy="give it to Vpc.from_vpc_attributes, or use Vpc.from_lookup",
        ) from error


def check_certificate(path: str, vpc: ec2.IVpc, certificate: Any) -> None:
    """Refuse a certificate that a load balancer wouldn't find.

    Raises:
        PatternError: If it stands in another region.
    """
    if certificate is None:
        return
    arn = certificate.certificate_arn.split(":")  # a token holds no colon
    there = arn[3] if len(arn) > _REGION_IN_ARN else certificate.env.region
    here = cdk.Stack.of(vpc).region
    if here != there and not cdk.Token.is_unresolved(here) and not cdk.Token.is_unresolved(there):
        raise PatternError(
            path,
            "certificate",
            rule=f"be in {here} as the load balancer is",
            got=there,
            remedy="define both in stacks of one region",
        )
