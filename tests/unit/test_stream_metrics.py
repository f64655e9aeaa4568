"""What a consumer of a stream measures, and what calls somebody."""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import assertions
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_sns as sns

from serverless_patterns import KinesisConsumer, PatternError, PythonFunction
from tests.messages import exactly


def test_alarms_ring_when_it_falls_behind_and_when_records_are_given_up(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    consumer = KinesisConsumer(stack, "Orders", handler=handler)
    topic = sns.Topic(stack, "Topic")
    alarms = consumer.add_alarms(actions.SnsAction(topic))

    found = assertions.Template.from_stack(stack).find_resources("AWS::CloudWatch::Alarm")
    told = [each["Properties"] for each in found.values()]
    own = {
        "Name": "EventSourceMappingUUID",
        "Value": stack.resolve(consumer.event_source_mapping.event_source_mapping_id),
    }
    function = {"Name": "FunctionName", "Value": stack.resolve(handler.function_name)}
    assert len(alarms) == 3
    assert sorted(
        (each["MetricName"], each["Statistic"], each["Threshold"], each["AlarmDescription"])
        for each in told
    ) == [
        (
            "DestinationDeliveryFailures",
            "Sum",
            1,
            "Shop/Orders couldn't write records that it gave up to its failure destination",
        ),
        ("IteratorAge", "Maximum", 151_200_000, "Shop/Orders is 42 h behind its stream"),
        (
            "OnFailureDestinationDeliveredEventCount",
            "Sum",
            1,
            "Shop/Orders gave up records, which its failure destination holds",
        ),
    ]
    assert {each["MetricName"]: each["Dimensions"] for each in told} == {
        "DestinationDeliveryFailures": [function],
        "IteratorAge": [function],
        "OnFailureDestinationDeliveredEventCount": [own],
    }
    assert {str(each["AlarmActions"]) for each in told} == {str([stack.resolve(topic.topic_arn)])}


def test_alarms_are_added_once(stack: cdk.Stack, handler: PythonFunction) -> None:
    consumer = KinesisConsumer(stack, "Orders", handler=handler)
    action = actions.SnsAction(sns.Topic(stack, "Topic"))
    consumer.add_alarms(action)

    with pytest.raises(
        PatternError,
        match=exactly(
            "Shop/Orders: add_alarms must be called once, got a second call; add further actions "
            "to the alarms that the first call returned"
        ),
    ):
        consumer.add_alarms(action)


def test_it_may_be_said_how_far_behind_is_too_far(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    consumer = KinesisConsumer(stack, "Orders", handler=handler)
    action = actions.SnsAction(sns.Topic(stack, "Topic"))
    consumer.add_alarms(action, iterator_age=cdk.Duration.minutes(9))

    assertions.Template.from_stack(stack).has_resource_properties(
        "AWS::CloudWatch::Alarm",
        {
            "MetricName": "IteratorAge",
            "Threshold": 540_000,
            "AlarmDescription": "Shop/Orders is 0.15 h behind its stream",
        },
    )


def test_how_far_behind_is_a_duration(stack: cdk.Stack, handler: PythonFunction) -> None:
    consumer = KinesisConsumer(stack, "Orders", handler=handler)
    age: Any = 540
    with pytest.raises(
        PatternError,
        match=exactly(
            "Shop/Orders: iterator_age must be a Duration, got 540; for example "
            "cdk.Duration.minutes(10)"
        ),
    ):
        consumer.add_alarms(actions.SnsAction(sns.Topic(stack, "Topic")), iterator_age=age)


def test_a_metric_can_be_changed(stack: cdk.Stack, handler: PythonFunction) -> None:
    consumer = KinesisConsumer(stack, "Orders", handler=handler)

    metric = consumer.metric_dropped(period=cdk.Duration.hours(1))
    assert (metric.metric_name, metric.statistic) == ("DroppedEventCount", "Sum")
    assert metric.period.to_hours() == 1
    assert consumer.metric_iterator_age(statistic="p99").statistic == "p99"


def test_a_dashboard_shows_how_far_behind_it_is_and_what_was_given_up(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    consumer = KinesisConsumer(stack, "Orders", handler=handler)

    titles = [
        stack.resolve(each.to_json())[0]["properties"]["title"]
        for each in consumer.dashboard_widgets()
    ]
    assert titles == ["Shop/Orders: iterator age", "Shop/Orders: records given up"]
