"""How fast a configuration reaches those who read it, and what calls it back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk as cdk
from aws_cdk import aws_appconfig as appconfig
from aws_cdk import aws_iam as iam

from serverless_patterns import _quotas
from serverless_patterns._acknowledge import acknowledge
from serverless_patterns._errors import PatternError, check_list, check_type, kind_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_cdk import aws_cloudwatch as cloudwatch
    from constructs import Construct

_EXAMPLE = (
    "appconfig.RolloutStrategy.linear(deployment_duration=cdk.Duration.minutes(10), "
    "growth_factor=20)"
)


def rollout_of(
    rollout_strategy: appconfig.RolloutStrategy | None, alarms: Sequence[cloudwatch.IAlarm]
) -> appconfig.RolloutStrategy:
    """The rollout that was asked for, or one that fits.

    Time helps only where somebody watches: with alarms, what AWS recommends for production;
    without, everybody at once, so that the next change needn't wait.
    """
    if rollout_strategy is not None:
        return rollout_strategy
    if alarms:
        return appconfig.RolloutStrategy.LINEAR_20_PERCENT_EVERY_6_MINUTES
    return appconfig.RolloutStrategy.linear(
        deployment_duration=cdk.Duration.minutes(0), growth_factor=100
    )


def check_rollout(
    path: str,
    rollout_strategy: appconfig.RolloutStrategy | None,
    alarms: Sequence[cloudwatch.IAlarm],
    region: str,
) -> None:
    """Refuse a rollout that AppConfig doesn't take, or that alarms couldn't call back.

    Args:
        path: The construct path.
        rollout_strategy: What was asked for.
        alarms: What watches it.
        region: Where the configuration is deployed.

    Raises:
        PatternError: If it breaks a rule of AppConfig's.
    """
    check_type(path, "rollout_strategy", rollout_strategy, appconfig.RolloutStrategy, _EXAMPLE)
    _check_alarms(path, alarms, region)
    if rollout_strategy is None:
        return
    minutes = [
        _checked_minutes(path, "deployment_duration", rollout_strategy.deployment_duration),
        _checked_minutes(path, "final_bake_time", rollout_strategy.final_bake_time),
    ]
    factor = rollout_strategy.growth_factor
    smallest, largest = _quotas.APPCONFIG_GROWTH_FACTOR
    if not cdk.Token.is_unresolved(factor) and not smallest <= factor <= largest:
        raise PatternError(
            path,
            "growth_factor",
            rule=f"be {smallest} to {largest} percent",
            got=f"{factor:g}",
            remedy="for example 20",
        )
    if alarms and minutes == [0, 0]:
        raise PatternError(
            path,
            "rollout_strategy",
            rule="take time for alarms to call it back",
            got="a deployment and a bake time of 0 minutes",
            remedy="omit it to get 30 minutes of each, or omit alarms",
        )


def define_monitors(
    scope: Construct, alarms: Sequence[cloudwatch.IAlarm]
) -> list[appconfig.Monitor] | None:
    """Let AppConfig look at alarms; one role serves them all.

    Args:
        scope: What is deployed.
        alarms: What calls its rollout back.
    """
    if not alarms:
        return None
    role = iam.Role(
        scope,
        "MonitorRole",
        assumed_by=iam.ServicePrincipal("appconfig.amazonaws.com"),
        inline_policies={
            "DescribeAlarms": iam.PolicyDocument(
                statements=[
                    iam.PolicyStatement(actions=["cloudwatch:DescribeAlarms"], resources=["*"])
                ]
            )
        },
    )
    acknowledge(
        role,
        "AwsSolutions-IAM5[Resource::*]",
        reason="AppConfig looks at an alarm by cloudwatch:DescribeAlarms, which AWS documents for "
        "its rollback on no narrower resource: composite alarms have none",
    )
    return [appconfig.Monitor.from_cloud_watch_alarm(alarm, role) for alarm in alarms]


def _check_alarms(path: str, alarms: Sequence[cloudwatch.IAlarm], region: str) -> None:
    check_list(path, "alarms", alarms, "function.metric_errors().create_alarm(...)")
    for alarm in alarms:
        if isinstance(alarm, type) or not hasattr(alarm, "alarm_arn"):
            raise PatternError(
                path,
                "alarms",
                rule="be alarms of CloudWatch",
                got=kind_of(alarm),
                remedy="make one by create_alarm of a metric, such as function.metric_errors()",
            )
        there = alarm.env.region
        if there != region and not any(map(cdk.Token.is_unresolved, (there, region))):
            raise PatternError(
                path,
                "alarms",
                rule=f"be in {region} as the configuration is",
                got=f"an alarm in {there}",
                remedy="define one in its region",
            )
    if len(alarms) > _quotas.APPCONFIG_MONITORS:
        raise PatternError(
            path,
            "alarms",
            rule=f"be at most {_quotas.APPCONFIG_MONITORS}",
            got=len(alarms),
            remedy="put them into a cloudwatch.CompositeAlarm",
        )


def _checked_minutes(path: str, name: str, duration: cdk.Duration | None) -> float | None:
    """The minutes, or None where the deployment tells."""
    if duration is None:
        return 0
    if duration.is_unresolved():
        return None
    minutes = duration.to_milliseconds() / 60_000
    if minutes not in _quotas.APPCONFIG_MINUTES:
        raise PatternError(
            path,
            name,
            rule="be whole minutes from 0 to 1440",
            got=f"{minutes:g} minutes",
            remedy="for example cdk.Duration.minutes(10)",
        )
    return minutes
