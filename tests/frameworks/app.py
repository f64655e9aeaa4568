"""The applications of the frameworks that context names, as zips behind HTTP APIs."""

from __future__ import annotations

import aws_cdk as cdk

from examples.web_frameworks.stacks import FRAMEWORKS
from serverless_patterns import ProxyApi

app = cdk.App()
stack = cdk.Stack(app, "Frameworks")
for name in app.node.get_context("frameworks").split(","):
    title = name.title().replace("_", "")
    function = FRAMEWORKS[name].zip_of(stack, title)
    api = ProxyApi(stack, f"{title}Api", handler=function, public="Everyone may be greeted")
    cdk.CfnOutput(stack, f"{title}Url", value=api.url)
app.synth()
