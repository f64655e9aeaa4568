"""Whether a service may use the key that what it sends to is encrypted with.

- A service can't send to a queue or a topic that is encrypted with the key which AWS manages,
  ``alias/aws/sqs`` or ``alias/aws/sns``: nobody can change its policy. D,
  https://docs.aws.amazon.com/sns/latest/dg/sns-enable-encryption-for-topic-sqs-queue-subscriptions.html
- The policy of another key must let the service use ``kms:GenerateDataKey`` and ``kms:Decrypt``:
  D, https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html
  Conditions there are taken to hold.

A key that isn't in the template lets everybody use it.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from serverless_patterns.testing.delivery._template import Resources

_MANAGED = ("alias/aws/sqs", "alias/aws/sns")
_ACTIONS = ("kms:decrypt", "kms:generatedatakey")


def key_lets(resources: Resources, target: str, principal: str) -> bool:
    """Whether the key of a queue or a topic, if it has one, lets a service send.

    Args:
        resources: The template.
        target: The logical id of the queue or the topic.
        principal: The service.
    """
    key = resources.properties(target).get("KmsMasterKeyId")
    if isinstance(key, str) and key.endswith(_MANAGED):
        return False
    name = resources.target(key)
    if name is not None and resources.kind(name) == "AWS::KMS::Alias":
        name = resources.target(resources.properties(name).get("TargetKeyId"))
    if name is None or resources.kind(name) != "AWS::KMS::Key":
        return True
    statements = _listed(resources.properties(name).get("KeyPolicy", {}).get("Statement"))
    allowed = [
        str(pattern).lower()
        for statement in statements
        if statement.get("Effect") == "Allow" and _names(statement.get("Principal"), principal)
        for pattern in _listed(statement.get("Action"))
    ]
    return all(any(fnmatchcase(action, pattern) for pattern in allowed) for action in _ACTIONS)


def _names(stated: Any, service: str) -> bool:
    """Whether a principal is a service, or everybody."""
    if not isinstance(stated, dict):
        return bool(stated == "*")
    return service in _listed(stated.get("Service")) or "*" in _listed(stated.get("AWS"))


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, list) else [value]
