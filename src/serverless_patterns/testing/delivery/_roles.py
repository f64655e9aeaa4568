"""What the policies of a role let it do.

- A role may do what its own policies or that of the resource allow: D,
  https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
- AWS's own policies of a role count by their names, as far as they are for what a function sends
  and polls: D, https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html

A permissions boundary isn't evaluated, with a warning. A policy outside the template that isn't
AWS's counts if the caller tells it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from serverless_patterns.testing.delivery._references import text_with
from serverless_patterns.testing.delivery._statements import (
    is_action,
    is_allowed,
    is_on,
    is_on_outside,
    is_role,
    statements,
)
from serverless_patterns.testing.delivery._template import listed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from serverless_patterns.testing.delivery._statements import Statement
    from serverless_patterns.testing.delivery._template import Resources

_RESOURCE_POLICIES = {
    "AWS::Events::EventBusPolicy": "EventBusName",
    "AWS::S3::BucketPolicy": "Bucket",
    "AWS::SNS::TopicInlinePolicy": "TopicArn",
    "AWS::SNS::TopicPolicy": "Topics",
    "AWS::SQS::QueueInlinePolicy": "Queue",
    "AWS::SQS::QueuePolicy": "Queues",
}
_STREAM_READS = ("DescribeStream", "GetRecords", "GetShardIterator", "ListStreams")
_KINESIS_READS = (*_STREAM_READS, "DescribeStreamSummary", "ListShards", "SubscribeToShard")
_QUEUE_READS = ("DeleteMessage", "GetQueueAttributes", "ReceiveMessage")
# AWS's own policies that let a role do this, by the end of their ARNs.
_MANAGED: dict[str, tuple[str, ...]] = {
    "AWSLambdaDynamoDBExecutionRole": tuple(f"dynamodb:{name}" for name in _STREAM_READS),
    "AWSLambdaInvocation-DynamoDB": tuple(f"dynamodb:{name}" for name in _STREAM_READS),
    "AWSLambdaKinesisExecutionRole": tuple(f"kinesis:{name}" for name in _KINESIS_READS),
    "AWSLambdaSQSQueueExecutionRole": tuple(f"sqs:{name}" for name in _QUEUE_READS),
    "AWSLambda_FullAccess": ("lambda:*",),
    "AdministratorAccess": ("*",),
    "AmazonDynamoDBFullAccess": ("dynamodb:*",),
    "AmazonDynamoDBFullAccess_v2": ("dynamodb:*",),
    "AmazonEventBridgeFullAccess": ("events:*",),
    "AmazonKinesisFullAccess": ("kinesis:*",),
    "AmazonKinesisReadOnlyAccess": ("kinesis:Get*", "kinesis:List*", "kinesis:Describe*"),
    "AmazonS3FullAccess": ("s3:*",),
    "AmazonSNSFullAccess": ("sns:*",),
    "AmazonSQSFullAccess": ("sqs:*",),
    "PowerUserAccess": ("*",),
}


def role_named(resources: Resources, role: Any) -> str | None:
    """The logical id of a role that the template or the caller tells; of another none."""
    name = resources.target(role)
    return name if name is not None and resources.kind(name) == "AWS::IAM::Role" else None


def role_is_allowed(resources: Resources, role: str, action: str, target: str) -> bool:
    """Whether the policies of a role or those of a resource allow an action on it.

    Args:
        resources: The template.
        role: The logical id of the role.
        action: The action.
        target: The logical id of the resource.
    """
    given = [
        each
        for each in statements_at(resources, target)
        if is_action(each, action) and is_role(resources, each, role)
    ]
    own = own_statements(resources, role, action, target)
    return is_allowed(resources, role, [*own, *given])


def own_statements(resources: Resources, role: str, action: str, target: str) -> list[Statement]:
    """What the policies of a role say of an action on a resource of the template."""
    return [
        each
        for each in _statements_of(resources, role)
        if is_action(each, action) and is_on(resources, each, target, role)
    ]


def may_reach_outside(resources: Resources, role: str, action: str, value: Any) -> bool:
    """Whether the policies of a role allow an action on what is none of the template."""
    concerned = [
        each
        for each in _statements_of(resources, role)
        if is_action(each, action) and is_on_outside(each, value)
    ]
    return is_allowed(resources, role, concerned)


def statements_at(resources: Resources, target: str) -> Iterator[Statement]:
    """The statements of the policies of a resource."""
    for kind, key in _RESOURCE_POLICIES.items():
        for _, properties in resources.of_kind(kind):
            if target in map(resources.target, listed(properties.get(key))):
                yield from statements(properties.get("PolicyDocument"))


def _statements_of(resources: Resources, role: str) -> Iterator[Statement]:
    """The statements of the policies of a role."""
    properties = resources.properties(role)
    if "PermissionsBoundary" in properties:
        resources.warn(
            f"{role}: PermissionsBoundary is taken to allow what the policies do; "
            "check that it does"
        )
    documents = [policy.get("PolicyDocument") for policy in properties.get("Policies", [])]
    managed = listed(properties.get("ManagedPolicyArns"))
    attached = {resources.target(value) for value in managed}
    kinds = ("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy", "AWS::IAM::RolePolicy")
    for name, policy in resources.of_kind(*kinds):
        roles = [*policy.get("Roles", []), policy.get("RoleName")]
        if name in attached or role in map(resources.target, roles):
            documents.append(policy.get("PolicyDocument"))
    for document in documents:
        yield from statements(document)
    for value in managed:
        actions = _MANAGED.get(text_with(value, "").rpartition("/")[2])
        if actions:
            yield {"Effect": "Allow", "Action": list(actions), "Resource": "*"}
