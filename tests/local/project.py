"""A user's project: apps and a function, as texts."""

from __future__ import annotations

APP = """
import aws_cdk as cdk
from serverless_patterns import ProxyApi, PythonFunction

app = cdk.App()
stack = cdk.Stack(app, "Mine")
function = PythonFunction(stack, "Greeter", entry="service")
api = ProxyApi(stack, "Api", handler=function, public="Everyone may be greeted")
cdk.CfnOutput(stack, "Url", value=api.url)
cdk.CfnOutput(stack, "Mood", value=str(app.node.try_get_context("mood")))
if app.node.try_get_context("two"):
    cdk.Stack(app, "Other")
app.synth()
"""
ABROAD = APP.replace('"Mine")', '"Abroad", env=ENV)').replace(
    "app = cdk.App()",
    'app = cdk.App()\nENV = cdk.Environment(account="123456789012", region="eu-west-1")',
)
LOOKS = """
import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_lambda as lambda_

app = cdk.App()
stack = cdk.Stack(app, "Looks", env=cdk.Environment(account="123456789012", region="us-east-1"))
vpc = ec2.Vpc.from_lookup(stack, "Vpc", is_default=True)
code = lambda_.Code.from_inline("def handler(event, context): ...")
lambda_.Function(
    stack, "Silent", code=code, handler="index.handler", runtime=lambda_.Runtime.PYTHON_3_14
)
app.synth()
"""
SLOW = """
import pathlib, time
pathlib.Path("started").touch()
time.sleep(600)
"""
SERVICE = """
def handler(event, context):
    print("greeting", event["rawPath"])
    return {"statusCode": 200, "body": "hello"}
"""
