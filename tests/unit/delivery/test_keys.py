"""Whether a service or a role may use the key of what it writes to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from serverless_patterns.testing.delivery._permissions import may_send, role_may
from serverless_patterns.testing.delivery._template import Resources
from tests.unit.delivery.push_templates import (
    arn,
    let_in,
    queue,
    ref,
    resource,
    template,
    topic,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

SNS = "sns.amazonaws.com"
ROOT = {"Fn::Join": ["", ["arn:", ref("AWS::Partition"), ":iam::", ref("AWS::AccountId"), ":root"]]}
BY_IAM = {"Effect": "Allow", "Principal": {"AWS": ROOT}, "Action": "kms:*", "Resource": "*"}
USES = ["kms:GenerateDataKey*", "kms:Decrypt"]


def of_cdk(alias: str) -> dict[str, Any]:
    """What CDK makes of ``kms.Alias.from_alias_name``."""
    scope = ["arn:", ref("AWS::Partition"), ":kms:", ref("AWS::Region"), ":", ref("AWS::AccountId")]
    return {"Fn::Join": ["", [*scope, f":{alias}"]]}


def service_may(key: Any, *parts: Mapping[str, Any]) -> bool:
    """Whether SNS may send to a queue under this key."""
    resources = Resources(
        template(topic(), queue(KmsMasterKeyId=key), let_in(SNS, ref("Topic")), *parts)
    )
    return may_send(resources, "Queue", SNS, "Topic")


def key(*statements: Mapping[str, Any]) -> dict[str, Any]:
    return resource("Key", "AWS::KMS::Key", KeyPolicy={"Statement": list(statements)})


@pytest.mark.parametrize("alias", ["alias/aws/sqs", "alias/aws/sns"])
def test_a_key_that_aws_manages_is_known_as_cdk_writes_it(alias: str) -> None:
    assert not service_may(of_cdk(alias))


def test_an_alias_of_the_template_is_known_by_its_name() -> None:
    name = resource("Name", "AWS::KMS::Alias", AliasName="alias/orders", TargetKeyId=arn("Key"))
    assert not service_may(of_cdk("alias/orders"), name, key(BY_IAM))
    anybody = BY_IAM | {"Principal": {"Service": SNS}}
    assert service_may("alias/orders", name, key(anybody))


def test_a_denial_of_the_key_wins() -> None:
    anybody = BY_IAM | {"Principal": "*"}
    assert service_may(ref("Key"), key(anybody))
    assert not service_may(ref("Key"), key(anybody, anybody | {"Effect": "Deny"}))


TARGETS: dict[str, Mapping[str, Any]] = {
    "Queue": queue(KmsMasterKeyId=arn("Key")),
    "Topic": topic(KmsMasterKeyId=ref("Key")),
    "Kept": resource(
        "Kept",
        "AWS::S3::Bucket",
        BucketEncryption={
            "ServerSideEncryptionConfiguration": [
                {
                    "ServerSideEncryptionByDefault": {
                        "SSEAlgorithm": "aws:kms",
                        "KMSMasterKeyID": arn("Key"),
                    }
                }
            ]
        },
    ),
}
WRITES = {"Queue": "sqs:SendMessage", "Topic": "sns:Publish", "Kept": "s3:PutObject"}


def allow(action: Any, on: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": on}


def may_write(target: str, policy: Mapping[str, Any], *uses: Mapping[str, Any]) -> bool:
    """Whether a role that may write to a target may do so under a key with this policy."""
    statements = [allow(WRITES[target], "*"), *uses]
    role = resource(
        "Role", "AWS::IAM::Role", Policies=[{"PolicyDocument": {"Statement": statements}}]
    )
    return role_may(Resources(template(TARGETS[target], policy, role)), arn("Role"), target)


DELEGATES = [key(BY_IAM), resource("Key", "AWS::KMS::Key")]


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("policy", DELEGATES, ids=["root", "default"])
def test_a_role_must_be_allowed_to_use_the_key(target: str, policy: Mapping[str, Any]) -> None:
    assert not may_write(target, policy)
    assert may_write(target, policy, allow(USES, arn("Key")))
    assert not may_write(target, policy, allow(USES, "arn:aws:kms:*:*:key/other*"))
    assert not may_write(target, policy, allow("kms:Decrypt", arn("Key")))


@pytest.mark.parametrize(
    ("target", "expected"), [("Queue", False), ("Topic", False), ("Kept", True)]
)
def test_only_queues_and_topics_ask_to_decrypt(target: str, *, expected: bool) -> None:
    use = allow("kms:GenerateDataKey", arn("Key"))
    assert may_write(target, key(BY_IAM), use) is expected


def test_the_key_itself_may_let_the_role_use_it() -> None:
    mine = BY_IAM | {"Principal": {"AWS": arn("Role")}, "Action": USES}
    assert may_write("Queue", key(mine))


def test_a_key_that_does_not_leave_it_to_iam_heeds_no_policy_of_a_role() -> None:
    others = BY_IAM | {"Principal": {"AWS": "arn:aws:iam::123456789012:role/other"}}
    assert not may_write("Queue", key(others), allow(USES, arn("Key")))


def test_a_denial_of_the_role_wins() -> None:
    mine = BY_IAM | {"Principal": {"AWS": arn("Role")}}
    deny = allow(USES, "*") | {"Effect": "Deny"}
    assert not may_write("Queue", key(mine), deny)


@pytest.mark.parametrize("alias", ["alias/aws/sqs", of_cdk("alias/aws/sqs")])
def test_a_role_may_use_a_key_that_aws_manages(alias: Any) -> None:
    role = resource(
        "Role",
        "AWS::IAM::Role",
        Policies=[{"PolicyDocument": {"Statement": allow("sqs:*", "*")}}],
    )
    resources = Resources(template(queue(KmsMasterKeyId=alias), role))
    assert role_may(resources, arn("Role"), "Queue")
    assert resources.warnings == []


def test_a_key_outside_of_the_template_is_trusted_with_a_warning() -> None:
    resources = Resources(
        template(
            topic(),
            queue(KmsMasterKeyId="arn:aws:kms:us-east-1:123456789012:key/elsewhere"),
            let_in(SNS, ref("Topic")),
        )
    )
    assert may_send(resources, "Queue", SNS, "Topic")
    assert resources.warnings == [
        "Queue: its key is outside the template and taken to let everybody use it; "
        "check the policy of the key"
    ]
