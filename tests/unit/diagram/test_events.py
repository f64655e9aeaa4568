from __future__ import annotations

from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_kinesis as kinesis
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_destinations as destinations
from aws_cdk import aws_lambda_event_sources as sources
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_s3_notifications as notifications
from aws_cdk import aws_scheduler as scheduler
from aws_cdk import aws_scheduler_targets as scheduler_targets
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from aws_cdk import aws_sqs as sqs

from tests.unit.diagram.drawn import arrows, arrows_of, boxes, resource


@pytest.fixture
def function(shop: cdk.Stack) -> lambda_.Function:
    return made(shop, "Function")


def made(scope: cdk.Stack, name: str, **options: Any) -> lambda_.Function:
    return lambda_.Function(
        scope,
        name,
        runtime=lambda_.Runtime.PYTHON_3_14,
        handler="index.handler",
        code=lambda_.Code.from_inline("def handler(event, context): ..."),
        **options,
    )


def test_a_queue_leads_to_its_consumer_and_to_its_dead_letters(
    app: cdk.App, shop: cdk.Stack, function: lambda_.Function
) -> None:
    dead = sqs.Queue(shop, "Dead")
    redrive = sqs.DeadLetterQueue(queue=dead, max_receive_count=5)
    queue = sqs.Queue(shop, "Queue", dead_letter_queue=redrive)
    function.add_event_source(sources.SqsEventSource(queue))

    # The privilege to receive from the queue isn't told again.
    assert arrows(app) == ["Shop/Queue fails to Shop/Dead", "Shop/Queue to Shop/Function"]


def test_streams_lead_to_their_consumers_and_what_failed_to_its_destination(
    app: cdk.App, shop: cdk.Stack, function: lambda_.Function
) -> None:
    failed = sqs.Queue(shop, "Failed")
    stream = kinesis.Stream(shop, "Stream")
    table = dynamodb.TableV2(
        shop,
        "Table",
        partition_key=dynamodb.Attribute(name="id", type=dynamodb.AttributeType.STRING),
        dynamo_stream=dynamodb.StreamViewType.NEW_IMAGE,
    )
    start = lambda_.StartingPosition.LATEST
    function.add_event_source(
        sources.KinesisEventSource(
            stream, starting_position=start, on_failure=sources.SqsDlq(failed)
        )
    )
    function.add_event_source(sources.DynamoEventSource(table, starting_position=start))

    assert arrows(app) == [
        "Shop/Function fails to Shop/Failed",
        "Shop/Stream to Shop/Function",
        "Shop/Table to Shop/Function",
    ]


def test_a_topic_leads_to_its_subscribers_and_their_dead_letters(
    app: cdk.App, shop: cdk.Stack, function: lambda_.Function
) -> None:
    topic, dead = sns.Topic(shop, "Topic"), sqs.Queue(shop, "Dead")
    topic.add_subscription(subscriptions.LambdaSubscription(function, dead_letter_queue=dead))
    topic.add_subscription(subscriptions.SqsSubscription(sqs.Queue(shop, "Queue")))

    assert arrows(app) == [
        "Shop/Topic fails to Shop/Dead",
        "Shop/Topic to Shop/Function",
        "Shop/Topic to Shop/Queue",
    ]


def test_a_bucket_leads_to_what_its_custom_resource_notifies_and_that_isn_t_shown(
    app: cdk.App, shop: cdk.Stack, function: lambda_.Function
) -> None:
    bucket = s3.Bucket(shop, "Bucket")
    bucket.add_event_notification(
        s3.EventType.OBJECT_CREATED, notifications.LambdaDestination(function)
    )
    bucket.add_event_notification(
        s3.EventType.OBJECT_REMOVED, notifications.SqsDestination(sqs.Queue(shop, "Queue"))
    )

    assert arrows(app) == ["Shop/Bucket to Shop/Function", "Shop/Bucket to Shop/Queue"]
    assert boxes(app) == ["Shop/Bucket", "Shop/Function", "Shop/Queue"]


def test_a_bucket_leads_to_what_its_own_configuration_notifies() -> None:
    told = {
        "EventBridgeConfiguration": {"EventBridgeEnabled": True},
        "TopicConfigurations": [{"Event": "s3:ObjectCreated:*", "Topic": {"Ref": "Topic"}}],
    }

    assert arrows_of(
        {
            "Bucket": resource("AWS::S3::Bucket", NotificationConfiguration=told),
            "Topic": resource("AWS::SNS::Topic"),
        }
    ) == ["Bucket to Topic"]


def test_a_bus_leads_to_its_rules_and_these_to_their_targets(
    app: cdk.App, shop: cdk.Stack, function: lambda_.Function
) -> None:
    dead = sqs.Queue(shop, "Dead")
    events.Rule(
        shop,
        "Rule",
        event_bus=events.EventBus(shop, "Bus"),
        event_pattern=events.EventPattern(source=["shop"]),
        targets=[targets.LambdaFunction(function, dead_letter_queue=dead)],
    )

    assert arrows(app) == [
        "Shop/Bus to Shop/Rule",
        "Shop/Rule fails to Shop/Dead",
        "Shop/Rule to Shop/Function",
    ]


