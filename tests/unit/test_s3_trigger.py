"""S3Trigger: the bucket, its notifications, and whom it is granted to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import assertions
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3

from serverless_patterns import PythonFunction, S3Trigger
from tests.unit.trigger_templates import properties, topic

if TYPE_CHECKING:
    from collections.abc import Mapping

MATCH = assertions.Match
REMOVED = s3.EventType.OBJECT_REMOVED


def told(stack: cdk.Stack) -> Mapping[str, Any]:
    """What S3 tells, of the only bucket with notifications."""
    [found] = properties(stack, "Custom::S3BucketNotifications")
    configuration: Mapping[str, Any] = found["NotificationConfiguration"]
    return configuration


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
