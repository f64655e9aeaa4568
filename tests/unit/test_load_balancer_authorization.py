from __future__ import annotations

import json
from typing import TYPE_CHECKING

import aws_cdk as cdk
import pytest
from aws_cdk import assertions
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_cognito as cognito
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk import aws_elasticloadbalancingv2_actions as elbv2_actions
from aws_cdk import aws_route53 as route53

from serverless_patterns import Endpoint, ProxyApi, PythonFunction, Route, RouteApi
from tests.load_balancers import ELB, MATCH, NAME, OPEN, oidc, one, resources, rules

if TYPE_CHECKING:
    from collections.abc import Callable

    MakeApp = Callable[..., cdk.App]


def test_with_a_certificate_it_faces_the_internet_by_https(
    stack: cdk.Stack, vpc: ec2.Vpc, handler: PythonFunction, certificate: acm.ICertificate
) -> None:
    zone = route53.HostedZone.from_hosted_zone_attributes(
        stack, "Zone", hosted_zone_id="Z1", zone_name="shop.example"
    )
    api = ProxyApi(
        stack,
        "Api",
        handler=handler,
        endpoint=Endpoint.load_balancer(vpc=vpc),
        public=OPEN,
        domain_name=NAME,
        certificate=certificate,
        hosted_zone=zone,
        api_name="shop",
    )

    template = assertions.Template.from_stack(stack)
    balancer = one(stack, f"{ELB}::LoadBalancer")
    assert (balancer["Scheme"], balancer["Name"]) == ("internet-facing", "shop")
    public = [stack.resolve(subnet.subnet_id) for subnet in vpc.public_subnets]
    assert balancer["Subnets"] == public
    template.has_resource_properties(
        f"{ELB}::Listener",
        {
            "Port": 443,
            "Protocol": "HTTPS",
            "SslPolicy": "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09",
            "Certificates": [{"CertificateArn": stack.resolve(certificate.certificate_arn)}],
            "DefaultActions": [MATCH.object_like({"Type": "forward"})],
        },
    )
    template.has_resource_properties(
        f"{ELB}::Listener",
        {
            "Port": 80,
            "DefaultActions": [
                {
                    "Type": "redirect",
                    "RedirectConfig": {
                        "Port": "443",
                        "Protocol": "HTTPS",
                        "StatusCode": "HTTP_301",
                    },
                }
            ],
        },
    )
    ingress = one(stack, "AWS::EC2::SecurityGroup")["SecurityGroupIngress"]
    assert [(each["CidrIp"], each["FromPort"]) for each in ingress] == [
        ("0.0.0.0/0", 80),
        ("0.0.0.0/0", 443),
    ]
    [name] = template.find_resources(f"{ELB}::LoadBalancer")
    record = one(stack, "AWS::Route53::RecordSet")
    assert record["Name"] == f"{NAME}."
    assert json.dumps({"Fn::GetAtt": [name, "DNSName"]}) in json.dumps(record["AliasTarget"])
    assert api.url == f"https://{NAME}/"


def test_an_internal_one_is_called_by_its_own_name(
    stack: cdk.Stack, vpc: ec2.Vpc, handler: PythonFunction
) -> None:
    api = ProxyApi(stack, "Api", handler=handler, endpoint=Endpoint.load_balancer(vpc=vpc))

    [name] = resources(stack, f"{ELB}::LoadBalancer")
    assert stack.resolve(api.url) == {
        "Fn::Join": ["", ["http://", {"Fn::GetAtt": [name, "DNSName"]}, "/"]]
    }


