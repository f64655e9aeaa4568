"""A domain name of the user's own in front of an API of API Gateway."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk as cdk
from aws_cdk import aws_apigatewayv2 as apigwv2

from serverless_patterns._errors import PatternError

if TYPE_CHECKING:
    from aws_cdk import aws_route53 as route53
    from constructs import Construct

    from serverless_patterns.endpoints import Settings


def check_domain(path: str, settings: Settings) -> None:
    """Refuse a name without a certificate, and what is of no use without a name.

    Raises:
        PatternError: If there is such.
    """
    if settings.domain_name is not None and settings.certificate is None:
        raise PatternError(
            path,
            "certificate",
            rule="be given with domain_name",
            got="none",
            remedy="make one with acm.Certificate(..., domain_name=...)",
        )
    _check_kind(path, "certificate", settings.certificate, "certificate_arn", "acm.Certificate")
    _check_kind(path, "hosted_zone", settings.hosted_zone, "hosted_zone_id", "route53.HostedZone")
    for name in ("certificate", "hosted_zone"):
        if settings.domain_name is None and getattr(settings, name) is not None:
            raise PatternError(
                path,
                name,
                rule="be given with domain_name",
                got="no domain_name",
                remedy='name what it is for: domain_name="api.shop.example"',
            )


def _check_kind(path: str, name: str, value: object, attribute: str, l2: str) -> None:
    if value is not None and (isinstance(value, type) or not hasattr(value, attribute)):
        raise PatternError(
            path,
            name,
            rule=f"be a {name.replace('_', ' ')}",
            got=repr(value),
            remedy=f"make one with {l2}, or import one by its from_ methods",
        )


def define_domain(
    scope: Construct, settings: Settings, api_id: str, stage: apigwv2.IStage | cdk.Resource
) -> apigwv2.DomainName | None:
    """Map the name that was asked for to a stage; HTTP and REST APIs are mapped alike.

    So the name stays where it is, and its mapping is updated in place, when one of them takes
    the place of the other.

    Args:
        scope: The API's construct.
        settings: Its settings.
        api_id: The API.
        stage: The stage, an L2 of either kind of API.
    """
    if settings.domain_name is None or settings.certificate is None:
        return None
    domain = apigwv2.DomainName(
        scope, "DomainName", domain_name=settings.domain_name, certificate=settings.certificate
    )
    stage_name: str = stage.stage_name  # type: ignore[union-attr]  # both kinds have one
    mapping = apigwv2.CfnApiMapping(
        scope, "Mapping", api_id=api_id, domain_name=domain.name, stage=stage_name
    )
    mapping.node.add_dependency(stage)
    if settings.hosted_zone:
        from aws_cdk import aws_route53_targets as targets  # noqa: PLC0415 - slow to import

        define_record(
            scope,
            settings,
            targets.ApiGatewayv2DomainProperties(
                domain.regional_domain_name, domain.regional_hosted_zone_id
            ),
        )
    return domain


def define_record(
    scope: Construct, settings: Settings, target: route53.IAliasRecordTarget
) -> route53.ARecord | None:
    """Point the name that was asked for to ``target``, in the zone that was given for it."""
    if settings.hosted_zone is None:
        return None
    from aws_cdk import aws_route53 as route53  # noqa: PLC0415 - slow to import

    return route53.ARecord(
        scope,
        "Record",
        zone=settings.hosted_zone,
        record_name=f"{settings.domain_name}.",  # whole: the zone's own name is not added to it
        target=route53.RecordTarget.from_alias(target),
    )
