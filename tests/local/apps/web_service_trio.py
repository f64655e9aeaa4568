"""One image on Lambda, Fargate and EC2, of which the local cloud runs the function."""

from __future__ import annotations

from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2

from serverless_patterns import Compute, WebService

app = cdk.App()
stack = cdk.Stack(app, "Trio")
service = WebService(
    stack,
    "Web",
    image=str(Path(__file__).parent / "web_service"),
    vpc=ec2.Vpc(stack, "Vpc", max_azs=2, nat_gateways=1),
    weights={Compute.LAMBDA: 1, Compute.FARGATE: 0, Compute.EC2: 0},
)
cdk.CfnOutput(stack, "Url", value=f"http://{service.load_balancer.load_balancer_dns_name}/")
app.synth()
