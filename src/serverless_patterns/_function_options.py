"""How the functions of this library take CDK's options."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from aws_cdk import aws_lambda as lambda_

if TYPE_CHECKING:
    from serverless_patterns._cdk_options import FunctionOptions

_TRACING_MODES = {
    lambda_.Tracing.ACTIVE: "Active",
    lambda_.Tracing.PASS_THROUGH: "PassThrough",
    lambda_.Tracing.DISABLED: None,
}


def given(options: FunctionOptions) -> FunctionOptions:
    """The options that have a value, sequences as the lists that jsii takes."""
    have = {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in options.items()
        if value is not None
    }
    return cast("FunctionOptions", have)


def trace(function: lambda_.Function, tracing: lambda_.Tracing) -> None:
    """Let X-Ray trace a function.

    The L2's own ``tracing`` would add a policy resource for what an ``ExecutionRole`` has inline.

    Args:
        function: The function.
        tracing: Whether, and how.
    """
    mode = _TRACING_MODES[tracing]
    if mode:
        resource = cast("lambda_.CfnFunction", function.node.default_child)
        resource.tracing_config = lambda_.CfnFunction.TracingConfigProperty(mode=mode)
