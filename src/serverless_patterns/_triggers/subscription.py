"""The subscription of a handler to a topic."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns

from serverless_patterns._errors import PatternError
from serverless_patterns._invocation import check_same_region
from serverless_patterns._triggers.undelivered import undelivered_queue

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aws_cdk import aws_lambda as lambda_
    from aws_cdk import aws_sqs as sqs
    from constructs import Construct

_PRINCIPAL = "sns.amazonaws.com"


def check_topic(path: str, handler: lambda_.IFunction, topic: object) -> None:
    """Refuse a topic that sends nothing to functions, or sends to this one already.

    Raises:
        PatternError: If it is none, a FIFO topic, one of another region, or subscribed to.
    """
    if isinstance(topic, type) or not hasattr(topic, "topic_arn"):
        raise PatternError(
            path,
            "topic",
            rule="be an SNS topic",
            got=f"the class {topic.__name__}" if isinstance(topic, type) else type(topic).__name__,
            remedy='for example sns.Topic(self, "Uploads")',
        )
    found = cast("sns.ITopic", topic)
    if found.fifo:
        raise PatternError(
            path,
            "topic",
            rule="be a standard topic, as SNS sends a FIFO topic's messages to queues alone",
            got="a FIFO topic",
            remedy="subscribe a queue to it, and read that with SqsPoller",
        )
    check_same_region(path, handler, found, "the topic")
    for each in handler.node.root.node.find_all():
        if isinstance(each, sns.CfnSubscription) and (each.topic_arn, each.endpoint) == (
            found.topic_arn,
            handler.function_arn,
        ):
            raise PatternError(
                path,
                "topic",
                rule="be subscribed to once by one handler, as SNS keeps one subscription of it",
                got=f"a second one beside {each.node.path.removesuffix('/Resource')}",
                remedy="widen the filter of that one, or subscribe an alias",
            )


def subscribe(
    scope: Construct,
    handler: lambda_.IFunction,
    topic: sns.ITopic,
    *,
    dead_letter_queue: sqs.IQueue | None,
    filter_policy: Mapping[str, sns.SubscriptionFilter] | None = None,
    filter_policy_with_message_body: Mapping[str, sns.FilterOrPolicy] | None = None,
) -> sns.Subscription:
    """Subscribe a handler, with a queue for what SNS can't deliver.

    Subscription and permission stand under the trigger, not under the handler as CDK's own would:
    they come and go with it.

    Args:
        scope: The trigger.
        handler: What is subscribed.
        topic: What it is subscribed to.
        dead_letter_queue: A queue for messages that can't be delivered, if one was given.
        filter_policy: What message attributes must be.
        filter_policy_with_message_body: What the message must be.
    """
    queue = undelivered_queue(
        scope,
        dead_letter_queue,
        principal=_PRINCIPAL,
        holds="messages that SNS could not deliver to the function",
    )
    handler.add_permission(
        "Permission",
        principal=iam.ServicePrincipal(_PRINCIPAL),
        source_arn=topic.topic_arn,
        scope=scope,
    )
    subscription = sns.Subscription(
        scope,
        "Subscription",
        topic=topic,
        protocol=sns.SubscriptionProtocol.LAMBDA,
        endpoint=handler.function_arn,
        dead_letter_queue=queue,
        filter_policy=filter_policy,
        filter_policy_with_message_body=filter_policy_with_message_body,
    )
    permission = scope.node.try_find_child("Permission")
    if permission:
        # A message that comes before the permission is no transient failure to SNS: no retry.
        subscription.node.add_dependency(permission)
    return subscription
