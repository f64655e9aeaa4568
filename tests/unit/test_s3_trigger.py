from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import assertions
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_s3_notifications as notifications
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs

from serverless_patterns import PatternError, PythonFunction, S3Trigger, SnsTrigger
from tests.messages import exactly

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    MakeApp = Callable[..., cdk.App]
    Grant = Callable[[S3Trigger, lambda_.IFunction], Any]

MATCH = assertions.Match
CREATED = s3.EventType.OBJECT_CREATED
REMOVED = s3.EventType.OBJECT_REMOVED


def properties(stack: cdk.Stack, kind: str) -> list[Mapping[str, Any]]:
    found = assertions.Template.from_stack(stack).find_resources(kind)
    return [each["Properties"] for each in found.values()]


def told(stack: cdk.Stack) -> Mapping[str, Any]:
    """What S3 tells, of the only bucket with notifications."""
    [found] = properties(stack, "Custom::S3BucketNotifications")
    configuration: Mapping[str, Any] = found["NotificationConfiguration"]
    return configuration


def topic(stack: cdk.Stack, name: str = "Topic") -> sns.Topic:
    return sns.Topic(stack, name, enforce_ssl=True)


def test_new_objects_invoke_the_handler(stack: cdk.Stack, handler: PythonFunction) -> None:
    S3Trigger(stack, "Uploads", handler=handler)

    assert told(stack) == {
        "LambdaFunctionConfigurations": [
            {
                "Events": ["s3:ObjectCreated:*"],
                "LambdaFunctionArn": stack.resolve(handler.function_arn),
            }
        ]
    }


def test_its_bucket_alone_may_invoke_the_handler(stack: cdk.Stack, handler: PythonFunction) -> None:
    trigger = S3Trigger(stack, "Uploads", handler=handler)

    assert properties(stack, "AWS::Lambda::Permission") == [
        {
            "Action": "lambda:InvokeFunction",
            "FunctionName": stack.resolve(handler.function_arn),
            "Principal": "s3.amazonaws.com",
            "SourceAccount": {"Ref": "AWS::AccountId"},
            "SourceArn": stack.resolve(trigger.bucket.bucket_arn),
        }
    ]


@pytest.mark.parametrize(
    ("kind", "fan_out"),
    [("Custom::S3BucketNotifications", False), ("AWS::SNS::Subscription", True)],
)
def test_events_come_when_failures_are_held(
    stack: cdk.Stack, handler: PythonFunction, kind: str, *, fan_out: bool
) -> None:
    S3Trigger(stack, "Uploads", handler=handler, topic=topic(stack) if fan_out else None)

    template = assertions.Template.from_stack(stack)
    [config] = template.find_resources("AWS::Lambda::EventInvokeConfig")
    template.has_resource(kind, {"DependsOn": MATCH.array_with([config])})


