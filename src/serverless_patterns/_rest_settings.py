"""What a REST API would refuse, or punish, among its settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk as cdk
import jsii
from aws_cdk import aws_apigateway as apigateway

from serverless_patterns import _quotas
from serverless_patterns._acknowledge import acknowledge
from serverless_patterns._capabilities import asked_of_another
from serverless_patterns._errors import PatternError
from serverless_patterns._http_settings import check_length, check_throttle
from serverless_patterns._rest_authorization import check_authorizer
from serverless_patterns._rest_requests import check_request

if TYPE_CHECKING:
    from collections.abc import Sequence

    from constructs import Construct, IConstruct

    from serverless_patterns._units import Unit
    from serverless_patterns.endpoints import Settings


def check_settings(path: str, settings: Settings) -> None:
    """Refuse settings that a REST API can't have.

    Its name and description are as long as an HTTP API's at most, so that either can become the
    other.

    Raises:
        PatternError: If there are any.
    """
    check_length(path, "api_name", settings.name, _quotas.HTTP_API_NAME_LENGTH)
    limit = _quotas.HTTP_API_DESCRIPTION_LENGTH
    check_length(path, "description", settings.description, limit)
    check_throttle(path, settings.throttle)
    if settings.cors is not None:
        raise asked_of_another(
            path,
            "cors",
            "Endpoint.REST_API",
            because=", which answer preflight requests",
            remedy="choose one of them, or omit it and let the application answer OPTIONS",
        )
    for name in ("api_key_required", "response_streaming"):
        value = getattr(settings, name)
        if not isinstance(value, bool):
            raise PatternError(
                path, name, rule="be True or False", got=repr(value), remedy="omit it to get False"
            )


def check_routes(path: str, units: Sequence[Unit]) -> None:
    """Refuse what no route of a REST API can have.

    Raises:
        PatternError: If one has it.
    """
    for route in (route for unit in units for route in unit.routes):
        check_throttle(path, route.throttle)
        check_authorizer(path, route.access)
        check_request(path, route)


def warn_of_resources(scope: Construct, resources: int) -> None:
    """Warn of more resources than a REST API may have until AWS raises its quota."""
    if resources > _quotas.REST_API_RESOURCES:
        cdk.Annotations.of(scope).add_warning_v2(
            "serverless-patterns:rest-api-resources",
            f"{scope.node.path}: {resources} resources, one for each path and each part on the "
            f"way to it, are more than the {_quotas.REST_API_RESOURCES} that a REST API may have "
            "until AWS raises the quota of this account",
        )


def see_to_log_role(scope: Construct, stage: apigateway.Stage) -> None:
    """Let a stage wait for the account's role for access logs, and warn if no stack defines it.

    It is done at synthesis: the role may be defined until then.

    See:
        https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html
    """
    cdk.Aspects.of(stage.node.default_child or stage).add(_SeesToLogRole(scope))


def acknowledge_findings(api: apigateway.SpecRestApi, stage: apigateway.Stage) -> None:
    """Acknowledge the rules of cdk-nag that such an API breaks."""
    acknowledge(
        api,
        "AwsSolutions-APIG2",
        reason="The application validates what it is sent; the API does so before it where a "
        "route has request_parameters or a request_schema.",
    )
    acknowledge(
        stage,
        "AwsSolutions-APIG3",
        reason="A web ACL is a choice, with costs of its own, for the whole account: associate "
        "one with the stage's ARN.",
    )
    acknowledge(
        stage,
        "AwsSolutions-APIG6",
        reason="Access logs and traces tell what became of a request; execution logs would "
        "repeat its headers and its body.",
    )


@jsii.implements(cdk.IAspect)
class _SeesToLogRole:
    def __init__(self, scope: Construct) -> None:
        self._scope = scope

    def visit(self, node: IConstruct) -> None:
        everything = node.node.root.node.find_all()
        accounts = [each for each in everything if isinstance(each, apigateway.CfnAccount)]
        home = cdk.Stack.of(node).node.path
        node.node.add_dependency(
            *[each for each in accounts if cdk.Stack.of(each).node.path == home]
        )
        if not accounts:
            cdk.Annotations.of(self._scope).add_warning_v2(
                "serverless-patterns:rest-api-log-role",
                f"{self._scope.node.path}: API Gateway refuses a REST API's access logs where the "
                "account gave it no role to write them in this region: define an "
                "apigateway.CfnAccount once, or acknowledge this if that is done",
            )
