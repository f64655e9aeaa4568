"""What a load balancer would refuse, or can't do, among what an API is given."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import aws_cdk as cdk
from aws_cdk import aws_logs as logs

from serverless_patterns import _quotas
from serverless_patterns._capabilities import asked_of_another
from serverless_patterns._errors import PatternError, check_type

if TYPE_CHECKING:
    from collections.abc import Sequence

    from serverless_patterns._units import Unit
    from serverless_patterns.endpoints import Settings


def check_settings(path: str, settings: Settings) -> None:
    """Refuse settings that a load balancer can't have.

    Raises:
        PatternError: If there are any.
    """
    for asked in ("cors", "throttle", "api_key_required", "response_streaming", "description"):
        if getattr(settings, asked):
            raise asked_of_another(path, asked, "Endpoint.load_balancer")
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
                raise asked_of_another(path, name, f"{route.key} on Endpoint.load_balancer")
