"""Whether a template lets one thing reach another.

- A service needs the function's ``AWS::Lambda::Permission`` with the qualifier that it invokes: D,
  https://docs.aws.amazon.com/lambda/latest/dg/access-control-resource-based.html
- It needs a policy of the queue or the topic that it sends to, and of its key: D,
  https://docs.aws.amazon.com/sns/latest/dg/subscribe-sqs-queue-to-sns-topic.html
- Lambda sends to destinations and dead-letter queues with the function's role: D,
  https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html

Of conditions only ``aws:SourceArn`` is looked at: others are taken to hold in an allowance, and
not to hold in a denial. A role that isn't in the template may do everything.
"""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from serverless_patterns.testing.delivery._encryption import key_lets

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from serverless_patterns.testing.delivery._template import Resources

_ACTIONS = {
    "AWS::Events::EventBus": "events:PutEvents",
    "AWS::Lambda::Function": "lambda:InvokeFunction",
    "AWS::S3::Bucket": "s3:PutObject",
    "AWS::SNS::Topic": "sns:Publish",
    "AWS::SQS::Queue": "sqs:SendMessage",
}
_SERVICES = {"AWS::Events::Rule": "events", "AWS::Lambda::Alias": "lambda"} | {
    kind: action.split(":")[0] for kind, action in _ACTIONS.items()
}
_NAMES = ("BucketName", "FunctionName", "Name", "QueueName", "TopicName")
_PREFIXES = {
    "AWS::Events::EventBus": "event-bus/",
    "AWS::Events::Rule": "rule/",
    "AWS::Lambda::Function": "function:",
}
_ARN_PARTS = 6
_VARIABLE = re.compile(r"\$\{[^}]*\}")
_RESOURCE_POLICIES = {
    "AWS::Events::EventBusPolicy": "EventBusName",
    "AWS::S3::BucketPolicy": "Bucket",
    "AWS::SNS::TopicInlinePolicy": "TopicArn",
    "AWS::SNS::TopicPolicy": "Topics",
    "AWS::SQS::QueueInlinePolicy": "Queue",
    "AWS::SQS::QueuePolicy": "Queues",
}
# AWS's own policies that let a role do this, by the end of their ARNs.
_MANAGED = {
    "AdministratorAccess": "",
    "AmazonEventBridgeFullAccess": "events:",
    "AmazonS3FullAccess": "s3:",
    "AmazonSNSFullAccess": "sns:",
    "AmazonSQSFullAccess": "sqs:",
    "AWSLambda_FullAccess": "lambda:",
    "PowerUserAccess": "",
}


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
        and _is_action(permission.get("Action"), "lambda:InvokeFunction")
        and ("SourceArn" not in permission or _covers(resources, permission["SourceArn"], source))
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
        for statement in _statements_at(resources, target)
        if _is_action(statement.get("Action"), action)
        and _is_principal(statement.get("Principal"), principal)
    ]
    return key_lets(resources, target, principal) and _is_allowed(resources, concerned, source)


def role_may(resources: Resources, role: Any, target: str) -> bool:
    """Whether a role may send to, invoke or write what is in the template.

    Args:
        resources: The template.
        role: What the template refers to the role by.
        target: The logical id of the queue, topic, function, bucket or bus.
    """
    name = resources.target(role)
    if name is None or resources.kind(name) != "AWS::IAM::Role":
        return True
    action = _ACTIONS[resources.kind(target)]
    own = [
        statement
        for statement in _statements_of(resources, name)
        if _is_action(statement.get("Action"), action)
        and any(
            _covers(resources, resource, target) for resource in _listed(statement.get("Resource"))
        )
    ]
    given = [
        statement
        for statement in _statements_at(resources, target)
        if _is_action(statement.get("Action"), action)
        and _is_role(resources, statement.get("Principal"), name)
    ]
    if _is_managed(resources.properties(name).get("ManagedPolicyArns"), action):
        own.append({"Effect": "Allow"})
    return _is_allowed(resources, [*own, *given], None)


