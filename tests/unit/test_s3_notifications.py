from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk as cdk
import pytest
from aws_cdk import aws_s3 as s3
from aws_cdk.assertions import Template

from serverless_patterns import PatternError, PythonFunction, S3Trigger
from serverless_patterns._triggers.notifications import encoded
from serverless_patterns.testing.delivery import S3Event, deliver
from tests.messages import exactly

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.mark.parametrize("is_cross_stack", [False, True])
def test_a_trigger_does_not_overlap_with_itself_wherever_its_handler_stands(
    make_app: Callable[..., cdk.App], entry: Path, *, is_cross_stack: bool
) -> None:
    app = make_app()
    stack = cdk.Stack(app, "Shop")
    elsewhere = cdk.Stack(app, "Code") if is_cross_stack else cdk.NestedStack(stack, "Code")
    S3Trigger(stack, "Uploads", handler=PythonFunction(elsewhere, "Handler", entry=entry))

    Template.from_stack(stack).resource_count_is("Custom::S3BucketNotifications", 1)


def test_a_prefix_is_written_as_s3_asks_for_it_and_matches_keys_as_they_are(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    S3Trigger(stack, "Uploads", handler=handler, prefix="my photos/dt=2026/", suffix=".größe+")

    [resource] = Template.from_stack(stack).find_resources("Custom::S3BucketNotifications").values()
    [configuration] = resource["Properties"]["NotificationConfiguration"][
        "LambdaFunctionConfigurations"
    ]
    rules = {rule["Name"]: rule["Value"] for rule in configuration["Filter"]["Key"]["FilterRules"]}
    assert rules == {"prefix": "my+photos/dt%3D2026/", "suffix": ".gr%C3%B6%C3%9Fe%2B"}
    key = "my photos/dt=2026/a.größe+"
    delivery = deliver(stack, [S3Event(key=key)], handlers={handler: lambda *_: None})
    assert len(delivery.handled) == 1


def test_two_imports_of_one_bucket_are_one_bucket(
    stack: cdk.Stack, handler: PythonFunction, other: PythonFunction
) -> None:
    first, second = (s3.Bucket.from_bucket_name(stack, name, "uploads") for name in ("One", "Two"))
    S3Trigger(stack, "First", handler=handler, bucket=first)

    with pytest.raises(PatternError, match="must not overlap"):
        S3Trigger(stack, "Second", handler=other, bucket=second)


def test_a_prefix_is_granted_as_keys_have_it(stack: cdk.Stack, handler: PythonFunction) -> None:
    trigger = S3Trigger(stack, "Uploads", handler=handler, prefix="in box/")
    trigger.grant_read(handler)

    found = Template.from_stack(stack).find_resources("AWS::IAM::Policy")
    assert "/in box/*" in str(found)


def test_a_prefix_overlaps_as_keys_have_it(
    stack: cdk.Stack, handler: PythonFunction, other: PythonFunction
) -> None:
    one = S3Trigger(stack, "One", handler=handler, prefix="in box/")
    message = (
        "Shop/Second: events must not overlap with those of Shop/One in one bucket, "
        "ObjectCreated:* under 'in box/', as S3 refuses that, got ObjectCreated:* under 'in '; "
        "tell them apart by prefix or suffix, or give both one topic"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        S3Trigger(stack, "Second", handler=other, bucket=one.bucket, prefix="in ")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a b", "a+b"),
        ("a+b", "a%2Bb"),
        ("v=1/", "v%3D1/"),
        ("/!-_.'()", "/!-_.'()"),
        ("~", "%7E"),
        ("%41", "%2541"),
        ("grün", "gr%C3%BCn"),
    ],
)
def test_what_s3_calls_safe_stays_and_all_else_is_encoded(text: str, expected: str) -> None:
    assert encoded(text) == expected


def test_a_prefix_that_is_a_token_is_left_as_it_is(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    prefix = cdk.CfnParameter(stack, "Prefix").value_as_string
    S3Trigger(stack, "Uploads", handler=handler, prefix=prefix)

    found = Template.from_stack(stack).find_resources("Custom::S3BucketNotifications")
    assert "'Value': {'Ref': 'Prefix'}" in str(found)


@pytest.mark.parametrize("is_given", [False, True])
def test_buckets_whose_names_are_made_at_deployment_are_told_apart(
    make_app: Callable[..., cdk.App], entry: Path, *, is_given: bool
) -> None:
    app = make_app()
    stacks = [cdk.Stack(app, name) for name in ("Shop", "Store")]
    for stack in stacks:
        for name in ("One", "Second"):
            S3Trigger(
                stack,
                name,
                handler=PythonFunction(stack, f"{name}Handler", entry=entry),
                bucket=s3.Bucket(stack, f"{name}Bucket") if is_given else None,
            )

    for stack in stacks:
        found = Template.from_stack(stack).find_resources("Custom::S3BucketNotifications")
        assert len(found) == 2


def test_a_bucket_and_an_import_by_its_name_are_one_bucket(
    stack: cdk.Stack, handler: PythonFunction, other: PythonFunction
) -> None:
    S3Trigger(stack, "First", handler=handler, bucket=s3.Bucket(stack, "One", bucket_name="shop"))
    same = s3.Bucket.from_bucket_name(stack, "Two", "shop")
    message = (
        "Shop/Second: events must not overlap with those of Shop/First in one bucket, "
        "ObjectCreated:*, as S3 refuses that, got ObjectCreated:*; tell them apart by prefix or "
        "suffix, or give both one topic"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        S3Trigger(stack, "Second", handler=other, bucket=same)