def test_a_rule_comes_after_the_bucket_that_its_pattern_names(
    app: cdk.App, shop: cdk.Stack, function: lambda_.Function
) -> None:
    bucket = s3.Bucket(shop, "Bucket")
    events.Rule(
        shop,
        "Rule",
        event_pattern=events.EventPattern(
            source=["aws.s3"], detail={"bucket": {"name": [bucket.bucket_name]}}
        ),
        targets=[targets.LambdaFunction(function)],
    )

    assert arrows(app) == ["Shop/Bucket to Shop/Rule", "Shop/Rule to Shop/Function"]


def test_schedules_lead_to_their_targets(
    app: cdk.App, shop: cdk.Stack, function: lambda_.Function
) -> None:
    scheduler.Schedule(
        shop,
        "Nightly",
        schedule=scheduler.ScheduleExpression.rate(cdk.Duration.days(1)),
        target=scheduler_targets.LambdaInvoke(function, dead_letter_queue=sqs.Queue(shop, "Dead")),
    )

    assert arrows(app) == [
        "Shop/Nightly fails to Shop/Dead",
        "Shop/Nightly to Shop/Function",
    ]


def test_a_function_leads_to_its_destinations(app: cdk.App, shop: cdk.Stack) -> None:
    done, failed = sqs.Queue(shop, "Done"), sqs.Queue(shop, "Failed")
    made(
        shop,
        "Function",
        on_success=destinations.SqsDestination(done),
        on_failure=destinations.SqsDestination(failed),
    )
    made(shop, "Old", dead_letter_queue=failed)

    assert arrows(app) == [
        "Shop/Function to Shop/Done by on success",
        "Shop/Function fails to Shop/Failed",
        "Shop/Old fails to Shop/Failed",
    ]


def test_an_alias_leads_to_its_function_and_to_its_own_destination(
    app: cdk.App, shop: cdk.Stack, function: lambda_.Function
) -> None:
    alias = function.add_alias("live")
    alias.configure_async_invoke(on_failure=destinations.SqsDestination(sqs.Queue(shop, "Failed")))
    queue = sqs.Queue(shop, "Queue")
    alias.add_event_source(sources.SqsEventSource(queue))

    assert arrows(app) == [
        "Shop/Function/Aliaslive fails to Shop/Failed",
        "Shop/Function/Aliaslive to Shop/Function",
        "Shop/Queue to Shop/Function/Aliaslive",
    ]


def test_a_pipe_leads_from_its_source_to_its_target() -> None:
    dead = {"DeadLetterConfig": {"Arn": {"Fn::GetAtt": ["Dead", "Arn"]}}}

    assert arrows_of(
        {
            "Stream": resource("AWS::Kinesis::Stream"),
            "Function": resource("AWS::Lambda::Function"),
            "Bus": resource("AWS::Events::EventBus"),
            "Dead": resource("AWS::SQS::Queue"),
            "Pipe": resource(
                "AWS::Pipes::Pipe",
                Source={"Fn::GetAtt": ["Stream", "Arn"]},
                SourceParameters={"KinesisStreamParameters": dead},
                Enrichment={"Fn::GetAtt": ["Function", "Arn"]},
                Target={"Fn::GetAtt": ["Bus", "Arn"]},
            ),
        }
    ) == ["Pipe to Bus", "Pipe fails to Dead", "Pipe to Function", "Stream to Pipe"]


def test_policies_given_as_text_and_subscriptions_of_a_topic_s_own_are_read() -> None:
    assert arrows_of(
        {
            "Queue": resource(
                "AWS::SQS::Queue",
                RedrivePolicy='{"deadLetterTargetArn": '
                '"arn:aws:sqs:eu-west-1:123456789012:dead", "maxReceiveCount": 3}',
            ),
            "Dead": resource("AWS::SQS::Queue", QueueName="dead"),
            "Topic": resource(
                "AWS::SNS::Topic",
                Subscription=[{"Protocol": "sqs", "Endpoint": {"Fn::GetAtt": "Queue.Arn"}}],
            ),
        }
    ) == ["Queue fails to Dead", "Topic to Queue"]


def test_a_configuration_without_what_it_names_draws_nothing() -> None:
    assert (
        arrows_of(
            {
                "Function": resource("AWS::Lambda::Function"),
                "Mapping": resource(
                    "AWS::Lambda::EventSourceMapping", FunctionName={"Ref": "Function"}
                ),
                "Config": resource("AWS::Lambda::EventInvokeConfig", FunctionName="elsewhere"),
            }
        )
        == []
    )
