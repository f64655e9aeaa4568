"""An Amazon API Gateway HTTP API in front of Lambda functions."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Unpack, cast

import aws_cdk as cdk
from aws_cdk import aws_apigatewayv2 as apigwv2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs

from serverless_patterns import _quotas
from serverless_patterns._acknowledge import acknowledge
from serverless_patterns._errors import PatternError
from serverless_patterns._http_authorization import authorize, check_authorizer, default_authorizer
from serverless_patterns._http_settings import check_settings
from serverless_patterns._invocation import check_answers_within, check_same_region

if TYPE_CHECKING:
    from aws_cdk import aws_cloudwatch as cloudwatch
    from aws_cdk import aws_lambda as lambda_
    from constructs import Construct, IConstruct

    from serverless_patterns._cdk_options import MetricOptions
    from serverless_patterns.endpoints import Access, Settings

# One JSON object a request: who asked what, what was answered, and which part took how long.
# https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging-variables.html
_ACCESS_LOG = {
    "requestId": "$context.requestId",
    "requestTime": "$context.requestTime",
    "sourceIp": "$context.identity.sourceIp",
    "userAgent": "$context.identity.userAgent",
    "method": "$context.httpMethod",
    "path": "$context.path",
    "routeKey": "$context.routeKey",
    "protocol": "$context.protocol",
    "status": "$context.status",
    "responseLength": "$context.responseLength",
    "responseLatency": "$context.responseLatency",
    "integrationLatency": "$context.integrationLatency",
    "integrationStatus": "$context.integrationStatus",
    "integrationError": "$context.integrationErrorMessage",
    "authorizerError": "$context.authorizer.error",
    "error": "$context.error.message",
}


class HttpApiDoor:
    """One HTTP API with its stage, for the construct ``scope`` whose path is ``path``.

    Routes, integrations and permissions are L1 resources here: the L2 route puts the
    integration and the permission that routes share under whichever of them comes first, so
    that adding a route could replace both.
    """

    def __init__(self, scope: Construct, path: str, access: Access, settings: Settings) -> None:
        self._path = path
        self._access = access
        self.api = apigwv2.HttpApi(
            scope,
            "Api",
            api_name=settings.name or path.replace("/", "-")[-_quotas.HTTP_API_NAME_LENGTH :],
            description=settings.description,
            cors_preflight=settings.cors,
            create_default_stage=False,
            # What a user adds to the API itself is closed as well.
            default_authorizer=default_authorizer(access),
            default_authorization_scopes=[*access.scopes] or None,
        )
        self.access_logs = logs.LogGroup(scope, "AccessLogs", retention=settings.retention)
        self.stage = apigwv2.HttpStage(
            scope,
            "Stage",
            http_api=self.api,
            stage_name="$default",
            auto_deploy=True,
            throttle=settings.throttle,
        )
        cfn_stage = cast("apigwv2.CfnStage", self.stage.node.default_child)
        cfn_stage.access_log_settings = apigwv2.CfnStage.AccessLogSettingsProperty(
            destination_arn=self.access_logs.log_group_arn, format=json.dumps(_ACCESS_LOG)
        )
        self._authorization = authorize(path, self.api, access)
        self._answers_preflight = settings.cors is not None and access.public is None

    @staticmethod
    def check(path: str, access: Access, settings: Settings) -> None:
        """Refuse what an HTTP API can't be given.

        Raises:
            PatternError: If it is given that.
        """
        check_authorizer(path, access)
        check_settings(path, settings)

    @property
    def url(self) -> str:
        """Where the API answers, ending in a slash."""
        return self.stage.url

    def serve(self, scope: Construct, handler: lambda_.IFunction) -> None:
        """Send every method and path to ``handler``, whose unit is ``scope``."""
        unit = self._unit(scope, handler)
        self._route(scope, "Root", "ANY /", unit)
        self._route(scope, "Proxy", "ANY /{proxy+}", unit)
        if self._answers_preflight:
            self._preflight(scope, "RootPreflight", "OPTIONS /", unit)
            self._preflight(scope, "ProxyPreflight", "OPTIONS /{proxy+}", unit)

    def grant_invoke(self, grantee: iam.IGrantable) -> iam.Grant:
        """Allow signed requests to every route."""
        if self._authorization["authorization_type"] != "AWS_IAM":
            raise PatternError(
                self._path,
                "grant_invoke",
                rule="be called on an API that IAM authorizes",
                got=f"{self._authorization['authorization_type']} authorization",
                remedy="omit authorizer and public, or leave access to the authorizer",
            )
        return iam.Grant.add_to_principal(
            grantee=grantee,
            actions=["execute-api:Invoke"],
            resource_arns=[self.api.arn_for_execute_api()],
        )

    def metric_count(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """The number of requests."""
        return self.api.metric_count(**options)

    def metric_client_error(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """The number of 4xx answers."""
        return self.api.metric_client_error(**options)

    def metric_server_error(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """The number of 5xx answers."""
        return self.api.metric_server_error(**options)

    def metric_latency(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """The milliseconds from a request to its answer."""
        return self.api.metric_latency(**options)

    def _unit(self, scope: Construct, handler: lambda_.IFunction) -> _Unit:
        limit = _quotas.HTTP_API_INTEGRATION_TIMEOUT_SECONDS
        check_answers_within(self._path, handler, limit, "an HTTP API")
        check_same_region(self._path, handler, scope)
        integration = apigwv2.CfnIntegration(
            scope,
            "Integration",
            api_id=self.api.api_id,
            integration_type="AWS_PROXY",
            integration_uri=handler.function_arn,
            payload_format_version="2.0",
        )
        handler.add_permission(
            "Permission",
            scope=scope,
            principal=iam.ServicePrincipal("apigateway.amazonaws.com"),
            source_arn=cdk.Stack.of(scope).format_arn(
                service="execute-api", resource=self.api.api_id, resource_name="*/*"
            ),
        )
        permission = scope.node.try_find_child("Permission")
        if permission is None:
            cdk.Annotations.of(scope).add_warning_v2(
                "serverless-patterns:permission",
                f"{self._path}: CDK can't let the API invoke {handler.node.path}: unless its owner "
                "does, every request is refused. An imported function of this account takes "
                "same_environment=True; $LATEST takes the function itself",
            )
        return _Unit(integration, permission)

    def _route(
        self, scope: Construct, route_id: str, key: str, unit: _Unit, **authorization: Any
    ) -> apigwv2.CfnRoute:
        route = apigwv2.CfnRoute(
            scope,
            route_id,
            api_id=self.api.api_id,
            route_key=key,
            target=f"integrations/{unit.integration.ref}",
            **(authorization or self._authorization),
        )
        if unit.permission:
            route.node.add_dependency(unit.permission)
        if self._access.public is not None:
            acknowledge(route, "AwsSolutions-APIG4", reason=self._access.public)
        return route

    def _preflight(self, scope: Construct, route_id: str, key: str, unit: _Unit) -> None:
        route = self._route(scope, route_id, key, unit, authorization_type="NONE")
        acknowledge(
            route,
            "AwsSolutions-APIG4",
            reason="A browser sends no credentials with a CORS preflight request.",
        )


class _Unit:
    """What every route to one function shares."""

    def __init__(self, integration: apigwv2.CfnIntegration, permission: IConstruct | None) -> None:
        self.integration = integration
        self.permission = permission
