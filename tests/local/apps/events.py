"""Plain CDK: queues, topics and buckets, whose deliveries are compared with the model's."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_event_sources as sources
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_s3_notifications as notifications
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from aws_cdk import aws_sqs as sqs

if TYPE_CHECKING:
    from constructs import Construct

VISIBILITY_SECONDS = 6
QUEUES: dict[str, dict[str, Any]] = {
    "Reporting": {"batch_size": 10, "report_batch_item_failures": True},
    "Raising": {"batch_size": 1},
    "Unasked": {"batch_size": 10},
    "Asked": {"batch_size": 1, "report_batch_item_failures": True},
    "Filtering": {
        "batch_size": 10,
        "filters": [
            lambda_.FilterCriteria.filter(
                {
                    "body": {
                        "kind": lambda_.FilterRule.is_equal("order"),
                        "total": lambda_.FilterRule.between(10, 20),
                    }
                }
            ),
            lambda_.FilterCriteria.filter(
                {"body": {"id": lambda_.FilterRule.begins_with("filtered-vip")}}
            ),
        ],
    },
}
MAX_RECEIVES = 3
FIFO_MAX_RECEIVES = 2

_FILTER = sns.SubscriptionFilter
ATTRIBUTE_POLICIES: dict[str, dict[str, sns.SubscriptionFilter]] = {
    "Exact": {"kind": _FILTER.string_filter(allowlist=["order", "refund"])},
    "Prefix": {"kind": _FILTER.string_filter(match_prefixes=["re"])},
    "Suffix": {"kind": _FILTER.string_filter(match_suffixes=["er"])},
    "Denied": {"kind": _FILTER.string_filter(denylist=["order"])},
    "Range": {"total": _FILTER.numeric_filter(between=sns.BetweenCondition(start=10, stop=20))},
    "Equal": {"total": _FILTER.numeric_filter(allowlist=[15])},
    "There": {"coupon": _FILTER.exists_filter()},
    "NotThere": {"coupon": _FILTER.not_exists_filter()},
    "Both": {
        "kind": _FILTER.string_filter(allowlist=["order"]),
        "total": _FILTER.numeric_filter(greater_than=12),
    },
}
BODY_POLICIES: dict[str, dict[str, sns.FilterOrPolicy]] = {
    "Body": {"kind": sns.FilterOrPolicy.filter(_FILTER.string_filter(allowlist=["order"]))},
    "NestedBody": {
        "customer": sns.FilterOrPolicy.policy(
            {"tier": sns.FilterOrPolicy.filter(_FILTER.string_filter(allowlist=["gold"]))}
        )
    },
}
OBJECT_FILTERS = {
    "Images": s3.NotificationKeyFilter(prefix="images/", suffix=".jpg"),
    "Notes": s3.NotificationKeyFilter(prefix="delivery-notes/"),
    "Archives": s3.NotificationKeyFilter(prefix="backup/", suffix=".tar.gz"),
}


class EventsStack(cdk.Stack):
    """Everything of it.

    Attributes:
        queues: The polled queues by their names.
        dead_letters: Their dead-letter queues.
        handlers: Their functions.
        held: The queues that hold what a filter lets through.
        topic: What is published to.
        bucket: What objects are put into.
    """

    def __init__(self, scope: Construct, construct_id: str) -> None:
        super().__init__(scope, construct_id)
        self.seen = dynamodb.TableV2(
            self,
            "Seen",
            partition_key=dynamodb.Attribute(name="id", type=dynamodb.AttributeType.STRING),
            sort_key=dynamodb.Attribute(name="seen", type=dynamodb.AttributeType.STRING),
            removal_policy=cdk.RemovalPolicy.DESTROY,
        )
        self._out("Seen", self.seen.table_name)
        self.queues: dict[str, sqs.Queue] = {}
        self.dead_letters: dict[str, sqs.Queue] = {}
        self.handlers: dict[str, lambda_.Function] = {}
        for name, options in QUEUES.items():
            self._poll(name, MAX_RECEIVES, {}, options)
        self._poll(
            "Ordered",
            FIFO_MAX_RECEIVES,
            {"fifo": True},
            {"batch_size": 10, "report_batch_item_failures": True},
        )
        self.held: dict[str, sqs.Queue] = {}
        self.topic = sns.Topic(self, "Topic")
        self._out("Topic", self.topic.topic_arn)
        for name, policy in ATTRIBUTE_POLICIES.items():
            self._subscribe(name, filter_policy=policy)
        for name, body_policy in BODY_POLICIES.items():
            self._subscribe(name, filter_policy_with_message_body=body_policy)
        self.bucket = s3.Bucket(self, "Bucket")
        self._out("Bucket", self.bucket.bucket_name)
        for name, key_filter in OBJECT_FILTERS.items():
            self.bucket.add_event_notification(
                s3.EventType.OBJECT_CREATED,
                notifications.SqsDestination(self._holding(name)),
                key_filter,
            )

    def _poll(
        self, name: str, receives: int, queue: dict[str, Any], mapping: dict[str, Any]
    ) -> None:
        dead_letters = sqs.Queue(self, f"{name}Dead", **queue)
        self.dead_letters[name] = dead_letters
        self.queues[name] = sqs.Queue(
            self,
            f"{name}Queue",
            visibility_timeout=cdk.Duration.seconds(VISIBILITY_SECONDS),
            dead_letter_queue=sqs.DeadLetterQueue(queue=dead_letters, max_receive_count=receives),
            **queue,
        )
        self.handlers[name] = lambda_.Function(
            self,
            f"{name}Handler",
            runtime=lambda_.Runtime.PYTHON_3_13,
            handler="index.handler",
            code=lambda_.Code.from_asset(
                str(Path(__file__).parent / "events_service"), exclude=["__pycache__"]
            ),
            timeout=cdk.Duration.seconds(VISIBILITY_SECONDS),
            environment={"SEEN_TABLE": self.seen.table_name},
        )
        self.seen.grant_write_data(self.handlers[name])
        self.handlers[name].add_event_source(sources.SqsEventSource(self.queues[name], **mapping))
        self._out(f"{name}Function", self.handlers[name].function_name)
        self._out(f"{name}Url", self.queues[name].queue_url)
        self._out(f"{name}DeadUrl", dead_letters.queue_url)

    def _subscribe(self, name: str, **filters: Any) -> None:
        subscription = subscriptions.SqsSubscription(
            self._holding(name), raw_message_delivery=True, **filters
        )
        self.topic.add_subscription(subscription)

    def _holding(self, name: str) -> sqs.Queue:
        self.held[name] = sqs.Queue(self, f"{name}Held")
        self._out(f"{name}HeldUrl", self.held[name].queue_url)
        return self.held[name]

    def _out(self, name: str, value: str) -> None:
        cdk.CfnOutput(self, f"Out{name}", value=value)


if __name__ == "__main__":
    app = cdk.App()
    EventsStack(app, "Events")
    app.synth()
