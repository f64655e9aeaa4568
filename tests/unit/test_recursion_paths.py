"""Ways by which a handler may cause the events that invoke it: roles, stacks, topics and names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import assertions
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_destinations as destinations
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_s3_notifications as notifications

from serverless_patterns import PythonFunction, S3Trigger, SnsTrigger
from serverless_patterns._triggers.recursion import patterns_meet
from tests.unit.trigger_templates import topic

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    MakeApp = Callable[..., cdk.App]

CREATED = s3.EventType.OBJECT_CREATED
REMOVED = s3.EventType.OBJECT_REMOVED


def recursive(cause: str, event: str = "ObjectCreated:* under 'in/'") -> str:
    return (
        "Shop/Uploads: handler must not be able to cause the event that invokes it, "
        f"{event}: it would never end, got a role that allows {cause}; grant it other keys, for "
        'example bucket.grant_put(handler, "out/*"), or another bucket'
    )


def allow(function: lambda_.IFunction, *resources: str, **options: Any) -> None:
    statement = iam.PolicyStatement(
        **{"actions": ["s3:PutObject"], "resources": [*resources] or None, **options}
    )
    function.add_to_role_policy(statement)


ANY_KEY = "s3:PutObject on arn:aws:s3:::<this bucket>/*"


def test_a_suffix_tells_what_is_written_from_what_is_read(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    trigger = S3Trigger(stack, "Uploads", handler=handler, suffix=".jpg")
    trigger.bucket.grant_put(handler, "*.txt")
    assert trigger.node.validate() == []

    trigger.bucket.grant_put(handler, "in/*")
    assert trigger.node.validate() == [
        recursive(
            "s3:PutObject on arn:aws:s3:::<this bucket>/in/*", "ObjectCreated:* ending in '.jpg'"
        )
    ]


def test_a_handler_that_may_delete_is_not_told_of_what_is_deleted(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    trigger = S3Trigger(stack, "Uploads", handler=handler, events=[REMOVED])
    trigger.bucket.grant_put(handler)
    assert trigger.node.validate() == []

    trigger.bucket.grant_delete(handler)
    cause = "s3:DeleteObject on arn:aws:s3:::<this bucket>/*"
    assert trigger.node.validate() == [recursive(cause, "ObjectRemoved:*")]


def test_failures_that_go_to_its_own_bucket_would_come_back(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    bucket = s3.Bucket(stack, "Bucket")
    trigger = S3Trigger(
        stack,
        "Uploads",
        handler=handler,
        bucket=bucket,
        prefix="in/",
        on_failure=destinations.S3Destination(bucket),
    )

    assert trigger.node.validate() == [recursive(ANY_KEY)]


def test_a_bucket_that_is_known_by_name_is_recognized(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    bucket = s3.Bucket.from_bucket_name(stack, "Bucket", "shop-uploads")
    trigger = S3Trigger(stack, "Uploads", handler=handler, bucket=bucket, prefix="in/")
    allow(handler, "arn:aws:s3:::shop-*")

    assert trigger.node.validate() == [recursive("s3:PutObject on arn:aws:s3:::shop-*")]


@pytest.mark.parametrize("through", ["alias", "plain function", "topic"])
def test_the_role_behind_the_handler_is_what_counts(
    make_app: MakeApp, entry: Path, through: str
) -> None:
    app = make_app()
    stack = cdk.Stack(app, "Shop")
    handler: lambda_.IFunction = PythonFunction(stack, "Handler", entry=entry)
    bucket = s3.Bucket(stack, "Bucket")
    if through == "alias":
        assert isinstance(handler, PythonFunction)
        handler = lambda_.Alias(stack, "Live", alias_name="live", version=handler.current_version)
    if through == "plain function":
        handler = lambda_.Function(
            stack,
            "Plain",
            runtime=lambda_.Runtime.PYTHON_3_13,
            handler="index.handler",
            code=lambda_.Code.from_inline("def handler(event, context): return {}"),
        )
    fan = topic(stack) if through == "topic" else None
    trigger = S3Trigger(stack, "Uploads", handler=handler, bucket=bucket, prefix="in/", topic=fan)
    bucket.grant_put(handler)

    assert trigger.node.validate() == [recursive(ANY_KEY)]


def test_a_bucket_of_another_stack_is_recognized_at_synthesis(
    make_app: MakeApp, entry: Path
) -> None:
    app = make_app()
    handler = PythonFunction(cdk.Stack(app, "Shop"), "Handler", entry=entry)
    store = cdk.Stack(app, "Store")
    bucket = s3.Bucket(store, "Bucket")
    S3Trigger(
        cdk.Stack.of(handler),
        "Uploads",
        handler=handler,
        bucket=bucket,
        topic=topic(store),
        prefix="in/",
    )
    bucket.grant_read(handler)
    app.synth()
    bucket.grant_put(handler)

    with pytest.raises(RuntimeError) as refused:
        app.synth(force=True)
    assert recursive(ANY_KEY) in str(refused.value)


def test_synthesis_fails_with_the_message(stack: cdk.Stack, handler: PythonFunction) -> None:
    trigger = S3Trigger(stack, "Uploads", handler=handler, prefix="in/")
    trigger.bucket.grant_put(handler)

    with pytest.raises(RuntimeError) as refused:
        assertions.Template.from_stack(stack)
    assert recursive(ANY_KEY) in str(refused.value)


def test_a_prefix_is_compared_as_keys_have_it(stack: cdk.Stack, handler: PythonFunction) -> None:
    trigger = S3Trigger(stack, "Uploads", handler=handler, prefix="in box/")
    trigger.bucket.grant_put(handler, "in box/*")

    assert trigger.node.validate() == [
        recursive(
            "s3:PutObject on arn:aws:s3:::<this bucket>/in box/*",
            "ObjectCreated:* under 'in box/'",
        )
    ]


@pytest.mark.parametrize("key", ["in/*", "out/*"])
def test_a_topic_that_a_bucket_tells_leads_back_as_well(
    stack: cdk.Stack, handler: PythonFunction, key: str
) -> None:
    bucket, fan = s3.Bucket(stack, "Bucket"), topic(stack)
    told = notifications.SnsDestination(fan)
    bucket.add_event_notification(CREATED, told, s3.NotificationKeyFilter(prefix="in/"))
    trigger = SnsTrigger(stack, "Uploads", handler=handler, topic=fan)
    bucket.grant_put(handler, key)

    found = [recursive(f"s3:PutObject on arn:aws:s3:::<this bucket>/{key}")]
    assert trigger.node.validate() == (found if key == "in/*" else [])


def test_a_topic_that_other_buckets_tell_leads_nowhere(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    bucket = s3.Bucket(stack, "Bucket")
    told = notifications.SnsDestination(topic(stack, "Elsewhere"))
    bucket.add_event_notification(CREATED, told)
    trigger = SnsTrigger(stack, "Uploads", handler=handler, topic=topic(stack))
    bucket.grant_put(handler)

    assert trigger.node.validate() == []


@pytest.mark.parametrize(
    ("one", "other", "meet"),
    [
        ("a*", "*b", True),
        ("a*b", "a", False),
        ("a*b", "ab", True),
        ("in/*", "in/*.jpg", True),
        ("in/*", "out/*", False),
        ("in/?", "in/*", True),
        ("in/?", "in/ab", False),
        ("?", "*", True),
        ("", "*", True),
        ("", "?", False),
        ("*a*", "*b*", True),
        ("x*.png", "x*.jpg", False),
        ("*.jpg", "*g", True),
    ],
)
def test_patterns_meet_where_one_text_is_matched_by_both(
    one: str, other: str, *, meet: bool
) -> None:
    assert patterns_meet(one, other) is meet
    assert patterns_meet(other, one) is meet
