"""Event source mappings of Kinesis and DynamoDB streams: what a template says of one.

- Properties, defaults and ranges: D,
  https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-parameters.html and
  https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-params.html
- A stream is read from a position that must be named; events come after the mapping was made, so
  that all of them are read from each: D, the same pages, with the warning that ``LATEST`` may miss
  what comes while a mapping is made.
- A filter of Kinesis asks of ``data`` only, which must be an object in it; a record whose data
  isn't JSON doesn't match: D, https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis-filtering.html
- A filter of DynamoDB asks of the whole record: D,
  https://docs.aws.amazon.com/lambda/latest/dg/with-ddb-filtering.html
- Filters are ORed, 5 of them and with a raised quota 10: D,
  https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html
- A destination is an SQS queue, an SNS topic or an S3 bucket, and none that is FIFO: D,
  https://docs.aws.amazon.com/lambda/latest/dg/kinesis-on-failure-destination.html
- Refused, as AWS doesn't tell what would happen: a destination in Kafka, and tumbling windows
  beside bisecting, partial batch responses or more than one batch at a time of a shard.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from serverless_patterns.testing.delivery._destination_kinds import (
    BUCKET,
    QUEUE,
    TOPIC,
    check_destination,
)
from serverless_patterns.testing.delivery._errors import DeliveryError
from serverless_patterns.testing.delivery._mapping_roles import check_reads
from serverless_patterns.testing.delivery._mapping_sources import CONSUMER, source_of
from serverless_patterns.testing.delivery._patterns import check, matches
from serverless_patterns.testing.delivery._template import is_true
from serverless_patterns.testing.delivery._values import shown, whole

if TYPE_CHECKING:
    from collections.abc import Mapping

    from serverless_patterns.testing.delivery._stream_records import Record
    from serverless_patterns.testing.delivery._template import Resources

KINESIS = "AWS::Kinesis::Stream"
_DESTINATIONS = (QUEUE, TOPIC, BUCKET)
_MOST_FILTERS = 10
_REPORTS = "ReportBatchItemFailures"


@dataclass(frozen=True, kw_only=True)
class StreamMapping:
    """An event source mapping that reads a stream.

    Attributes:
        logical_id: Its logical id.
        function: The logical id of its function.
        stream_arn: The ARN of the stream.
        source_arn: The ARN that its records name: the stream's, or that of a consumer of it.
        is_enabled: Whether it reads.
        batch_size: The most records of a batch.
        window: How long it gathers a batch, in seconds.
        factor: How many batches of a shard are under way at a time.
        retries: How often a batch is sent again; ``None`` as long as the stream has it.
        max_age: How old a record may get, in seconds; ``None`` as old as the stream keeps it.
        bisects: Whether a batch that failed is split.
        reports: Whether the function's answer may name records that failed.
        tumbling: The width of its tumbling windows in seconds; 0 without them.
        destination: Where it tells of what it discards, as the template has it.
        keeps_records: Whether the destination gets the records too, not only where they stand.
        filters: The patterns of which a record must match one.
        is_kinesis: Whether it reads a Kinesis stream.
    """

    logical_id: str
    function: str
    stream_arn: str
    source_arn: str
    is_enabled: bool
    batch_size: int
    window: int
    factor: int
    retries: int | None
    max_age: int | None
    bisects: bool
    reports: bool
    tumbling: int
    destination: Any
    keeps_records: bool
    filters: tuple[Mapping[str, Any], ...]
    is_kinesis: bool

    def takes(self, record: Record) -> bool:
        """Whether a record matches one of the filters, if there are any."""
        if not self.filters:
            return True
        if not self.is_kinesis:
            seen = record.event(self.source_arn)
        elif record.data is None:
            return False
        else:
            seen = {"data": record.data}
        return any(matches(pattern, seen) for pattern in self.filters)


def stream_mapping(
    resources: Resources, logical_id: str, properties: Mapping[str, Any], stream_arn: str
) -> StreamMapping:
    """What a template says of a mapping.

    Args:
        resources: The template.
        logical_id: The mapping's logical id.
        properties: Its properties.
        stream_arn: The ARN of the stream that it reads.

    Raises:
        DeliveryError: If AWS would refuse it, or doesn't tell what it would do.
    """
    consumer = resources.target(properties.get("EventSourceArn"))
    source = source_of(resources, logical_id, properties)
    is_kinesis = source is not None and resources.kind(source) == KINESIS
    source_arn = stream_arn
    if consumer is not None and resources.kind(consumer) == CONSUMER:
        name = resources.properties(consumer).get("ConsumerName")
        source_arn += f"/consumer/{name if isinstance(name, str) else consumer}:1767225600"
    found = resources.function_of(properties.get("FunctionName"))
    if found is None:
        raise DeliveryError(
            f"{logical_id}: FunctionName must be a function of the template, got "
            f"{shown(properties.get('FunctionName'))}; deliver to the template that has it"
        )
    is_enabled = is_true(properties.get("Enabled", True))
    if is_enabled:
        check_reads(resources, logical_id, properties, found[0])
    _check_start(logical_id, properties, is_kinesis=is_kinesis)
    retries = number(logical_id, properties, "MaximumRetryAttempts", -1, (-1, 10_000))
    age = number(logical_id, properties, "MaximumRecordAgeInSeconds", -1, (-1, 604_800))
    if 0 <= age < 60:  # noqa: PLR2004 - https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html
        raise DeliveryError(
            f"{logical_id}: MaximumRecordAgeInSeconds must be -1 or 60 to 604800, got {age}; "
            "set it within that"
        )
    destination = properties.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination")
    mapping = StreamMapping(
        logical_id=logical_id,
        function=found[0],
        stream_arn=stream_arn,
        source_arn=source_arn,
        is_enabled=is_enabled,
        batch_size=number(logical_id, properties, "BatchSize", 100, (1, 10_000)),
        window=number(logical_id, properties, "MaximumBatchingWindowInSeconds", 0, (0, 300)),
        factor=number(logical_id, properties, "ParallelizationFactor", 1, (1, 10)),
        retries=None if retries < 0 else retries,
        max_age=None if age < 0 else age,
        bisects=is_true(properties.get("BisectBatchOnFunctionError", False)),
        reports=_REPORTS in properties.get("FunctionResponseTypes", ()),
        tumbling=number(logical_id, properties, "TumblingWindowInSeconds", 0, (0, 900)),
        destination=destination,
        keeps_records=_is_bucket(resources, logical_id, destination),
        filters=_filters(logical_id, properties, is_kinesis=is_kinesis),
        is_kinesis=is_kinesis,
    )
    _check_tumbling(mapping)
    return mapping


def number(
    owner: str, properties: Mapping[str, Any], name: str, default: int, limits: tuple[int, int]
) -> int:
    """A number of a template.

    Raises:
        DeliveryError: If it is a reference or AWS would refuse it.
    """
    value = properties.get(name, default)
    low, high = limits
    found = whole(value)
    if found is None:
        raise DeliveryError(
            f"{owner}: {name} must be a number in the template, got {shown(value)}; "
            "write the number, as what is delivered depends on it"
        )
    if not low <= found <= high:
        raise DeliveryError(
            f"{owner}: {name} must be {low} to {high}, got {found}; set it within that"
        )
    return found


def _check_start(owner: str, properties: Mapping[str, Any], *, is_kinesis: bool) -> None:
    """Events all come after the mapping was made, so every position that is allowed sees all."""
    start = properties.get("StartingPosition")
    known = ("TRIM_HORIZON", "LATEST", *(["AT_TIMESTAMP"] if is_kinesis else []))
    if start not in known:
        raise DeliveryError(
            f"{owner}: StartingPosition must be one of {', '.join(known)}, got "
            f"{shown(start)}; set it"
        )


def _is_bucket(resources: Resources, owner: str, destination: Any) -> bool:
    """Whether a destination is a bucket; what a template doesn't have is told by its ARN."""
    if isinstance(destination, str) and destination.startswith("kafka://"):
        raise DeliveryError(
            f"{owner}: OnFailure must be a queue, a topic or a bucket, got {destination!r}; "
            "what Lambda sends to Kafka isn't modelled"
        )
    if destination is None:
        return False
    found = resources.known_or_exported(destination, owner, "OnFailure")
    if found is None:
        return ":s3:::" in resources.text(destination)
    check_destination(resources, destination, owner, _DESTINATIONS)
    return resources.kind(found) == BUCKET


