"""S3Trigger through a topic, for several handlers of the same events."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import assertions
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns

from serverless_patterns import PatternError, PythonFunction, S3Trigger, SnsTrigger
from tests.messages import exactly
from tests.unit.trigger_templates import properties, topic

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    MakeApp = Callable[..., cdk.App]

REMOVED = s3.EventType.OBJECT_REMOVED


def told(stack: cdk.Stack) -> Mapping[str, Any]:
    """What S3 tells, of the only bucket with notifications."""
    [found] = properties(stack, "Custom::S3BucketNotifications")
    configuration: Mapping[str, Any] = found["NotificationConfiguration"]
    return configuration


def test_a_topic_is_told_once_for_all_that_subscribe(
    stack: cdk.Stack, handler: PythonFunction, other: PythonFunction
) -> None:
    fan = topic(stack)
    one = S3Trigger(stack, "One", handler=handler, topic=fan, prefix="in/")
    second = S3Trigger(stack, "Second", handler=other, bucket=one.bucket, topic=fan, prefix="in/")

    assert told(stack) == {
        "TopicConfigurations": [
            {
                "Events": ["s3:ObjectCreated:*"],
                "Filter": {"Key": {"FilterRules": [{"Name": "prefix", "Value": "in/"}]}},
                "TopicArn": stack.resolve(fan.topic_arn),
            }
        ]
    }
    subscribed = properties(stack, "AWS::SNS::Subscription")
    assert [each["Endpoint"] for each in subscribed] == [
        stack.resolve(handler.function_arn),
        stack.resolve(other.function_arn),
    ]
    assert one.dead_letter_queue is not second.dead_letter_queue
    assert one.notifications == second.notifications
    assert one.node.validate() == second.node.validate() == []


def test_a_subscriber_that_goes_changes_nothing_of_those_that_stay(
    make_app: MakeApp, entry: Path
) -> None:
    found = []
    for ids in (["One", "Second"], ["Second"]):
        stack = cdk.Stack(make_app(), "Shop")
        bucket, fan = s3.Bucket(stack, "Bucket"), topic(stack)
        for each in ids:
            handler = PythonFunction(stack, f"{each}Handler", entry=entry)
            S3Trigger(stack, each, handler=handler, bucket=bucket, topic=fan)
        template = assertions.Template.from_stack(stack).to_json()["Resources"]
        found.append({key: value for key, value in template.items() if "One" not in key})
    assert found[0] == found[1]


def test_s3_may_publish_to_the_topic_for_its_bucket_alone(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    fan = topic(stack)
    trigger = S3Trigger(stack, "Uploads", handler=handler, topic=fan)

    [policy] = properties(stack, "AWS::SNS::TopicPolicy")
    [statement] = [
        each
        for each in policy["PolicyDocument"]["Statement"]
        if each["Principal"] == {"Service": "s3.amazonaws.com"}
    ]
    assert statement["Action"] == "sns:Publish"
    assert statement["Condition"] == {
        "ArnLike": {"aws:SourceArn": stack.resolve(trigger.bucket.bucket_arn)}
    }


@pytest.mark.parametrize("flag", [True, False])
def test_s3_may_use_the_key_of_the_topic(make_app: MakeApp, entry: Path, *, flag: bool) -> None:
    name = "@aws-cdk/s3-notifications:addS3TrustKeyPolicyForSnsSubscriptions"
    stack = cdk.Stack(make_app(**{name: flag}), "Shop")
    handler = PythonFunction(stack, "Handler", entry=entry)
    fan = sns.Topic(stack, "Topic", master_key=kms.Key(stack, "Key"))
    S3Trigger(stack, "Uploads", handler=handler, topic=fan)

    [key] = properties(stack, "AWS::KMS::Key")
    [statement] = [
        each
        for each in key["KeyPolicy"]["Statement"]
        if each["Principal"] == {"Service": "s3.amazonaws.com"}
    ]
    assert sorted(statement["Action"]) == ["kms:Decrypt", "kms:GenerateDataKey"]


def test_the_topic_of_an_sns_trigger_can_be_shared(
    stack: cdk.Stack, handler: PythonFunction, other: PythonFunction
) -> None:
    news = SnsTrigger(stack, "News", handler=handler)
    S3Trigger(stack, "Uploads", handler=other, topic=news.topic)

    assert len(properties(stack, "AWS::SNS::Subscription")) == 2


@pytest.mark.parametrize(
    "options", [{"prefix": "out/"}, {"events": [REMOVED]}, {"bucket": None}], ids=str
)
def test_a_topic_carries_what_all_its_subscribers_ask_for_or_is_refused(
    stack: cdk.Stack, handler: PythonFunction, other: PythonFunction, options: dict[str, Any]
) -> None:
    fan = topic(stack)
    one = S3Trigger(stack, "One", handler=handler, topic=fan, prefix="in/")
    message = (
        "Shop/Second: topic must be given with the bucket, events, prefix and suffix of Shop/One, "
        "as whatever S3 publishes to a topic goes to all its subscribers, got others; give it a "
        "topic of its own"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        S3Trigger(
            stack,
            "Second",
            handler=other,
            topic=fan,
            **{"bucket": one.bucket, "prefix": "in/", **options},
        )


def test_a_topic_under_awss_own_key_is_refused(stack: cdk.Stack, handler: PythonFunction) -> None:
    key = kms.Alias.from_alias_name(stack, "Key", "alias/aws/sns")
    message = (
        "Shop/Uploads: topic must be encrypted with a key that S3 may use, got a topic under "
        "alias/aws/sns; give it a kms.Key, as SnsTrigger does"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        S3Trigger(
            stack, "Uploads", handler=handler, topic=sns.Topic(stack, "Topic", master_key=key)
        )


def test_a_fifo_topic_is_refused(stack: cdk.Stack, handler: PythonFunction) -> None:
    message = (
        "Shop/Uploads: topic must be a standard topic, as SNS sends a FIFO topic's messages to "
        "queues alone, got a FIFO topic; subscribe a queue to it, and read that with SqsPoller"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        S3Trigger(stack, "Uploads", handler=handler, topic=sns.Topic(stack, "Topic", fifo=True))


def test_a_topic_of_another_stack_has_its_bucket_there(make_app: MakeApp, entry: Path) -> None:
    app = make_app()
    stack = cdk.Stack(app, "Shop")
    message = (
        "Shop/Uploads: topic must stand in the stack of the trigger's own bucket, Shop, as each "
        "names the other, got one in Store; give a bucket of the topic's stack, or define the "
        "topic in this one"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        S3Trigger(
            stack,
            "Uploads",
            handler=PythonFunction(stack, "Handler", entry=entry),
            topic=topic(cdk.Stack(app, "Store")),
        )
