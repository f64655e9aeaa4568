"""A load balancer and the ports that it listens to, whatever stands behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import aws_elasticloadbalancingv2 as elbv2

from serverless_patterns._domain import define_record

if TYPE_CHECKING:
    import aws_cdk as cdk
    from aws_cdk import aws_ec2 as ec2
    from constructs import Construct

    from serverless_patterns.endpoints import Settings


def define_balancer(
    scope: Construct,
    construct_id: str,
    *,
    vpc: ec2.IVpc,
    vpc_subnets: ec2.SubnetSelection | None,
    settings: Settings,
    security_group: ec2.ISecurityGroup,
    idle_timeout: cdk.Duration | None = None,
) -> elbv2.ApplicationLoadBalancer:
    """A load balancer that faces the internet where it has a certificate, and its VPC else."""
    return elbv2.ApplicationLoadBalancer(
        scope,
        construct_id,
        vpc=vpc,
        vpc_subnets=vpc_subnets,
        internet_facing=settings.certificate is not None,
        load_balancer_name=settings.name,
        security_group=security_group,
        drop_invalid_header_fields=True,
        deletion_protection=False,
        idle_timeout=idle_timeout,
    )


def listen(
    balancer: elbv2.ApplicationLoadBalancer, settings: Settings, answer: elbv2.ListenerAction
) -> elbv2.ApplicationListener:
    """Listen to HTTPS where there is a certificate, with a redirect to it, and to HTTP else."""
    if settings.certificate is None:
        return balancer.add_listener(
            "Listener",
            port=80,
            protocol=elbv2.ApplicationProtocol.HTTP,
            open=False,
            default_action=answer,
        )
    balancer.add_listener(
        "Redirect",
        port=80,
        protocol=elbv2.ApplicationProtocol.HTTP,
        open=False,
        default_action=elbv2.ListenerAction.redirect(protocol="HTTPS", port="443", permanent=True),
    )
    return balancer.add_listener(
        "HttpsListener",
        port=443,
        protocol=elbv2.ApplicationProtocol.HTTPS,
        certificates=[settings.certificate],
        ssl_policy=elbv2.SslPolicy.TLS13_12_RES_PQ,
        open=False,
        default_action=answer,
    )


def url_of(balancer: elbv2.ApplicationLoadBalancer, settings: Settings) -> str:
    """Where it answers, ending in a slash."""
    if settings.certificate is not None:
        return f"https://{settings.domain_name}/"
    return f"http://{balancer.load_balancer_dns_name}/"


def point_to(scope: Construct, settings: Settings, balancer: elbv2.ApplicationLoadBalancer) -> None:
    """Make the record of the name that was asked for, if its zone was given."""
    if settings.hosted_zone:
        from aws_cdk import aws_route53_targets as targets  # noqa: PLC0415 - slow to import

        define_record(scope, settings, targets.LoadBalancerTarget(balancer))
