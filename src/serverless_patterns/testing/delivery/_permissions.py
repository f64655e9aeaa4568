"""Whether a template lets one thing reach another.

- A service needs the function's ``AWS::Lambda::Permission`` with the qualifier that it invokes: D,
  https://docs.aws.amazon.com/lambda/latest/dg/access-control-resource-based.html
- It needs a policy of the queue or the topic that it sends to, and of its key: D,
  https://docs.aws.amazon.com/sns/latest/dg/subscribe-sqs-queue-to-sns-topic.html
- Lambda sends to destinations and dead-letter queues with the function's role: D,
  https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html

How statements are read stands in ``_statements.py``. A role that isn't in the template may do
everything.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from serverless_patterns.testing.delivery._encryption import key_lets, key_lets_role_write
from serverless_patterns.testing.delivery._references import text_with
from serverless_patterns.testing.delivery._roles import (
    may_reach_outside,
    role_is_allowed,
    role_named,
    statements_at,
)
from serverless_patterns.testing.delivery._statements import (
    covers,
    is_action,
    is_allowed,
    is_service,
)

if TYPE_CHECKING:
    from serverless_patterns.testing.delivery._template import Resources

_ACTIONS = {
    "AWS::Events::EventBus": "events:PutEvents",
    "AWS::Lambda::Function": "lambda:InvokeFunction",
    "AWS::S3::Bucket": "s3:PutObject",
    "AWS::SNS::Topic": "sns:Publish",
    "AWS::SQS::Queue": "sqs:SendMessage",
}
_SERVICE_IN_ARN = 2


def may_invoke(
    resources: Resources, function: str, qualifier: str | None, principal: str, source: str
) -> bool:
    """Whether a service may invoke a function for a resource.

    Args:
        resources: The template.
        function: The logical id of the function.
        qualifier: The logical id of the alias or version that it is invoked by.
        principal: The service.
        source: The logical id of the resource that it acts for.
    """
    return any(
        resources.function_of(permission.get("FunctionName")) == (function, qualifier)
        and permission.get("Principal") in (principal, "*")
        and is_action(permission, "lambda:InvokeFunction")
        and ("SourceArn" not in permission or covers(resources, permission["SourceArn"], source))
        for _, permission in resources.of_kind("AWS::Lambda::Permission")
    )


def may_send(resources: Resources, target: str, principal: str, source: str) -> bool:
    """Whether a service may send to a queue or a topic for a resource.

    Args:
        resources: The template.
        target: The logical id of the queue or the topic.
        principal: The service.
        source: The logical id of the resource that it acts for.
    """
    action = _ACTIONS[resources.kind(target)]
    concerned = [
        statement
        for statement in statements_at(resources, target)
        if is_action(statement, action) and is_service(statement, principal)
    ]
    return key_lets(resources, target, principal) and is_allowed(
        resources, target, concerned, source
    )


def role_may(resources: Resources, role: Any, target: str) -> bool:
    """Whether a role may send to, invoke or write what is in the template.

    Args:
        resources: The template.
        role: What the template refers to the role by.
        target: The logical id of the queue, topic, function, bucket or bus.
    """
    name = role_named(resources, role)
    if name is None:
        return True
    action = _ACTIONS[resources.kind(target)]
    return role_is_allowed(resources, name, action, target) and key_lets_role_write(
        resources, target, name
    )


def role_may_outside(resources: Resources, role: Any, destination: Any) -> bool:
    """Whether the policies of a role let it write to what isn't in the template.

    Args:
        resources: The template.
        role: What the template refers to the role by.
        destination: What the template has for the ARN of where it writes.
    """
    name = role_named(resources, role)
    if name is None:
        return True
    parts = text_with(destination, "").split(":")
    service = parts[_SERVICE_IN_ARN] if len(parts) > _SERVICE_IN_ARN else ""
    return any(
        may_reach_outside(resources, name, action, destination)
        for action in _ACTIONS.values()
        if service in ("", action.split(":")[0])
    )
