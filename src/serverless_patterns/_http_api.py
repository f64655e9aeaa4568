"""An Amazon API Gateway HTTP API in front of Lambda functions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from aws_cdk import aws_apigatewayv2 as apigwv2
from aws_cdk import aws_logs as logs
from constructs import Construct

from serverless_patterns import _quotas
from serverless_patterns._access_log import access_log
from serverless_patterns._acknowledge import acknowledge
from serverless_patterns._domain import check_domain, define_domain
from serverless_patterns._http_authorization import (
    authorize,
    check_authorizer,
    default_authorizer,
    grant_signed_requests,
)
from serverless_patterns._http_integration import HttpIntegration
from serverless_patterns._http_settings import (
    DEFAULT_THROTTLE,
    check_limits,
    check_settings,
    warn_of_limits,
)
from serverless_patterns._units import UnitRoute

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aws_cdk import aws_iam as iam

    from serverless_patterns._units import Access, Target, Unit
    from serverless_patterns.endpoints import Metrics, Settings


class HttpApiDoor:
    """One HTTP API with its stage, for the construct ``scope`` whose path is ``path``.

    Routes, integrations and permissions are L1 resources here: the L2 route puts the
    integration and the permission that routes share under whichever of them comes first, so
    that adding a route could replace both. A route stands apart from the unit that it leads to,
    so that it is updated in place when another unit takes it over.
    """

    unit_resources = 2
    route_resources = 1

    def __init__(
        self,
        scope: Construct,
        path: str,
        access: Access,
        settings: Settings,
        targets: Sequence[Target],
    ) -> None:
        warn_of_limits(scope, targets)
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
        self.access_logs = logs.LogGroup(scope, "AccessLogs", retention=settings.log_retention)
        self.stage = apigwv2.HttpStage(
            scope,
            "Stage",
            http_api=self.api,
            stage_name="$default",
            auto_deploy=True,
            throttle=settings.throttle or DEFAULT_THROTTLE,
        )
        cfn_stage = cast("apigwv2.CfnStage", self.stage.node.default_child)
        cfn_stage.access_log_settings = apigwv2.CfnStage.AccessLogSettingsProperty(
            destination_arn=self.access_logs.log_group_arn, format=access_log("routeKey")
        )
        self._cors = settings.cors
        self._authorization_type = authorize(path, self.api, access)["authorization_type"]
        self._route_settings: dict[str, Any] = {}
        self._routes = Construct(scope, "Routes")
        for target in targets:
            self._serve(scope, target)
        if self._route_settings:
            cfn_stage.route_settings = self._route_settings
        self._domain = define_domain(scope, settings, self.api.api_id, self.stage)
        self.domain_target = self._domain.regional_domain_name if self._domain else None

    @staticmethod
    def check(path: str, access: Access, settings: Settings, units: Sequence[Unit]) -> None:
        """Refuse what an HTTP API can't be given.

        Raises:
            PatternError: If it is given that.
        """
        check_authorizer(path, access)
        check_settings(path, settings)
        check_domain(path, settings)
        check_limits(path, units)

    @property
    def url(self) -> str:
        """Where the API answers, ending in a slash."""
        return f"https://{self._domain.name}/" if self._domain else self.stage.url

    def _serve(self, scope: Construct, target: Target) -> None:
        integration = HttpIntegration.of(self._path, self.api, target)
        routes = [(self._routes, route.construct_id, route) for route in target.unit.routes]
        if target.unit.is_catch_all:
            routes += [
                (scope, "Root", UnitRoute("ANY", "/", self._access)),
                (scope, "Proxy", UnitRoute("ANY", "/{proxy+}", self._access)),
            ]
        for parent, route_id, route in routes:
            self._define(parent, route_id, route, integration)
            if self._cors and route.method == "ANY" and route.access.public is None:
                self._preflight(parent, f"{route_id}Preflight", route, integration)

    def grant_invoke(self, grantee: iam.IGrantable) -> iam.Grant:
        """Allow signed requests to every route."""
        arn = self.api.arn_for_execute_api()
        return grant_signed_requests(self._path, grantee, self._authorization_type, arn)

    @property
    def metrics(self) -> Metrics:
        """The metrics of the API."""
        return self.api

    def _define(
        self, scope: Construct, route_id: str, route: UnitRoute, integration: HttpIntegration
    ) -> None:
        defined = self._route(
            scope, route_id, route.key, integration, authorize(self._path, self.api, route.access)
        )
        if route.access.public is not None:
            acknowledge(defined, "AwsSolutions-APIG4", reason=route.access.public)
        if route.throttle:
            # A stage can't limit a route that isn't there yet.
            self.stage.node.add_dependency(defined)
            self._route_settings[route.key] = {
                "ThrottlingRateLimit": route.throttle.rate_limit,
                "ThrottlingBurstLimit": route.throttle.burst_limit,
            }

    def _preflight(
        self, scope: Construct, route_id: str, route: UnitRoute, integration: HttpIntegration
    ) -> None:
        defined = self._route(
            scope, route_id, f"OPTIONS {route.path}", integration, {"authorization_type": "NONE"}
        )
        acknowledge(
            defined,
            "AwsSolutions-APIG4",
            reason="A browser sends no credentials with a CORS preflight request.",
        )

    def _route(
        self,
        scope: Construct,
        route_id: str,
        key: str,
        integration: HttpIntegration,
        authorization: Mapping[str, Any],
    ) -> apigwv2.CfnRoute:
        route = apigwv2.CfnRoute(
            scope,
            route_id,
            api_id=self.api.api_id,
            route_key=key,
            target=f"integrations/{integration.resource.ref}",
            **authorization,
        )
        if integration.permission:
            route.node.add_dependency(integration.permission)
        return route
