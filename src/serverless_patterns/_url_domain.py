"""A domain name of the user's own in front of a function URL, which has none: by CloudFront."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk as cdk

from serverless_patterns import _quotas
from serverless_patterns._acknowledge import acknowledge
from serverless_patterns._domain import check_domain, define_record
from serverless_patterns._errors import PatternError, refusals_of
from serverless_patterns._invocation import check_answers_within

if TYPE_CHECKING:
    from aws_cdk import aws_certificatemanager as acm
    from aws_cdk import aws_lambda as lambda_
    from constructs import Construct

    from serverless_patterns._units import Access
    from serverless_patterns.endpoints import Settings

_REGION = "us-east-1"
_ARN_PARTS = 6
# https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/HTTPStatusCodes.html
_CACHED_ERRORS = (400, 403, 404, 405, 414, 500, 501, 502, 503, 504)


def check_url_domain(path: str, access: Access, settings: Settings) -> None:
    """Refuse a name for a closed URL, and a certificate that CloudFront wouldn't find.

    Raises:
        PatternError: If there is such.
    """
    check_domain(path, settings)
    if settings.domain_name is None or settings.certificate is None:
        return
    if access.public is None:
        raise PatternError(
            path,
            "domain_name",
            rule="be asked of Endpoint.HTTP_API or Endpoint.REST_API where IAM authorizes: "
            "CloudFront would stand before the URL, and either break every signature or sign "
            "for anyone",
            got="Endpoint.FUNCTION_URL",
            remedy='choose that endpoint, omit it, or open the API with public="why it may be '
            'open"',
        )
    region = _region_of(settings.certificate)
    if region != _REGION and not cdk.Token.is_unresolved(region):
        raise PatternError(
            path,
            "certificate",
            rule=f"be in {_REGION}, where CloudFront looks for it",
            got=region,
            remedy="define it in a stack of that region with cross_region_references=True",
        )


def check_answers_through(path: str, handler: lambda_.IFunction, settings: Settings) -> None:
    """Refuse a handler that may go on after CloudFront gave up; a streamed answer starts soon.

    Raises:
        PatternError: If the handler's timeout is longer.
    """
    if settings.domain_name is not None and not settings.response_streaming:
        limit = _quotas.CLOUDFRONT_RESPONSE_TIMEOUT_SECONDS
        check_answers_within(path, handler, limit, "CloudFront, which serves domain_name,")


def define_url_domain(
    scope: Construct, path: str, settings: Settings, url: lambda_.FunctionUrl
) -> str | None:
    """Serve the URL under the name that was asked for.

    CloudFront keeps nothing, an error neither, and passes on everything that a viewer sends but
    the name of the host: by that, Lambda finds the function.

    Args:
        scope: The API's construct.
        path: Its path, for errors.
        settings: Its settings.
        url: The URL.

    Returns:
        What CloudFront calls it: what a record for that name points to.
    """
    if settings.domain_name is None:
        return None
    from aws_cdk import aws_cloudfront as cloudfront  # noqa: PLC0415 - slow to import
    from aws_cdk import aws_cloudfront_origins as origins  # noqa: PLC0415
    from aws_cdk import aws_route53_targets as targets  # noqa: PLC0415

    timeout = cdk.Duration.seconds(_quotas.CLOUDFRONT_RESPONSE_TIMEOUT_SECONDS)
    everything = cloudfront.OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER
    with refusals_of("Distribution", path):
        distribution = cloudfront.Distribution(
            scope,
            "Distribution",
            comment=path[-_quotas.CLOUDFRONT_COMMENT_LENGTH :],
            domain_names=[settings.domain_name],
            certificate=settings.certificate,
            minimum_protocol_version=cloudfront.SecurityPolicyProtocol.TLS_V1_2_2021,
            default_behavior=cloudfront.BehaviorOptions(
                origin=origins.FunctionUrlOrigin(url, read_timeout=timeout),
                allowed_methods=cloudfront.AllowedMethods.ALLOW_ALL,
                cache_policy=cloudfront.CachePolicy.CACHING_DISABLED,
                origin_request_policy=everything,
                viewer_protocol_policy=cloudfront.ViewerProtocolPolicy.HTTPS_ONLY,
            ),
            error_responses=[
                cloudfront.ErrorResponse(http_status=status, ttl=cdk.Duration.seconds(0))
                for status in _CACHED_ERRORS
            ],
        )
    _acknowledge(distribution)
    define_record(scope, settings, targets.CloudFrontTarget(distribution))
    return distribution.distribution_domain_name


def _acknowledge(distribution: Construct) -> None:
    acknowledge(
        distribution,
        "AwsSolutions-CFR1",
        "AwsSolutions-CFR2",
        reason="It lends the function's URL a name. That URL is open to anyone, everywhere: a "
        "guard before the name would be passed by.",
    )
    acknowledge(
        distribution,
        "AwsSolutions-CFR3",
        reason="It lends the function's URL a name. A log of its own would miss the requests that "
        "go to that URL.",
    )


def _region_of(certificate: acm.ICertificate) -> str:
    """The region of a certificate, as far as it is known: a token else."""
    arn = certificate.certificate_arn.split(":")  # a token holds no colon
    return arn[3] if len(arn) >= _ARN_PARTS else certificate.env.region
