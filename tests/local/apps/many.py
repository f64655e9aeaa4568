"""One application behind any endpoint, cut in any way: context says which, and names the stack."""

from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2

from serverless_patterns import Endpoint, ModularApi

app = cdk.App()
endpoint = app.node.get_context("endpoint")
granularity = app.node.get_context("granularity")
stack = cdk.Stack(app, f"Many-{endpoint.replace('_', '-')}-{granularity}")


def front_door() -> tuple[Endpoint, str | None]:
    """The endpoint that context asks for, and why it may be open."""
    if endpoint != "load_balancer":
        return getattr(Endpoint, endpoint), "A test application"
    vpc = ec2.Vpc(
        stack,
        "Vpc",
        nat_gateways=0,
        max_azs=2,
        subnet_configuration=[
            ec2.SubnetConfiguration(name="Inner", subnet_type=ec2.SubnetType.PRIVATE_ISOLATED)
        ],
    )
    inner = ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED)
    return Endpoint.load_balancer(vpc=vpc, vpc_subnets=inner), None


door, public = front_door()
api = ModularApi(
    stack,
    "Api",
    app="many.main:app",
    entry=Path(__file__).parent / "many_service",
    granularity=granularity,
    catch_all=app.node.try_get_context("catch_all") != "false",
    endpoint=door,
    public=public,
)
cdk.CfnOutput(stack, "Url", value=api.url)
app.synth()
