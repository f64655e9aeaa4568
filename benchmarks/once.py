"""One measurement in a process of its own: `python -m benchmarks.once WHAT` prints milliseconds."""

from __future__ import annotations

import importlib
import json
import os
import sys
import time
from pathlib import Path

# The modules of aws_cdk that the library's constructs import.
CDK_MODULES = (
    *("aws_apigatewayv2", "aws_apigatewayv2_authorizers", "aws_cloudwatch"),
    *("aws_iam", "aws_lambda", "aws_logs"),
)


def measure(what: str) -> dict[str, float]:
    """The milliseconds that ``what`` took, and the resources that it made, if any."""
    if what == "import aws_cdk":
        return _timed_imports("aws_cdk")
    if what == "import serverless_patterns":
        return _timed_imports("aws_cdk", "serverless_patterns")
    if what == "CDK modules":
        return _timed_imports("aws_cdk", *(f"aws_cdk.{name}" for name in CDK_MODULES))
    if what == "constructs":
        return _timed_imports(
            "aws_cdk", "serverless_patterns.proxy_api", "serverless_patterns.function"
        )
    return _timed_synthesis(what)


def _timed_imports(*modules: str) -> dict[str, float]:
    started = time.perf_counter()
    for module in modules:
        importlib.import_module(module)
    return {"ms": (time.perf_counter() - started) * 1000}


def _timed_synthesis(what: str) -> dict[str, float]:
    started = time.perf_counter()
    import aws_cdk as cdk  # noqa: PLC0415 - a part of what is measured

    context = json.loads(Path("cdk.json").read_text())["context"]
    app = cdk.App(context=context, builtin_cloud_formation_validation=False)
    if what == "synthesize with the library":
        from examples.bookstore.stacks import BookstoreStack  # noqa: PLC0415

        BookstoreStack(app, "Bookstore")
    else:
        from benchmarks.bookstore_l2 import HandWrittenBookstore  # noqa: PLC0415

        HandWrittenBookstore(app, "Bookstore", asset=os.environ["BOOKSTORE_ASSET"])
    template = app.synth().get_stack_by_name("Bookstore").template
    milliseconds = (time.perf_counter() - started) * 1000
    return {"ms": milliseconds, "resources": len(template["Resources"])}


if __name__ == "__main__":
    print(json.dumps(measure(sys.argv[1])))
