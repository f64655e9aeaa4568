"""How a REST API's body names the functions that it invokes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk as cdk

if TYPE_CHECKING:
    from constructs import Construct

    from serverless_patterns._units import Target

_URI = "arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/"
_BUFFERED = "2015-03-31/functions/${Function}/invocations"
_STREAMED = "2021-11-15/functions/${Function}/response-streaming-invocations"


def invocation_uri(scope: Construct, target: Target, *, streams: bool) -> str:
    """The URI by which API Gateway invokes a target's function.

    Where the function stands in a nested stack, that stack puts it together and tells it: every
    operation repeats it, and a body of a thousand would not fit into a template otherwise.

    Args:
        scope: The API's construct.
        target: The unit and its function.
        streams: Whether the answer is streamed.
    """
    uri = cdk.Fn.sub(
        _URI + (_STREAMED if streams else _BUFFERED), {"Function": target.handler.function_arn}
    )
    stack, home = cdk.Stack.of(target.handler), cdk.Stack.of(scope)
    nested = stack.nested_stack_resource
    beside = cdk.Stack.of(target.scope).node.path == stack.node.path != home.node.path
    if nested is None or not beside:
        return uri
    output = cdk.CfnOutput(target.scope, "InvocationUri", value=uri)
    return nested.get_att(f"Outputs.{stack.resolve(output.logical_id)}").to_string()
