"""What a load balancer would refuse, or can't do, among what an API is given."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import aws_cdk as cdk
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk import aws_logs as logs

from serverless_patterns import _quotas
from serverless_patterns._errors import PatternError, check_type

if TYPE_CHECKING:
    from collections.abc import Sequence

    from serverless_patterns._units import Access, Unit
    from serverless_patterns.endpoints import Settings

_ABLE = {
    "cors": "Endpoint.HTTP_API or Endpoint.FUNCTION_URL",
    "throttle": "Endpoint.HTTP_API or Endpoint.REST_API",
    "api_key_required": "Endpoint.REST_API",
    "response_streaming": "Endpoint.REST_API or Endpoint.FUNCTION_URL",
    "description": "Endpoint.HTTP_API or Endpoint.REST_API",
    "scopes": "Endpoint.HTTP_API or Endpoint.REST_API",
    "request_parameters": "Endpoint.REST_API",
    "request_schema": "Endpoint.REST_API",
}
"""The endpoints that can do what a load balancer can't."""

_AUTHENTICATES = ("authenticate-cognito", "authenticate-oidc", "jwt-validation")


def check_settings(path: str, settings: Settings) -> None:
    """Refuse settings that a load balancer can't have.

    Raises:
        PatternError: If there are any.
    """
    for asked in ("cors", "throttle", "api_key_required", "response_streaming", "description"):
        if getattr(settings, asked):
            raise _asked_of_another(path, asked, "Endpoint.load_balancer")
    check_type(
        path, "retention", settings.retention, logs.RetentionDays, "logs.RetentionDays.ONE_YEAR"
    )
    name = settings.name
    if name is None or cdk.Token.is_unresolved(name):
        return
    if not re.fullmatch(_quotas.LOAD_BALANCER_NAME, name):
        raise PatternError(
            path,
            "api_name",
            rule="be 1 to 32 letters, digits and inner hyphens, without internal- at its start",
            got=repr(name),
            remedy="shorten it, or omit it to get one that is unique",
        )


def check_units(path: str, units: Sequence[Unit]) -> None:
    """Refuse more functions than a load balancer leads to, and what no rule of it can do.

    Raises:
        PatternError: If there is such.
    """
    limit = _quotas.LOAD_BALANCER_TARGET_GROUPS
    if len(units) > limit:
        raise PatternError(
            path,
            "endpoint",
            rule=f"have at most {limit} target groups, one for each function, which AWS doesn't "
            "raise for a load balancer",
            got=f"{len(units)} functions",
            remedy="let routes share functions, or choose Endpoint.HTTP_API",
        )
    for route in (route for unit in units for route in unit.routes):
        for name in ("throttle", "request_parameters", "request_schema"):
            if getattr(route, name) is not None:
                raise _asked_of_another(path, name, f"{route.key} on Endpoint.load_balancer")


def check_access(path: str, access: Access, settings: Settings, units: Sequence[Unit]) -> None:
    """Refuse what can't guard a load balancer, and one that is open without a reason.

    Raises:
        PatternError: If there is such.
    """
    _check_authorizer(path, access, settings)
    if any(unit.is_catch_all for unit in units):
        _check_guarded(path, access, settings, "whatever no route matches")
    for route in (route for unit in units for route in unit.routes):
        _check_authorizer(path, route.access, settings)
        _check_guarded(path, route.access, settings, route.key)


def _check_authorizer(path: str, access: Access, settings: Settings) -> None:
    if access.scopes:
        raise _asked_of_another(path, "scopes", "Endpoint.load_balancer")
    authorizer = access.authorizer
    if authorizer is None:
        return
    action = _first_action(authorizer)
    if action not in _AUTHENTICATES:
        got = f"the class {authorizer.__name__}" if isinstance(authorizer, type) else None
        raise PatternError(
            path,
            "authorizer",
            rule="be an action of a load balancer that authenticates "
            "(aws_elasticloadbalancingv2_actions.AuthenticateCognitoAction, "
            "elbv2.ListenerAction.authenticate_oidc or elbv2.ListenerAction.authenticate_jwt)",
            got=got or action or type(authorizer).__name__,
            remedy="take one of them, or choose Endpoint.HTTP_API, which IAM guards",
        )
    if settings.certificate is None:
        raise PatternError(
            path,
            "authorizer",
            rule="be given with a certificate, for a load balancer authenticates over HTTPS only",
            got=f"{action} without one",
            remedy="add domain_name and certificate, or omit it: only its network reaches an "
            "internal load balancer",
        )


def _check_guarded(path: str, access: Access, settings: Settings, what: str) -> None:
    open_to_all = access.authorizer is None and access.public is None
    if settings.certificate is not None and open_to_all:
        raise PatternError(
            path,
            "authorizer",
            rule="guard a load balancer that faces the internet, as IAM can't",
            got=f"none for {what}",
            remedy="give one, say why it may be open with public=..., or choose "
            "Endpoint.HTTP_API, which IAM guards",
        )


def _first_action(authorizer: object) -> str | None:
    """The type of what a listener would do first with an action of CDK's."""
    if not isinstance(authorizer, elbv2.ListenerAction):
        return None
    [first, *_] = authorizer.render_rule_actions()
    kind = first["type"] if isinstance(first, dict) else first.type
    return str(kind)


def _asked_of_another(path: str, name: str, got: str) -> PatternError:
    return PatternError(
        path,
        name,
        rule=f"be asked of {_ABLE[name]}",
        got=got,
        remedy="choose that endpoint, or omit it",
    )
