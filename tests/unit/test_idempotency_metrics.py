"""What an idempotency table measures, and what calls somebody."""

from __future__ import annotations

import aws_cdk as cdk
import pytest
from aws_cdk import assertions
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_sns as sns

from serverless_patterns import IdempotencyTable, PatternError
from tests.messages import exactly

MATCH = assertions.Match


def test_duplicates_are_the_conditional_checks_that_failed(stack: cdk.Stack) -> None:
    table = IdempotencyTable(stack, "Handled")
    metric = table.metric_conditional_check_failed_requests(period=cdk.Duration.minutes(1))

    assert (metric.namespace, metric.metric_name, metric.statistic) == (
        *("AWS/DynamoDB", "ConditionalCheckFailedRequests", "Sum"),
    )
    assert metric.period.to_seconds() == 60


def test_the_alarms_watch_throttled_writes_and_errors_of_dynamodb(stack: cdk.Stack) -> None:
    table = IdempotencyTable(stack, "Handled")
    alarms = table.add_alarms(actions.SnsAction(sns.Topic(stack, "Topic")))

    assert [alarm.node.id for alarm in alarms] == ["ThrottleAlarm", "SystemErrorAlarm"]
    template = assertions.Template.from_stack(stack)
    template.all_resources_properties(
        "AWS::CloudWatch::Alarm",
        {
            "AlarmActions": [{"Ref": MATCH.string_like_regexp("Topic")}],
            "ComparisonOperator": "GreaterThanOrEqualToThreshold",
            "EvaluationPeriods": 2,
            "Threshold": 1,
            "TreatMissingData": "notBreaching",
        },
    )
    watched = [
        (
            alarm["Properties"]["MetricName"],
            {each["Name"] for each in alarm["Properties"]["Dimensions"]},
            [each["Value"] for each in alarm["Properties"]["Dimensions"][:-1]],
            alarm["Properties"]["Statistic"],
        )
        for alarm in template.find_resources("AWS::CloudWatch::Alarm").values()
    ]
    assert sorted(watched, key=str) == [
        ("SystemErrors", {"Operation", "TableName"}, ["PutItem"], "Sum"),
        ("WriteThrottleEvents", {"TableName"}, [], "Sum"),
    ]
    descriptions = {
        alarm["Properties"]["AlarmDescription"]
        for alarm in template.find_resources("AWS::CloudWatch::Alarm").values()
    }
    assert descriptions == {"Shop/Handled is throttled", "Shop/Handled is failed by DynamoDB"}


def test_alarms_are_added_once(stack: cdk.Stack) -> None:
    table = IdempotencyTable(stack, "Handled")
    action = actions.SnsAction(sns.Topic(stack, "Topic"))
    table.add_alarms(action)

    message = (
        "Shop/Handled: add_alarms must be called once, got a second call; add further actions to "
        "the alarms that the first call returned"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        table.add_alarms(action)


def test_the_widgets_show_duplicates_throttles_and_errors(stack: cdk.Stack) -> None:
    table = IdempotencyTable(stack, "Handled")
    cloudwatch.Dashboard(stack, "Dashboard", widgets=[table.dashboard_widgets()])

    template = assertions.Template.from_stack(stack)
    [dashboard] = template.find_resources("AWS::CloudWatch::Dashboard").values()
    body = str(dashboard["Properties"]["DashboardBody"])
    for shown in (
        *("Shop/Handled: duplicates", "ConditionalCheckFailedRequests"),
        *("Shop/Handled: throttled writes", "WriteThrottleEvents"),
        *("Shop/Handled: system errors", "SystemErrors"),
    ):
        assert shown in body
