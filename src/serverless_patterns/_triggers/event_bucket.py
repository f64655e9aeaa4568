"""The bucket that a trigger listens to, and what S3 needs to tell an encrypted topic."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns

from serverless_patterns._acknowledge import acknowledge
from serverless_patterns._errors import PatternError
from serverless_patterns._invocation import check_same_region, function_behind

if TYPE_CHECKING:
    from constructs import Construct


def check_bucket(
    path: str, handler: lambda_.IFunction, bucket: object, access_logs: s3.IBucket | None
) -> None:
    """Refuse what has no notifications, or stands in another region.

    Raises:
        PatternError: If it is no bucket, one of another region, or has logs of its own.
    """
    if access_logs is not None and (
        isinstance(access_logs, type) or not hasattr(access_logs, "bucket_arn")
    ):
        raise PatternError(
            path,
            "server_access_logs_bucket",
            rule="be a bucket",
            got=f"the class {access_logs.__name__}"
            if isinstance(access_logs, type)
            else type(access_logs).__name__,
            remedy="omit it to log nowhere",
        )
    if bucket is None:
        return
    if isinstance(bucket, type) or not hasattr(bucket, "add_event_notification"):
        got = f"the class {bucket.__name__}" if isinstance(bucket, type) else type(bucket).__name__
        raise PatternError(
            path,
            "bucket",
            rule="be an s3.Bucket, or an imported one",
            got=got,
            remedy="omit it to get one",
        )
    check_same_region(path, handler, cast("s3.IBucket", bucket), "the bucket")
    if access_logs is not None:
        raise PatternError(
            path,
            "server_access_logs_bucket",
            rule="be left out beside bucket, which has its own",
            got="both",
            remedy="give it to the bucket",
        )


def check_one_stack(
    path: str,
    scope: Construct,
    handler: lambda_.IFunction,
    bucket: s3.IBucket | None,
    topic: sns.ITopic | None,
) -> None:
    """Refuse a bucket whose stack would wait for the handler's, which waits for the bucket's.

    CDK refuses that as well, but only once the handler is granted to read, and by a trace.

    Raises:
        PatternError: If bucket and handler, or topic, are defined in two stacks.
    """
    here = cdk.Stack.of(scope)
    if bucket is None and isinstance(topic, sns.Topic) and topic.stack is not here:
        raise PatternError(
            path,
            "topic",
            rule=f"stand in the stack of the trigger's own bucket, {here.node.path}, as each names "
            "the other",
            got=f"one in {topic.stack.node.path}",
            remedy="give a bucket of the topic's stack, or define the topic in this one",
        )
    target = function_behind(handler) if topic is None else topic
    if not isinstance(bucket, s3.Bucket) or not isinstance(target, lambda_.Function | sns.Topic):
        return
    if bucket.stack is not target.stack:
        name = "the handler" if topic is None else "topic"
        raise PatternError(
            path,
            "bucket",
            rule=f"stand in the stack of {name}, {target.stack.node.path}, as its notifications do",
            got=f"one in {bucket.stack.node.path}",
            remedy="give a topic of the bucket's stack, or import the bucket with "
            "s3.Bucket.from_bucket_name",
        )


def define_bucket(scope: Construct, access_logs: s3.IBucket | None) -> s3.Bucket:
    """A bucket that is private, encrypted, for TLS alone, versioned, and stays.

    Args:
        scope: The trigger.
        access_logs: Where S3 logs who uses it, if anywhere.
    """
    bucket = s3.Bucket(
        scope,
        "Bucket",
        encryption=s3.BucketEncryption.S3_MANAGED,
        enforce_ssl=True,
        block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
        versioned=True,  # else S3 may tell of two writes of a key at once as of one
        server_access_logs_bucket=access_logs,
        removal_policy=cdk.RemovalPolicy.RETAIN,
    )
    if access_logs is None:
        acknowledge(
            bucket,
            "AwsSolutions-S1",
            reason="Logs of who uses the bucket go to a bucket that the account chooses: "
            "server_access_logs_bucket, or a trail of CloudTrail's.",
        )
    return bucket


def let_s3_encrypt(topic: sns.ITopic) -> None:
    """Let S3 use the key of a topic, as CDK does where its feature flag is set.

    See https://docs.aws.amazon.com/AmazonS3/latest/userguide/grant-destinations-permissions-to-s3.html
    """
    if topic.master_key:
        topic.master_key.add_to_resource_policy(
            iam.PolicyStatement(
                principals=[iam.ServicePrincipal("s3.amazonaws.com")],
                actions=["kms:GenerateDataKey", "kms:Decrypt"],
                resources=["*"],
            ),
            allow_no_op=True,
        )
