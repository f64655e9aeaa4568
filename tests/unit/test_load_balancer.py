from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import assertions
from aws_cdk import aws_apigatewayv2 as apigwv2
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_cognito as cognito
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk import aws_elasticloadbalancingv2_actions as actions

from serverless_patterns import Endpoint, PatternError, PythonFunction, Route, RouteApi

if TYPE_CHECKING:
    from pathlib import Path

_RULE = "AWS::ElasticLoadBalancingV2::ListenerRule"


@pytest.fixture
def vpc(stack: cdk.Stack) -> ec2.Vpc:
    return ec2.Vpc(stack, "Vpc", nat_gateways=0)


@pytest.fixture
def other(stack: cdk.Stack, entry: Path) -> PythonFunction:
    return PythonFunction(stack, "Other", entry=entry)


def certificate(stack: cdk.Stack) -> acm.ICertificate:
    arn = "arn:aws:acm:eu-west-1:111122223333:certificate/1"
    return acm.Certificate.from_certificate_arn(stack, "Certificate", arn)


def rules(stack: cdk.Stack) -> list[dict[str, Any]]:
    found = assertions.Template.from_stack(stack).find_resources(_RULE).values()
    return [each["Properties"] for each in found]


def path_of(rule: dict[str, Any]) -> dict[str, list[str]]:
    [path] = [each for each in rule["Conditions"] if each["Field"] == "path-pattern"]
    config: dict[str, list[str]] = path["PathPatternConfig"]
    return config


def test_it_is_internal_and_listens_to_its_network_alone(
    stack: cdk.Stack, vpc: ec2.Vpc, handler: PythonFunction
) -> None:
    RouteApi(
        stack,
        "Api",
        endpoint=Endpoint.load_balancer(vpc=vpc, vpc_subnets=ec2.SubnetSelection(one_per_az=True)),
        routes=[Route("GET", "/a", handler)],
    )

    template = assertions.Template.from_stack(stack)
    template.has_resource_properties(
        "AWS::ElasticLoadBalancingV2::LoadBalancer", {"Scheme": "internal"}
    )
    template.has_resource_properties(
        "AWS::ElasticLoadBalancingV2::Listener", {"Port": 80, "Protocol": "HTTP"}
    )
    groups = template.find_resources("AWS::EC2::SecurityGroup").values()
    allowed = [rule for each in groups for rule in each["Properties"]["SecurityGroupIngress"]]
    assert [rule["FromPort"] for rule in allowed] == [80]
    assert allowed[0]["CidrIp"] != "0.0.0.0/0"


def test_a_parameter_is_one_segment_of_a_path(
    stack: cdk.Stack, vpc: ec2.Vpc, handler: PythonFunction
) -> None:
    RouteApi(
        stack,
        "Api",
        endpoint=Endpoint.load_balancer(vpc=vpc),
        routes=[Route("GET", "/books/{id}", handler), Route("GET", "/x.y/{rest+}", handler)],
    )

    patterns = [pattern for rule in rules(stack) for pattern in path_of(rule)["RegexValues"]]
    [book] = [pattern for pattern in patterns if "books" in pattern]
    [rest] = [pattern for pattern in patterns if "y/" in pattern]
    assert re.match(book, "/books/1")
    assert not re.match(book, "/books/1/reviews")
    assert not re.match(book, "/books/")
    assert re.match(rest, "/x.y/a/b")
    assert not re.match(rest, "/x-y/a")


def test_the_more_specific_rule_comes_first(
    stack: cdk.Stack, vpc: ec2.Vpc, handler: PythonFunction, other: PythonFunction
) -> None:
    paths = ["/a/{p+}", "/a/{id}", "/a/new"]
    RouteApi(
        stack,
        "Api",
        endpoint=Endpoint.load_balancer(vpc=vpc),
        routes=[Route("GET", path, handler) for path in paths],
        catch_all=other,
    )

    ordered = sorted(rules(stack), key=lambda rule: rule["Priority"])
    first, second, third = (str(path_of(rule)) for rule in ordered)
    assert "/a/new" in first
    assert "[^/]+" in second
    assert ".+" in third


