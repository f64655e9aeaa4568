"""A handler that changes of objects in an S3 bucket invoke."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from aws_cdk import aws_s3 as s3
from aws_cdk import aws_s3_notifications as notifications

from serverless_patterns._at_synthesis import check_at_synthesis
from serverless_patterns._errors import new_path
from serverless_patterns._invocation import check_same_region, check_takes_events
from serverless_patterns._triggers import s3_trigger_rules as rules
from serverless_patterns._triggers.asynchronous_rules import AsynchronousSettings, check_permitted
from serverless_patterns._triggers.asynchronous_trigger import AsynchronousTrigger
from serverless_patterns._triggers.event_bucket import (
    check_bucket,
    check_one_stack,
    define_bucket,
    let_s3_encrypt,
)
from serverless_patterns._triggers.grants import check_grantee
from serverless_patterns._triggers.notifications import (
    acknowledge_provider,
    encoded,
    notifications_of,
    others_of,
)
from serverless_patterns._triggers.sns_trigger import redrive_failures
from serverless_patterns._triggers.subscription import check_topic, subscribe
from serverless_patterns._triggers.undelivered import check_undelivered

if TYPE_CHECKING:
    from collections.abc import Sequence

    import aws_cdk as cdk
    from aws_cdk import aws_cloudwatch as cloudwatch
    from aws_cdk import aws_iam as iam
    from aws_cdk import aws_lambda as lambda_
    from aws_cdk import aws_sns as sns
    from aws_cdk import aws_sqs as sqs
    from constructs import Construct

    from serverless_patterns._errors import PatternError
    from serverless_patterns._triggers.failure_destination import Destination
    from serverless_patterns._triggers.notifications import Notification


class S3Trigger(AsynchronousTrigger):
    """A handler that changes of objects invoke, directly or through a topic, and that loses none.

    Defines the bucket, unless one is given: encrypted, private, for TLS alone, kept when its stack
    goes, and versioned, since S3 may tell of two writes at once as of one otherwise (of a bucket
    that is given, too). Defines its notification to the handler, or to a topic that it and others
    subscribe to, and for the handler what Lambda does with events that it fails on: retries, age
    and a queue that they go to, with the error. That configuration and its queue stand beside the
    handler, and all its triggers share them.

    The handler owes an answer without an error once an event is dealt with, and the same effect
    however often one comes: it comes at least once, in no order. Bucket, key and ``sequencer``
    tell repeated ones; keys come URL-encoded. Through a topic an event is SNS's, with S3's as its
    ``Message``. It may not cause the events that invoke it: synthesis refuses a role that could,
    unless by a statement with a condition that may not hold.

    S3 refuses notifications that overlap, and knows no wildcards: where it must be otherwise, let
    the bucket send to EventBridge, and take an ``EventBridgeTrigger`` for each handler.

    Args:
        scope: The construct that the trigger belongs to.
        id: The construct id.
        handler: The function, or an alias or a version of one.
        bucket: The bucket, of the stack of ``handler``, or of ``topic`` if there is one. One that
            is imported keeps other notifications. Default - one of the trigger's own.
        server_access_logs_bucket: Where S3 logs who uses the bucket of the trigger's own.
            Default - nowhere, which is acknowledged.
        events: What changes, none of them twice.
        prefix: What a key begins with, as it is: what S3 wants encoded is encoded. Default - any
            key.
        suffix: What a key ends with, likewise. Default - any key.
        topic: A standard topic, for several handlers of the same events: S3 tells it once, for
            all triggers that are given it. Its policy, and that of its key, must let S3 publish if
            it is imported. Default - S3 invokes the handler directly.
        dead_letter_queue: With ``topic``, a standard queue for what SNS can't deliver. One that is
            imported must let SNS send to it. Default - a queue of the trigger's own, encrypted,
            kept when it goes, with messages retained for 14 days; none without ``topic``.
        retry_attempts: How often Lambda tries again what the handler failed on, 0 to 2 times,
            after 1 and 2 more minutes.
        max_event_age: How long Lambda tries so, 1 minute to 6 hours. Default - 6 hours.
        on_failure: Where Lambda sends what the handler failed on: a queue, a topic or a bucket,
            which the handler's role may write to and no more, or a destination of CDK's.
            Default - a queue that all triggers of the handler share, encrypted, kept when they go,
            with messages retained for 14 days; none of it where the handler has an
            ``EventInvokeConfig`` of its own with a failure destination.

    Attributes:
        bucket: The bucket.
        topic: The topic, if one was given.
        notifications: What S3 tells, event by event.

    Raises:
        PatternError: If AWS would refuse or punish an argument, another notification of the bucket
            overlaps with this one, or another trigger of the handler asks for other settings.

    See:
        https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-filtering.html
    """

    notifications: tuple[Notification, ...]

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002 - CDK's own name
        *,
        handler: lambda_.IFunction,
        bucket: s3.IBucket | None = None,
        server_access_logs_bucket: s3.IBucket | None = None,
        events: Sequence[s3.EventType] = (s3.EventType.OBJECT_CREATED,),
        prefix: str | None = None,
        suffix: str | None = None,
        topic: sns.ITopic | None = None,
        dead_letter_queue: sqs.IQueue | None = None,
        retry_attempts: int = 2,
        max_event_age: cdk.Duration | None = None,
        on_failure: Destination | None = None,
    ) -> None:
        path = new_path(scope, id)
        check_takes_events(path, handler)
        check_same_region(path, handler, scope, "its trigger")
        check_bucket(path, handler, bucket, server_access_logs_bucket)
        rules.check_events(path, events)
        rules.check_filters(path, prefix, suffix)
        if topic is not None:
            check_topic(path, handler, topic)
            rules.check_key(path, topic)
        else:
            rules.check_no_queue(path, dead_letter_queue)
        check_one_stack(path, scope, handler, bucket, topic)
        check_undelivered(path, scope, dead_letter_queue, sender="SNS", source=topic)
        super().__init__(scope, id)
        self.bucket = bucket or define_bucket(self, server_access_logs_bucket)
        self.topic = topic
        self.asked = (frozenset(events), prefix, suffix)
        shared = rules.sharing(self, self._others())
        settings = AsynchronousSettings(retry_attempts, max_event_age, on_failure)
        self._invoke(handler, settings, source=topic)
        self.notifications = shared.notifications if shared else self._notify()
        overlap = self._overlap()
        if overlap:
            raise overlap
        if topic is not None:
            subscription = subscribe(self, handler, topic, dead_letter_queue=dead_letter_queue)
            subscription.node.add_dependency(self._configuration)
            self.dead_letter_queue = subscription.dead_letter_queue
        check_permitted(path, handler)
        check_at_synthesis(self, self._broken_rules)

    def _notify(self) -> tuple[Notification, ...]:
        """Let S3 tell the handler or the topic."""
        before = Counter(notifications_of(self.bucket))
        events, prefix, suffix = self.asked
        key = s3.NotificationKeyFilter(
            prefix=encoded(prefix) if prefix else None, suffix=encoded(suffix) if suffix else None
        )
        filters = [key] if prefix or suffix else []
        destination: s3.IBucketNotificationDestination = (
            notifications.LambdaDestination(self.handler)
            if self.topic is None
            else notifications.SnsDestination(self.topic)
        )
        for event in sorted(events, key=lambda each: each.name):
            self.bucket.add_event_notification(event, destination, *filters)
        if self.topic is None:
            self.bucket.node.find_child("Notifications").node.add_dependency(self._configuration)
        else:
            let_s3_encrypt(self.topic)
        acknowledge_provider(self.bucket)
        return tuple((Counter(notifications_of(self.bucket)) - before).elements())

    def _overlap(self) -> PatternError | None:
        """What is wrong between this notification and the others of the bucket."""
        same = others_of(self.bucket)
        paths = {each.node.path for each in same}
        owners = {
            each: other.node.path
            for other in self._others()
            if other.bucket.node.path in paths
            for each in other.notifications
        }
        found = [each for bucket in same for each in notifications_of(bucket)]
        others = Counter(found) - Counter(self.notifications)
        return rules.overlap(self.node.path, self.notifications, [*others], owners)

    def _others(self) -> list[S3Trigger]:
        return [
            each
            for each in self.node.root.node.find_all()
            if isinstance(each, S3Trigger) and each is not self and hasattr(each, "notifications")
        ]

    def grant_put(self, grantee: iam.IGrantable) -> iam.Grant:
        """Let somebody write objects that the handler is told of.

        Args:
            grantee: Who.

        Raises:
            PatternError: If it is nobody, or stands in the handler's stack where that of the
                trigger, with the bucket, waits for it.
        """
        check_grantee(self, self.handler, self.bucket, grantee, kind="bucket")
        return self.bucket.grant_put(grantee, self._keys)

    def grant_read(self, grantee: iam.IGrantable) -> iam.Grant:
        """Let somebody, the handler as a rule, read the objects that it is told of.

        Args:
            grantee: Who.

        Raises:
            PatternError: If it is nobody, or stands in the handler's stack where that of the
                trigger, with the bucket, waits for it.
        """
        check_grantee(self, self.handler, self.bucket, grantee, kind="bucket")
        return self.bucket.grant_read(grantee, self._keys)

    @property
    def _keys(self) -> str:
        _, prefix, suffix = self.asked
        return f"{prefix or ''}*{suffix or ''}"

    def _lost(self) -> cloudwatch.Metric | None:
        return redrive_failures(self.topic) if self.topic is not None else None

    def _broken_rules(self) -> list[PatternError]:
        """What only the finished tree tells."""
        found = [
            rules.recursion(self.node.path, self.handler, self.bucket, self.notifications),
            rules.second_configuration(self.node.path, self.bucket),
            self._overlap(),
        ]
        return [each for each in found if each]
