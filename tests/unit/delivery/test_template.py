from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import assertions
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_event_sources as sources
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_s3_notifications as notifications
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from aws_cdk import aws_sqs as sqs

from serverless_patterns.testing.delivery import (
    DeliveryError,
    S3Event,
    SnsMessage,
    SqsMessage,
    deliver,
)
from serverless_patterns.testing.delivery._template import Resources
from tests.messages import exactly

if TYPE_CHECKING:
    from pathlib import Path

QUEUE = {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "orders"}}
TEMPLATE = {
    "Resources": {
        "Queue": QUEUE,
        "Handler": {"Type": "AWS::Lambda::Function", "Properties": {"FunctionName": "intake"}},
        "Live": {
            "Type": "AWS::Lambda::Alias",
            "Properties": {"FunctionName": {"Ref": "Handler"}, "Name": "live"},
        },
    }
}


@pytest.mark.parametrize(
    "value",
    [
        {"Ref": "Queue"},
        {"Fn::GetAtt": ["Queue", "Arn"]},
        {"Fn::GetAtt": "Queue.Arn"},
        {"Fn::Sub": "${Queue.Arn}"},
        {"Fn::Sub": ["arn:${AWS::Partition}:${Queue}", {}]},
        {"Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, {"Ref": "Queue"}, ":x"]]},
        {"Fn::Join": ["", [{"Fn::Select": [6, {"Fn::Split": [":", {"Ref": "Queue"}]}]}, ":x"]]},
        {"Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, ":sqs:::orders"]]},
        "arn:aws:sqs:eu-west-1:123456789012:orders",
        "https://sqs.eu-west-1.amazonaws.com/123456789012/orders",
    ],
    ids=str,
)
def test_a_reference_leads_to_its_resource(value: object) -> None:
    assert Resources(TEMPLATE).target(value) == "Queue"


@pytest.mark.parametrize(
    "value",
    [
        {"Ref": "Elsewhere"},
        {"Fn::ImportValue": "Shop:Queue"},
        {"Fn::Join": ["/", [{"Ref": "Queue"}, {"Ref": "Handler"}]]},
        {"Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, ":sqs:::others"]]},
        "arn:aws:sqs:eu-west-1:123456789012:others",
        "",
        None,
    ],
    ids=str,
)
def test_what_leads_to_no_one_resource_leads_nowhere(value: object) -> None:
    assert Resources(TEMPLATE).target(value) is None


def test_the_stream_of_a_table_leads_to_the_table_and_not_to_a_queue_of_its_name() -> None:
    table = {"Type": "AWS::DynamoDB::Table", "Properties": {"TableName": "orders"}}
    resources = Resources(TEMPLATE, {"Table": table})
    stream = "arn:aws:dynamodb:eu-west-1:123456789012:table/orders/stream/2026-11-25T00:00:00.000"
    assert resources.target(stream) == "Table"
    assert resources.target("arn:aws:sqs:eu-west-1:123456789012:orders") == "Queue"


def test_an_alias_leads_to_its_function() -> None:
    resources = Resources(TEMPLATE)
    assert resources.function_of({"Ref": "Live"}) == ("Handler", "Live")
    assert resources.function_of({"Fn::GetAtt": ["Handler", "Arn"]}) == ("Handler", None)
    assert resources.function_of({"Ref": "Queue"}) is None


def test_a_template_is_read_from_whatever_holds_one(tmp_path: Path) -> None:
    stack = cdk.Stack(cdk.App(builtin_cloud_formation_validation=False), "Shop")
    sqs.Queue(stack, "Queue")
    file = tmp_path / "template.json"
    file.write_text(json.dumps(TEMPLATE))

    assert [name for name, _ in Resources(stack).of_kind("AWS::SQS::Queue")]
    template = assertions.Template.from_stack(stack)
    assert [name for name, _ in Resources(template).of_kind("AWS::SQS::Queue")]
    assert Resources(file).kind("Queue") == "AWS::SQS::Queue"


def test_constructs_stand_for_their_logical_ids() -> None:
    stack = cdk.Stack(cdk.App(builtin_cloud_formation_validation=False), "Shop")
    queue, other = sqs.Queue(stack, "Queue"), sqs.Queue(stack, "Other")
    function = lambda_.Function(
        stack,
        "Handler",
        runtime=lambda_.Runtime.PYTHON_3_13,
        handler="index.handler",
        code=lambda_.Code.from_inline("def handler(event, context): ..."),
    )
    alias = lambda_.Alias(stack, "Live", alias_name="live", version=function.current_version)
    for each in (queue, other):
        alias.add_event_source(sources.SqsEventSource(each))
    seen: list[str] = []

    delivery = deliver(
        stack,
        [SqsMessage(body="1", queue=other)],
        handlers={alias: lambda event, _: seen.append(event["Records"][0]["eventSourceARN"])},
        durations={function: 2},
    )

    assert [leg.path[0] for leg in delivery.handled] == [stack.resolve(logical(other))]
    assert len(seen) == 1
    assert delivery.ended_at == 2


def logical(queue: sqs.Queue) -> Any:
    resource: Any = queue.node.default_child
    return resource.logical_id


def test_what_is_imported_is_told_as_cloudformation_would_define_it() -> None:
    # given a function that polls a queue of another stack, and subscribes to a topic of it
    stack = cdk.Stack(cdk.App(builtin_cloud_formation_validation=False), "Shop")
    function = lambda_.Function(
        stack,
        "Handler",
        runtime=lambda_.Runtime.PYTHON_3_13,
        handler="index.handler",
        code=lambda_.Code.from_inline("def handler(event, context): ..."),
    )
    arn = "arn:aws:{}:eu-west-1:123456789012:orders".format
    queue = sqs.Queue.from_queue_arn(stack, "Queue", arn("sqs"))
    function.add_event_source(sources.SqsEventSource(queue))
    topic = sns.Topic.from_topic_arn(stack, "Topic", arn("sns"))
    topic.add_subscription(subscriptions.LambdaSubscription(function))
    bucket = s3.Bucket.from_bucket_name(stack, "Bucket", "uploads")
    bucket.add_object_created_notification(notifications.LambdaDestination(function))

    # when what they are set to is told, and something happens to each
    delivery = deliver(
        stack,
        [SqsMessage(body="1"), SnsMessage(message="2"), S3Event(key="3")],
        handlers={function: lambda *_: None},
        imported={
            "Orders": {
                "Type": "AWS::SQS::Queue",
                "Properties": {"QueueName": "orders", "VisibilityTimeout": 60},
            },
            "News": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "orders"}},
            "Uploads": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "uploads"}},
        },
    )

    # then all of them are handled
    assert [leg.path[0] for leg in delivery.handled] == ["Orders", "News", "Uploads"]


