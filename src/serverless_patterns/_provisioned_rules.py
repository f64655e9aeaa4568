"""What Lambda and Application Auto Scaling refuse of provisioned concurrency, or punish."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, cast

import aws_cdk as cdk
from aws_cdk import aws_applicationautoscaling as appscaling
from aws_cdk import aws_lambda as lambda_

from serverless_patterns import _quotas
from serverless_patterns._errors import PatternError, check_type
from serverless_patterns._invocation import function_behind
from serverless_patterns._queues.facts import reserved_concurrency_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from constructs import IConstruct

DIMENSION = "lambda:function:ProvisionedConcurrency"
_EXCLUDED = {
    "snap_start": ("SnapStart", "choose one of the two ways to start fast"),
    "durable_config": ("durable execution", "leave durable_config out, or do without"),
    "tenancy_config": ("tenant isolation", "leave tenancy_config out, or do without"),
}
_SCHEDULE = "appscaling.ScalingSchedule(schedule=..., min_capacity=10)"


def check_alias(path: str, scope: IConstruct, alias: object) -> None:
    """Refuse what is no alias, or one that stands elsewhere.

    Raises:
        PatternError: If it is either.
    """
    if isinstance(alias, type) or not hasattr(alias, "alias_name"):
        raise PatternError(
            path,
            "alias",
            rule="be an alias, because only what is published can be provisioned",
            got=f"the class {alias.__name__}" if isinstance(alias, type) else type(alias).__name__,
            remedy='for example lambda_.Alias(self, "Live", alias_name="live", '
            "version=function.current_version)",
        )
    here, there = cdk.Stack.of(scope), cast("lambda_.IAlias", alias).env
    for what, own, its in (
        ("region", here.region, there.region),
        ("account", here.account, there.account),
    ):
        known = not cdk.Token.is_unresolved(own) and not cdk.Token.is_unresolved(its)
        if known and own != its:
            raise PatternError(
                path,
                "alias",
                rule=f"be in the {what} {own}, as what scales it is",
                got=its,
                remedy="define both in one stack",
            )


def check_capacity(path: str, lowest: int, highest: int, *, tracked: bool) -> None:
    """Check the bounds of a capacity.

    Raises:
        PatternError: If Application Auto Scaling would refuse them, or never scale from them.
    """
    remedy = "a schedule alone starts from 0; target tracking measures nothing there"
    least = 1 if tracked else 0
    _check_whole(path, "min_capacity", lowest, least, remedy if tracked else "0 provisions none")
    _check_whole(path, "max_capacity", highest, 1, "0 provisions none: omit the construct")
    _check_order(path, "", lowest, highest)


def check_tracking(path: str, target: float | None) -> None:
    """Check the utilization that is aimed at.

    Raises:
        PatternError: If CDK or Application Auto Scaling would refuse it.
    """
    if target is None or cdk.Token.is_unresolved(target):
        return
    low, high = _quotas.PROVISIONED_UTILIZATION
    is_number = isinstance(target, int | float) and not isinstance(target, bool)
    if not is_number or not low <= target <= high:
        raise PatternError(
            path,
            "utilization_target",
            rule=f"be a share from {low} to {high}",
            got=repr(target),
            remedy="omit it to get 0.7",
        )


def check_schedules(
    path: str,
    schedules: Mapping[str, appscaling.ScalingSchedule],
    bounds: tuple[float, float],
    *,
    tracked: bool,
) -> None:
    """Check scheduled actions.

    Args:
        path: The construct path.
        schedules: The actions by name.
        bounds: The capacities before any of them.
        tracked: Whether a policy scales as well.

    Raises:
        PatternError: If Application Auto Scaling would refuse one, or they only raise the capacity
            or only lower it, with nothing else that would do the other.
    """
    for action, schedule in schedules.items():
        name = f"schedules[{action!r}]"
        if not re.fullmatch(_quotas.SCHEDULED_ACTION_NAME, action):
            raise PatternError(
                path,
                "schedules",
                rule="have names of 1 to 256 characters without : / and |, and no space at an end",
                got=repr(action),
                remedy="rename it",
            )
        check_type(path, name, schedule, appscaling.ScalingSchedule, _SCHEDULE)
        _check_whole(path, f"{name}.min_capacity", schedule.min_capacity, int(tracked), "raise it")
        _check_whole(path, f"{name}.max_capacity", schedule.max_capacity, int(tracked), "raise it")
        _check_order(path, f"{name}.", schedule.min_capacity, schedule.max_capacity)
        start, end = schedule.start_time, schedule.end_time
        if start and end and start >= end:
            raise PatternError(
                path,
                f"{name}.end_time",
                rule=f"be after the start_time {start.isoformat()}",
                got=end.isoformat(),
                remedy="change either",
            )
    _check_reach(path, schedules, bounds)
    if not tracked:
        _check_both_ways(path, schedules)


def _check_reach(
    path: str, schedules: Mapping[str, appscaling.ScalingSchedule], bounds: tuple[float, float]
) -> None:
    """Refuse an action that moves one bound past the other, whatever action came before."""
    lowest = _known([bounds[0], *(each.min_capacity for each in schedules.values())])
    highest = _known([bounds[1], *(each.max_capacity for each in schedules.values())])
    for action, schedule in schedules.items():
        name = f"schedules[{action!r}]"
        if schedule.max_capacity is None and highest:
            _check_order(path, f"{name}.", schedule.min_capacity, max(highest))
        elif schedule.min_capacity is None and lowest:
            _check_order(path, f"{name}.", min(lowest), schedule.max_capacity)


def _check_both_ways(path: str, schedules: Mapping[str, appscaling.ScalingSchedule]) -> None:
    for bound, does in (("min_capacity", "raises"), ("max_capacity", "lowers")):
        if all(getattr(each, bound) is None for each in schedules.values()):
            raise PatternError(
                path,
                "schedules",
                rule=f"have an action with a {bound} where utilization_target is None, because "
                f"nothing else {does} what is provisioned",
                got=", ".join(map(repr, schedules)) or "none",
                remedy=f"give one of them a {bound}, or a utilization_target",
            )


def broken_by_alias(path: str, alias: lambda_.IAlias, most: int) -> Iterator[PatternError]:
    """What about an alias, its version and its function excludes provisioned concurrency.

    Args:
        path: The construct path.
        alias: The alias. Nothing is known of one that is imported.
        most: The most that may be provisioned.
    """
    if alias.version.version == "$LATEST":
        yield PatternError(
            path,
            "alias",
            rule="point to a published version",
            got="$LATEST",
            remedy="make it of function.current_version",
        )
    for what, resource in (("alias", alias), ("version", alias.version)):
        child = resource.node.default_child
        if (
            isinstance(child, lambda_.CfnAlias | lambda_.CfnVersion)
            and child.provisioned_concurrency_config is not None
        ):
            yield PatternError(
                path,
                "alias",
                rule="be provisioned here alone",
                got=f"provisioned_concurrent_executions of the {what} as well",
                remedy=f"leave those of the {what} out",
            )
    function = function_behind(alias)
    if function is None:
        return
    for name, (what, remedy) in _EXCLUDED.items():
        if _is_set(function, name):
            yield PatternError(
                path,
                "alias",
                rule=f"be one of a function without {what}",
                got=f"{name} of {function.node.path}",
                remedy=remedy,
            )
    reserved = reserved_concurrency_of(alias)
    if reserved is not None and most > reserved:
        yield PatternError(
            path,
            "max_capacity",
            rule=f"be at most the {reserved} executions that are reserved for the function",
            got=most,
            remedy="reserve more, or lower it",
        )


def other_targets(scope: IConstruct, resource_id: str, own: IConstruct | None) -> list[str]:
    """The paths of what else scales the same alias: a second construct, or its own auto scaling."""

    def scaled(target: appscaling.CfnScalableTarget) -> object:
        return cdk.Stack.of(target).resolve(target.resource_id)

    return [
        each.node.path
        for each in scope.node.root.node.find_all()
        if isinstance(each, appscaling.CfnScalableTarget)
        and each.scalable_dimension == DIMENSION
        and (own is None or each.node.path != own.node.path)
        and scaled(each) == cdk.Stack.of(scope).resolve(resource_id)
    ]


def _known(values: list[float | None]) -> list[float]:
    return [each for each in values if each is not None and not cdk.Token.is_unresolved(each)]


def _is_set(function: lambda_.Function, name: str) -> bool:
    resource = cast("lambda_.CfnFunction", function.node.default_child)
    value = cdk.Stack.of(function).resolve(getattr(resource, name))
    return value is not None and value != {"applyOn": "None"}


def _check_whole(path: str, name: str, value: object, least: int, remedy: str) -> None:
    if value is None or cdk.Token.is_unresolved(value):
        return
    number = int(value) if isinstance(value, float) and value.is_integer() else value
    if not isinstance(number, int) or isinstance(number, bool) or number < least:
        raise PatternError(
            path, name, rule=f"be a whole number from {least}", got=repr(value), remedy=remedy
        )


def _check_order(path: str, prefix: str, lowest: float | None, highest: float | None) -> None:
    if lowest is None or highest is None:
        return
    known = not cdk.Token.is_unresolved(lowest) and not cdk.Token.is_unresolved(highest)
    if known and lowest > highest:
        raise PatternError(
            path,
            f"{prefix}min_capacity",
            rule=f"be at most the {highest:g} of {prefix}max_capacity",
            got=f"{lowest:g}",
            remedy="lower it, or raise the other",
        )
