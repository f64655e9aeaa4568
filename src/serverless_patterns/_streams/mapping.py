"""A function that Lambda polls a stream for: what Kinesis and DynamoDB have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_

from serverless_patterns import _quotas
from serverless_patterns._arguments import check_grantee
from serverless_patterns._at_synthesis import check_at_synthesis
from serverless_patterns._errors import refusals_of
from serverless_patterns._invocation import acknowledge_polled
from serverless_patterns._role_policies import attached
from serverless_patterns._streams.failed_records import (
    CheckedDestination,
    NarrowDestination,
    failure_bucket,
)
from serverless_patterns._streams.metrics import StreamMetrics
from serverless_patterns._streams.readers import second_readings
from serverless_patterns._streams.settings import half

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_cdk import aws_s3 as s3
    from aws_cdk import aws_sqs as sqs
    from constructs import Construct

    from serverless_patterns._streams.failed_records import Destination
    from serverless_patterns._streams.settings import StreamSettings

LEAST_RETENTION = cdk.Duration.hours(_quotas.STREAM_RETENTION_HOURS)


class StreamMapping(StreamMetrics):
    """The event source mapping of a stream, with what its handler may do and what is measured.

    Args:
        scope: The construct that the consumer belongs to.
        id: The construct id.
        handler: The function.
        on_failure: Where records go that are given up. Default - a bucket.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002 - CDK's own name
        *,
        handler: lambda_.IFunction,
        on_failure: Destination | None,
    ) -> None:
        super().__init__(scope, id)
        self.handler = handler
        self.on_failure: Destination = on_failure or failure_bucket(self, "FailedRecords")

    def _poll(
        self,
        stream_arn: str,
        settings: StreamSettings,
        retention: cdk.Duration | None,
        grant_read: Callable[[iam.IGrantable], iam.Grant],
    ) -> None:
        """Define the mapping.

        Args:
            stream_arn: The ARN of the stream or of its consumer.
            settings: What it is set to.
            retention: How long the stream keeps a record, as far as it is known.
            grant_read: Allows someone to read the stream.
        """
        self._warn_of_splitting(settings)
        self._grant_read = grant_read
        access = self._access()
        if access is not None:
            grant_read(access)
        self.max_record_age = settings.max_record_age or half(retention or LEAST_RETENTION)
        is_late = self.max_record_age.is_unresolved()
        destination = self.on_failure
        checked = None
        if hasattr(destination, "bind"):
            checked = CheckedDestination(cast("lambda_.IEventSourceDlq", destination))
        with refusals_of("lambda_.EventSourceMapping", self.node.path):
            self.event_source_mapping = mapping = lambda_.EventSourceMapping(
                self,
                "Mapping",
                target=self.handler,
                event_source_arn=stream_arn,
                batch_size=settings.batch_size,
                max_batching_window=settings.max_batching_window,
                parallelization_factor=settings.parallelization_factor,
                retry_attempts=settings.retry_attempts,
                max_record_age=None if is_late else self.max_record_age,
                bisect_batch_on_error=settings.bisects,
                report_batch_item_failures=settings.reports_failures,
                tumbling_window=settings.tumbling_window,
                filters=[dict(each) for each in settings.filters or ()] or None,
                filter_encryption=settings.filter_encryption,
                starting_position=settings.starting_position,
                starting_position_timestamp=settings.starting_position_timestamp,
                enabled=settings.enabled,
                on_failure=checked or NarrowDestination(destination, access),
                support_s3_on_failure_destination=True,
                # Nothing else tells of a record that was given up, unless its destination does.
                metrics_config=lambda_.MetricsConfig(metrics=[lambda_.MetricType.EVENT_COUNT]),
            )
        if is_late:  # which CDK takes for a number that is too low
            resource = cast("lambda_.CfnEventSourceMapping", mapping.node.default_child)
            resource.maximum_record_age_in_seconds = self.max_record_age.to_seconds()
        if checked is not None:
            checked.check(self)
        if access is not None:
            mapping.node.add_dependency(access)  # Lambda asks what the role may do at creation
        check_at_synthesis(self, lambda: second_readings(self, mapping))
        acknowledge_polled(
            self,
            self.handler,
            "Lambda polls a stream for the function and waits for its answer: what it gives up "
            "goes to the mapping's failure destination, and nothing reaches a dead-letter queue.",
        )

    def _warn_of_splitting(self, settings: StreamSettings) -> None:
        if settings.aggregates and (settings.bisects or settings.reports_failures):
            cdk.Annotations.of(self).add_warning_v2(
                "serverless-patterns:tumbling-window-splits",
                f"{self.node.path}: AWS documents for a tumbling_window what retry_attempts and "
                "max_record_age do, and not what becomes of its state where bisect_batch_on_error "
                "or report_batch_item_failures split a batch",
            )

    def _access(self) -> iam.Policy | None:
        """A policy of the consumer's own for the handler's role, if that is known and takes one.

        Not the role's default policy, where a wildcard that is acknowledged here would excuse
        whatever a user grants; and it stands in the stack of the stream, not in the handler's.
        """
        role, what = self.handler.role, "is unknown, so nothing is granted to it"
        if role is not None:
            policy = iam.Policy(self, "Access")
            if attached(policy, role):
                return policy
            self.node.try_remove_child("Access")
            what = f"takes no policies ({role.node.path}), so nothing is granted to it"
        cdk.Annotations.of(self).add_warning_v2(
            "serverless-patterns:role-of-handler-unknown",
            f"{self.node.path}: the role of handler {what}: it must be allowed to read the stream "
            "and to write to on_failure already",
        )
        return None

    def grant_replay(self, grantee: iam.IGrantable) -> iam.Grant:
        """Allow ``grantee`` to read what was given up, and the records that it points to.

        A topic, and a destination of CDK's, are read by whoever subscribed or made them.

        Args:
            grantee: Who replays.

        Raises:
            PatternError: If nothing can be granted to them.
        """
        check_grantee(self.node.path, grantee)
        grant = self._grant_read(grantee)
        if hasattr(self.on_failure, "bucket_arn"):
            grant = grant.combine(cast("s3.IBucket", self.on_failure).grant_read(grantee))
        elif hasattr(self.on_failure, "queue_arn"):
            queue = cast("sqs.IQueue", self.on_failure)
            grant = grant.combine(queue.grant_consume_messages(grantee))
        return grant
