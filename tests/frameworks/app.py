"""The applications of the frameworks that context names, as zips behind HTTP APIs."""

from __future__ import annotations

import aws_cdk as cdk

from examples.web_frameworks.stacks import FRAMEWORKS
from serverless_patterns import ProxyApi


def title(framework: str) -> str:
    """What the construct of a framework's application is called."""
    return framework.title().replace("_", "")


def main() -> None:
    app = cdk.App()
    stack = cdk.Stack(app, "Frameworks")
    for name in app.node.get_context("frameworks").split(","):
        function = FRAMEWORKS[name].zip_of(stack, title(name))
        api = ProxyApi(
            stack, f"{title(name)}Api", handler=function, public="Everyone may be greeted"
        )
        cdk.CfnOutput(stack, f"{title(name)}Url", value=api.url)
    app.synth()


if __name__ == "__main__":
    main()