def test_no_priority_changes_when_an_unrelated_route_comes(
    stack: cdk.Stack, vpc: ec2.Vpc, handler: PythonFunction
) -> None:
    few = [Route("GET", f"/{number}", handler) for number in range(5)]
    endpoint = Endpoint.load_balancer(vpc=vpc)
    RouteApi(stack, "Few", endpoint=endpoint, routes=few)
    RouteApi(stack, "More", endpoint=endpoint, routes=[*few, Route("GET", "/00", handler)])

    priorities: dict[str, set[int]] = {}
    for rule in rules(stack):
        priorities.setdefault(str(path_of(rule)), set()).add(rule["Priority"])
    assert {len(each) for each in priorities.values()} == {1}


def test_a_function_has_one_target_group_and_one_permission(
    stack: cdk.Stack, vpc: ec2.Vpc, handler: PythonFunction, other: PythonFunction
) -> None:
    RouteApi(
        stack,
        "Api",
        endpoint=Endpoint.load_balancer(vpc=vpc),
        routes=[Route("GET", f"/{number}", handler) for number in range(9)],
        catch_all=other,
    )

    template = assertions.Template.from_stack(stack)
    template.resource_count_is("AWS::ElasticLoadBalancingV2::TargetGroup", 2)
    template.resource_count_is("AWS::Lambda::Permission", 2)
    template.resource_count_is(_RULE, 9)


def test_with_a_certificate_it_faces_the_internet_and_a_user_pool_guards_it(
    stack: cdk.Stack, vpc: ec2.Vpc, handler: PythonFunction
) -> None:
    pool = cognito.UserPool(stack, "Pool")
    guard = actions.AuthenticateCognitoAction(
        user_pool=pool,
        user_pool_client=pool.add_client("Client", generate_secret=True),
        user_pool_domain=pool.add_domain(
            "Domain", cognito_domain=cognito.CognitoDomainOptions(domain_prefix="shop")
        ),
        next=elbv2.ListenerAction.fixed_response(503),
    )
    api = RouteApi(
        stack,
        "Api",
        endpoint=Endpoint.load_balancer(vpc=vpc),
        routes=[Route("GET", "/a", handler)],
        authorizer=guard,
        certificate=certificate(stack),
        domain_name="api.shop.example",
    )

    [rule] = rules(stack)
    assert [each["Type"] for each in rule["Actions"]] == ["authenticate-cognito", "forward"]
    template = assertions.Template.from_stack(stack)
    template.has_resource_properties(
        "AWS::ElasticLoadBalancingV2::LoadBalancer", {"Scheme": "internet-facing"}
    )
    assert api.url == "https://api.shop.example/"


@pytest.mark.parametrize(
    ("options", "able"),
    [
        ({"cors": apigwv2.CorsPreflightOptions(allow_origins=["*"])}, "Endpoint.HTTP_API"),
        (
            {"throttle": apigwv2.ThrottleSettings(rate_limit=1, burst_limit=1)},
            "Endpoint.HTTP_API",
        ),
        ({"api_key_required": True}, "Endpoint.REST_API"),
        ({"response_streaming": True}, "Endpoint.REST_API"),
    ],
    ids=["cors", "throttle", "api_key", "streaming"],
)
def test_what_a_load_balancer_cannot_do_is_refused_naming_what_can(
    stack: cdk.Stack, vpc: ec2.Vpc, handler: PythonFunction, options: dict[str, Any], able: str
) -> None:
    with pytest.raises(PatternError, match=re.escape(able)):
        RouteApi(
            stack,
            "Api",
            endpoint=Endpoint.load_balancer(vpc=vpc),
            routes=[Route("GET", "/a", handler)],
            **options,
        )


def test_facing_the_internet_unguarded_takes_a_reason(
    stack: cdk.Stack, vpc: ec2.Vpc, handler: PythonFunction
) -> None:
    with pytest.raises(PatternError, match=r"HTTP_API"):
        RouteApi(
            stack,
            "Api",
            endpoint=Endpoint.load_balancer(vpc=vpc),
            routes=[Route("GET", "/a", handler)],
            certificate=certificate(stack),
            domain_name="api.shop.example",
        )