def test_its_bucket_is_private_encrypted_versioned_and_stays(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    S3Trigger(stack, "Uploads", handler=handler)

    template = assertions.Template.from_stack(stack)
    template.has_resource(
        "AWS::S3::Bucket",
        {
            "DeletionPolicy": "Retain",
            "Properties": {
                "BucketEncryption": {
                    "ServerSideEncryptionConfiguration": [
                        {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
                    ]
                },
                "PublicAccessBlockConfiguration": {
                    "BlockPublicAcls": True,
                    "BlockPublicPolicy": True,
                    "IgnorePublicAcls": True,
                    "RestrictPublicBuckets": True,
                },
                "VersioningConfiguration": {"Status": "Enabled"},
            },
        },
    )
    template.has_resource_properties(
        "AWS::S3::BucketPolicy",
        {
            "PolicyDocument": {
                "Statement": [
                    MATCH.object_like(
                        {
                            "Action": "s3:*",
                            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
                            "Effect": "Deny",
                        }
                    )
                ]
            }
        },
    )


def test_who_uses_its_bucket_can_be_logged(stack: cdk.Stack, handler: PythonFunction) -> None:
    logs = s3.Bucket(stack, "Logs")
    S3Trigger(stack, "Uploads", handler=handler, server_access_logs_bucket=logs)

    assertions.Template.from_stack(stack).has_resource_properties(
        "AWS::S3::Bucket",
        {"LoggingConfiguration": {"DestinationBucketName": stack.resolve(logs.bucket_name)}},
    )


def test_events_and_keys_are_chosen(stack: cdk.Stack, handler: PythonFunction) -> None:
    S3Trigger(
        stack,
        "Uploads",
        handler=handler,
        events=[REMOVED, s3.EventType.OBJECT_CREATED_COPY],
        prefix="images/",
        suffix=".jpg",
    )

    keys = {
        "Key": {
            "FilterRules": [
                {"Name": "suffix", "Value": ".jpg"},
                {"Name": "prefix", "Value": "images/"},
            ]
        }
    }
    assert [
        (each["Events"], each["Filter"]) for each in told(stack)["LambdaFunctionConfigurations"]
    ] == [(["s3:ObjectCreated:Copy"], keys), (["s3:ObjectRemoved:*"], keys)]


def test_a_bucket_can_be_passed_in(stack: cdk.Stack, handler: PythonFunction) -> None:
    bucket = s3.Bucket(stack, "Bucket")
    trigger = S3Trigger(stack, "Uploads", handler=handler, bucket=bucket)

    assert trigger.bucket is bucket
    assertions.Template.from_stack(stack).resource_count_is("AWS::S3::Bucket", 1)


def test_an_imported_bucket_keeps_its_other_notifications(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    bucket = s3.Bucket.from_bucket_name(stack, "Bucket", "shop-uploads")
    S3Trigger(stack, "Uploads", handler=handler, bucket=bucket)

    [found] = properties(stack, "Custom::S3BucketNotifications")
    assert (found["BucketName"], found["Managed"]) == ("shop-uploads", False)


def test_an_alias_can_be_invoked(stack: cdk.Stack, handler: PythonFunction) -> None:
    live = lambda_.Alias(stack, "Live", alias_name="live", version=handler.current_version)
    S3Trigger(stack, "Uploads", handler=live)

    [configuration] = told(stack)["LambdaFunctionConfigurations"]
    assert configuration["LambdaFunctionArn"] == stack.resolve(live.function_arn)


def test_prefixes_tell_the_handlers_of_one_bucket_apart(
    stack: cdk.Stack, handler: PythonFunction, other: PythonFunction
) -> None:
    images = S3Trigger(stack, "Images", handler=handler, prefix="images/")
    S3Trigger(stack, "Texts", handler=other, bucket=images.bucket, prefix="texts/")

    assert len(told(stack)["LambdaFunctionConfigurations"]) == 2


@pytest.mark.parametrize(
    ("one", "second"),
    [
        ({"prefix": "images/"}, {"prefix": "texts/"}),
        ({"suffix": ".jpg"}, {"suffix": ".png"}),
        ({"events": [CREATED]}, {"events": [REMOVED]}),
        (
            {"events": [s3.EventType.OBJECT_CREATED_PUT]},
            {"events": [s3.EventType.OBJECT_CREATED_COPY]},
        ),
        ({"prefix": "images/", "suffix": ".jpg"}, {"prefix": "images/", "suffix": ".png"}),
    ],
    ids=str,
)
def test_notifications_that_share_no_event_stand_beside_each_other(
    stack: cdk.Stack,
    handler: PythonFunction,
    other: PythonFunction,
    one: dict[str, Any],
    second: dict[str, Any],
) -> None:
    bucket = s3.Bucket(stack, "Bucket")
    S3Trigger(stack, "One", handler=handler, bucket=bucket, **one)
    S3Trigger(stack, "Second", handler=other, bucket=bucket, **second)

    assert len(told(stack)["LambdaFunctionConfigurations"]) == 2


@pytest.mark.parametrize(
    ("both", "theirs", "mine"),
    [
        (({}, {}), "ObjectCreated:*", "ObjectCreated:*"),
        (
            ({"prefix": "images/"}, {"prefix": "images/small/"}),
            "ObjectCreated:* under 'images/'",
            "ObjectCreated:* under 'images/small/'",
        ),
        (
            (
                {"suffix": ".jpg", "events": [s3.EventType.OBJECT_CREATED_PUT]},
                {"prefix": "images/"},
            ),
            "ObjectCreated:Put ending in '.jpg'",
            "ObjectCreated:* under 'images/'",
        ),
    ],
    ids=str,
)
def test_notifications_of_one_event_to_two_handlers_are_refused_by_name(
    stack: cdk.Stack,
    handler: PythonFunction,
    both: tuple[dict[str, Any], dict[str, Any]],
    theirs: str,
    mine: str,
) -> None:
    one, second = both
    bucket = s3.Bucket(stack, "Bucket")
    S3Trigger(stack, "One", handler=handler, bucket=bucket, **one)
    message = (
        f"Shop/Second: events must not overlap with those of Shop/One in one bucket, {theirs}, as "
        f"S3 refuses that, got {mine}; tell them apart by prefix or suffix, or give both one topic"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        S3Trigger(stack, "Second", handler=handler, bucket=bucket, **second)


@pytest.mark.parametrize("before", [True, False])
def test_a_notification_that_a_user_adds_may_not_overlap_either(
    stack: cdk.Stack, handler: PythonFunction, *, before: bool
) -> None:
    bucket = s3.Bucket(stack, "Bucket")
    queue = notifications.SqsDestination(sqs.Queue(stack, "Queue"))
    message = (
        "Shop/Uploads: events must not overlap with those of a notification in one bucket, "
        "ObjectCreated:Put, as S3 refuses that, got ObjectCreated:*; tell them apart by prefix or "
        "suffix, or give both one topic"
    )
    if before:
        bucket.add_event_notification(s3.EventType.OBJECT_CREATED_PUT, queue)
        with pytest.raises(PatternError, match=exactly(message)):
            S3Trigger(stack, "Uploads", handler=handler, bucket=bucket)
    else:
        trigger = S3Trigger(stack, "Uploads", handler=handler, bucket=bucket)
        bucket.add_event_notification(s3.EventType.OBJECT_CREATED_PUT, queue)
        assert trigger.node.validate() == [message]


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


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"prefix": "images/*"},
            "Shop/Uploads: prefix must hold no wildcard, as S3 takes * literally, got 'images/*'; "
            "write 'images/'",
        ),
        (
            {"suffix": "*.jpg"},
            "Shop/Uploads: suffix must hold no wildcard, as S3 takes * literally, got '*.jpg'; "
            "write '.jpg'",
        ),
        (
            {"prefix": "*"},
            "Shop/Uploads: prefix must hold no wildcard, as S3 takes * literally, got '*'; omit it",
        ),
        (
            {"prefix": ""},
            "Shop/Uploads: prefix must hold a character, got ''; omit it to match any key",
        ),
        (
            {"prefix": 1},
            "Shop/Uploads: prefix must be a str, got 1; for example 'images/'",
        ),
        (
            {"events": []},
            "Shop/Uploads: events must hold an event, got none; omit it to get "
            "[s3.EventType.OBJECT_CREATED]",
        ),
        (
            {"events": None},
            "Shop/Uploads: events must be a list of events, got None; for example "
            "[s3.EventType.OBJECT_CREATED]",
        ),
        (
            {"events": CREATED},
            "Shop/Uploads: events must be a list of events, got OBJECT_CREATED; for example "
            "[s3.EventType.OBJECT_CREATED]",
        ),
        (
            {"events": "s3:ObjectCreated:*"},
            "Shop/Uploads: events must be a list of events, got 's3:ObjectCreated:*'; for example "
            "[s3.EventType.OBJECT_CREATED]",
        ),
        (
            {"events": ["s3:ObjectCreated:*"]},
            "Shop/Uploads: events must be an EventType, got 's3:ObjectCreated:*'; for example "
            "[s3.EventType.OBJECT_CREATED]",
        ),
        (
            {"events": [s3.EventType.OBJECT_CREATED_PUT, CREATED]},
            "Shop/Uploads: events must hold each event once, as S3 refuses to tell of it twice, "
            "got OBJECT_CREATED and OBJECT_CREATED_PUT; leave OBJECT_CREATED_PUT out",
        ),
        (
            {"events": [CREATED, CREATED]},
            "Shop/Uploads: events must hold each event once, as S3 refuses to tell of it twice, "
            "got OBJECT_CREATED and OBJECT_CREATED; name it once",
        ),
        (
            {"bucket": "uploads"},
            "Shop/Uploads: bucket must be an s3.Bucket, or an imported one, got str; omit it to "
            "get one",
        ),
        (
            {"topic": "uploads"},
            "Shop/Uploads: topic must be an SNS topic, got str; for example "
            'sns.Topic(self, "Uploads")',
        ),
    ],
)
def test_what_s3_would_refuse_or_take_for_something_else_is_refused(
    stack: cdk.Stack, handler: PythonFunction, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(PatternError, match=exactly(message)):
        S3Trigger(stack, "Uploads", handler=handler, **options)


def test_a_bucket_that_is_given_has_its_own_logs(stack: cdk.Stack, handler: PythonFunction) -> None:
    bucket = s3.Bucket(stack, "Bucket")
    message = (
        "Shop/Uploads: server_access_logs_bucket must be left out beside bucket, which has its "
        "own, got both; give it to the bucket"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        S3Trigger(
            stack, "Uploads", handler=handler, bucket=bucket, server_access_logs_bucket=bucket
        )


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


def test_a_bucket_in_another_region_is_refused(make_app: MakeApp, entry: Path) -> None:
    env = cdk.Environment(account="111122223333", region="eu-west-1")
    stack = cdk.Stack(make_app(), "Shop", env=env)
    bucket = s3.Bucket.from_bucket_attributes(
        stack, "Bucket", bucket_name="uploads", region="eu-north-1"
    )
    message = (
        "Shop/Uploads: handler must be in eu-north-1 as the bucket is, got a function in "
        "eu-west-1; define both in stacks of one region"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        S3Trigger(
            stack, "Uploads", handler=PythonFunction(stack, "Handler", entry=entry), bucket=bucket
        )


def test_notifications_that_a_template_has_elsewhere_are_told(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    bucket = s3.Bucket(stack, "Bucket")
    trigger = S3Trigger(stack, "Uploads", handler=handler, bucket=bucket)
    resource = bucket.node.default_child
    assert isinstance(resource, s3.CfnBucket)
    resource.notification_configuration = s3.CfnBucket.NotificationConfigurationProperty(
        event_bridge_configuration=s3.CfnBucket.EventBridgeConfigurationProperty(
            event_bridge_enabled=True
        )
    )

    assert trigger.node.validate() == [
        "Shop/Uploads: bucket must have its notifications set in one place, got a "
        "NotificationConfiguration of its CfnBucket, which CDK's own would overwrite; add them by "
        "add_event_notification and enable_event_bridge_notification"
    ]


@pytest.mark.parametrize(("fan_out", "name"), [(False, "the handler"), (True, "topic")])
def test_a_bucket_of_another_stack_waits_for_no_stack_that_waits_for_it(
    make_app: MakeApp, entry: Path, *, fan_out: bool, name: str
) -> None:
    app = make_app()
    stack = cdk.Stack(app, "Shop")
    handler = PythonFunction(stack, "Handler", entry=entry)
    bucket = s3.Bucket(cdk.Stack(app, "Store"), "Bucket")
    message = (
        f"Shop/Uploads: bucket must stand in the stack of {name}, Shop, as its notifications do, "
        "got one in Store; give a topic of the bucket's stack, or import the bucket with "
        "s3.Bucket.from_bucket_name"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        S3Trigger(
            stack,
            "Uploads",
            handler=handler,
            bucket=bucket,
            topic=topic(stack) if fan_out else None,
        )


def test_a_bucket_of_another_stack_can_be_imported(make_app: MakeApp, entry: Path) -> None:
    app = make_app()
    stack = cdk.Stack(app, "Shop")
    handler = PythonFunction(stack, "Handler", entry=entry)
    bucket = s3.Bucket(cdk.Stack(app, "Store"), "Bucket")
    known = s3.Bucket.from_bucket_name(stack, "Known", bucket.bucket_name)
    S3Trigger(stack, "Uploads", handler=handler, bucket=known).grant_read(handler)

    app.synth()
    assert len(properties(stack, "Custom::S3BucketNotifications")) == 1


def test_who_uploads_is_granted_the_keys_that_the_handler_is_told_of(
    stack: cdk.Stack, handler: PythonFunction, other: PythonFunction
) -> None:
    trigger = S3Trigger(stack, "Uploads", handler=handler, prefix="in/", suffix=".jpg")
    trigger.grant_put(other)
    trigger.grant_read(handler)

    statements = [
        statement
        for policy in properties(stack, "AWS::IAM::Policy")
        for statement in policy["PolicyDocument"]["Statement"]
    ]
    written = [each["Resource"] for each in statements if "s3:PutObject" in each["Action"]]
    assert written == [stack.resolve(trigger.bucket.arn_for_objects("in/*.jpg"))]
    read = [each["Resource"] for each in statements if "s3:GetObject*" in each["Action"]]
    assert read == [
        [
            stack.resolve(trigger.bucket.bucket_arn),
            stack.resolve(trigger.bucket.arn_for_objects("in/*.jpg")),
        ]
    ]
    assert trigger.node.validate() == []


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
