"""A function that reads the stream of a DynamoDB table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_lambda as lambda_

from serverless_patterns._arguments import has, kind_of
from serverless_patterns._errors import PatternError, new_path
from serverless_patterns._invocation import check_same_region
from serverless_patterns._mapping_filters import check_filters
from serverless_patterns._streams import rules
from serverless_patterns._streams.failed_records import check_destination
from serverless_patterns._streams.mapping import LEAST_RETENTION, StreamMapping
from serverless_patterns._streams.readers import WarnsOfReaders
from serverless_patterns._streams.settings import StreamSettings
from serverless_patterns._streams.shards import UNKNOWN, check_concurrency
from serverless_patterns._warn import warn

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aws_cdk import aws_iam as iam
    from aws_cdk import aws_kms as kms
    from constructs import Construct

    from serverless_patterns._streams.failed_records import Destination

# https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html
_ACTIONS = (
    "dynamodb:DescribeStream",
    "dynamodb:GetRecords",
    "dynamodb:GetShardIterator",
    "dynamodb:ListStreams",
)


class DynamoDbConsumer(StreamMapping):
    """A function that gets every change of a table, without losing one or blocking it for long.

    Defines the event source mapping, a policy that lets the handler's role read the table's stream,
    and a bucket for what is given up, unless something else is named. The bucket keeps each failed
    record for 90 days with the error, and outlives the stack; a queue or a topic gets a pointer to
    it, which is worth nothing after the 24 hours for which a table's stream keeps a record.

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
        table: A table with a stream: a ``Table``, a ``TableV2`` or an imported one.
        batch_size: The most records that one invocation gets, 1 to 10,000.
        max_batching_window: The longest that Lambda waits for a full batch, up to 300 seconds.
            Default - it doesn't wait.
        parallelization_factor: How many batches of a shard are handled at a time, 1 to 10, in order
            for each item.
        retry_attempts: How often a batch is tried again, up to 10,000; -1 tries until
            ``max_record_age``, while the shard stands still. Five are as many as a queue gives a
            message, and what fails after them is in nobody's way.
        max_record_age: The age at which a record is given up, 60 seconds to below 24 hours.
            Default - 12 hours, so that a record is at the failure destination before it expires,
            and as much time is left to fetch it by its pointer.
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
        on_failure: A bucket, which gets the records, or a standard queue or topic, which get
            pointers to them; or CDK's ``SqsDlq``, ``SnsDlq`` or ``S3OnFailureDestination`` of one,
            the last of which lets the handler read and delete there as well. Default - a bucket.
        enabled: Whether Lambda polls.

    Attributes:
        table: The table.
        handler: The function.
        on_failure: The bucket, or what was given.
        event_source_mapping: The mapping.
        max_record_age: The age at which a record is given up.

    Raises:
        PatternError: If the table has no stream, or Lambda refuses or punishes an argument.

    See:
        https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html
    """

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002 - CDK's own name
        *,
        handler: lambda_.IFunction,
        table: dynamodb.ITable | dynamodb.ITableV2,
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
            enabled=enabled,
        )
        stream_arn = _stream_of(path, table)
        _check_starting_position(path, starting_position)
        rules.check_settings(path, settings, handler, LEAST_RETENTION)
        warnings = check_filters(path, filters, "dynamodb")
        warnings |= check_concurrency(path, parallelization_factor, handler, UNKNOWN)
        check_same_region(path, handler, scope, "the consumer")
        check_same_region(path, handler, table, "the table")
        _check_region(path, handler, stream_arn)
        check_destination(path, on_failure)
        super().__init__(scope, id, handler=handler, on_failure=on_failure)
        warn(self, warnings)
        self.table = table
        self._poll(stream_arn, settings, LEAST_RETENTION, self._grant_stream)
        mapping = self.event_source_mapping
        leaf = mapping.node.default_child or mapping  # an aspect visits all under what it is at
        cdk.Aspects.of(leaf).add(WarnsOfReaders(self, mapping))

    def _grant_stream(self, grantee: iam.IGrantable) -> iam.Grant:
        # Not grant_stream_read, which lets the handler of a Table list the streams of all tables.
        grant = self.table.grant_stream(grantee, *_ACTIONS)
        key = self.table.encryption_key
        return grant.combine(key.grant_decrypt(grantee)) if key else grant


def _stream_of(path: str, table: dynamodb.ITable | dynamodb.ITableV2) -> str:
    """The ARN of a table's stream.

    Raises:
        PatternError: If it is no table, or has no stream.
    """
    if not has(table, "table_stream_arn"):
        raise PatternError(
            path,
            "table",
            rule="be a table",
            got=kind_of(table),
            remedy="make one with dynamodb.TableV2",
        )
    arn = table.table_stream_arn
    resource = table.node.default_child
    if isinstance(resource, dynamodb.CfnGlobalTable):  # the ARN of which is there in any case
        # Asked for by itself, jsii can't read the property where it is lazy.
        properties = cdk.Stack.of(resource).resolve(resource._cfn_properties)  # noqa: SLF001
        arn = arn if properties.get("streamSpecification") else None
    if arn is None:
        imported = resource is None
        raise PatternError(
            path,
            "table",
            rule="have a stream",
            got=f"{table.node.path} without one",
            remedy="import it with its table_stream_arn"
            if imported
            else "set its dynamo_stream (TableV2) or stream (Table)",
        )
    return arn


def _check_region(path: str, handler: lambda_.IFunction, stream_arn: str) -> None:
    """Refuse an imported table's stream in another region, of which CDK knows the ARN alone.

    Raises:
        PatternError: If both regions are known and differ.
    """
    there = handler.env.region
    if cdk.Token.is_unresolved(stream_arn) or cdk.Token.is_unresolved(there):
        return
    here = stream_arn.split(":")[3]
    if here != there:
        raise PatternError(
            path,
            "handler",
            rule=f"be in {here} as the table is",
            got=f"a function in {there}",
            remedy="define it in a stack of that region",
        )


def _check_starting_position(path: str, position: lambda_.StartingPosition) -> None:
    if position == lambda_.StartingPosition.AT_TIMESTAMP:
        raise PatternError(
            path,
            "starting_position",
            rule="be TRIM_HORIZON or LATEST, as a table's stream knows no other",
            got=position.value,
            remedy="omit it to start with the oldest record",
        )
