from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import assertions
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_route53 as route53

from serverless_patterns import Endpoint, PatternError, ProxyApi, PythonFunction
from tests.messages import exactly

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    MakeApp = Callable[..., cdk.App]

DISTRIBUTION = "AWS::CloudFront::Distribution"
OPEN = "The catalogue is for everyone"
NAME = "api.shop.example"
ARN = "arn:aws:acm:us-east-1:111122223333:certificate/shop"


def certificate(stack: cdk.Stack, arn: str = ARN) -> acm.ICertificate:
    return acm.Certificate.from_certificate_arn(stack, "Certificate", arn)


def named(stack: cdk.Stack, handler: lambda_.IFunction, **options: Any) -> ProxyApi:
    given = {"domain_name": NAME, "public": OPEN, **options}
    if "certificate" not in given:
        given["certificate"] = certificate(stack)
    return ProxyApi(stack, "Api", handler=handler, endpoint=Endpoint.FUNCTION_URL, **given)


def config(stack: cdk.Stack) -> Mapping[str, Any]:
    [found] = assertions.Template.from_stack(stack).find_resources(DISTRIBUTION).values()
    of_it: Mapping[str, Any] = found["Properties"]["DistributionConfig"]
    return of_it


def test_the_url_is_served_under_a_name_over_tls_only(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    api = named(stack, handler)

    found = config(stack)
    assert api.url == f"https://{NAME}/"
    assert found["Aliases"] == [NAME]
    assert found["ViewerCertificate"] == {
        "AcmCertificateArn": ARN,
        "MinimumProtocolVersion": "TLSv1.2_2021",
        "SslSupportMethod": "sni-only",
    }
    assert found["DefaultCacheBehavior"]["ViewerProtocolPolicy"] == "https-only"


def test_cloudfront_leads_to_the_url_and_signs_nothing(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    named(stack, handler)

    [url] = assertions.Template.from_stack(stack).find_resources("AWS::Lambda::Url")
    [origin] = config(stack)["Origins"]
    host = {"Fn::Select": [2, {"Fn::Split": ["/", {"Fn::GetAtt": [url, "FunctionUrl"]}]}]}
    assert origin["DomainName"] == host
    assert origin["CustomOriginConfig"] == {
        "OriginProtocolPolicy": "https-only",
        "OriginReadTimeout": 120,
        "OriginSSLProtocols": ["TLSv1.2"],
    }
    assert "OriginAccessControlId" not in origin


def test_every_request_is_passed_on_whole_and_no_answer_is_kept(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    named(stack, handler)

    found = config(stack)
    behavior = found["DefaultCacheBehavior"]
    assert {*behavior["AllowedMethods"]} == {
        *("GET", "HEAD", "OPTIONS", "PUT", "PATCH", "POST", "DELETE"),
    }
    # The ids of AWS's own policies CachingDisabled and AllViewerExceptHostHeader.
    assert behavior["CachePolicyId"] == "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
    assert behavior["OriginRequestPolicyId"] == "b689b0a8-53d0-40ab-baf2-68738e2966ac"
    kept = {each["ErrorCode"]: each["ErrorCachingMinTTL"] for each in found["CustomErrorResponses"]}
    assert kept == dict.fromkeys((400, 403, 404, 405, 414, 500, 501, 502, 503, 504), 0)


@pytest.mark.parametrize("has_zone", [True, False])
def test_the_record_is_made_where_there_is_a_zone(
    stack: cdk.Stack, handler: PythonFunction, *, has_zone: bool
) -> None:
    zone = route53.HostedZone.from_hosted_zone_attributes(
        stack, "Zone", hosted_zone_id="Z1", zone_name="shop.example"
    )
    named(stack, handler, hosted_zone=zone if has_zone else None)

    template = assertions.Template.from_stack(stack)
    [distribution] = template.find_resources(DISTRIBUTION)
    records = template.find_resources("AWS::Route53::RecordSet").values()
    targets = [
        (each["Properties"]["Name"], each["Properties"]["AliasTarget"]["DNSName"])
        for each in records
    ]
    expected = (f"{NAME}.", {"Fn::GetAtt": [distribution, "DomainName"]})
    assert targets == ([expected] if has_zone else [])


def test_there_is_no_distribution_without_a_name(stack: cdk.Stack, handler: PythonFunction) -> None:
    named(stack, handler, domain_name=None, certificate=None)

    assertions.Template.from_stack(stack).resource_count_is(DISTRIBUTION, 0)


def test_a_name_for_a_closed_url_is_refused(stack: cdk.Stack, handler: PythonFunction) -> None:
    message = (
        "Shop/Api: domain_name must be asked of Endpoint.HTTP_API or Endpoint.REST_API where IAM "
        "authorizes: CloudFront would stand before the URL, and either break every signature or "
        "sign for anyone, got Endpoint.FUNCTION_URL; choose that endpoint, omit it, or open the "
        'API with public="why it may be open"'
    )
    with pytest.raises(PatternError, match=exactly(message)):
        named(stack, handler, public=None)

    assert stack.node.try_find_child("Api") is None


def test_a_name_without_a_certificate_is_refused(stack: cdk.Stack, handler: PythonFunction) -> None:
    message = (
        "Shop/Api: certificate must be given with domain_name, got none; make one with "
        "acm.Certificate(..., domain_name=...)"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        named(stack, handler, certificate=None)


ELSEWHERE = (
    "Shop/Api: certificate must be in us-east-1, where CloudFront looks for it, got eu-west-1; "
    "define it in a stack of that region with cross_region_references=True"
)


@pytest.mark.parametrize("account", ["111122223333", cdk.Aws.ACCOUNT_ID])
def test_an_arn_of_another_region_is_refused(
    stack: cdk.Stack, handler: PythonFunction, account: str
) -> None:
    arn = f"arn:aws:acm:eu-west-1:{account}:certificate/shop"
    with pytest.raises(PatternError, match=exactly(ELSEWHERE)):
        named(stack, handler, certificate=certificate(stack, arn))


def test_a_certificate_of_a_stack_in_another_region_is_refused(
    make_app: MakeApp, entry: Path
) -> None:
    home = cdk.Environment(account="111122223333", region="eu-west-1")
    stack = cdk.Stack(make_app(), "Shop", env=home)
    defined = acm.Certificate(stack, "Certificate", domain_name=NAME)

    with pytest.raises(PatternError, match=exactly(ELSEWHERE)):
        named(stack, PythonFunction(stack, "Handler", entry=entry), certificate=defined)


def test_a_certificate_of_a_region_that_is_not_known_is_taken(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    defined = acm.Certificate(stack, "Certificate", domain_name=NAME)
    named(stack, handler, certificate=defined)

    [logical_id] = assertions.Template.from_stack(stack).find_resources(
        "AWS::CertificateManager::Certificate"
    )
    assert config(stack)["ViewerCertificate"]["AcmCertificateArn"] == {"Ref": logical_id}


def test_a_certificate_of_us_east_1_serves_a_url_of_another_region(
    make_app: MakeApp, entry: Path
) -> None:
    app = make_app()
    account = "111122223333"
    there = cdk.Stack(
        app,
        "Names",
        env=cdk.Environment(account=account, region="us-east-1"),
        cross_region_references=True,
    )
    stack = cdk.Stack(
        app,
        "Shop",
        env=cdk.Environment(account=account, region="eu-west-1"),
        cross_region_references=True,
    )
    defined = acm.Certificate(there, "Certificate", domain_name=NAME)
    named(stack, PythonFunction(stack, "Handler", entry=entry), certificate=defined)

    assert config(stack)["Aliases"] == [NAME]


def test_what_cloudfront_would_take_for_no_certificate_is_told_in_a_line(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    with pytest.raises(PatternError, match=r"\AShop/Api: arguments must be what Distribution .*\Z"):
        named(stack, handler, certificate=certificate(stack, "shop"))


def test_a_handler_that_outlasts_cloudfront_is_refused_unless_it_streams(
    stack: cdk.Stack, entry: Path
) -> None:
    slow = PythonFunction(stack, "Slow", entry=entry, timeout=cdk.Duration.seconds(121))
    streams = lambda_.Function(
        stack,
        "Streams",
        code=lambda_.Code.from_inline("exports.handler = awslambda.streamifyResponse(() => {})"),
        handler="index.handler",
        runtime=lambda_.Runtime.NODEJS_24_X,
        timeout=cdk.Duration.minutes(15),
    )

    message = (
        "Shop/Slow API: handler must answer within the 120 s that CloudFront, which serves "
        "domain_name, waits for it, got a timeout of 121 s; lower its timeout, or answer 202 and "
        "leave the work to a queue"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        ProxyApi(
            stack,
            "Slow API",
            handler=slow,
            endpoint=Endpoint.FUNCTION_URL,
            public=OPEN,
            domain_name=NAME,
            certificate=certificate(stack),
        )
    named(
        stack,
        streams,
        response_streaming=True,
        certificate=acm.Certificate.from_certificate_arn(stack, "Other", ARN),
    )
