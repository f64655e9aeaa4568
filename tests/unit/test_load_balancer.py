from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import assertions
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk import aws_lambda as lambda_

from serverless_patterns import Endpoint, ProxyApi, PythonFunction, Route, RouteApi
from tests.load_balancers import ELB, MATCH, attributes, one, resources, rules

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    MakeApp = Callable[..., cdk.App]


def test_it_is_internal_and_listens_to_its_vpc_alone(
    stack: cdk.Stack, vpc: ec2.Vpc, handler: PythonFunction
) -> None:
    ProxyApi(stack, "Api", handler=handler, endpoint=Endpoint.load_balancer(vpc=vpc))

    balancer, group = one(stack, f"{ELB}::LoadBalancer"), one(stack, "AWS::EC2::SecurityGroup")
    [network] = resources(stack, "AWS::EC2::VPC")
    assert balancer["Scheme"] == "internal"
    assert "Name" not in balancer
    assert group["SecurityGroupIngress"] == [
        {
            "CidrIp": {"Fn::GetAtt": [network, "CidrBlock"]},
            "Description": "From the VPC",
            "FromPort": 80,
            "ToPort": 80,
            "IpProtocol": "tcp",
        }
    ]
    [nowhere] = group["SecurityGroupEgress"]
    assert nowhere["CidrIp"] == "255.255.255.255/32"
    assert one(stack, f"{ELB}::Listener")["Protocol"] == "HTTP"
    assert attributes(balancer, "LoadBalancerAttributes") | {"access_logs.s3.bucket": "?"} == {
        "deletion_protection.enabled": "false",
        "routing.http.drop_invalid_header_fields.enabled": "true",
        "access_logs.s3.enabled": "true",
        "access_logs.s3.bucket": "?",
    }


