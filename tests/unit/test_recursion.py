"""A handler that may cause the events that invoke it, through S3Trigger."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3

from serverless_patterns import PythonFunction, S3Trigger

if TYPE_CHECKING:
    from collections.abc import Callable

    Grant = Callable[[S3Trigger, lambda_.IFunction], Any]


def recursive(cause: str, event: str = "ObjectCreated:* under 'in/'") -> str:
    return (
        "Shop/Uploads: handler must not be able to cause the event that invokes it, "
        f"{event}: it would never end, got a role that allows {cause}; grant it other keys, for "
        'example bucket.grant_put(handler, "out/*"), or another bucket'
    )


def attach(function: lambda_.IFunction, name: str) -> None:
    assert isinstance(function.role, iam.Role)
    function.role.add_managed_policy(iam.ManagedPolicy.from_aws_managed_policy_name(name))


def attach_own(it: S3Trigger, function: lambda_.IFunction) -> None:
    """Attach a managed policy of the user's by its ARN."""
    assert isinstance(function.role, iam.Role)
    policy = iam.ManagedPolicy(cdk.Stack.of(it), "Attached")
    policy.add_statements(
        iam.PolicyStatement(actions=["s3:PutObject"], resources=[it.bucket.arn_for_objects("*")])
    )
    function.role.add_managed_policy(policy)


def allow(function: lambda_.IFunction, *resources: str, **options: Any) -> None:
    statement = iam.PolicyStatement(
        **{"actions": ["s3:PutObject"], "resources": [*resources] or None, **options}
    )
    function.add_to_role_policy(statement)


def by_policy(bucket: s3.IBucket, principal: iam.IPrincipal) -> None:
    bucket.add_to_resource_policy(
        iam.PolicyStatement(
            actions=["s3:PutObject"],
            resources=[bucket.arn_for_objects("*")],
            principals=[principal],
        )
    )


ANY_KEY = "s3:PutObject on arn:aws:s3:::<this bucket>/*"


WRITES: dict[str, tuple[Grant, str]] = {
    "put": (lambda it, function: it.bucket.grant_put(function), ANY_KEY),
    "read and write": (lambda it, function: it.bucket.grant_read_write(function), ANY_KEY),
    "its own grant": (
        lambda it, function: it.grant_put(function),
        "s3:PutObject on arn:aws:s3:::<this bucket>/in/*",
    ),
    "a narrower prefix": (
        lambda it, function: it.bucket.grant_put(function, "in/small/*"),
        "s3:PutObject on arn:aws:s3:::<this bucket>/in/small/*",
    ),
    "a suffix": (
        lambda it, function: it.bucket.grant_put(function, "*.txt"),
        "s3:PutObject on arn:aws:s3:::<this bucket>/*.txt",
    ),
    "any action": (
        lambda it, function: allow(function, it.bucket.arn_for_objects("*"), actions=["s3:*"]),
        ANY_KEY,
    ),
    "a family of actions": (
        lambda it, function: allow(function, it.bucket.arn_for_objects("*"), actions=["S3:put*"]),
        ANY_KEY,
    ),
    "by name": (
        lambda it, function: allow(function, f"arn:aws:s3:::{it.bucket.bucket_name}/*"),
        ANY_KEY,
    ),
    "any bucket": (
        lambda _, function: allow(function, "arn:aws:s3:::*"),
        "s3:PutObject on arn:aws:s3:::*",
    ),
    "any resource": (lambda _, function: allow(function, "*"), "s3:PutObject on *"),
    "all but some actions": (
        lambda _, function: allow(function, "*", actions=None, not_actions=["iam:*"]),
        "s3:PutObject on *",
    ),
    "all but some resources": (
        lambda _, function: allow(function, not_resources=["arn:aws:s3:::other/*"]),
        "s3:PutObject on *",
    ),
    "a managed policy of AWS's": (
        lambda _, function: attach(function, "AmazonS3FullAccess"),
        "s3:PutObject on *",
    ),
    "a managed policy that is attached": (attach_own, ANY_KEY),
    "over TLS": (
        lambda it, function: allow(
            function,
            it.bucket.arn_for_objects("*"),
            conditions={"Bool": {"aws:SecureTransport": "true"}},
        ),
        ANY_KEY,
    ),
    "in its account": (
        lambda it, function: allow(
            function,
            it.bucket.arn_for_objects("*"),
            conditions={
                "StringEquals": {"s3:ResourceAccount": cdk.Aws.ACCOUNT_ID},
                "BoolIfExists": {"aws:SecureTransport": True},
            },
        ),
        ANY_KEY,
    ),
    "by the bucket's policy": (
        lambda it, function: by_policy(it.bucket, function.grant_principal),
        ANY_KEY,
    ),
    "by the bucket's policy, as anybody": (
        lambda it, _: by_policy(it.bucket, iam.AnyPrincipal()),
        ANY_KEY,
    ),
    "a managed policy": (
        lambda it, function: iam.ManagedPolicy(
            cdk.Stack.of(it),
            "Managed",
            statements=[
                iam.PolicyStatement(
                    actions=["s3:PutObject"], resources=[it.bucket.arn_for_objects("*")]
                )
            ],
            roles=[function.role] if function.role else None,
        ),
        ANY_KEY,
    ),
}


