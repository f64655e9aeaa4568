"""What a function URL can't be given, and what it makes of the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk as cdk
from aws_cdk import aws_apigatewayv2 as apigwv2
from aws_cdk import aws_lambda as lambda_

from serverless_patterns import _quotas
from serverless_patterns._capabilities import able, asked_of_another
from serverless_patterns._errors import PatternError
from serverless_patterns._http_settings import check_cors

if TYPE_CHECKING:
    from collections.abc import Sequence

    from serverless_patterns._units import Access, Unit
    from serverless_patterns.endpoints import Settings

_METHODS = {
    method: lambda_.HttpMethod["ALL" if method.name == "ANY" else method.name]
    for method in apigwv2.CorsHttpMethod
}
_LISTED = [name for name in lambda_.HttpMethod.__members__ if name not in ("ALL", "OPTIONS")]
# What a browser lets through where no methods are named, as on an HTTP API; CDK would name all.
_SAFELISTED = (
    apigwv2.CorsHttpMethod.GET,
    apigwv2.CorsHttpMethod.HEAD,
    apigwv2.CorsHttpMethod.POST,
)


def check_cut(path: str, units: Sequence[Unit]) -> None:
    """Refuse an application that is cut: the URL of a function leads to that function.

    Raises:
        PatternError: If there is more than one function, or a route.
    """
    routes = sum(len(unit.routes) for unit in units)
    if len(units) > 1 or routes:
        functions = f"{len(units)} function{'s' if len(units) > 1 else ''}"
        raise PatternError(
            path,
            "endpoint",
            rule=f"be {able('endpoint')}, which know routes",
            got=f"Endpoint.FUNCTION_URL with {functions} and {routes} "
            f"route{'' if routes == 1 else 's'}",
            remedy="choose one of them, or let one function answer everything, as ProxyApi and "
            "Granularity.MONOLITH do",
        )


def check_settings(path: str, access: Access, settings: Settings) -> None:
    """Refuse settings that a function URL can't have.

    Raises:
        PatternError: If there are any.
    """
    got = "Endpoint.FUNCTION_URL"
    if access.authorizer is not None:
        because = ": a function URL knows IAM and anyone"
        raise asked_of_another(path, "authorizer", got, because=because)
    if access.scopes:
        raise asked_of_another(path, "scopes", got)
    if settings.throttle is not None:
        limit = "choose one of them, or limit the function: reserved_concurrent_executions"
        raise asked_of_another(path, "throttle", got, remedy=limit)
    if settings.retention is not None:
        raise asked_of_another(path, "retention", got, because=", which write access logs")
    if settings.api_key_required:
        raise asked_of_another(path, "api_key_required", got)
    if settings.name is not None:
        raise asked_of_another(path, "api_name", got)
    if settings.description is not None:
        raise asked_of_another(path, "description", got)
    check_cors(path, settings.cors)
    _check_cors_of_lambda(path, settings.cors)


def cors_options(
    cors: apigwv2.CorsPreflightOptions | None,
) -> lambda_.FunctionUrlCorsOptions | None:
    """The same preflight answers in Lambda's words."""
    if cors is None:
        return None
    methods = dict.fromkeys(cors.allow_methods or _SAFELISTED)
    if apigwv2.CorsHttpMethod.ANY in methods:
        methods = {apigwv2.CorsHttpMethod.ANY: None}
    return lambda_.FunctionUrlCorsOptions(
        allow_credentials=cors.allow_credentials,
        allowed_headers=cors.allow_headers,
        allowed_methods=[_METHODS[method] for method in methods],
        allowed_origins=cors.allow_origins,
        exposed_headers=cors.expose_headers,
        max_age=cors.max_age,
    )


def _check_cors_of_lambda(path: str, cors: apigwv2.CorsPreflightOptions | None) -> None:
    """Refuse what an HTTP API would take and Lambda doesn't."""
    if cors is None:
        return
    most, longest = _quotas.FUNCTION_URL_CORS_ITEMS, _quotas.FUNCTION_URL_CORS_ORIGIN_LENGTH
    lists = {
        "allow_headers": cors.allow_headers or (),
        "allow_origins": cors.allow_origins or (),
        "expose_headers": cors.expose_headers or (),
    }
    crowded = [name for name, items in lists.items() if len(items) > most]
    long_origins = [origin for origin in lists["allow_origins"] if _is_longer(origin, longest)]
    if apigwv2.CorsHttpMethod.OPTIONS in (cors.allow_methods or ()):
        rule, got = f"allow methods that Lambda lists ({', '.join(_LISTED)})", "OPTIONS"
        remedy = "omit it: a preflight request needs no leave"
    elif crowded:
        rule, got = f"have at most {most} {crowded[0]}", f"{len(lists[crowded[0]])}"
        remedy = 'name fewer, or allow_headers=["*"] and its like'
    elif long_origins:
        rule = f"name origins of at most {longest} characters"
        got, remedy = f"{len(long_origins[0])}", "name a shorter host"
    else:
        return
    raise PatternError(path, "cors", rule=rule, got=got, remedy=remedy)


def _is_longer(text: str, limit: int) -> bool:
    return not cdk.Token.is_unresolved(text) and len(text) > limit
