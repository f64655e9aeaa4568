"""A Flask application that was written for a server, and CORS on its API."""

from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_apigatewayv2 as apigwv2

from serverless_patterns import ProxyApi, PythonFunction

app = cdk.App()
stack = cdk.Stack(app, "Wsgi")
function = PythonFunction(
    stack, "Function", entry=Path(__file__).parent / "flask_service", handler="shop:app"
)
cors = apigwv2.CorsPreflightOptions(
    allow_origins=["https://shop.example"], allow_methods=[apigwv2.CorsHttpMethod.GET]
)
api = ProxyApi(stack, "Api", handler=function, public="A test application", cors=cors)
cdk.CfnOutput(stack, "Url", value=api.url)
app.synth()
