from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_route53 as route53

from serverless_patterns import Compute, PatternError
from tests.load_balancers import ELB, NAME, OPEN, attributes, oidc, one, resources
from tests.messages import exactly
from tests.web_services import network, of_type, serve

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    MakeApp = Callable[..., cdk.App]

WAF = "AWS::WAFv2"
ACL = "arn:aws:wafv2:us-east-1:111122223333:regional/webacl/shop/1-2"
OF_CLOUDFRONT = "arn:aws:wafv2:us-east-1:111122223333:global/webacl/shop/1-2"


def test_it_is_internal_without_a_certificate(stack: cdk.Stack, image: Path) -> None:
    service = serve(stack, image)

    balancer = one(stack, f"{ELB}::LoadBalancer")
    assert balancer["Scheme"] == "internal"
    assert one(stack, f"{ELB}::Listener")["Port"] == 80
    settings = attributes(balancer, "LoadBalancerAttributes")
    assert settings["access_logs.s3.enabled"] == "true"
    assert settings["routing.http.drop_invalid_header_fields.enabled"] == "true"
    assert settings["idle_timeout.timeout_seconds"] == "60"
    assert service.url.startswith("http://")
    assert stack.resolve(service.access_logs.bucket_name) == settings["access_logs.s3.bucket"]


def test_it_faces_the_internet_with_a_certificate(
    stack: cdk.Stack, image: Path, certificate: acm.ICertificate
) -> None:
    zone = route53.HostedZone(stack, "Zone", zone_name="shop.example")
    service = serve(
        stack, image, domain_name=NAME, certificate=certificate, hosted_zone=zone, public=OPEN
    )

    assert one(stack, f"{ELB}::LoadBalancer")["Scheme"] == "internet-facing"
    assert one(stack, f"{ELB}::LoadBalancer")["Subnets"] == ["public-1", "public-2"]
    listeners = of_type(stack, f"{ELB}::Listener")
    [redirect] = listeners["LoadBalancer/Redirect"]["DefaultActions"]
    assert redirect["RedirectConfig"]["Protocol"] == "HTTPS"
    https = listeners["LoadBalancer/HttpsListener"]
    assert https["SslPolicy"] == "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09"
    [forward] = https["DefaultActions"]
    assert [each["Weight"] for each in forward["ForwardConfig"]["TargetGroups"]] == [1, 0, 0]
    assert service.url == f"https://{NAME}/"
    assert one(stack, "AWS::Route53::RecordSet")["Name"] == f"{NAME}."


def test_who_calls_is_authenticated_before_traffic_is_divided(
    stack: cdk.Stack, image: Path, certificate: acm.ICertificate
) -> None:
    serve(stack, image, domain_name=NAME, certificate=certificate, authorizer=oidc())

    https = of_type(stack, f"{ELB}::Listener")["LoadBalancer/HttpsListener"]
    first, forward = https["DefaultActions"]
    assert (first["Type"], first["Order"]) == ("authenticate-oidc", 1)
    assert (forward["Type"], forward["Order"]) == ("forward", 2)
    assert len(forward["ForwardConfig"]["TargetGroups"]) == 3
    out = of_type(stack, "AWS::EC2::SecurityGroup")["SecurityGroup"]["SecurityGroupEgress"]
    assert {(each["CidrIp"], each.get("ToPort")) for each in out} == {
        ("127.0.0.1/32", None),
        ("0.0.0.0/0", 443),
    }


@pytest.mark.parametrize(
    ("duration", "sticky"),
    [
        (None, None),
        (cdk.Duration.hours(1), {"Enabled": True, "DurationSeconds": 3600}),
    ],
)
def test_a_client_can_stay_where_it_came_first(
    stack: cdk.Stack, image: Path, duration: Any, sticky: Any
) -> None:
    serve(stack, image, stickiness_duration=duration)

    [forward] = one(stack, f"{ELB}::Listener")["DefaultActions"]
    assert forward["ForwardConfig"].get("TargetGroupStickinessConfig") == sticky


