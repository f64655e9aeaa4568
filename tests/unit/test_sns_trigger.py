"""SnsTrigger: the topic and the subscription."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import assertions
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_destinations as destinations
from aws_cdk import aws_sns as sns

from serverless_patterns import PatternError, PythonFunction, SnsTrigger
from tests.messages import exactly
from tests.unit.trigger_templates import properties

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    MakeApp = Callable[..., cdk.App]

MATCH = assertions.Match
SUBSCRIPTION = "AWS::SNS::Subscription"


def statements(stack: cdk.Stack, kind: str, principal: str) -> list[Mapping[str, Any]]:
    """What policies of a kind let a service do."""
    return [
        statement
        for each in properties(stack, kind)
        for statement in each.get("KeyPolicy", each.get("PolicyDocument"))["Statement"]
        if statement["Principal"] == {"Service": principal}
    ]


def test_the_handler_is_subscribed_and_the_topic_may_invoke_it(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    trigger = SnsTrigger(stack, "News", handler=handler)

    topic = stack.resolve(trigger.topic.topic_arn)
    function = stack.resolve(handler.function_arn)
    [subscription] = properties(stack, SUBSCRIPTION)
    assert subscription == {
        "Endpoint": function,
        "Protocol": "lambda",
        "TopicArn": topic,
        "RedrivePolicy": {
            "deadLetterTargetArn": stack.resolve(trigger.subscription.dead_letter_queue.queue_arn)  # type: ignore[union-attr]
        },
    }
    [permission] = properties(stack, "AWS::Lambda::Permission")
    assert permission == {
        "Action": "lambda:InvokeFunction",
        "FunctionName": function,
        "Principal": "sns.amazonaws.com",
        "SourceArn": topic,
    }


def test_it_is_subscribed_when_it_may_be_invoked_and_its_failures_are_held(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    SnsTrigger(stack, "News", handler=handler)

    template = assertions.Template.from_stack(stack)
    [permission] = template.find_resources("AWS::Lambda::Permission")
    [subscription] = template.find_resources(SUBSCRIPTION).values()
    [config] = template.find_resources("AWS::Lambda::EventInvokeConfig")
    assert {permission, config} <= {*subscription["DependsOn"]}


def test_its_topic_is_encrypted_with_a_key_that_services_may_be_given(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    trigger = SnsTrigger(stack, "News", handler=handler)
    trigger.grant_publish(iam.ServicePrincipal("events.amazonaws.com"))

    template = assertions.Template.from_stack(stack)
    [key] = template.find_resources("AWS::KMS::Key")
    template.has_resource(
        "AWS::KMS::Key",
        {
            "DeletionPolicy": "Delete",
            "Properties": {
                "EnableKeyRotation": True,
                "Description": "Encrypts messages of Shop/News",
            },
        },
    )
    template.has_resource_properties(
        "AWS::SNS::Topic", {"KmsMasterKeyId": {"Fn::GetAtt": [key, "Arn"]}}
    )
    [used] = statements(stack, "AWS::KMS::Key", "events.amazonaws.com")
    assert used["Action"] == ["kms:Decrypt", "kms:GenerateDataKey*"]
    [published] = statements(stack, "AWS::SNS::TopicPolicy", "events.amazonaws.com")
    assert published["Action"] == "sns:Publish"


def test_its_topic_takes_no_message_without_tls(stack: cdk.Stack, handler: PythonFunction) -> None:
    SnsTrigger(stack, "News", handler=handler)

    assertions.Template.from_stack(stack).has_resource_properties(
        "AWS::SNS::TopicPolicy",
        {
            "PolicyDocument": {
                "Statement": MATCH.array_with(
                    [
                        MATCH.object_like(
                            {
                                "Action": "sns:Publish",
                                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
                                "Effect": "Deny",
                            }
                        )
                    ]
                )
            }
        },
    )


def test_a_key_may_encrypt_several_topics(stack: cdk.Stack, handler: PythonFunction) -> None:
    key = kms.Key(stack, "Shared")
    for each in ("News", "Orders"):
        SnsTrigger(stack, each, handler=handler, master_key=key)

    assert len(properties(stack, "AWS::KMS::Key")) == 1


def test_a_topic_can_be_passed_in(stack: cdk.Stack, handler: PythonFunction) -> None:
    topic = sns.Topic.from_topic_arn(stack, "Topic", "arn:aws:sns:eu-west-1:111122223333:news")
    trigger = SnsTrigger(stack, "News", handler=handler, topic=topic)

    assert trigger.topic is topic
    assert [each["TopicArn"] for each in properties(stack, SUBSCRIPTION)] == [topic.topic_arn]
    assert not properties(stack, "AWS::SNS::Topic")


def test_a_fifo_topic_is_refused(stack: cdk.Stack, handler: PythonFunction) -> None:
    message = (
        "Shop/News: topic must be a standard topic, as SNS sends a FIFO topic's messages to queues "
        "alone, got a FIFO topic; subscribe a queue to it, and read that with SqsPoller"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        SnsTrigger(stack, "News", handler=handler, topic=sns.Topic(stack, "Topic", fifo=True))


def test_a_topic_in_another_region_is_refused(make_app: MakeApp, entry: Path) -> None:
    env = cdk.Environment(account="111122223333", region="eu-west-1")
    stack = cdk.Stack(make_app(), "Shop", env=env)
    topic = sns.Topic.from_topic_arn(stack, "Topic", "arn:aws:sns:eu-north-1:111122223333:news")
    message = (
        "Shop/News: handler must be in eu-north-1 as the topic is, got a function in eu-west-1; "
        "define both in stacks of one region"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        SnsTrigger(
            stack, "News", handler=PythonFunction(stack, "Handler", entry=entry), topic=topic
        )


def test_a_handler_is_subscribed_to_a_topic_once(
    stack: cdk.Stack, handler: PythonFunction, other: PythonFunction
) -> None:
    topic = sns.Topic(stack, "Topic")
    SnsTrigger(stack, "News", handler=handler, topic=topic)
    SnsTrigger(stack, "Copy", handler=other, topic=topic)
    message = (
        "Shop/Again: topic must be subscribed to once by one handler, as SNS keeps one "
        "subscription of it, got a second one beside Shop/News/Subscription; widen the filter of "
        "that one, or subscribe an alias"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        SnsTrigger(stack, "Again", handler=handler, topic=topic)


def test_a_topic_that_is_given_has_its_own_key(stack: cdk.Stack, handler: PythonFunction) -> None:
    message = (
        "Shop/News: master_key must be left out beside topic, which has its own encryption, got "
        "both; give the key to the topic"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        SnsTrigger(
            stack,
            "News",
            handler=handler,
            topic=sns.Topic(stack, "Topic"),
            master_key=kms.Key(stack, "Key"),
        )


def test_failures_go_not_to_the_topic_that_they_come_from(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    topic = sns.Topic(stack, "Topic")
    message = (
        "Shop/News: on_failure must be something else than the topic that invokes the handler, "
        "which would be invoked with its own failures for ever, got the topic Shop/Topic; omit it "
        "to get a queue"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        SnsTrigger(
            stack,
            "News",
            handler=handler,
            topic=topic,
            on_failure=destinations.SnsDestination(topic),
        )


def test_an_alias_can_be_subscribed(stack: cdk.Stack, handler: PythonFunction) -> None:
    live = lambda_.Alias(stack, "Live", alias_name="live", version=handler.current_version)
    SnsTrigger(stack, "News", handler=live)

    alias = {"Ref": MATCH.string_like_regexp("Live")}
    template = assertions.Template.from_stack(stack)
    template.has_resource_properties(SUBSCRIPTION, {"Endpoint": alias})
    template.has_resource_properties("AWS::Lambda::Permission", {"FunctionName": alias})
