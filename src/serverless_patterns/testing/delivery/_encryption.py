"""Whether a service or a role may use the key that something is encrypted with.

- A service can't send to a queue or a topic that is encrypted with the key which AWS manages,
  ``alias/aws/sqs`` or ``alias/aws/sns``: nobody can change its policy. A role of the account may
  use it. D,
  https://docs.aws.amazon.com/sns/latest/dg/sns-enable-encryption-for-topic-sqs-queue-subscriptions.html
- The policy of another key must let the service use ``kms:GenerateDataKey`` and ``kms:Decrypt``:
  D, https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html
- A role is let by the policy of the key, or by its own where that leaves it to the account, as the
  policy does that a key has by default: D,
  https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html
  To write to a bucket it needs ``kms:GenerateDataKey``, to send to a queue or a topic
  ``kms:Decrypt`` too: D, https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html

A key that isn't in the template is taken to let everybody use it, with a warning.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from serverless_patterns.testing.delivery._references import text_with
from serverless_patterns.testing.delivery._roles import own_statements
from serverless_patterns.testing.delivery._statements import (
    is_account,
    is_action,
    is_allowed,
    is_role,
    is_service,
    statements,
)

if TYPE_CHECKING:
    from serverless_patterns.testing.delivery._template import Resources

_SENDS = ("kms:GenerateDataKey", "kms:Decrypt")
_WRITES = {
    "AWS::S3::Bucket": ("kms:GenerateDataKey",),
    "AWS::SNS::Topic": _SENDS,
    "AWS::SQS::Queue": _SENDS,
}
_OF_AWS = "alias/aws/"


def key_lets(resources: Resources, target: str, principal: str) -> bool:
    """Whether the key of a queue or a topic, if it has one, lets a service send.

    Args:
        resources: The template.
        target: The logical id of the queue or the topic.
        principal: The service.
    """
    if _OF_AWS in text_with(_stated(resources, target), ""):
        return False
    key = _key_of(resources, target)
    if key is None:
        return True
    concerned = [
        each
        for each in statements(resources.properties(key).get("KeyPolicy"))
        if is_service(each, principal)
    ]
    return all(
        is_allowed(resources, key, [each for each in concerned if is_action(each, action)])
        for action in _SENDS
    )


def key_lets_role_write(resources: Resources, target: str, role: str) -> bool:
    """Whether the key of a resource, if it has one, lets a role write to it.

    Args:
        resources: The template.
        target: The logical id of the resource.
        role: That of the role.
    """
    actions = _WRITES.get(resources.kind(target), ())
    return all(_lets_role(resources, target, role, action) for action in actions)


def key_lets_role_read(resources: Resources, target: str, role: str) -> bool:
    """Whether the key of a queue or a stream, if it has one, lets a role read.

    Args:
        resources: The template.
        target: The logical id of the queue or the stream.
        role: That of the role.
    """
    return _lets_role(resources, target, role, "kms:Decrypt")


def _lets_role(resources: Resources, target: str, role: str, action: str) -> bool:
    key = _key_of(resources, target)
    if key is None:
        return True
    policy = resources.properties(key).get("KeyPolicy")
    concerned = [each for each in statements(policy) if is_action(each, action)]
    by_iam = not policy or is_allowed(resources, key, filter(is_account, concerned))
    own = own_statements(resources, role, action, key)
    heeded = own if by_iam else [each for each in own if each.get("Effect") == "Deny"]
    given = [each for each in concerned if is_role(resources, each, role)]
    return is_allowed(resources, role, [*heeded, *given])


def _stated(resources: Resources, target: str) -> Any:
    """What the template says of the key of a resource."""
    properties = resources.properties(target)
    for rule in properties.get("BucketEncryption", {}).get("ServerSideEncryptionConfiguration", []):
        return rule.get("ServerSideEncryptionByDefault", {}).get("KMSMasterKeyID")
    stream = properties.get("StreamEncryption", {}).get("KeyId")
    return properties.get("KmsMasterKeyId", stream)


def _key_of(resources: Resources, target: str) -> str | None:
    """The logical id of a customer's key; none where AWS manages it or it isn't known."""
    stated = _stated(resources, target)
    alias = text_with(stated, "").rpartition("alias/")
    if not stated or _OF_AWS in "".join(alias):
        return None
    name = resources.target(stated)
    if alias[1]:
        known = resources.of_kind("AWS::KMS::Alias")
        full = f"{alias[1]}{alias[2]}"
        name = next((each for each, of in known if of.get("AliasName") == full), None)
    if name is not None and resources.kind(name) == "AWS::KMS::Alias":
        name = resources.target(resources.properties(name).get("TargetKeyId"))
    if name is not None and resources.kind(name) == "AWS::KMS::Key":
        return name
    resources.warn(
        f"{target}: its key is outside the template and taken to let everybody use it; "
        "check the policy of the key"
    )
    return None
