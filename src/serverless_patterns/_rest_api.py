"""An Amazon API Gateway REST API in front of Lambda functions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_logs as logs

from serverless_patterns import _quotas
from serverless_patterns._access_log import access_log
from serverless_patterns._domain import check_domain, define_domain
from serverless_patterns._http_authorization import grant_signed_requests
from serverless_patterns._http_settings import DEFAULT_THROTTLE
from serverless_patterns._invocation import (
    check_answers_within,
    check_same_region,
)
from serverless_patterns._rest_authorization import authorization_type, check_authorizer
from serverless_patterns._rest_body import RestBody
from serverless_patterns._rest_integration import invocation_uri
from serverless_patterns._rest_paths import caught_paths, check_paths, resource_paths
from serverless_patterns._rest_permissions import permit_authorizers, permit_units
from serverless_patterns._rest_settings import (
    acknowledge_findings,
    check_routes,
    check_settings,
    see_to_log_role,
    warn_of_resources,
)
from serverless_patterns._rest_size import check_body_size
from serverless_patterns._streaming import check_answers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_cdk import aws_iam as iam
    from constructs import Construct

    from serverless_patterns._units import Access, Target, Unit
    from serverless_patterns.endpoints import Metrics, Settings

_STAGE = "prod"


class RestApiDoor:
    """One REST API with its stage, for the construct ``scope`` whose path is ``path``.

    Its routes are operations of an OpenAPI body: no resources of the stack, whatever their
    number. A body that changes makes a new deployment, which the stage then serves at once.
    """

    unit_resources = 1
    route_resources = 0

    def __init__(
        self,
        scope: Construct,
        path: str,
        access: Access,
        settings: Settings,
        targets: Sequence[Target],
    ) -> None:
        for target in targets:
            _check_handler(path, target, settings)
        self._path = path
        self._access = access
        name = settings.name or path.replace("/", "-")[-_quotas.HTTP_API_NAME_LENGTH :]
        body = self._body(scope, name, settings, targets)
        definition = body.definition()
        check_body_size(scope, path, definition)
        self.access_logs = logs.LogGroup(scope, "AccessLogs", retention=settings.log_retention)
        self.api = apigateway.SpecRestApi(
            scope,
            "Api",
            rest_api_name=name,
            api_definition=apigateway.ApiDefinition.from_inline(definition),
            endpoint_types=[apigateway.EndpointType.REGIONAL],
            # The import of a body looks for the type there, and takes it for EDGE otherwise.
            parameters={"endpointConfigurationTypes": "REGIONAL"},
            binary_media_types=["*/*"],
            cloud_watch_role=False,
            deploy_options=self._stage_options(settings, targets),
        )
        self.api.node.try_remove_child("Endpoint")  # an output that nobody asked for
        self.stage = self.api.deployment_stage
        permissions = [
            *permit_authorizers(scope, self.api, [*body.authorizers.values()]),
            *permit_units(scope, path, self.api, targets),
        ]
        if self.api.latest_deployment:
            self.api.latest_deployment.node.add_dependency(*permissions)
            # A nested stack tells its URIs by names that outlast a function, which this doesn't.
            functions = {target.unit.id: target.handler.function_arn for target in targets}
            self.api.latest_deployment.add_to_logical_id(functions)
        acknowledge_findings(self.api, self.stage)
        see_to_log_role(scope, self.stage)
        self._domain = define_domain(scope, settings, self.api.rest_api_id, self.stage)
        self.domain_target = self._domain.regional_domain_name if self._domain else None

    @staticmethod
    def check(path: str, access: Access, settings: Settings, units: Sequence[Unit]) -> None:
        """Refuse what a REST API can't be given.

        Raises:
            PatternError: If it is given that.
        """
        check_authorizer(path, access)
        check_settings(path, settings)
        check_domain(path, settings)
        check_routes(path, units)
        check_paths(path, units)

    @property
    def url(self) -> str:
        """Where the API answers, ending in a slash."""
        return f"https://{self._domain.name}/" if self._domain else self.stage.url_for_path("/")

    def grant_invoke(self, grantee: iam.IGrantable) -> iam.Grant:
        """Allow signed requests to every route."""
        arn = self.api.arn_for_execute_api()
        return grant_signed_requests(self._path, grantee, authorization_type(self._access), arn)

    @property
    def metrics(self) -> Metrics:
        """The metrics of the stage."""
        return self.stage

    def _body(
        self, scope: Construct, name: str, settings: Settings, targets: Sequence[Target]
    ) -> RestBody:
        body = RestBody(
            name,
            settings.description,
            api_key_required=settings.api_key_required,
            response_streaming=settings.response_streaming,
        )
        routes = [route for target in targets for route in target.unit.routes]
        paths = resource_paths(routes)
        streams = settings.response_streaming
        uris = [(each, invocation_uri(scope, each, streams=streams)) for each in targets]
        for target, uri in uris:
            body.serve(target.unit.routes, uri)
        for target, uri in uris:
            if target.unit.is_catch_all:
                paths = caught_paths(routes)
                body.catch(paths, self._access, uri)
        warn_of_resources(scope, len(paths))
        return body

    def _stage_options(
        self, settings: Settings, targets: Sequence[Target]
    ) -> apigateway.StageOptions:
        throttle = settings.throttle or DEFAULT_THROTTLE
        limited = [route for target in targets for route in target.unit.routes if route.throttle]
        return apigateway.StageOptions(
            stage_name=_STAGE,
            tracing_enabled=True,
            throttling_rate_limit=throttle.rate_limit,
            throttling_burst_limit=throttle.burst_limit,
            access_log_destination=apigateway.LogGroupLogDestination(self.access_logs),
            access_log_format=apigateway.AccessLogFormat.custom(access_log("resourcePath")),
            method_options={
                f"{route.path}/{route.method}": apigateway.MethodDeploymentOptions(
                    throttling_rate_limit=route.throttle.rate_limit,
                    throttling_burst_limit=route.throttle.burst_limit,
                )
                for route in limited
                if route.throttle
            },
        )


def _check_handler(path: str, target: Target, settings: Settings) -> None:
    limit = _quotas.REST_API_INTEGRATION_TIMEOUT_SECONDS
    check_answers_within(path, target.handler, limit, "a REST API")
    check_same_region(path, target.handler, target.scope)
    check_answers(path, target.handler, "a REST API", streaming=settings.response_streaming)