def test_a_firewall_of_managed_rules_counts_large_bodies(stack: cdk.Stack, image: Path) -> None:
    service = serve(stack, image, waf=True)

    [[name, acl]] = resources(stack, f"{WAF}::WebACL").items()
    rules = {each["Name"]: each for each in acl["Properties"]["Rules"]}
    assert [*rules] == [
        "AWSManagedRulesAmazonIpReputationList",
        "AWSManagedRulesKnownBadInputsRuleSet",
        "AWSManagedRulesCommonRuleSet",
    ]
    common = rules["AWSManagedRulesCommonRuleSet"]["Statement"]["ManagedRuleGroupStatement"]
    assert common["RuleActionOverrides"] == [
        {"Name": "SizeRestrictions_BODY", "ActionToUse": {"Count": {}}}
    ]
    assert one(stack, f"{WAF}::WebACLAssociation") == {
        "ResourceArn": stack.resolve(service.load_balancer.load_balancer_arn),
        "WebACLArn": {"Fn::GetAtt": [name, "Arn"]},
    }
    assert service.web_acl


@pytest.mark.parametrize("arn", [ACL, "token"])
def test_a_firewall_that_exists_guards_it_as_well(stack: cdk.Stack, image: Path, arn: str) -> None:
    given = cdk.Fn.import_value("Acl") if arn == "token" else arn
    service = serve(stack, image, waf=given)

    assert not resources(stack, f"{WAF}::WebACL")
    assert one(stack, f"{WAF}::WebACLAssociation")["WebACLArn"] == stack.resolve(given)
    assert service.web_acl is None


def test_no_firewall_is_made_unasked(stack: cdk.Stack, image: Path) -> None:
    serve(stack, image)

    assert not resources(stack, f"{WAF}::WebACLAssociation")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (
            "shop",
            "waf must be True or the ARN of a regional web ACL, got 'shop'; True makes one of "
            "AWS's managed rules",
        ),
        (
            None,
            "waf must be True or the ARN of a regional web ACL, got None; True makes one of "
            "AWS's managed rules",
        ),
        (
            OF_CLOUDFRONT,
            f"waf must be True or the ARN of a regional web ACL, got {OF_CLOUDFRONT!r}; one of "
            "scope CLOUDFRONT guards no load balancer; True makes one",
        ),
    ],
)
def test_what_is_no_firewall_is_refused(
    stack: cdk.Stack, image: Path, given: Any, message: str
) -> None:
    with pytest.raises(PatternError, match=exactly(f"Shop/Web: {message}")):
        serve(stack, image, waf=given)


def test_a_firewall_of_another_region_is_refused(make_app: MakeApp, image: Path) -> None:
    env = cdk.Environment(account="111122223333", region="eu-west-1")
    stack = cdk.Stack(make_app(), "Shop", env=env)

    message = (
        "Shop/Web: waf must be in eu-west-1 as the load balancer is, got us-east-1; define both "
        "in stacks of one region"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        serve(stack, image, vpc=network(stack), waf=ACL, weights={Compute.LAMBDA: 1})


def test_one_that_faces_the_internet_unguarded_is_refused(
    stack: cdk.Stack, image: Path, certificate: acm.ICertificate
) -> None:
    message = (
        "Shop/Web: authorizer must guard a load balancer that faces the internet, got none; give "
        "one, or say why it may be open with public=..."
    )
    with pytest.raises(PatternError, match=exactly(message)):
        serve(stack, image, domain_name=NAME, certificate=certificate)


def test_what_can_not_authenticate_is_refused(
    stack: cdk.Stack, image: Path, certificate: acm.ICertificate
) -> None:
    message = (
        "Shop/Web: authorizer must be an action of a load balancer that authenticates "
        "(aws_elasticloadbalancingv2_actions.AuthenticateCognitoAction, "
        "elbv2.ListenerAction.authenticate_oidc or elbv2.ListenerAction.authenticate_jwt), got "
        "str; take one of them"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        serve(stack, image, domain_name=NAME, certificate=certificate, authorizer="jwt")


def test_a_name_without_a_certificate_is_refused(stack: cdk.Stack, image: Path) -> None:
    message = (
        "Shop/Web: certificate must be given with domain_name, got none; make one with "
        "acm.Certificate(..., domain_name=...)"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        serve(stack, image, domain_name=NAME)


def test_a_time_to_stay_that_no_load_balancer_takes_is_refused(
    stack: cdk.Stack, image: Path
) -> None:
    message = (
        "Shop/Web: stickiness_duration must be whole seconds from 1 to 604,800, got 691,200 s; "
        "for example cdk.Duration.seconds(30)"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        serve(stack, image, stickiness_duration=cdk.Duration.days(8))


def test_the_function_is_found_by_this_accounts_load_balancers_alone(
    stack: cdk.Stack, image: Path
) -> None:
    serve(stack, image)

    permission = one(stack, "AWS::Lambda::Permission")
    assert permission["SourceAccount"] == {"Ref": "AWS::AccountId"}
    assert ":targetgroup/*" in str(permission["SourceArn"])
