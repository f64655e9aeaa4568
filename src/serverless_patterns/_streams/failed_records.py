"""Where records go that were given up: a bucket, a queue, a topic or a destination of CDK's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import aws_cdk as cdk
import jsii
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_event_sources as event_sources
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs

from serverless_patterns._acknowledge import acknowledge
from serverless_patterns._arguments import has, kind_of
from serverless_patterns._errors import PatternError
from serverless_patterns._streams.readers import identity

if TYPE_CHECKING:
    from constructs import Construct

    # What on_failure may be.
    Destination = s3.IBucket | sqs.IQueue | sns.ITopic | lambda_.IEventSourceDlq

EXPIRES_AFTER_DAYS = 90
# https://docs.aws.amazon.com/lambda/latest/dg/kinesis-on-failure-destination.html
_KEYS = "aws/lambda/*"  # Lambda names objects aws/lambda/<mapping>/<shard>/<date>-<UUID>


def check_destination(path: str, on_failure: object) -> None:
    """Refuse what a stream's failures can't be sent to.

    Raises:
        PatternError: If it is no destination, or one that Lambda doesn't send to.
    """
    if on_failure is None:
        return
    if isinstance(on_failure, event_sources.KafkaDlq):
        raise _refused(path, "a KafkaDlq, which takes the failures of Kafka alone")
    kinds = ("bucket_arn", "queue_arn", "topic_arn", "bind")
    if not any(has(on_failure, each) for each in kinds):
        raise _refused(path, kind_of(on_failure))
    if getattr(on_failure, "fifo", False):
        raise _refused(path, f"a FIFO {'queue' if hasattr(on_failure, 'queue_arn') else 'topic'}")


def failure_bucket(scope: Construct, construct_id: str) -> s3.Bucket:
    """A bucket for failures: encrypted, private, for TLS alone, kept when its stack goes.

    Args:
        scope: What fails.
        construct_id: The id of the bucket.
    """
    bucket = s3.Bucket(
        scope,
        construct_id,
        encryption=s3.BucketEncryption.S3_MANAGED,
        block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
        enforce_ssl=True,
        lifecycle_rules=[s3.LifecycleRule(expiration=cdk.Duration.days(EXPIRES_AFTER_DAYS))],
        removal_policy=cdk.RemovalPolicy.RETAIN,
    )
    acknowledge(
        bucket,
        "AwsSolutions-S1",
        reason="It holds failed records that Lambda writes, each under a key of its own; logs of "
        "access to it would need another bucket.",
    )
    return bucket


@jsii.implements(lambda_.IEventSourceDlq)
class NarrowDestination:
    """A bucket, queue or topic that the handler's role may write to, and nothing more.

    CDK's own destinations grant more: that of a bucket lets the handler read and delete as well.

    Args:
        resource: The bucket, queue or topic.
        policy: The policy that takes what is granted. Default - nothing is granted.
    """

    def __init__(self, resource: Destination, policy: iam.Policy | None) -> None:
        self._resource = resource
        self._policy = policy

    def bind(
        self,
        target: lambda_.IEventSourceMapping,  # noqa: ARG002 - of CDK's interface
        target_handler: lambda_.IFunction,  # noqa: ARG002 - of CDK's interface
    ) -> lambda_.DlqDestinationConfig:
        """Grant what writing takes, and say where to.

        Args:
            target: The mapping.
            target_handler: The function.
        """
        if self._policy is not None:
            grant_failures(self._resource, self._policy)
        return lambda_.DlqDestinationConfig(destination=_arn(self._resource))


def grant_failures(resource: object, policy: iam.Policy) -> None:
    """Allow Lambda, as the handler's role, to write failures to a bucket, queue or topic."""
    if hasattr(resource, "bucket_arn"):
        bucket = cast("s3.IBucket", resource)
        _allow(policy, ["s3:ListBucket"], bucket.bucket_arn)
        objects = bucket.arn_for_objects(_KEYS)
        _allow(policy, ["s3:PutObject"], objects)
        acknowledge(
            policy,
            f"AwsSolutions-IAM5[Resource::{_as_reported(cdk.Stack.of(policy).resolve(objects))}]",
            reason="Lambda writes each failure as the handler's role, under a name that it makes.",
        )
        key = bucket.encryption_key
        actions = ["kms:GenerateDataKey"]
    elif hasattr(resource, "queue_arn"):
        queue = cast("sqs.IQueue", resource)
        queue.grant(policy, "sqs:SendMessage")
        key = queue.encryption_master_key
        actions = ["kms:Decrypt", "kms:GenerateDataKey"]
    else:
        topic = cast("sns.ITopic", resource)
        _allow(policy, ["sns:Publish"], topic.topic_arn)
        key = topic.master_key
        actions = ["kms:Decrypt", "kms:GenerateDataKey"]
    if key is not None:
        key.grant(policy, *actions)


@jsii.implements(lambda_.IEventSourceDlq)
class CheckedDestination:
    """A destination of CDK's, of which only the binding tells what is behind it.

    Args:
        destination: The destination.
    """

    def __init__(self, destination: lambda_.IEventSourceDlq) -> None:
        self._destination = destination
        self._arn = ""

    def bind(
        self, target: lambda_.IEventSourceMapping, target_handler: lambda_.IFunction
    ) -> lambda_.DlqDestinationConfig:
        """Let CDK grant what it grants.

        Args:
            target: The mapping.
            target_handler: The function.
        """
        bound = self._destination.bind(target, target_handler)
        self._arn = bound.destination
        return bound

    def check(self, scope: Construct) -> None:
        """Refuse a FIFO queue or topic behind it.

        Raises:
            PatternError: If it is one.
        """
        resolved = cdk.Stack.of(scope).resolve(self._arn)
        if isinstance(resolved, str):
            fifo = resolved.endswith(".fifo")
        else:
            own = identity(scope, self._arn)
            fifo = any(own.startswith(f"{each}.") for each in _fifo_paths(scope))
        if fifo:
            raise _refused(scope.node.path, "a FIFO queue or topic")


def _fifo_paths(scope: Construct) -> list[str]:
    return [
        each.node.path
        for each in scope.node.root.node.find_all()
        if (isinstance(each, sqs.CfnQueue) and each.fifo_queue)
        or (isinstance(each, sns.CfnTopic) and each.fifo_topic)
    ]


def _refused(path: str, got: str) -> PatternError:
    return PatternError(
        path,
        "on_failure",
        rule="be a bucket, a standard queue or a standard topic",
        got=got,
        remedy="omit it to get a bucket, which keeps the records themselves",
    )


def _arn(resource: object) -> str:
    for name in ("bucket_arn", "queue_arn", "topic_arn"):
        if hasattr(resource, name):
            return str(getattr(resource, name))
    raise TypeError(resource)


def _allow(policy: iam.Policy, actions: list[str], resource: str) -> None:
    policy.add_statements(iam.PolicyStatement(actions=actions, resources=[resource]))


def _as_reported(resolved: Any) -> str:
    """An ARN as cdk-nag names it in the id of a finding."""
    if isinstance(resolved, str):
        return resolved
    [(function, value)] = resolved.items()
    if function == "Fn::Join":
        return "".join(_as_reported(each) for each in value[1])
    return f"<{value if isinstance(value, str) else '.'.join(map(str, value))}>"
