"""What S3 refuses of notifications, or takes for something else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_s3_notifications as notifications
from aws_cdk import aws_sqs as sqs

from serverless_patterns import PatternError, PythonFunction, S3Trigger
from tests.messages import exactly
from tests.unit.trigger_templates import properties, topic

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    MakeApp = Callable[..., cdk.App]

CREATED = s3.EventType.OBJECT_CREATED
REMOVED = s3.EventType.OBJECT_REMOVED


def told(stack: cdk.Stack) -> Mapping[str, Any]:
    """What S3 tells, of the only bucket with notifications."""
    [found] = properties(stack, "Custom::S3BucketNotifications")
    configuration: Mapping[str, Any] = found["NotificationConfiguration"]
    return configuration


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
