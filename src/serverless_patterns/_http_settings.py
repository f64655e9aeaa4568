"""What an HTTP API would refuse, or punish, among its settings."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import aws_cdk as cdk
from aws_cdk import aws_apigatewayv2 as apigwv2

from serverless_patterns import _quotas
from serverless_patterns._errors import PatternError, check_type

if TYPE_CHECKING:
    from collections.abc import Sequence

    from serverless_patterns.endpoints import Settings

_CORS = 'apigwv2.CorsPreflightOptions(allow_origins=["https://shop.example"])'
_THROTTLE = "apigwv2.ThrottleSettings(rate_limit=1000, burst_limit=1000)"


def check_settings(path: str, settings: Settings) -> None:
    """Refuse settings that an HTTP API can't have.

    Raises:
        PatternError: If there are any.
    """
    _check_length(path, "api_name", settings.name, _quotas.HTTP_API_NAME_LENGTH)
    limit = _quotas.HTTP_API_DESCRIPTION_LENGTH
    _check_length(path, "description", settings.description, limit)
    check_type(path, "cors", settings.cors, apigwv2.CorsPreflightOptions, _CORS)
    _check_cors(path, settings.cors)
    check_type(path, "throttle", settings.throttle, apigwv2.ThrottleSettings, _THROTTLE)
    _check_throttle(path, settings.throttle)


def _check_length(path: str, name: str, text: str | None, limit: int) -> None:
    if text is not None and not cdk.Token.is_unresolved(text) and not 0 < len(text) <= limit:
        raise PatternError(
            path,
            name,
            rule=f"have 1 to {limit} characters",
            got=f"{len(text)}",
            remedy="shorten it, or omit it",
        )


def _check_cors(path: str, cors: apigwv2.CorsPreflightOptions | None) -> None:
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


def _check_throttle(path: str, throttle: apigwv2.ThrottleSettings) -> None:
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
