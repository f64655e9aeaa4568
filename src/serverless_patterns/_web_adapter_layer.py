"""The layer that brings the Lambda Web Adapter to a zip."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk as cdk
from aws_cdk import aws_lambda as lambda_

from serverless_patterns._errors import PatternError

if TYPE_CHECKING:
    from constructs import Construct

VERSION = "1.1.0"
# https://github.com/aws/aws-lambda-web-adapter/releases
_ACCOUNT = "753240598075"
_LAYER_VERSION = 30
_NAMES = {"x86_64": "LambdaAdapterLayerX86", "arm64": "LambdaAdapterLayerArm64"}
# Where its layers are released: .github/workflows/prod.json there.
_REGIONS = {
    "af-south-1",
    *(f"ap-east-{number}" for number in (1, 2)),
    *(f"ap-northeast-{number}" for number in (1, 2, 3)),
    *(f"ap-south-{number}" for number in (1, 2)),
    *(f"ap-southeast-{number}" for number in range(1, 8)),
    "ca-central-1",
    "ca-west-1",
    *(f"eu-central-{number}" for number in (1, 2)),
    "eu-north-1",
    *(f"eu-south-{number}" for number in (1, 2)),
    *(f"eu-west-{number}" for number in (1, 2, 3)),
    "il-central-1",
    "me-central-1",
    "mx-central-1",
    "sa-east-1",
    *(f"us-east-{number}" for number in (1, 2)),
    *(f"us-west-{number}" for number in (1, 2)),
}


def adapter_layer(
    scope: Construct, path: str, function_id: str, architecture: lambda_.Architecture
) -> lambda_.ILayerVersion:
    """The layer, in whichever region the stack is deployed to.

    Args:
        scope: The construct that the function belongs to.
        path: The function's construct path.
        function_id: The id of the function.
        architecture: The function's architecture.

    Raises:
        PatternError: If it is known that there is none.
    """
    stack = cdk.Stack.of(scope)
    region = stack.region
    if not cdk.Token.is_unresolved(region) and region not in _REGIONS:
        raise PatternError(
            path,
            "layer",
            rule="be given in a region for which AWS releases no layer of the adapter",
            got=f"none in {region}",
            remedy="publish one there and give it, or give an image",
        )
    arn = stack.format_arn(
        service="lambda",
        account=_ACCOUNT,
        resource="layer",
        resource_name=f"{_NAMES[architecture.name]}:{_LAYER_VERSION}",
        arn_format=cdk.ArnFormat.COLON_RESOURCE_NAME,
    )
    return lambda_.LayerVersion.from_layer_version_arn(scope, f"{function_id}Layer", arn)
