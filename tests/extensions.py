"""What the tests of extensions ask of a template."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aws_cdk import assertions
from aws_cdk import aws_lambda as lambda_

if TYPE_CHECKING:
    import aws_cdk as cdk

FUNCTION = "AWS::Lambda::Function"


def function_of(stack: cdk.Stack) -> dict[str, Any]:
    """The properties of the only function."""
    [function] = assertions.Template.from_stack(stack).find_resources(FUNCTION).values()
    properties: dict[str, Any] = function["Properties"]
    return properties


def variables_of(stack: cdk.Stack) -> dict[str, Any]:
    """The environment of the only function."""
    variables: dict[str, Any] = function_of(stack)["Environment"]["Variables"]
    return variables


def layers_of(stack: cdk.Stack) -> list[Any]:
    """The layers of the only function; of one that AWS publishes, the name of its parameter."""
    template = assertions.Template.from_stack(stack).to_json()
    return [
        template["Parameters"][layer["Ref"]]["Default"]
        if isinstance(layer, dict) and layer.get("Ref") in template["Parameters"]
        else layer
        for layer in function_of(stack).get("Layers", ())
    ]


def plain_function(scope: cdk.Stack, name: str, **options: Any) -> lambda_.Function:
    """A function of CDK's own."""
    return lambda_.Function(
        scope,
        name,
        runtime=options.pop("runtime", lambda_.Runtime.PYTHON_3_13),
        handler="index.handler",
        code=lambda_.Code.from_inline("def handler(event, context): ..."),
        **options,
    )


def imported_layers(scope: cdk.Stack, *arns: str) -> list[lambda_.ILayerVersion]:
    """Layers that are known by their ARNs."""
    return [
        lambda_.LayerVersion.from_layer_version_arn(scope, f"Layer{index}", arn)
        for index, arn in enumerate(arns)
    ]


def layer_arn(name: str) -> str:
    """The ARN of a layer of that name."""
    return f"arn:aws:lambda:us-east-1:123456789012:layer:{name}:1"
