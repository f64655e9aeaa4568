"""What Lambda and Application Auto Scaling refuse of provisioned concurrency, or punish."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, cast

import aws_cdk as cdk
from aws_cdk import aws_applicationautoscaling as appscaling
from aws_cdk import aws_lambda as lambda_

from serverless_patterns import _quotas
from serverless_patterns._errors import PatternError
from serverless_patterns._invocation import function_behind
from serverless_patterns._queues.facts import reserved_concurrency_of
from serverless_patterns._scaling_schedules import check_bound, check_order

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs import IConstruct

DIMENSION = "lambda:function:ProvisionedConcurrency"
_EXCLUDED = {
    "snap_start": ("SnapStart", "choose one of the two ways to start fast"),
    "durable_config": ("durable execution", "leave durable_config out, or do without"),
    "tenancy_config": ("tenant isolation", "leave tenancy_config out, or do without"),
}


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
    for name, bound in (("min_capacity", lowest), ("max_capacity", highest)):
        if bound is None:
            raise PatternError(
                path, name, rule="be a number", got=bound, remedy="say how many environments"
            )
    check_bound(path, "min_capacity", lowest, least, remedy if tracked else "0 provisions none")
    check_bound(path, "max_capacity", highest, 1, "0 provisions none: omit the construct")
    check_order(path, "", lowest, highest)


def check_tracking(path: str, target: float | None) -> None:
    """Check the utilization that is aimed at.

    Raises:
        PatternError: If CDK or Application Auto Scaling would refuse it.
    """
    if target is None:
        return
    low, high = _quotas.PROVISIONED_UTILIZATION
    is_number = isinstance(target, int | float) and not isinstance(target, bool)
    if is_number and math.isfinite(target) and cdk.Token.is_unresolved(target):
        return
    if not is_number or not low <= target <= high:
        raise PatternError(
            path,
            "utilization_target",
            rule=f"be a share from {low} to {high}",
            got=repr(target),
            remedy="omit it to get 0.7",
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


def _is_set(function: lambda_.Function, name: str) -> bool:
    resource = cast("lambda_.CfnFunction", function.node.default_child)
    value = cdk.Stack.of(function).resolve(getattr(resource, name))
    return value is not None and value != {"applyOn": "None"}