@pytest.mark.parametrize("kind", WRITES)
def test_a_handler_that_may_write_where_it_reads_is_told_at_synthesis(
    stack: cdk.Stack, handler: PythonFunction, kind: str
) -> None:
    trigger = S3Trigger(stack, "Uploads", handler=handler, prefix="in/")
    grant, cause = WRITES[kind]
    grant(trigger, handler)

    assert trigger.node.validate() == [recursive(cause)]


HARMLESS: dict[str, Grant] = {
    "nothing": lambda _it, _function: None,
    "reading": lambda it, function: it.bucket.grant_read(function),
    "deleting": lambda it, function: it.bucket.grant_delete(function),
    "another prefix": lambda it, function: it.bucket.grant_put(function, "out/*"),
    "one key": lambda it, function: it.bucket.grant_put(function, "index.json"),
    "another bucket": lambda it, function: s3.Bucket(cdk.Stack.of(it), "Other").grant_put(function),
    "another bucket by name": lambda _, function: allow(function, "arn:aws:s3:::other/*"),
    "buckets by a beginning": lambda _, function: allow(function, "arn:aws:s3:::other-*"),
    "what may be denied": lambda _, function: allow(function, "*", effect=iam.Effect.DENY),
    "under a condition": lambda _, function: allow(
        function, "*", conditions={"StringEquals": {"s3:RequestObjectTag/made": "here"}}
    ),
    "over TLS, under a condition": lambda _, function: allow(
        function,
        "*",
        conditions={
            "Bool": {"aws:SecureTransport": "true"},
            "StringEquals": {"s3:RequestObjectTag/made": "here"},
        },
    ),
    "without TLS": lambda _, function: allow(
        function, "*", conditions={"Bool": {"aws:SecureTransport": "false"}}
    ),
    "the bucket's policy, for another": lambda it, _: by_policy(
        it.bucket, iam.ServicePrincipal("logging.s3.amazonaws.com")
    ),
    "another bucket's policy": lambda it, function: by_policy(
        s3.Bucket(cdk.Stack.of(it), "Other"), function.grant_principal
    ),
    "all but writing": lambda _, function: allow(
        function, "*", actions=None, not_actions=["s3:Put*"]
    ),
    "all but this bucket": lambda it, function: allow(
        function, not_resources=[it.bucket.arn_for_objects("*")]
    ),
    "an import": lambda _, function: allow(function, cdk.Fn.import_value("Elsewhere")),
}


@pytest.mark.parametrize("kind", HARMLESS)
def test_a_handler_that_writes_elsewhere_is_taken(
    stack: cdk.Stack, handler: PythonFunction, kind: str
) -> None:
    trigger = S3Trigger(stack, "Uploads", handler=handler, prefix="in/")
    HARMLESS[kind](trigger, handler)

    assert trigger.node.validate() == []