def test_what_is_imported_may_not_replace_what_is_defined() -> None:
    assert refusal(imported={"Queue": QUEUE}) == (
        "imported must hold what the template doesn't define, got 'Queue'; choose another id"
    )


def test_what_is_no_resource_of_the_stack_is_refused() -> None:
    stack = cdk.Stack(cdk.App(builtin_cloud_formation_validation=False), "Shop")
    imported = lambda_.Function.from_function_name(stack, "Imported", "intake")
    assert refusal(handlers={imported: print}).endswith(
        "; an imported resource is none of the template's"
    )


def refusal(**arguments: Any) -> str:
    with pytest.raises(DeliveryError) as refused:
        deliver(**{"template": TEMPLATE, "events": [], "handlers": {}, **arguments})
    return str(refused.value)


def test_what_is_no_template_is_refused() -> None:
    assert refusal(template={"Outputs": {}}) == (
        "template must be a synthesized template, got dict; pass a dictionary with Resources, an "
        "assertions.Template, a Stack or the path of a file"
    )


def test_a_handler_for_no_function_is_refused() -> None:
    assert refusal(handlers={"Hander": print}) == (
        "handlers must name functions of the template, got 'Hander'; there are Handler"
    )


def test_an_event_for_a_queue_that_is_not_there_is_refused() -> None:
    message = SqsMessage(body="1", queue="Orders")
    assert refusal(events=[message]) == (
        "queue must name one of the template's, got 'Orders'; there are Queue"
    )


def test_an_event_is_not_given_to_a_queue_that_leads_to_no_function() -> None:
    assert refusal(events=[SqsMessage(body="1")]) == (
        "queue must be named where the template has not just one that leads to a function, "
        "got none; there are Queue"
    )


def test_two_events_of_one_id_are_refused() -> None:
    message = SqsMessage(body="1", queue="Queue", id="same")
    with pytest.raises(
        DeliveryError, match=exactly("events must have ids of their own, got a second 'same'")
    ):
        deliver(TEMPLATE, [message, message], handlers={})
