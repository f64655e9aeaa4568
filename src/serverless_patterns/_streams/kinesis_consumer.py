"""A function that reads a Kinesis stream."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
from aws_cdk import aws_kinesis as kinesis
from aws_cdk import aws_lambda as lambda_

from serverless_patterns._arguments import check_grantee, has, kind_of
from serverless_patterns._errors import PatternError, new_path
from serverless_patterns._invocation import check_same_region
from serverless_patterns._mapping_filters import check_filters
from serverless_patterns._streams import rules
from serverless_patterns._streams.failed_records import check_destination
from serverless_patterns._streams.mapping import StreamMapping
from serverless_patterns._streams.settings import StreamSettings
from serverless_patterns._streams.shards import Shards, check_concurrency
from serverless_patterns._warn import warn

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aws_cdk import aws_iam as iam
    from aws_cdk import aws_kms as kms
    from constructs import Construct

    from serverless_patterns._streams.failed_records import Destination

_RETENTION = cdk.Duration.days(7)


class KinesisConsumer(StreamMapping):
    """A Kinesis stream that a function reads, without losing a record or blocking a shard for long.

    Defines the event source mapping, a policy that lets the handler's role read the stream, and,
    unless they are given, the stream and a bucket for what is given up. The stream is on demand,
    encrypted, and keeps records for seven days (AWS charges those after the first by GB and month),
    so that a handler can be mended, and records replayed, over a weekend. The bucket keeps each
    failed record for 90 days with the error; a queue or a topic gets a pointer to it, which is
    worth something only while the stream keeps the record. Both outlive the stack.

    The handler owes an attempt at every record, and then ``{"batchItemFailures":
    [{"itemIdentifier": <sequence number>}, ...]}`` with those that it failed on, or an exception;
    anything else is success. The records from the first failure on come again, so it handles a
    record twice as it does once. After an exception the batch is halved, until the record that
    fails is alone; after an answer it isn't. So the handler owes an exception where the first
    record of a batch fails for good: an answer that names it gives up all that stand behind it.

    Args:
        scope: The construct that the consumer belongs to.
        id: The construct id.
        handler: The function, or an alias or a version of one.
        stream: A stream that exists. Default - the stream of ``stream_consumer``, else one that is
            made.
        stream_consumer: A consumer with enhanced fan-out, which has 2 MB/s of a shard to itself.
            Default - the throughput of the stream is shared.
        batch_size: The most records that one invocation gets, 1 to 10,000.
        max_batching_window: The longest that Lambda waits for a full batch, up to 300 seconds.
            Default - it doesn't wait.
        parallelization_factor: How many batches of a shard are handled at a time, 1 to 10, in order
            for each partition key.
        retry_attempts: How often a batch is tried again, up to 10,000; -1 tries until
            ``max_record_age``, while the shard stands still. Five are as many as a queue gives a
            message, and what fails after them is in nobody's way.
        max_record_age: The age at which a record is given up, 60 seconds to seven days.
            Default - half of what the stream keeps, so that a record is at the failure destination
            before it expires, and as much time is left to fetch it by its pointer.
        bisect_batch_on_error: Whether a batch that fails is split to find the record.
            Default - yes, unless there is a tumbling window.
        report_batch_item_failures: Whether the handler's answer says where a batch failed.
            Default - yes, unless there is a tumbling window.
        tumbling_window: The time, up to 900 seconds, for which invocations hand on a state that
            each must return. Default - none.
        filters: What ``lambda_.FilterCriteria.filter`` made, up to 5: records that match none are
            skipped. Default - every record is handled.
        filter_encryption: A key that encrypts the filters. Default - AWS's own.
        starting_position: Where reading starts: with ``TRIM_HORIZON`` nothing is missed, whereas
            ``LATEST`` misses what is written while the mapping is made or changed.
        starting_position_timestamp: Where ``AT_TIMESTAMP`` starts, in seconds since 1970.
            Default - none.
        on_failure: A bucket, which gets the records, or a standard queue or topic, which get
            pointers to them; or CDK's ``SqsDlq``, ``SnsDlq`` or ``S3OnFailureDestination`` of one,
            the last of which lets the handler read and delete there as well. Default - a bucket.
        enabled: Whether Lambda polls.

    Attributes:
        stream: The stream.
        handler: The function.
        on_failure: The bucket, the queue or the topic, or what was given.
        event_source_mapping: The mapping.
        max_record_age: The age at which a record is given up.

    Raises:
        PatternError: If Lambda refuses or punishes an argument.

    See:
        https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html
    """

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002 - CDK's own name
        *,
        handler: lambda_.IFunction,
        stream: kinesis.IStream | None = None,
        stream_consumer: kinesis.IStreamConsumer | None = None,
        batch_size: int = 100,
        max_batching_window: cdk.Duration | None = None,
        parallelization_factor: int = 1,
        retry_attempts: int = 5,
        max_record_age: cdk.Duration | None = None,
        bisect_batch_on_error: bool | None = None,
        report_batch_item_failures: bool | None = None,
        tumbling_window: cdk.Duration | None = None,
        filters: Sequence[Mapping[str, Any]] | None = None,
        filter_encryption: kms.IKey | None = None,
        starting_position: lambda_.StartingPosition = lambda_.StartingPosition.TRIM_HORIZON,
        starting_position_timestamp: float | None = None,
        on_failure: Destination | None = None,
        enabled: bool = True,
    ) -> None:
        path = new_path(scope, id)
        settings = StreamSettings(
            batch_size=batch_size,
            max_batching_window=max_batching_window,
            parallelization_factor=parallelization_factor,
            retry_attempts=retry_attempts,
            max_record_age=max_record_age,
            bisect_batch_on_error=bisect_batch_on_error,
            report_batch_item_failures=report_batch_item_failures,
            tumbling_window=tumbling_window,
            filters=filters,
            filter_encryption=filter_encryption,
            starting_position=starting_position,
            starting_position_timestamp=starting_position_timestamp,
            enabled=enabled,
        )
        given = _given_stream(path, stream, stream_consumer)
        retention = _RETENTION if given is None else _retention(given)
        rules.check_settings(path, settings, handler, retention)
        warnings = check_filters(path, filters, "kinesis")
        warnings |= check_concurrency(path, parallelization_factor, handler, Shards.of(given))
        check_same_region(path, handler, scope, "the consumer")
        if given is not None:
            check_same_region(path, handler, given, "the stream")
        check_destination(path, on_failure)
        super().__init__(scope, id, handler=handler, on_failure=on_failure)
        warn(self, warnings)
        self.stream: kinesis.IStream = given or kinesis.Stream(
            self,
            "Stream",
            stream_mode=kinesis.StreamMode.ON_DEMAND,
            encryption=kinesis.StreamEncryption.MANAGED,
            retention_period=_RETENTION,
            removal_policy=cdk.RemovalPolicy.RETAIN,
        )
        arn = stream_consumer.stream_consumer_arn if stream_consumer else self.stream.stream_arn
        self._poll(arn, settings, retention, (stream_consumer or self.stream).grant_read)

    def grant_write(self, grantee: iam.IGrantable) -> iam.Grant:
        """Allow ``grantee`` to put records into the stream.

        Args:
            grantee: Who produces.

        Raises:
            PatternError: If nothing can be granted to them.
        """
        check_grantee(self.node.path, grantee)
        return self.stream.grant_write(grantee)


def _given_stream(
    path: str,
    stream: kinesis.IStream | None,
    stream_consumer: kinesis.IStreamConsumer | None,
) -> kinesis.IStream | None:
    """The stream that exists, if one was given.

    Raises:
        PatternError: If it is none, or not that of the consumer with enhanced fan-out.
    """
    if stream is not None and stream_consumer is not None:
        raise PatternError(
            path,
            "stream",
            rule="be omitted beside stream_consumer, which has a stream",
            got="both",
            remedy="give the one that is to be read by",
        )
    if stream_consumer is not None:
        if not has(stream_consumer, "stream_consumer_arn"):
            raise PatternError(
                path,
                "stream_consumer",
                rule="be a consumer of a stream",
                got=kind_of(stream_consumer),
                remedy="make one with kinesis.StreamConsumer",
            )
        return stream_consumer.stream
    if stream is not None and not has(stream, "stream_arn"):
        raise PatternError(
            path,
            "stream",
            rule="be a Kinesis stream",
            got=kind_of(stream),
            remedy="make one with kinesis.Stream, or omit it",
        )
    return stream


def _retention(stream: kinesis.IStream) -> cdk.Duration | None:
    """How long a stream keeps records, if it is defined in this app."""
    resource = stream.node.default_child
    if not isinstance(resource, kinesis.CfnStream):
        return None
    hours = resource.retention_period_hours
    if hours is None or cdk.Token.is_unresolved(hours):
        return None
    return cdk.Duration.hours(hours)
