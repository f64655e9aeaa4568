"""What triggers measure, alarm of and show."""

from __future__ import annotations

import aws_cdk as cdk
import pytest
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_events as events
from aws_cdk import aws_lambda_destinations as destinations
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs

from serverless_patterns import (
    EventBridgeTrigger,
    PatternError,
    PythonFunction,
    S3Trigger,
    SnsTrigger,
)
from tests.messages import exactly
from tests.unit.trigger_templates import ORDERS, properties, topic


def test_nothing_is_undelivered_where_s3_invokes_the_handler_itself(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    message = (
        "Shop/Uploads: dead_letter_queue must be left out without topic, as S3 hands events to "
        "Lambda itself, got a queue; set on_failure, for what the handler fails on"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        S3Trigger(stack, "Uploads", handler=handler, dead_letter_queue=sqs.Queue(stack, "Queue"))
    trigger = S3Trigger(stack, "Direct", handler=handler)
    message = (
        "Shop/Direct: metric_undelivered_events must be asked of a trigger with a "
        "dead_letter_queue, got one whose source invokes the handler directly; use "
        "metric_failed_events, which counts all that can fail here"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        trigger.metric_undelivered_events()


@pytest.mark.parametrize(
    ("through", "ids"),
    [
        (False, ["FailedEventsAlarm", "DestinationFailuresAlarm"]),
        (
            True,
            [
                *("FailedEventsAlarm", "DestinationFailuresAlarm"),
                *("UndeliveredEventsAlarm", "LostEventsAlarm"),
            ],
        ),
    ],
)
def test_the_alarms_watch_what_can_fail(
    stack: cdk.Stack, handler: PythonFunction, *, through: bool, ids: list[str]
) -> None:
    fan = topic(stack) if through else None
    trigger = S3Trigger(stack, "Uploads", handler=handler, topic=fan)
    alarms = trigger.add_alarms(actions.SnsAction(sns.Topic(stack, "Pager")))

    assert [each.node.id for each in alarms] == ids
    assert len(trigger.dashboard_widgets()) == 2


def test_the_alarms_tell_what_is_held_and_what_is_lost(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    trigger = SnsTrigger(stack, "News", handler=handler)
    alarms = trigger.add_alarms(actions.SnsAction(sns.Topic(stack, "Pager")))

    assert [each.node.id for each in alarms] == [
        "FailedEventsAlarm",
        "DestinationFailuresAlarm",
        "UndeliveredEventsAlarm",
        "LostEventsAlarm",
    ]
    found = properties(stack, "AWS::CloudWatch::Alarm")
    assert [(each["MetricName"], each["AlarmDescription"]) for each in found] == [
        (
            "ApproximateNumberOfMessagesVisible",
            "Shop/News has events that its handler failed on",
        ),
        (
            "DestinationDeliveryFailures",
            "Shop/News lost events, as Lambda could not send them to the failure destination",
        ),
        (
            "ApproximateNumberOfMessagesVisible",
            "Shop/News has events that never reached its handler",
        ),
        (
            "NumberOfNotificationsFailedToRedriveToDlq",
            "Shop/News lost events, as they could not be sent to its dead-letter queue",
        ),
    ]
    assert trigger.dead_letter_queue
    queues = [each["Dimensions"][0]["Value"] for each in found if each["Namespace"] == "AWS/SQS"]
    assert isinstance(trigger.on_failure, sqs.Queue)
    assert queues == [
        stack.resolve(trigger.on_failure.queue_name),
        stack.resolve(trigger.dead_letter_queue.queue_name),
    ]
    assert {(each["Threshold"], each["Period"]) for each in found} == {(1, 60)}


def test_alarms_are_added_once(stack: cdk.Stack, handler: PythonFunction) -> None:
    trigger = SnsTrigger(stack, "News", handler=handler)
    action = actions.SnsAction(sns.Topic(stack, "Pager"))
    trigger.add_alarms(action)
    message = (
        "Shop/News: add_alarms must be called once, got a second call; add further actions to the "
        "alarms that the first call returned"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        trigger.add_alarms(action)


def test_metrics_are_those_of_lambda_sns_and_the_queues(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    trigger = SnsTrigger(stack, "News", handler=handler)
    hour = cdk.Duration.hours(1)

    metrics: list[cloudwatch.Metric] = [
        trigger.metric_failed_events(period=hour),
        trigger.metric_undelivered_events(period=hour),
        trigger.metric_event_age(period=hour),
        trigger.metric_destination_failures(period=hour),
        trigger.metric_delivery_failures(period=hour),
    ]
    assert [(each.namespace, each.metric_name, each.statistic) for each in metrics] == [
        ("AWS/SQS", "ApproximateNumberOfMessagesVisible", "Maximum"),
        ("AWS/SQS", "ApproximateNumberOfMessagesVisible", "Maximum"),
        ("AWS/Lambda", "AsyncEventAge", "Maximum"),
        ("AWS/Lambda", "DestinationDeliveryFailures", "Sum"),
        ("AWS/SNS", "NumberOfNotificationsFailed", "Sum"),
    ]
    assert {each.period.to_seconds() for each in metrics} == {3600}


def test_the_widgets_show_what_is_held_and_how_the_handler_fares(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    trigger = SnsTrigger(stack, "News", handler=handler)
    dashboard = cloudwatch.Dashboard(stack, "Dashboard")
    dashboard.add_widgets(*trigger.dashboard_widgets())

    [found] = properties(stack, "AWS::CloudWatch::Dashboard")
    text = str(found["DashboardBody"])
    for each in (
        "Shop/News: events held and lost",
        "Shop/News: handler",
        "Undelivered",
        "DestinationDeliveryFailures",
        "NumberOfNotificationsFailedToRedriveToDlq",
        "AsyncEventAge",
    ):
        assert each in text


@pytest.mark.parametrize("given", [True, False])
def test_the_alarms_watch_the_rule_of_its_bus(
    stack: cdk.Stack, handler: PythonFunction, *, given: bool
) -> None:
    bus = events.EventBus(stack, "Bus") if given else None
    trigger = EventBridgeTrigger(stack, "Orders", handler=handler, event_pattern=ORDERS, bus=bus)
    trigger.add_alarms(actions.SnsAction(sns.Topic(stack, "Pager")))

    [lost] = [
        each
        for each in properties(stack, "AWS::CloudWatch::Alarm")
        if each["MetricName"] == "InvocationsFailedToBeSentToDlq"
    ]
    dimensions = {each["Name"]: each["Value"] for each in lost["Dimensions"]}
    rule = {"RuleName": stack.resolve(trigger.rule.rule_name)}
    of_bus = {"EventBusName": stack.resolve(bus.event_bus_name)} if bus else {}
    assert dimensions == rule | of_bus
    assert lost["Namespace"] == "AWS/Events"


def test_failures_that_no_queue_holds_are_counted_by_lambda(
    stack: cdk.Stack, handler: PythonFunction, other: PythonFunction
) -> None:
    trigger = EventBridgeTrigger(
        stack,
        "Orders",
        handler=handler,
        event_pattern=ORDERS,
        on_failure=destinations.LambdaDestination(other),
    )

    metric = trigger.metric_failed_events()
    assert (metric.namespace, metric.metric_name) == ("AWS/Lambda", "AsyncEventsDropped")
    assert trigger.metric_delivery_failures().metric_name == "FailedInvocations"
