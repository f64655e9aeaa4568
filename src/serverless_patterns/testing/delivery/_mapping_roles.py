"""Whether the role of a function may read what a mapping polls.

- AWS refuses a mapping whose function's role may not read its source: D,
  https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html,
  https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-create.html and
  https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-eventsourcemapping.html
  Only the actions are asked for without which it does, as others report.
- Of a consumer of a stream the role must be allowed to subscribe to it: D,
  https://docs.aws.amazon.com/streams/latest/dev/building-enhanced-consumers-api.html
- Without ``kms:Decrypt`` Lambda receives nothing of an encrypted queue or stream: D,
  https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-configure-lambda-function-trigger.html
  What it does with a mapping then is not documented, so that it is refused.

The key of a table isn't looked at. A role that isn't in the template may do everything.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from serverless_patterns.testing.delivery._encryption import key_lets_role_read
from serverless_patterns.testing.delivery._errors import DeliveryError
from serverless_patterns.testing.delivery._roles import role_is_allowed, role_named

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from serverless_patterns.testing.delivery._template import Resources

_CONSUMER = "AWS::Kinesis::StreamConsumer"
_TABLE = ("dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:DescribeStream")
_READS = {
    "AWS::DynamoDB::GlobalTable": _TABLE,
    "AWS::DynamoDB::Table": _TABLE,
    "AWS::Kinesis::Stream": (
        "kinesis:GetRecords",
        "kinesis:GetShardIterator",
        "kinesis:DescribeStream",
    ),
    _CONSUMER: ("kinesis:SubscribeToShard",),
    "AWS::SQS::Queue": ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"),
}


def check_reads(
    resources: Resources, mapping: str, properties: Mapping[str, Any], function: str
) -> None:
    """Refuse a mapping whose function's role may not read the source.

    Args:
        resources: The template.
        mapping: The logical id of the mapping.
        properties: Its properties.
        function: The logical id of its function.

    Raises:
        DeliveryError: If it may not.
    """
    role = role_named(resources, resources.properties(function).get("Role"))
    source = resources.target(properties.get("EventSourceArn"))
    if role is None or source is None:
        return
    holders = [source]
    if resources.kind(source) == _CONSUMER:
        holders.append(resources.target(resources.properties(source).get("StreamARN")) or source)
    missing = [
        action
        for action in _READS.get(resources.kind(source), ())
        if not any(role_is_allowed(resources, role, action, each) for each in holders)
    ]
    if missing:
        raise DeliveryError(
            f"{mapping}: the role of {function} must be allowed {', '.join(missing)} on {source}, "
            "got none of them; grant it, as AWS refuses the mapping without, or pass a policy "
            "from outside the template as imported"
        )
    encrypted = holders[-1]
    if not key_lets_role_read(resources, encrypted, role):
        raise DeliveryError(
            f"{mapping}: the role of {function} must be allowed kms:Decrypt with the key of "
            f"{encrypted}, got none of them; grant it, as Lambda receives nothing without"
        )
