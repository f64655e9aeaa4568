from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_apigatewayv2 as apigwv2
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_lambda as lambda_

from serverless_patterns import Endpoint, PatternError, ProxyApi, PythonFunction
from tests.messages import exactly

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    MakeApp = Callable[..., cdk.App]

ACCOUNT = "111122223333"
ANOTHER = "choose that endpoint, or omit it"
OPEN = "The catalogue is for everyone"
THROTTLE = apigwv2.ThrottleSettings(rate_limit=5, burst_limit=2)
NAMED = {"domain_name": "api.shop.example", "certificate": "arn"}
GUARDS = (
    "authorizer must be an action of a load balancer that authenticates "
    "(aws_elasticloadbalancingv2_actions.AuthenticateCognitoAction, "
    "elbv2.ListenerAction.authenticate_oidc or elbv2.ListenerAction.authenticate_jwt)"
)
OR_IAM = "take one of them, or choose Endpoint.HTTP_API, which IAM guards"
NAME = "api_name must be 1 to 32 letters, digits and inner hyphens, without internal- at its start"


def balanced(stack: cdk.Stack, handler: lambda_.IFunction, vpc: Any, **options: Any) -> ProxyApi:
    if options.get("certificate") == "arn":
        options["certificate"] = acm.Certificate.from_certificate_arn(
            stack, "Certificate", f"arn:aws:acm:us-east-1:{ACCOUNT}:certificate/shop"
        )
    subnets = options.pop("vpc_subnets", None)
    endpoint = Endpoint.load_balancer(vpc=vpc, vpc_subnets=subnets)
    return ProxyApi(stack, "Api", handler=handler, endpoint=endpoint, **options)


@pytest.mark.parametrize("given", ["vpc-1", ec2.Vpc])
def test_what_is_no_vpc_is_refused(stack: cdk.Stack, handler: PythonFunction, given: Any) -> None:
    message = (
        f"Shop/Api: vpc must be a VPC, got {given!r}; make one with ec2.Vpc, or "
        'ec2.Vpc.from_lookup(self, "Vpc", vpc_id=...)'
    )
    with pytest.raises(PatternError, match=exactly(message)):
        balanced(stack, handler, given)


def test_subnets_in_one_zone_are_refused(stack: cdk.Stack, handler: PythonFunction) -> None:
    vpc = ec2.Vpc(stack, "Vpc", max_azs=1, nat_gateways=0)

    message = (
        "Shop/Api: vpc_subnets must be in 2 availability zones at least, got 1 subnets in 1; "
        "give the VPC max_azs=2, or choose other subnets"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        balanced(stack, handler, vpc)


def test_subnets_that_the_vpc_does_not_have_are_refused(
    stack: cdk.Stack, vpc: ec2.Vpc, handler: PythonFunction
) -> None:
    none = ec2.SubnetSelection(subnet_group_name="Inner")

    with pytest.raises(
        PatternError,
        match=r"\AShop/Api: arguments must be what Vpc takes, got CDK's refusal: .*Inner.*; "
        r"change the argument that it names\Z",
    ):
        balanced(stack, handler, vpc, vpc_subnets=none)


def test_a_vpc_that_tells_no_range_is_refused(stack: cdk.Stack, handler: PythonFunction) -> None:
    imported = ec2.Vpc.from_vpc_attributes(
        stack,
        "Imported",
        vpc_id="vpc-1",
        availability_zones=["us-east-1a", "us-east-1b"],
        private_subnet_ids=["subnet-1", "subnet-2"],
    )

    message = (
        "Shop/Api: vpc must tell its range of addresses, from which alone it may be called, got a "
        "VPC without vpc_cidr_block; give it to Vpc.from_vpc_attributes, or use Vpc.from_lookup"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        balanced(stack, handler, imported)


def test_what_is_known_at_deployment_is_not_guessed(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    subnets = cdk.Fn.import_value("Subnets")
    imported = ec2.Vpc.from_vpc_attributes(
        stack,
        "Imported",
        vpc_id="vpc-1",
        vpc_cidr_block="10.0.0.0/16",
        availability_zones=cdk.Fn.get_azs(),
        private_subnet_ids=cdk.Fn.split(",", subnets),
    )
    name = cdk.CfnParameter(stack, "Name").value_as_string

    assert balanced(stack, handler, imported, api_name=name).api


def test_a_certificate_of_another_region_is_refused(make_app: MakeApp, entry: Path) -> None:
    env = cdk.Environment(account=ACCOUNT, region="eu-west-1")
    stack = cdk.Stack(make_app(), "Shop", env=env)
    vpc = ec2.Vpc(stack, "Vpc", availability_zones=["eu-west-1a", "eu-west-1b"], nat_gateways=0)
    handler = PythonFunction(stack, "Handler", entry=entry)

    message = (
        "Shop/Api: certificate must be in eu-west-1 as the load balancer is, got us-east-1; "
        "define both in stacks of one region"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        balanced(stack, handler, vpc, **NAMED, public=OPEN)


def test_a_function_of_another_account_is_refused(make_app: MakeApp) -> None:
    env = cdk.Environment(account=ACCOUNT, region="eu-west-1")
    stack = cdk.Stack(make_app(), "Shop", env=env)
    vpc = ec2.Vpc(stack, "Vpc", availability_zones=["eu-west-1a", "eu-west-1b"], nat_gateways=0)
    there = lambda_.Function.from_function_arn(
        stack, "There", "arn:aws:lambda:eu-west-1:444455556666:function:there"
    )

    message = (
        f"Shop/Api: handler must be in the account {ACCOUNT} as the load balancer is, got a "
        "function in 444455556666; define both in stacks of one account, or choose "
        "Endpoint.HTTP_API"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        balanced(stack, there, vpc)
