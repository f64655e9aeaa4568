"""What an HTTP API's routes to one function share: an integration and a permission."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import aws_cdk as cdk
from aws_cdk import aws_apigatewayv2 as apigwv2
from aws_cdk import aws_iam as iam

from serverless_patterns import _quotas
from serverless_patterns._invocation import check_answers_within, check_same_region
from serverless_patterns._streaming import check_answers

if TYPE_CHECKING:
    from constructs import Construct, IConstruct

    from serverless_patterns._units import Target


@dataclass(frozen=True)
class HttpIntegration:
    """What routes to one function need.

    Attributes:
        resource: The integration.
        permission: What lets the API invoke the function, unless CDK can't say so.
    """

    resource: apigwv2.CfnIntegration
    permission: IConstruct | None

    @classmethod
    def of(cls, path: str, api: apigwv2.HttpApi, target: Target) -> HttpIntegration:
        """Define it in the scope of the target's unit.

        Args:
            path: The construct path of the API's construct, for errors.
            api: The API.
            target: The unit and its function.

        Raises:
            PatternError: If the function may outlast the API, or stands in another region.
        """
        limit = _quotas.HTTP_API_INTEGRATION_TIMEOUT_SECONDS
        check_answers_within(path, target.handler, limit, "an HTTP API")
        check_answers(path, target.handler, "an HTTP API", streaming=None)
        check_same_region(path, target.handler, target.scope)
        integration = apigwv2.CfnIntegration(
            target.scope,
            "Integration",
            api_id=api.api_id,
            integration_type="AWS_PROXY",
            integration_uri=target.handler.function_arn,
            payload_format_version="2.0",
        )
        return cls(integration, permit_api(path, target, target.scope, api.api_id))


def permit_api(path: str, target: Target, scope: Construct, api_id: str) -> IConstruct | None:
    """Let an API of API Gateway invoke a function by whichever of its routes.

    Args:
        path: The construct path of the API's construct, for warnings.
        target: The unit and its function.
        scope: Where the permission stands.
        api_id: The API's id.

    Returns:
        The permission; ``None`` where CDK can't give it, which is warned of.
    """
    target.handler.add_permission(
        "Permission",
        scope=scope,
        principal=iam.ServicePrincipal("apigateway.amazonaws.com"),
        source_arn=cdk.Stack.of(scope).format_arn(
            service="execute-api", resource=api_id, resource_name="*/*"
        ),
    )
    permission = scope.node.try_find_child("Permission")
    if permission is None:
        warn_of_no_permission(path, target)
    return permission


def warn_of_no_permission(path: str, target: Target) -> None:
    """Warn that CDK gives no permission to invoke a function, so that its owner must."""
    cdk.Annotations.of(target.scope).add_warning_v2(
        "serverless-patterns:permission",
        f"{path}: CDK can't let the API invoke {target.handler.node.path}: unless its owner "
        "does, every request is refused. An imported function of this account takes "
        "same_environment=True; $LATEST takes the function itself",
    )
