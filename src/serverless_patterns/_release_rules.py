"""What CodeDeploy refuses of a release's alarms and hooks, or takes and can't use."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

import aws_cdk as cdk

from serverless_patterns import _quotas
from serverless_patterns._errors import PatternError
from serverless_patterns._invocation import check_handler, check_same_region, function_behind

if TYPE_CHECKING:
    from aws_cdk import aws_cloudwatch as cloudwatch
    from aws_cdk import aws_lambda as lambda_
    from constructs import Construct


def check_alarms(path: str, alarms: Sequence[cloudwatch.IAlarm] | None, scope: Construct) -> None:
    """Refuse alarms that CodeDeploy doesn't take, or would look for and not find.

    Args:
        path: The construct path of the alias.
        alarms: The alarms.
        scope: Where the alias stands.

    Raises:
        PatternError: If there is one.
    """
    if alarms is None:
        return
    if not isinstance(alarms, Sequence):
        raise PatternError(
            path,
            "alarms",
            rule="be a list of alarms",
            got=type(alarms).__name__,
            remedy="write [alarm]",
        )
    for alarm in alarms:
        if isinstance(alarm, type) or not hasattr(alarm, "alarm_arn"):
            raise PatternError(
                path,
                "alarms",
                rule="be alarms",
                got=type(alarm).__name__,
                remedy="make one with cloudwatch.Alarm",
            )
        _check_seen(path, alarm, scope)
    if len(alarms) > _quotas.CODEDEPLOY_ALARMS:
        raise PatternError(
            path,
            "alarms",
            rule=f"be at most {_quotas.CODEDEPLOY_ALARMS}",
            got=len(alarms),
            remedy="put them together in a cloudwatch.CompositeAlarm",
        )
    names: set[str] = set()
    for alarm in alarms:
        name = json.dumps(cdk.Stack.of(alarm).resolve(alarm.alarm_name))
        if name in names:
            raise PatternError(
                path,
                "alarms",
                rule="name each alarm once",
                got=f"{alarm.node.path} twice",
                remedy="leave one of them out",
            )
        names.add(name)


def _check_seen(path: str, alarm: cloudwatch.IAlarm, scope: Construct) -> None:
    """Refuse an alarm elsewhere: CodeDeploy is told names, and finds them beside the alias."""
    here, there = cdk.Stack.of(scope), alarm.env
    region, account = there.region, there.account
    if not cdk.Token.is_unresolved(alarm.alarm_arn):  # CDK takes an imported one to be here
        _, _, _, region, account, _ = alarm.alarm_arn.split(":", 5)
    for what, own, its in (("region", here.region, region), ("account", here.account, account)):
        known = not cdk.Token.is_unresolved(own) and not cdk.Token.is_unresolved(its)
        if known and own != its:
            raise PatternError(
                path,
                "alarms",
                rule=f"be in the {what} {own}, where CodeDeploy looks for them",
                got=f"{alarm.node.path} in {its}",
                remedy="watch its metric by an alarm beside the alias",
            )


def check_hook(
    path: str, name: str, hook: lambda_.IFunction, scope: Construct, function: lambda_.Function
) -> None:
    """Refuse a hook that CodeDeploy can't invoke, or that waits for what it is to release.

    Args:
        path: The construct path of the alias.
        name: The keyword.
        hook: The hook.
        scope: Where the alias stands.
        function: What is released.

    Raises:
        PatternError: If it is that.
    """
    check_handler(path, hook, name)
    check_same_region(path, hook, scope, "the alias", name)
    defined = function_behind(hook)
    if defined is function:
        raise PatternError(
            path,
            name,
            rule="be another function than the one that is released",
            got=function.node.path,
            remedy="write one that invokes its new version and tells CodeDeploy",
        )
    if defined is not None and cdk.Stack.of(defined) is not cdk.Stack.of(scope):
        raise PatternError(
            path,
            name,
            rule="be defined in the stack of the alias, or imported: each waits for the other",
            got=f"a function in {cdk.Stack.of(defined).node.path}",
            remedy="define it beside the alias",
        )
