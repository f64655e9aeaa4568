"""A handler that messages of an SNS topic invoke."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

import aws_cdk as cdk
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns

from serverless_patterns._at_synthesis import check_at_synthesis
from serverless_patterns._errors import PatternError, new_path
from serverless_patterns._invocation import check_same_region, check_takes_events
from serverless_patterns._triggers.asynchronous_rules import AsynchronousSettings, check_permitted
from serverless_patterns._triggers.asynchronous_trigger import AsynchronousTrigger
from serverless_patterns._triggers.filter_policy import check_filters
from serverless_patterns._triggers.grants import check_grantee
from serverless_patterns._triggers.s3_trigger_rules import recursion_through
from serverless_patterns._triggers.subscription import check_topic, subscribe
from serverless_patterns._triggers.undelivered import check_undelivered

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aws_cdk import aws_cloudwatch as cloudwatch
    from aws_cdk import aws_iam as iam
    from aws_cdk import aws_lambda as lambda_
    from aws_cdk import aws_sqs as sqs
    from constructs import Construct

    from serverless_patterns._cdk_options import MetricOptions
    from serverless_patterns._triggers.failure_destination import Destination


class SnsTrigger(AsynchronousTrigger):
    """A handler that each message of a topic invokes, and that loses none.

    Defines the topic, unless one is given, encrypted and for TLS alone; a subscription of the
    handler, a queue for messages that SNS can't deliver, and for the handler what Lambda does with
    messages that it fails on: retries, age and a queue that they go to, with the error. That
    configuration and its queue stand beside the handler, and all its triggers share them.

    The handler owes an answer without an error once a message is dealt with, and the same effect
    however often one comes: it comes at least once. ``Sns.MessageId`` tells repeated ones. Where a
    bucket tells the topic of its objects, it may not cause that: synthesis refuses a role that
    could, unless messages are filtered.

    Args:
        scope: The construct that the trigger belongs to.
        id: The construct id.
        handler: The function, or an alias or a version of one.
        topic: A standard topic. Default - one of the trigger's own.
        master_key: The key that encrypts the topic of the trigger's own. Default - a key of its
            own, rotated, for about 1 USD a month. AWS's key for SNS costs nothing, but S3,
            EventBridge and CloudWatch's alarms could not use it: what they publish would be lost.
        filter_policy: What attributes of a message must be, up to 5. Default - every message comes.
        filter_policy_with_message_body: What a message, which then is JSON, must hold.
            Default - every message comes.
        dead_letter_queue: A standard queue for messages that SNS can't deliver. One that is
            imported must let SNS send to it. Default - a queue of the trigger's own, encrypted,
            kept when it goes, with messages retained for 14 days.
        retry_attempts: How often Lambda tries again what the handler failed on, 0 to 2 times,
            after 1 and 2 more minutes.
        max_event_age: How long Lambda tries so, 1 minute to 6 hours. Default - 6 hours.
        on_failure: Where Lambda sends what the handler failed on: a queue, a topic or a bucket,
            which the handler's role may write to and no more, or a destination of CDK's.
            Default - a queue that all triggers of the handler share, encrypted, kept when they go,
            with messages retained for 14 days; none of it where the handler has an
            ``EventInvokeConfig`` of its own with a failure destination.

    Attributes:
        topic: The topic.
        subscription: The subscription.

    Raises:
        PatternError: If AWS would refuse or punish an argument, or another trigger of the handler
            asks for other settings.

    See:
        https://docs.aws.amazon.com/sns/latest/dg/sns-dead-letter-queues.html
    """

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002 - CDK's own name
        *,
        handler: lambda_.IFunction,
        topic: sns.ITopic | None = None,
        master_key: kms.IKey | None = None,
        filter_policy: Mapping[str, sns.SubscriptionFilter] | None = None,
        filter_policy_with_message_body: Mapping[str, sns.FilterOrPolicy] | None = None,
        dead_letter_queue: sqs.IQueue | None = None,
        retry_attempts: int = 2,
        max_event_age: cdk.Duration | None = None,
        on_failure: Destination | None = None,
    ) -> None:
        path = new_path(scope, id)
        check_takes_events(path, handler)
        check_same_region(path, handler, scope, "its trigger")
        if topic is not None:
            check_topic(path, handler, topic)
        _check_key(path, topic, master_key)
        check_filters(path, filter_policy, filter_policy_with_message_body)
        check_undelivered(path, scope, dead_letter_queue, sender="SNS", source=topic)
        super().__init__(scope, id)
        self.topic = topic or self._define_topic(master_key)
        settings = AsynchronousSettings(retry_attempts, max_event_age, on_failure)
        self._invoke(handler, settings, source=self.topic)
        self.subscription = subscribe(
            self,
            handler,
            self.topic,
            dead_letter_queue=dead_letter_queue,
            filter_policy=filter_policy,
            filter_policy_with_message_body=filter_policy_with_message_body,
        )
        self.subscription.node.add_dependency(self._configuration)
        self.dead_letter_queue = self.subscription.dead_letter_queue
        check_permitted(path, handler)
        if filter_policy is None and filter_policy_with_message_body is None:
            check_at_synthesis(self, lambda: recursion_through(path, handler, self.topic))

    def _define_topic(self, master_key: kms.IKey | None) -> sns.Topic:
        key = master_key or kms.Key(
            self,
            "Key",
            description=f"Encrypts messages of {self.node.path}",
            enable_key_rotation=True,
            # Nothing is encrypted with it for longer than SNS tries to deliver it.
            removal_policy=cdk.RemovalPolicy.DESTROY,
        )
        return sns.Topic(self, "Topic", master_key=key, enforce_ssl=True)

    def grant_publish(self, grantee: iam.IGrantable) -> iam.Grant:
        """Let somebody publish to the topic, and use its key for it.

        Args:
            grantee: Who: a role, a function, or a service by ``iam.ServicePrincipal``.

        Raises:
            PatternError: If it is nobody, or stands in the handler's stack where that of the
                trigger, with the topic, waits for it.
        """
        check_grantee(self, self.handler, self.topic, grantee, kind="topic")
        return self.topic.grant_publish(grantee)

    def metric_delivery_failures(self, **options: Unpack[MetricOptions]) -> cloudwatch.Metric:
        """How many messages SNS gave up delivering, to any subscriber of the topic.

        Args:
            **options: Options of the metric.
        """
        return self.topic.metric_number_of_notifications_failed(**options)

    def _lost(self) -> cloudwatch.Metric:
        return redrive_failures(self.topic)


def redrive_failures(topic: sns.ITopic) -> cloudwatch.Metric:
    """How many messages SNS could not even send to the dead-letter queue of a subscription."""
    return topic.metric(
        "NumberOfNotificationsFailedToRedriveToDlq",
        period=cdk.Duration.minutes(1),
        statistic="Sum",
    )


def _check_key(path: str, topic: sns.ITopic | None, key: kms.IKey | None) -> None:
    """Refuse what is no key, or one that encrypts nothing."""
    if key is not None and (isinstance(key, type) or not hasattr(key, "key_arn")):
        raise PatternError(
            path,
            "master_key",
            rule="be a KMS key",
            got=f"the class {key.__name__}" if isinstance(key, type) else type(key).__name__,
            remedy="omit it to get one",
        )
    if topic is not None and key is not None:
        raise PatternError(
            path,
            "master_key",
            rule="be left out beside topic, which has its own encryption",
            got="both",
            remedy="give the key to the topic",
        )
