"""What an HTTP API would refuse, or punish, among its settings."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import aws_cdk as cdk
from aws_cdk import aws_apigatewayv2 as apigwv2

from serverless_patterns import _quotas
from serverless_patterns._capabilities import asked_of_another
from serverless_patterns._errors import PatternError, check_type
from serverless_patterns._http_authorization import check_authorizer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from constructs import Construct

    from serverless_patterns._units import Target, Unit
    from serverless_patterns.endpoints import Settings

_CORS = 'apigwv2.CorsPreflightOptions(allow_origins=["https://shop.example"])'
_THROTTLE = "apigwv2.ThrottleSettings(rate_limit=1000, burst_limit=1000)"


DEFAULT_THROTTLE = apigwv2.ThrottleSettings(rate_limit=1000, burst_limit=1000)
"""The executions that Lambda runs at once in a new account."""


def check_settings(path: str, settings: Settings) -> None:
    """Refuse settings that an HTTP API can't have.

    Raises:
        PatternError: If there are any.
    """
    check_length(path, "api_name", settings.name, _quotas.HTTP_API_NAME_LENGTH)
    limit = _quotas.HTTP_API_DESCRIPTION_LENGTH
    check_length(path, "description", settings.description, limit)
    check_cors(path, settings.cors)
    check_throttle(path, settings.throttle)
    for name in ("api_key_required", "response_streaming"):
        if getattr(settings, name):
            raise asked_of_another(path, name, "Endpoint.HTTP_API")


def check_limits(path: str, units: Sequence[Unit]) -> None:
    """Refuse more integrations than an HTTP API can have, and what no route of it can have.

    Raises:
        PatternError: If there are more.
    """
    limit = _quotas.HTTP_API_INTEGRATIONS
    if len(units) > limit:
        raise PatternError(
            path,
            "endpoint",
            rule=f"have at most {limit} integrations, one for each function, which AWS doesn't "
            "raise for an HTTP API",
            got=f"{len(units)} functions",
            remedy="let routes share functions, or choose Endpoint.REST_API",
        )
    for route in (route for unit in units for route in unit.routes):
        check_throttle(path, route.throttle)
        check_authorizer(path, route.access)
        for name in ("request_parameters", "request_schema"):
            if getattr(route, name) is not None:
                raise asked_of_another(
                    path,
                    name,
                    f"{route.key} on Endpoint.HTTP_API",
                    because=", which validates requests",
                    remedy="choose that endpoint, or let the application validate",
                )


def warn_of_limits(scope: Construct, targets: Sequence[Target]) -> None:
    """Warn of more routes than an account may have until AWS raises its quota."""
    routes = sum(len(target.unit.routes) + 2 * target.unit.is_catch_all for target in targets)
    if routes > _quotas.HTTP_API_ROUTES:
        cdk.Annotations.of(scope).add_warning_v2(
            "serverless-patterns:http-api-routes",
            f"{scope.node.path}: {routes} routes are more than the {_quotas.HTTP_API_ROUTES} that "
            "an HTTP API may have until AWS raises the quota of this account",
        )


def check_length(path: str, name: str, text: str | None, limit: int) -> None:
    """Refuse a text of a length that AWS doesn't take.

    Raises:
        PatternError: If it is one.
    """
    if text is not None and not cdk.Token.is_unresolved(text) and not 0 < len(text) <= limit:
        raise PatternError(
            path,
            name,
            rule=f"have 1 to {limit} characters",
            got=f"{len(text)}",
            remedy="shorten it, or omit it",
        )


def check_cors(path: str, cors: apigwv2.CorsPreflightOptions | None) -> None:
    """Refuse what an answer to a preflight request can't say.

    Raises:
        PatternError: If it says such.
    """
    check_type(path, "cors", cors, apigwv2.CorsPreflightOptions, _CORS)
    if cors is None:
        return
    origins: Sequence[str] = cors.allow_origins or ()
    wide = [origin for origin in origins if "*" in origin]
    longest = _quotas.HTTP_API_CORS_MAX_AGE_SECONDS
    if not origins:
        rule, got = "name the origins that it allows", "none"
    elif cors.allow_credentials and wide:
        rule, got = "allow credentials to named origins only", f"allow_credentials with {wide[0]!r}"
    elif cors.max_age and not cors.max_age.is_unresolved() and _seconds(cors.max_age) > longest:
        rule, got = f"have a max_age of at most {longest} s", f"{_seconds(cors.max_age):g} s"
    else:
        return
    raise PatternError(
        path, "cors", rule=rule, got=got, remedy='allow_origins=["https://shop.example"]'
    )


def _seconds(duration: cdk.Duration) -> float:
    return duration.to_milliseconds() / 1000


def check_throttle(path: str, throttle: apigwv2.ThrottleSettings | None) -> None:
    """Refuse a throttle that API Gateway can't have.

    Raises:
        PatternError: If it is such.
    """
    check_type(path, "throttle", throttle, apigwv2.ThrottleSettings, _THROTTLE)
    if throttle is None:
        return
    for name, value in (("rate_limit", throttle.rate_limit), ("burst_limit", throttle.burst_limit)):
        # jsii doesn't survive an infinite number, so that comes before asking for tokens.
        number = math.nan if value is None else value
        if math.isfinite(number) and cdk.Token.is_unresolved(number):
            continue
        is_whole = name == "rate_limit" or not math.isfinite(number) or number == int(number)
        if not 0 < number < math.inf or not is_whole:
            raise PatternError(
                path,
                "throttle",
                rule=f"have a {'' if is_whole else 'whole '}{name} above 0",
                got=value,
                remedy="ThrottleSettings(rate_limit=1000, burst_limit=1000) is what you get "
                "without it",
            )
