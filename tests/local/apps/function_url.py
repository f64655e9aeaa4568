"""Function URLs: an open one of an alias, an open one with a name, and a closed one."""

from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_apigatewayv2 as apigwv2
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_

from serverless_patterns import Endpoint, ProxyApi, PythonFunction

FOLDER = Path(__file__).parent

app = cdk.App()
stack = cdk.Stack(app, "FunctionUrl")

shop = PythonFunction(stack, "Shop", entry=FOLDER / "function_url_service", handler="shop:app")
alias = lambda_.Alias(stack, "Live", alias_name="live", version=shop.current_version)
cors = apigwv2.CorsPreflightOptions(
    allow_origins=["https://shop.example"], allow_methods=[apigwv2.CorsHttpMethod.PUT]
)
opened = ProxyApi(
    stack,
    "Open",
    handler=alias,
    endpoint=Endpoint.FUNCTION_URL,
    public="A test application",
    cors=cors,
)

plain = PythonFunction(stack, "Plain", entry=FOLDER / "plain_service")
closed = ProxyApi(stack, "Closed", handler=plain, endpoint=Endpoint.FUNCTION_URL)
for name in ("Caller", "Stranger"):
    role = iam.Role(stack, name, assumed_by=iam.AccountRootPrincipal())
    if name == "Caller":
        closed.grant_invoke(role)
    cdk.CfnOutput(stack, f"{name}Arn", value=role.role_arn)

if app.node.try_get_context("named"):
    other = PythonFunction(stack, "Other", entry=FOLDER / "plain_service")
    named = ProxyApi(
        stack,
        "Named",
        handler=other,
        endpoint=Endpoint.FUNCTION_URL,
        public="A test application",
        domain_name="api.shop.example",
        certificate=acm.Certificate(stack, "Certificate", domain_name="api.shop.example"),
    )
    cdk.CfnOutput(stack, "NamedUrl", value=named.url)

cdk.CfnOutput(stack, "OpenUrl", value=opened.url)
cdk.CfnOutput(stack, "ClosedUrl", value=closed.url)
app.synth()