def test_it_stands_in_the_subnets_that_are_chosen(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    vpc = ec2.Vpc(stack, "Vpc", max_azs=2, nat_gateways=1)
    chosen = ec2.SubnetSelection(subnet_type=ec2.SubnetType.PUBLIC)
    endpoint = Endpoint.load_balancer(vpc=vpc, vpc_subnets=chosen)
    ProxyApi(stack, "Api", handler=handler, endpoint=endpoint)

    public = [stack.resolve(subnet.subnet_id) for subnet in vpc.public_subnets]
    assert one(stack, f"{ELB}::LoadBalancer")["Subnets"] == public


def test_a_catch_all_answers_by_default(
    stack: cdk.Stack, vpc: ec2.Vpc, handler: PythonFunction
) -> None:
    api = ProxyApi(stack, "Api", handler=handler, endpoint=Endpoint.load_balancer(vpc=vpc))

    [group] = resources(stack, f"{ELB}::TargetGroup")
    assert one(stack, f"{ELB}::Listener")["DefaultActions"] == [
        {"Type": "forward", "TargetGroupArn": {"Ref": group}}
    ]
    assert not rules(stack)
    assert isinstance(api.api, elbv2.ApplicationLoadBalancer)
    assert api.stage is None


def test_without_a_catch_all_nothing_else_is_found(
    stack: cdk.Stack, vpc: ec2.Vpc, handler: PythonFunction
) -> None:
    endpoint = Endpoint.load_balancer(vpc=vpc)
    RouteApi(stack, "Api", routes=[Route("GET", "/books", handler)], endpoint=endpoint)

    [answer] = one(stack, f"{ELB}::Listener")["DefaultActions"]
    assert answer["FixedResponseConfig"] == {
        "StatusCode": "404",
        "ContentType": "application/json",
        "MessageBody": '{"message":"Not Found"}',
    }


def test_a_function_has_one_target_group_and_one_permission_for_all_its_routes(
    stack: cdk.Stack, vpc: ec2.Vpc, handler: PythonFunction, other: PythonFunction
) -> None:
    RouteApi(
        stack,
        "Api",
        endpoint=Endpoint.load_balancer(vpc=vpc),
        routes=[
            Route("GET", "/books", handler),
            Route("GET", "/books/{id}", handler),
            Route("ANY", "/files/{name+}", other),
        ],
        catch_all=handler,
    )

    groups = resources(stack, f"{ELB}::TargetGroup")
    permissions = resources(stack, "AWS::Lambda::Permission")
    assert len(groups) == len(permissions) == 2
    waits = {}
    for name, group in groups.items():
        [permission] = group["DependsOn"]
        [target] = group["Properties"]["Targets"]
        waits[name] = permission
        assert permissions[permission]["Properties"] | {"SourceArn": "?"} == {
            "Action": "lambda:InvokeFunction",
            "FunctionName": target["Id"],
            "Principal": "elasticloadbalancing.amazonaws.com",
            "SourceAccount": {"Ref": "AWS::AccountId"},
            "SourceArn": "?",
        }
        source = json.dumps(permissions[permission]["Properties"]["SourceArn"])
        assert ":targetgroup/*" in source
        assert group["Properties"]["TargetType"] == "lambda"
        assert attributes(group["Properties"], "TargetGroupAttributes") == {
            "lambda.multi_value_headers.enabled": "true"
        }
    found = rules(stack)
    assert {*found} == {"GET /books", "GET ^/books/[^/]+$", "ANY ^/files/.+$"}
    for rule in found.values():
        [forward] = rule["Properties"]["Actions"]
        assert rule["DependsOn"] == [waits[forward["TargetGroupArn"]["Ref"]]]
    led = {key: rule["Properties"]["Actions"] for key, rule in found.items()}
    assert led["GET /books"] == led["GET ^/books/[^/]+$"] != led["ANY ^/files/.+$"]


def test_an_alias_can_be_the_handler(
    stack: cdk.Stack, vpc: ec2.Vpc, handler: PythonFunction
) -> None:
    alias = lambda_.Alias(stack, "Live", alias_name="live", version=handler.current_version)
    ProxyApi(stack, "Api", handler=alias, endpoint=Endpoint.load_balancer(vpc=vpc))

    reference = stack.resolve(alias.function_arn)
    assert one(stack, f"{ELB}::TargetGroup")["Targets"] == [{"Id": reference}]
    assert one(stack, "AWS::Lambda::Permission")["FunctionName"] == reference


def test_no_resource_moves_when_a_route_comes_or_changes_hands(
    make_app: MakeApp, entry: Path
) -> None:
    def synthesized(*keys: str, moved: bool = False) -> dict[str, Any]:
        stack = cdk.Stack(make_app(), "Shop")
        vpc = ec2.Vpc(stack, "Vpc", max_azs=2, nat_gateways=0)
        one, two = (PythonFunction(stack, name, entry=entry) for name in ("One", "Two"))
        routes = []
        for key in keys:
            method, path = key.split(" ")
            is_of_two = "orders" in key or (moved and key == "GET /books")
            routes.append(Route(method, path, two if is_of_two else one))
        RouteApi(
            stack, "Api", routes=routes, catch_all=one, endpoint=Endpoint.load_balancer(vpc=vpc)
        )
        found: dict[str, Any] = assertions.Template.from_stack(stack).to_json()["Resources"]
        return found

    before = synthesized("GET /books", "GET /orders")
    more = synthesized("GET /a", "GET /books", "GET /orders", "GET /orders/{id}")
    moved = synthesized("GET /books", "GET /orders", moved=True)

    assert before.items() <= more.items()
    assert {*moved} == {*before}
    [changed] = [name for name in before if before[name] != moved[name]]
    assert before[changed]["Type"] == f"{ELB}::ListenerRule"
    assert before[changed]["Properties"]["Priority"] == moved[changed]["Properties"]["Priority"]


def test_a_priority_can_be_chosen(stack: cdk.Stack, vpc: ec2.Vpc, handler: PythonFunction) -> None:
    endpoint = Endpoint.load_balancer(vpc=vpc, priorities={"GET /books": 17})
    RouteApi(stack, "Api", routes=[Route("GET", "/books", handler)], endpoint=endpoint)

    assert rules(stack)["GET /books"]["Properties"]["Priority"] == 17


@pytest.mark.parametrize("own_functions", [True, False])
def test_many_units_stand_in_nested_stacks_without_a_circle(
    make_app: MakeApp, entry: Path, *, own_functions: bool
) -> None:
    app = make_app()
    stack = cdk.Stack(app, "Shop")
    vpc = ec2.Vpc(stack, "Vpc", max_azs=2, nat_gateways=0)
    shared = PythonFunction(stack, "Shared", entry=entry)
    functions = [
        lambda_.Alias(
            stack, f"Alias{number}", alias_name=f"live{number}", version=shared.current_version
        )
        if own_functions
        else shared
        for number in range(90)
    ]
    RouteApi(
        stack,
        "Api",
        routes=[
            Route("GET", f"/route{number}/{{id}}", function)
            for number, function in enumerate(functions)
        ],
        endpoint=Endpoint.load_balancer(vpc=vpc),
        nested_stacks=True,
    )

    template = assertions.Template.from_stack(stack)
    template.resource_count_is(f"{ELB}::ListenerRule", 90)
    template.resource_count_is(f"{ELB}::TargetGroup", 0)
    template.resource_count_is("AWS::Lambda::Permission", 0)
    nested = template.find_resources("AWS::CloudFormation::Stack")
    for rule in template.find_resources(f"{ELB}::ListenerRule").values():
        [waits_for] = rule["DependsOn"]
        assert waits_for in nested
    groups = [
        each
        for child in stack.node.find_all()
        if isinstance(child, cdk.NestedStack)
        for each in assertions.Template.from_stack(child).find_resources(f"{ELB}::TargetGroup")
    ]
    assert len(groups) == (90 if own_functions else 1)


@pytest.mark.parametrize("number", [100, 101])
def test_more_rules_than_an_account_may_have_are_warned_of(
    stack: cdk.Stack, vpc: ec2.Vpc, handler: PythonFunction, number: int
) -> None:
    RouteApi(
        stack,
        "Api",
        routes=[Route("GET", f"/of/{each}", handler) for each in range(number)],
        endpoint=Endpoint.load_balancer(vpc=vpc),
    )

    warnings = assertions.Annotations.from_stack(stack).find_warning(
        "/Shop/Api", MATCH.string_like_regexp("serverless-patterns:load-balancer-rules")
    )
    assert [str(each.entry.data).partition(" [")[0] for each in warnings] == (
        [
            "Shop/Api: 101 rules are more than the 100 that a load balancer may have until AWS "
            "raises the quota of this account"
        ]
        if number > 100
        else []
    )


def test_a_handler_that_cdk_cannot_permit_to_be_invoked_is_warned_of(
    stack: cdk.Stack, vpc: ec2.Vpc
) -> None:
    arn = "arn:aws:lambda:us-east-1:111122223333:function:there"
    there = lambda_.Function.from_function_arn(stack, "There", arn)
    ProxyApi(stack, "Api", handler=there, endpoint=Endpoint.load_balancer(vpc=vpc))

    assertions.Annotations.from_stack(stack).has_warning(
        "/Shop/Api",
        MATCH.string_like_regexp(
            r"Shop/Api: CDK can't let the load balancer invoke Shop/There: unless its owner did, "
            r".*serverless-patterns:permission"
        ),
    )
