"""Health checks that AWS would refuse, or that no task could pass."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
from aws_cdk import aws_elasticloadbalancingv2 as elbv2

from serverless_patterns import _quotas
from serverless_patterns._errors import PatternError, check_type
from serverless_patterns._numbers import check_whole, whole_seconds
from serverless_patterns._web_service_compute import Compute, check_per_compute

if TYPE_CHECKING:
    from collections.abc import Mapping

# https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html
_HEALTH_CHECK_SECONDS = {False: (30, 5), True: (35, 30)}  # interval and timeout, of a function last


def check_health(path: str, health_checks: Any, made: Mapping[Compute, int]) -> None:
    """Refuse a health check of what isn't made, and what is none.

    Raises:
        PatternError: If there is such.
    """
    check_per_compute(path, "health_checks", health_checks, made)
    for compute, check in (health_checks or {}).items():
        check_type(
            path,
            f"health_checks[{compute!r}]",
            check,
            elbv2.HealthCheck,
            "elbv2.HealthCheck(path='/health')",
        )
        _check_where(path, compute, check)
        _check_ranges(path, compute, check)
        _check_interval(path, compute, check)


def _check_where(path: str, compute: Compute, check: elbv2.HealthCheck) -> None:
    """Refuse one that asks elsewhere than the application answers, or not at all."""
    name = f"health_checks[{compute!r}]"
    if check.port not in {None, "traffic-port"}:
        raise PatternError(
            path,
            f"{name}.port",
            rule="be left to port, where the application listens and the load balancer may ask",
            got=repr(check.port),
            remedy="omit it",
        )
    if check.protocol not in {None, elbv2.Protocol.HTTP} or check.healthy_grpc_codes is not None:
        raise PatternError(
            path,
            name,
            rule="ask over HTTP, as the load balancer asks for all else",
            got=repr(check.healthy_grpc_codes or check.protocol),
            remedy="omit protocol and healthy_grpc_codes",
        )
    if check.enabled is False and compute is not Compute.LAMBDA:
        raise PatternError(
            path,
            f"{name}.enabled",
            rule="be left out: a load balancer asks every task",
            got=False,
            remedy="ask less often by interval",
        )
    asked = check.path
    if asked is None or cdk.Token.is_unresolved(asked) or re.fullmatch(r"/[!-~]{0,1023}", asked):
        return
    raise PatternError(
        path,
        f"{name}.path",
        rule="start with a slash and hold at most 1,024 characters, no space among them",
        got=repr(asked),
        remedy="for example '/health'",
    )


def _check_ranges(path: str, compute: Compute, check: elbv2.HealthCheck) -> None:
    name = f"health_checks[{compute!r}]"
    allowed = _quotas.HEALTH_CHECK_INTERVAL_SECONDS
    whole_seconds(path, f"{name}.interval", check.interval, allowed)
    whole_seconds(path, f"{name}.timeout", check.timeout, _quotas.HEALTH_CHECK_TIMEOUT_SECONDS)
    for threshold in ("healthy_threshold_count", "unhealthy_threshold_count"):
        count = getattr(check, threshold)
        if count is not None:
            allowed = _quotas.HEALTH_CHECK_THRESHOLD
            check_whole(path, f"{name}.{threshold}", count, allowed, "omit it to get AWS's own")


def _check_interval(path: str, compute: Compute, check: elbv2.HealthCheck) -> None:
    """Refuse one that asks again before it stops waiting, by its own times or AWS's."""
    often, patient = _HEALTH_CHECK_SECONDS[compute is Compute.LAMBDA]
    interval = check.interval or cdk.Duration.seconds(often)
    timeout = check.timeout or cdk.Duration.seconds(patient)
    if interval.is_unresolved() or timeout.is_unresolved():
        return
    if interval.to_seconds() <= timeout.to_seconds():
        raise PatternError(
            path,
            f"health_checks[{compute!r}]",
            rule=f"have an interval longer than its timeout of {timeout.to_seconds():g} s",
            got=f"{interval.to_seconds():g} s",
            remedy="give both",
        )