def test_what_authenticates_comes_first_and_the_function_in_place_of_what_came_next(
    stack: cdk.Stack, vpc: ec2.Vpc, handler: PythonFunction, certificate: acm.ICertificate
) -> None:
    RouteApi(
        stack,
        "Api",
        routes=[
            Route("GET", "/books", handler, public=OPEN),
            Route("POST", "/books", handler),
            Route("PUT", "/books", handler, authorizer=oidc(scope="openid admin")),
        ],
        catch_all=handler,
        endpoint=Endpoint.load_balancer(vpc=vpc),
        authorizer=oidc(session_timeout=cdk.Duration.hours(1)),
        domain_name=NAME,
        certificate=certificate,
    )

    [group] = resources(stack, f"{ELB}::TargetGroup")
    found = {key: each["Properties"]["Actions"] for key, each in rules(stack).items()}
    forward = {"Type": "forward", "TargetGroupArn": {"Ref": group}}
    assert found["GET /books"] == [forward | {"Order": 1}]
    for key, field, value in (
        ("POST /books", "SessionTimeout", 3600),
        ("PUT /books", "Scope", "openid admin"),
    ):
        guard, then = found[key]
        assert (guard["Type"], guard["Order"]) == ("authenticate-oidc", 1)
        assert guard["AuthenticateOidcConfig"][field] == value
        assert then == forward | {"Order": 2}
    listeners = resources(stack, f"{ELB}::Listener").values()
    [caught] = [each["Properties"] for each in listeners if each["Properties"]["Port"] == 443]
    assert [each["Type"] for each in caught["DefaultActions"]] == ["authenticate-oidc", "forward"]
    [egress] = one(stack, "AWS::EC2::SecurityGroup")["SecurityGroupEgress"]
    assert (egress["CidrIp"], egress["FromPort"]) == ("0.0.0.0/0", 443)


@pytest.mark.parametrize("kind", ["authenticate-cognito", "jwt-validation"])
def test_cognito_and_tokens_authenticate_as_well(
    stack: cdk.Stack,
    vpc: ec2.Vpc,
    handler: PythonFunction,
    certificate: acm.ICertificate,
    kind: str,
) -> None:
    after = elbv2.ListenerAction.fixed_response(500)
    if kind == "jwt-validation":
        guard = elbv2.ListenerAction.authenticate_jwt(
            issuer="https://id.example", jwks_endpoint="https://id.example/keys", next=after
        )
    else:
        pool = cognito.UserPool(stack, "Pool")
        domain = cognito.CognitoDomainOptions(domain_prefix="shop")
        guard = elbv2_actions.AuthenticateCognitoAction(
            user_pool=pool,
            user_pool_client=pool.add_client("Client", generate_secret=True),
            user_pool_domain=pool.add_domain("Domain", cognito_domain=domain),
            next=after,
        )
    RouteApi(
        stack,
        "Api",
        routes=[Route("GET", "/books", handler)],
        catch_all=handler,
        endpoint=Endpoint.load_balancer(vpc=vpc),
        authorizer=guard,
        domain_name=NAME,
        certificate=certificate,
    )

    [rule] = rules(stack).values()
    first, then = rule["Properties"]["Actions"]
    assert (first["Type"], first["Order"]) == (kind, 1)
    assert (then["Type"], then["Order"]) == ("forward", 2)
    if kind == "jwt-validation":
        assert first["JwtValidationConfig"] == {
            "Issuer": "https://id.example",
            "JwksEndpoint": "https://id.example/keys",
        }
    assertions.Template.from_stack(stack).has_resource_properties(
        f"{ELB}::Listener",
        {
            "Port": 443,
            "DefaultActions": [
                MATCH.object_like({"Type": kind, "Order": 1}),
                MATCH.object_like({"Type": "forward", "Order": 2}),
            ],
        },
    )


def test_claims_that_a_token_must_have_are_asked_for_by_a_rule_too(
    stack: cdk.Stack, vpc: ec2.Vpc, handler: PythonFunction, certificate: acm.ICertificate
) -> None:
    listener = elbv2.CfnListener
    claim = listener.JwtValidationActionAdditionalClaimProperty(
        format="space-separated-values", name="scope", values=["shop/read"]
    )
    tokens = listener.JwtValidationConfigProperty(
        issuer="https://id.example",
        jwks_endpoint="https://id.example/keys",
        additional_claims=[claim],
    )
    guard = elbv2.ListenerAction(
        listener.ActionProperty(type="jwt-validation", jwt_validation_config=tokens)
    )
    RouteApi(
        stack,
        "Api",
        routes=[Route("GET", "/books", handler, authorizer=guard)],
        endpoint=Endpoint.load_balancer(vpc=vpc),
        domain_name=NAME,
        certificate=certificate,
    )

    [rule] = rules(stack).values()
    assert rule["Properties"]["Actions"][0]["JwtValidationConfig"]["AdditionalClaims"] == [
        {"Format": "space-separated-values", "Name": "scope", "Values": ["shop/read"]}
    ]
