"""cdk-nag over load balancers: nothing unacknowledged, and every reason where it is due."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as elbv2

from serverless_patterns import Endpoint, PythonFunction, Route, RouteApi
from tests.compliance.test_findings import SYNCHRONOUS, acknowledged, findings, of_function

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    MakeApp = Callable[..., cdk.App]

OPEN = "The catalogue is for everyone"
ALSO_OPEN = "Anyone may order"
LOGS = "The bucket holds access logs itself: logging who writes them would never end."
INNER = "Only addresses of the VPC are let in; which they are is known when it is deployed."
GUARDED = "The load balancer authenticates whoever calls."


def shop(app: cdk.App, entry: Path, *, faces_internet: bool = False, **options: Any) -> cdk.Stack:
    stack = cdk.Stack(app, "Shop")
    function = PythonFunction(stack, "Worker", entry=entry)
    # The network is the user's, with findings of its own.
    vpc = ec2.Vpc.from_vpc_attributes(
        stack,
        "Vpc",
        vpc_id="vpc-1",
        vpc_cidr_block=cdk.Fn.import_value("Range"),
        availability_zones=["us-east-1a", "us-east-1b"],
        public_subnet_ids=["subnet-1", "subnet-2"],
        public_subnet_route_table_ids=["rtb-1", "rtb-2"],
    )
    if faces_internet:
        options["domain_name"] = "api.shop.example"
        options["certificate"] = acm.Certificate.from_certificate_arn(
            stack, "Certificate", "arn:aws:acm:us-east-1:111122223333:certificate/shop"
        )
    own = ALSO_OPEN if "public" in options else None
    RouteApi(
        stack,
        "Api",
        routes=[
            Route("GET", "/books/{id}", function),
            Route("POST", "/orders", function, public=own),
        ],
        catch_all=function,
        endpoint=Endpoint.load_balancer(vpc=vpc),
        **options,
    )
    return stack


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({}, INNER),
        ({"public": OPEN}, INNER),
        ({"faces_internet": True, "public": OPEN}, f"{OPEN}; {ALSO_OPEN}"),
        ({"faces_internet": True, "authorizer": "token"}, GUARDED),
    ],
    ids=str,
)
def test_a_load_balancer_breaks_no_rule_without_a_reason_at_the_very_resource(
    make_app: MakeApp, entry: Path, options: dict[str, Any], reason: str
) -> None:
    app = make_app()
    if "authorizer" in options:
        options["authorizer"] = elbv2.ListenerAction.authenticate_jwt(
            issuer="https://id.example",
            jwks_endpoint="https://id.example/keys",
            next=elbv2.ListenerAction.fixed_response(500),
        )
    shop(app, entry, **options)

    assert findings(app) == sorted(
        [
            *of_function("Shop/Worker"),
            acknowledged("AwsSolutions-EC23", "Shop/Api/SecurityGroup/Resource", reason),
            acknowledged("AwsSolutions-S1", "Shop/Api/AccessLogs/Resource", LOGS),
            acknowledged("Serverless-LambdaDLQ", "Shop/Worker/Resource", SYNCHRONOUS),
        ]
    )