def _filters(
    owner: str, properties: Mapping[str, Any], *, is_kinesis: bool
) -> tuple[Mapping[str, Any], ...]:
    found = properties.get("FilterCriteria", {}).get("Filters", [])
    if len(found) > _MOST_FILTERS:
        raise DeliveryError(
            f"{owner}: Filters must be at most {_MOST_FILTERS}, got {len(found)}; "
            "put alternatives into one pattern"
        )
    return tuple(_pattern(owner, each.get("Pattern"), is_kinesis=is_kinesis) for each in found)


def _pattern(owner: str, text: Any, *, is_kinesis: bool) -> Mapping[str, Any]:
    try:
        pattern = json.loads(text)
    except (RecursionError, TypeError, ValueError):
        raise DeliveryError(
            f"{owner}: Pattern must be JSON, got {shown(text)}; correct it"
        ) from None
    check(pattern, owner, at="Pattern")
    if is_kinesis and (set(pattern) != {"data"} or not isinstance(pattern["data"], dict)):
        raise DeliveryError(
            f"{owner}: Pattern of a Kinesis mapping must ask of the object 'data' only, got "
            f"{text}; put what it asks for into data"
        )
    return dict(pattern)


def _check_tumbling(mapping: StreamMapping) -> None:
    beside = {
        "BisectBatchOnFunctionError": mapping.bisects,
        "ReportBatchItemFailures": mapping.reports,
        "ParallelizationFactor": mapping.factor > 1,
    }
    for name, is_set in beside.items():
        if mapping.tumbling and is_set:
            raise DeliveryError(
                f"{mapping.logical_id}: TumblingWindowInSeconds must stand without {name}, got "
                "both; leave one out, as AWS doesn't tell what they do together"
            )
