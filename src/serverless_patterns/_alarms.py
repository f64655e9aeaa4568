"""Alarms that call somebody."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import aws_cloudwatch as cloudwatch

from serverless_patterns._errors import PatternError

if TYPE_CHECKING:
    from constructs import Construct


def add_alarm(
    scope: Construct,
    construct_id: str,
    metric: cloudwatch.IMetric,
    action: cloudwatch.IAlarmAction,
    *,
    threshold: float,
    says: str,
    evaluation_periods: int = 1,
) -> cloudwatch.Alarm:
    """Define an alarm on a metric that is quiet when there is nothing to tell.

    Args:
        scope: What is watched.
        construct_id: The id of the alarm.
        metric: What is measured.
        action: Who is called.
        threshold: The value from which on somebody is called.
        says: What the alarm's description says is the matter, after the path of ``scope``.
        evaluation_periods: For how many periods in a row.

    Raises:
        PatternError: If ``action`` is none, or ``scope`` has that alarm.
    """
    if isinstance(action, type) or not hasattr(action, "bind"):
        raise PatternError(
            scope.node.path,
            "action",
            rule="be an alarm action",
            got=f"the class {action.__name__}"
            if isinstance(action, type)
            else type(action).__name__,
            remedy="for example aws_cloudwatch_actions.SnsAction(topic)",
        )
    if scope.node.try_find_child(construct_id):
        raise PatternError(
            scope.node.path,
            "add_alarms",
            rule="be called once",
            got="a second call",
            remedy="add further actions to the alarms that the first call returned",
        )
    alarm = cloudwatch.Alarm(
        scope,
        construct_id,
        metric=metric,
        threshold=threshold,
        evaluation_periods=evaluation_periods,
        comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
        treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        alarm_description=f"{scope.node.path} {says}",
    )
    alarm.add_alarm_action(action)
    return alarm
