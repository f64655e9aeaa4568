"""Load balancers: one whose rules lead to functions, and one with a certificate."""

from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_lambda as lambda_

from serverless_patterns import Endpoint, ProxyApi, PythonFunction, Route, RouteApi

ENTRY = Path(__file__).parent / "load_balancer_service"

app = cdk.App()
stack = cdk.Stack(app, "Balanced")
balanced = Endpoint.load_balancer(vpc=ec2.Vpc(stack, "Vpc", max_azs=2, nat_gateways=1))


def function(name: str) -> PythonFunction:
    """A function that tells its name."""
    return PythonFunction(stack, name, entry=ENTRY, environment={"UNIT": name})


book = function("Book")
live = lambda_.Alias(stack, "Live", alias_name="live", version=book.current_version)
listing, parts, files = function("Listing"), function("Parts"), function("Files")
inner = RouteApi(
    stack,
    "Inner",
    endpoint=balanced,
    routes=[
        Route("GET", "/books", listing),
        Route("GET", "/books/new", listing),
        Route("GET", "/books/{id}", live),
        Route("GET", "/books/{id}/parts/{part}", parts),
        Route("ANY", "/files/{name+}", files),
    ],
    catch_all=function("Rest"),
)
closed = RouteApi(stack, "Closed", endpoint=balanced, routes=[Route("GET", "/books/{id}", live)])
outer = ProxyApi(
    stack,
    "Outer",
    endpoint=balanced,
    handler=files,
    public="A test application",
    domain_name="api.shop.example",
    certificate=acm.Certificate(stack, "Certificate", domain_name="api.shop.example"),
)
cdk.CfnOutput(stack, "InnerUrl", value=inner.url)
cdk.CfnOutput(stack, "ClosedUrl", value=closed.url)
cdk.CfnOutput(stack, "OuterUrl", value=f"http://{outer.api.load_balancer_dns_name}/")
app.synth()
