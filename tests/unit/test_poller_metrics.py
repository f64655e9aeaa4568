"""Who may do what with a poller's queues, and what they measure."""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import assertions
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs

from serverless_patterns import PatternError, PythonFunction, SqsPoller
from tests.messages import exactly
from tests.queues import letters_id, statements

MATCH = assertions.Match


def test_who_may_send_may_send_and_no_more(stack: cdk.Stack, handler: PythonFunction) -> None:
    poller = SqsPoller(stack, "Intake", handler=handler)
    role = iam.Role(stack, "Shop", assumed_by=iam.AccountRootPrincipal())
    poller.grant_send(role)

    granted = {str(statement["Action"]) for statement in statements(stack)}
    assert "['sqs:GetQueueAttributes', 'sqs:GetQueueUrl', 'sqs:SendMessage']" in granted


def test_who_may_redrive_may_start_watch_and_cancel_a_task(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    poller = SqsPoller(stack, "Intake", handler=handler)
    role = iam.Role(stack, "Operator", assumed_by=iam.AccountRootPrincipal())
    grant = poller.grant_redrive(role)

    letters = {"Fn::GetAtt": [letters_id(stack), "Arn"]}
    policies = assertions.Template.from_stack(stack).find_resources(
        "AWS::IAM::Policy", {"Properties": {"Roles": [{"Ref": MATCH.string_like_regexp("Oper")}]}}
    )
    [policy] = policies.values()
    granted: dict[bool, set[str]] = {True: set(), False: set()}
    for statement in policy["Properties"]["PolicyDocument"]["Statement"]:
        granted[statement["Resource"] == letters] |= {*statement["Action"]}
    assert granted[True] == {
        "sqs:CancelMessageMoveTask",
        "sqs:ChangeMessageVisibility",
        "sqs:DeleteMessage",
        "sqs:GetQueueAttributes",
        "sqs:GetQueueUrl",
        "sqs:ListDeadLetterSourceQueues",
        "sqs:ListMessageMoveTasks",
        "sqs:ReceiveMessage",
        "sqs:StartMessageMoveTask",
    }
    assert granted[False] == {"sqs:GetQueueAttributes", "sqs:GetQueueUrl", "sqs:SendMessage"}
    assert grant.success


def test_the_alarms_watch_dead_letters_and_age(stack: cdk.Stack, handler: PythonFunction) -> None:
    poller = SqsPoller(stack, "Intake", handler=handler)
    topic = sns.Topic(stack, "Topic")
    alarms = poller.add_alarms(actions.SnsAction(topic))

    template = assertions.Template.from_stack(stack)
    template.all_resources_properties(
        "AWS::CloudWatch::Alarm",
        {
            "AlarmActions": [{"Ref": MATCH.string_like_regexp("Topic")}],
            "Statistic": "Maximum",
            "TreatMissingData": "notBreaching",
            "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        },
    )
    template.has_resource_properties(
        "AWS::CloudWatch::Alarm",
        {
            "MetricName": "ApproximateNumberOfMessagesVisible",
            "Dimensions": [
                {
                    "Name": "QueueName",
                    "Value": {"Fn::GetAtt": [letters_id(stack), "QueueName"]},
                }
            ],
            "Threshold": 1,
            "AlarmDescription": "Shop/Intake gave messages up: they wait in the dead-letter queue "
            "for `serverless-patterns redrive`",
        },
    )
    template.has_resource_properties(
        "AWS::CloudWatch::Alarm",
        {"MetricName": "ApproximateAgeOfOldestMessage", "Threshold": 5 * 6 * 29},
    )
    assert [alarm.node.id for alarm in alarms] == ["DeadLetterAlarm", "AgeAlarm"]


def test_the_age_that_alarms_can_be_chosen(stack: cdk.Stack, handler: PythonFunction) -> None:
    poller = SqsPoller(stack, "Intake", handler=handler)
    poller.add_alarms(actions.SnsAction(sns.Topic(stack, "Topic")), age=cdk.Duration.minutes(2))

    assertions.Template.from_stack(stack).has_resource_properties(
        "AWS::CloudWatch::Alarm", {"Threshold": 120}
    )


def test_alarms_are_added_once_and_at_an_age_that_is_one(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    poller = SqsPoller(stack, "Intake", handler=handler)
    action = actions.SnsAction(sns.Topic(stack, "Topic"))
    age: Any = 60
    message = "Shop/Intake: age must be a Duration, got 60; for example cdk.Duration.minutes(30)"
    with pytest.raises(PatternError, match=exactly(message)):
        poller.add_alarms(action, age=age)

    poller.add_alarms(action)
    message = (
        "Shop/Intake: add_alarms must be called once, got a second call; add further actions to "
        "the alarms that the first call returned"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        poller.add_alarms(action)


def test_an_imported_queue_is_watched_once_its_dead_letter_queue_is_known(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    arn = "arn:aws:sqs:eu-west-1:123456789012:"
    orders = sqs.Queue.from_queue_arn(stack, "Orders", f"{arn}orders")
    letters = sqs.Queue.from_queue_arn(stack, "Dead", f"{arn}dead")
    poller = SqsPoller(stack, "Intake", handler=handler, queue=orders, dead_letter_queue=letters)
    poller.add_alarms(actions.SnsAction(sns.Topic(stack, "Topic")))

    template = assertions.Template.from_stack(stack)
    template.has_resource_properties("AWS::CloudWatch::Alarm", {"Threshold": 3600})
    template.has_resource_properties(
        "AWS::CloudWatch::Alarm", {"Dimensions": [{"Name": "QueueName", "Value": "dead"}]}
    )


@pytest.mark.parametrize("who", ["add_alarms", "grant_redrive", "metric_dead_letters"])
def test_what_takes_a_dead_letter_queue_says_so(
    stack: cdk.Stack, handler: PythonFunction, who: str
) -> None:
    arn = "arn:aws:sqs:eu-west-1:123456789012:orders"
    poller = SqsPoller(
        stack, "Intake", handler=handler, queue=sqs.Queue.from_queue_arn(stack, "Orders", arn)
    )
    arguments: dict[str, list[Any]] = {
        "add_alarms": [actions.SnsAction(sns.Topic(stack, "Topic"))],
        "grant_redrive": [iam.AccountRootPrincipal()],
        "metric_dead_letters": [],
    }

    message = (
        f"Shop/Intake: dead_letter_queue must be known for {who}, got none, as queue is imported; "
        "give the imported queue's own dead-letter queue as dead_letter_queue"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        getattr(poller, who)(*arguments[who])


def test_metrics_are_those_of_the_queues(stack: cdk.Stack, handler: PythonFunction) -> None:
    poller = SqsPoller(stack, "Intake", handler=handler)
    minute = cdk.Duration.minutes(1)

    metrics: list[Any] = [
        poller.metric_age_of_oldest_message(period=minute),
        poller.metric_messages_visible(period=minute),
        poller.metric_messages_in_flight(period=minute),
        poller.metric_dead_letters(period=minute),
    ]
    assert [metric.metric_name for metric in metrics] == [
        "ApproximateAgeOfOldestMessage",
        "ApproximateNumberOfMessagesVisible",
        "ApproximateNumberOfMessagesNotVisible",
        "ApproximateNumberOfMessagesVisible",
    ]
    assert {metric.period.to_seconds() for metric in metrics} == {60}
    assert poller.dead_letter_queue
    names = [stack.resolve(metric.dimensions["QueueName"]) for metric in metrics]
    assert names[0] == names[1] == names[2] == stack.resolve(poller.queue.queue_name)
    assert names[3] == stack.resolve(poller.dead_letter_queue.queue_name)


def test_a_dashboard_shows_messages_age_and_the_handler(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    poller = SqsPoller(stack, "Intake", handler=handler)
    cloudwatch.Dashboard(stack, "Dashboard", widgets=[poller.dashboard_widgets()])

    [dashboard] = (
        assertions.Template.from_stack(stack).find_resources("AWS::CloudWatch::Dashboard").values()
    )
    body = str(dashboard["Properties"]["DashboardBody"])
    for shown in (
        "ApproximateNumberOfMessagesVisible",
        "ApproximateNumberOfMessagesNotVisible",
        "ApproximateAgeOfOldestMessage",
        "Errors",
        "Throttles",
        "Duration",
    ):
        assert f'"{shown}"' in body


def test_the_mapping_can_be_referred_to(stack: cdk.Stack, handler: PythonFunction) -> None:
    poller = SqsPoller(stack, "Intake", handler=handler)

    assert isinstance(poller.event_source_mapping, lambda_.EventSourceMapping)
    assert poller.handler is handler
    assert {child.node.id for child in poller.node.children} == {
        *("Queue", "DeadLetterQueue", "Mapping"),
    }
