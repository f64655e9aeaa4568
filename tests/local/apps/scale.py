"""The application that ``-c entry=FOLDER`` names, as a function for each route."""

import aws_cdk as cdk

from serverless_patterns import Granularity, ModularApi

app = cdk.App()
stack = cdk.Stack(app, "Scale")
api = ModularApi(
    stack,
    "Api",
    app="many:app",
    entry=app.node.try_get_context("entry"),
    granularity=Granularity.ROUTE,
    public="A test application",
)
cdk.CfnOutput(stack, "Url", value=api.url)
app.synth()