def _is_allowed(
    resources: Resources, statements: list[Mapping[str, Any]], source: str | None
) -> bool:
    if any(each.get("Effect") == "Deny" and not each.get("Condition") for each in statements):
        return False
    return any(
        each.get("Effect") == "Allow" and _is_source(resources, each.get("Condition"), source)
        for each in statements
    )


def _is_source(resources: Resources, condition: Any, source: str | None) -> bool:
    """Whether the conditions on ``aws:SourceArn`` hold: each that isn't a negation."""
    return source is None or all(
        any(_covers(resources, value, source) for value in _listed(values))
        for operator, block in (condition or {}).items()
        for key, values in block.items()
        if key.lower() == "aws:sourcearn" and "Not" not in operator
    )


def _statements_at(resources: Resources, target: str) -> Iterator[Mapping[str, Any]]:
    """The statements of the policies of a resource."""
    for kind, key in _RESOURCE_POLICIES.items():
        for _, properties in resources.of_kind(kind):
            if target in map(resources.target, _listed(properties.get(key))):
                yield from _listed(properties.get("PolicyDocument", {}).get("Statement"))


def _statements_of(resources: Resources, role: str) -> Iterator[Mapping[str, Any]]:
    """The statements of the policies of a role."""
    properties = resources.properties(role)
    documents = [policy["PolicyDocument"] for policy in properties.get("Policies", [])]
    attached = {resources.target(value) for value in properties.get("ManagedPolicyArns", [])}
    kinds = ("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy", "AWS::IAM::RolePolicy")
    for name, policy in resources.of_kind(*kinds):
        roles = [*policy.get("Roles", []), policy.get("RoleName")]
        if name in attached or role in map(resources.target, roles):
            documents.append(policy["PolicyDocument"])
    for document in documents:
        yield from _listed(document["Statement"])


def _is_managed(policies: Any, action: str) -> bool:
    for policy in _listed(policies):
        name = _text(policy, "").rpartition("/")[2]
        if name in _MANAGED and action.startswith(_MANAGED[name]):
            return True
    return False


def _is_action(patterns: Any, action: str) -> bool:
    return any(fnmatchcase(action.lower(), str(pattern).lower()) for pattern in _listed(patterns))


def _is_principal(stated: Any, service: str) -> bool:
    if not isinstance(stated, dict):
        return bool(stated == "*")
    return service in _listed(stated.get("Service")) or "*" in _listed(stated.get("AWS"))


def _is_role(resources: Resources, stated: Any, role: str) -> bool:
    if not isinstance(stated, dict):
        return bool(stated == "*")
    return any(each == "*" or resources.target(each) == role for each in _listed(stated.get("AWS")))


def _covers(resources: Resources, value: Any, target: str) -> bool:
    """Whether an ARN, perhaps with wildcards, is one of a resource or of what is in it."""
    if target == resources.target(value) or (resources.function_of(value) or "")[:1] == (target,):
        return True
    if "*" not in _text(value, ""):
        return False
    kind, name = resources.kind(target), _name(resources, target)
    service = _SERVICES[kind]
    region_and_account = slice(3, 5)  # every resource of the template has the same
    parts = _text(value, "*").split(":", _ARN_PARTS - 1)
    if len(parts) == _ARN_PARTS:
        parts[region_and_account] = "*", "*"
    arn = f"arn:aws:{service}:us-east-1:123456789012:{_PREFIXES.get(kind, '')}{name}"
    return any(fnmatchcase(full, ":".join(parts)) for full in (arn, f"{arn}/key"))


def _name(resources: Resources, target: str) -> str:
    """The physical name of a resource; its logical id where CloudFormation makes one."""
    properties = resources.properties(target)
    given = [properties.get(key) for key in _NAMES]
    return next((name for name in given if isinstance(name, str)), target)


def _text(value: Any, reference: str) -> str:
    """The text of a value, with something instead of what it refers to."""
    match value:
        case str(text):
            return text
        case {"Fn::Join": [str(separator), list(parts)]}:
            return separator.join(_text(part, reference) for part in parts)
        case {"Fn::Sub": str(text)} | {"Fn::Sub": [str(text), *_]}:
            return _VARIABLE.sub(reference, text)
    return reference


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, list) else [value]
