"""What a template says of queues and of the mappings that poll them; refused where AWS would.

- D: ``VisibilityTimeout`` 30 s (0 to 43,200), ``MessageRetentionPeriod`` 345,600 s (60 to
  1,209,600), ``DelaySeconds`` 0 (0 to 900), ``MaximumMessageSize`` up to 1 MiB, which is assumed
  where it isn't set, as documents differ; ``maxReceiveCount`` 1 to 1,000. The dead-letter queue of
  a FIFO queue is FIFO, of a standard queue standard, and its ``RedriveAllowPolicy`` allows it.
- D: ``BatchSize`` 10, up to 10,000 for a standard queue (over 10 with a window of 1 s at least) and
  10 for a FIFO queue; ``MaximumBatchingWindowInSeconds`` up to 300, for standard queues only;
  ``MaximumConcurrency`` 2 to 1,000.
- D: A mapping is refused whose queue's visibility timeout is below the function's timeout.
- D (copies of 2022): Filters ask for ``body`` only. D: There are ten at most.
- Refused, because it isn't known how they scale: provisioned pollers.

See:
    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html
    https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-parameters.html
    https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
    https://docs.aws.amazon.com/lambda/latest/dg/with-sqs-filtering.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from serverless_patterns.testing.delivery import _patterns
from serverless_patterns.testing.delivery._destination_kinds import QUEUE
from serverless_patterns.testing.delivery._errors import DeliveryError
from serverless_patterns.testing.delivery._template import is_true, listed
from serverless_patterns.testing.delivery._values import parsed, whole

if TYPE_CHECKING:
    from collections.abc import Mapping

    from serverless_patterns.testing.delivery._functions import Function
    from serverless_patterns.testing.delivery._template import Resources

_MAX_FILTERS = 10
_MAX_SIZE = 1_024 * 1_024
_STREAMS_ONLY = (
    "BisectBatchOnFunctionError",
    "DestinationConfig",
    "MaximumRecordAgeInSeconds",
    "MaximumRetryAttempts",
    "ParallelizationFactor",
    "StartingPosition",
    "StartingPositionTimestamp",
    "TumblingWindowInSeconds",
)


class Redrive(NamedTuple):
    """Where a queue moves what is received too often.

    Attributes:
        queue: The logical id of the dead-letter queue; ``None`` if it is none of the template.
        name: What it is called.
        receives: How often a message is received before.
    """

    queue: str | None
    name: str
    receives: int


@dataclass(frozen=True, slots=True)
class QueueSettings:
    """The properties of a queue, in seconds and bytes."""

    visibility: int
    retention: int
    delay: int
    is_fifo: bool
    deduplicates_by_content: bool
    deduplicates_by_group: bool
    max_size: int
    redrive: Redrive | None

    @classmethod
    def of(cls, logical_id: str, resources: Resources) -> QueueSettings:
        """Those of a queue of a template.

        Raises:
            DeliveryError: If AWS would refuse them.
        """
        properties = resources.properties(logical_id)

        def number(key: str, least: int, most: int, default: int) -> int:
            return _number(f"{logical_id}: {key}", properties.get(key, default), least, most)

        return cls(
            visibility=number("VisibilityTimeout", 0, 43_200, 30),
            retention=number("MessageRetentionPeriod", 60, 1_209_600, 345_600),
            delay=number("DelaySeconds", 0, 900, 0),
            is_fifo=is_true(properties.get("FifoQueue")),
            deduplicates_by_content=is_true(properties.get("ContentBasedDeduplication")),
            deduplicates_by_group=properties.get("DeduplicationScope") == "messageGroup",
            max_size=number("MaximumMessageSize", 1_024, _MAX_SIZE, _MAX_SIZE),
            redrive=_redrive(logical_id, resources),
        )


@dataclass(frozen=True, slots=True)
class MappingSettings:
    """The properties of an event source mapping of a queue, in seconds."""

    batch_size: int
    window: int
    max_concurrency: int | None
    asks_for_failures: bool
    filters: tuple[Mapping[str, Any], ...]

    @classmethod
    def of(
        cls, logical_id: str, properties: Mapping[str, Any], *, queue: str, is_fifo: bool
    ) -> MappingSettings:
        """Those of a mapping of a template.

        Raises:
            DeliveryError: If AWS would refuse them, or it isn't known how they work.
        """
        _check_known(logical_id, properties)

        def number(key: str, least: int, most: int, default: int) -> int:
            return _number(f"{logical_id}: {key}", properties.get(key, default), least, most)

        window = number("MaximumBatchingWindowInSeconds", 0, 300, 0)
        if is_fifo and window:
            raise DeliveryError(
                f"{logical_id}: MaximumBatchingWindowInSeconds must be 0 where the queue, {queue}, "
                f"is FIFO, got {window}; omit it"
            )
        batch_size = number("BatchSize", 1, 10 if is_fifo else 10_000, 10)
        if batch_size > 10 and not window:  # noqa: PLR2004 - what SQS hands out at once
            raise DeliveryError(
                f"{logical_id}: MaximumBatchingWindowInSeconds must be at least 1 where BatchSize "
                f"is over 10, got 0 with {batch_size}; set both or a BatchSize up to 10"
            )
        scaling = properties.get("ScalingConfig") or {}
        concurrency = scaling.get("MaximumConcurrency")
        if concurrency is not None:
            concurrency = _number(f"{logical_id}: MaximumConcurrency", concurrency, 2, 1_000)
        asked = properties.get("FunctionResponseTypes") or []
        return cls(
            batch_size=batch_size,
            window=window,
            max_concurrency=concurrency,
            asks_for_failures="ReportBatchItemFailures" in asked,
            filters=_filters(logical_id, properties),
        )


def check_visibility(queue: str, visibility: int, function: Function) -> None:
    """Refuse a queue whose messages reappear while the function may still run.

    Raises:
        DeliveryError: If they would.
    """
    if visibility < function.timeout:
        raise DeliveryError(
            f"{queue}: VisibilityTimeout must be at least the {function.timeout:g} s timeout of "
            f"{function.logical_id}, got {visibility}; set it to {function.timeout * 6:g}, six "
            "times that"
        )


def _redrive(logical_id: str, resources: Resources) -> Redrive | None:
    properties = resources.properties(logical_id)
    policy = properties.get("RedrivePolicy")
    if not policy:
        return None
    arn, count = policy.get("deadLetterTargetArn"), policy.get("maxReceiveCount")
    queue = resources.known(arn, logical_id, "deadLetterTargetArn")
    if queue is not None and resources.kind(queue) != QUEUE:
        raise DeliveryError(
            f"{logical_id}: deadLetterTargetArn must be of a queue, got {queue} "
            f"({resources.kind(queue)}); name another"
        )
    receives = _number(f"{logical_id}: maxReceiveCount", count, 1, 1_000)
    if queue is not None:
        is_fifo = is_true(properties.get("FifoQueue"))
        kind = "FIFO" if is_fifo else "standard"
        if is_true(resources.properties(queue).get("FifoQueue")) != is_fifo:
            raise DeliveryError(
                f"{logical_id}: deadLetterTargetArn must be of a {kind} queue as this is one, got "
                f"{queue}; make both {kind}"
            )
        _check_allowed(logical_id, queue, resources)
    name = queue or resources.text(arn).split(":")[-1]
    return Redrive(queue, name, receives)


def _check_allowed(logical_id: str, dead_letters: str, resources: Resources) -> None:
    """Refuse a dead-letter queue that isn't for this queue."""
    policy = resources.properties(dead_letters).get("RedriveAllowPolicy") or {}
    permission = policy.get("redrivePermission", "allowAll")
    sources = map(resources.target, listed(policy.get("sourceQueueArns")))
    if permission != "allowAll" and not (permission == "byQueue" and logical_id in sources):
        raise DeliveryError(
            f"{dead_letters}: RedriveAllowPolicy must allow {logical_id}, whose dead-letter queue "
            f"it is, got {permission} without it; allow it, as SQS refuses it otherwise"
        )


def _filters(logical_id: str, properties: Mapping[str, Any]) -> tuple[Mapping[str, Any], ...]:
    criteria = properties.get("FilterCriteria") or {}
    found = [item.get("Pattern") for item in criteria.get("Filters") or []]
    if len(found) > _MAX_FILTERS:
        raise DeliveryError(
            f"{logical_id}: FilterCriteria must hold {_MAX_FILTERS} filters at most, got "
            f"{len(found)}; join them with several values or $or"
        )
    patterns = tuple(parsed(f"{logical_id}: FilterCriteria", text) for text in found)
    for pattern in patterns:
        _patterns.check(pattern, logical_id)
        if other := sorted(_asked(pattern) - {"body"}):
            raise DeliveryError(
                f"{logical_id}: FilterCriteria must ask for body only, got {other[0]!r}; of other "
                "fields of an SQS message it isn't documented what Lambda does"
            )
    return patterns


def _asked(pattern: Mapping[str, Any]) -> set[str]:
    """The fields of a message that a pattern asks for."""
    alternatives = pattern.get("$or", [])
    return {*pattern}.difference({"$or"}).union(*(_asked(each) for each in alternatives))


def _check_known(logical_id: str, properties: Mapping[str, Any]) -> None:
    if properties.get("ProvisionedPollerConfig"):
        raise DeliveryError(
            f"{logical_id}: ProvisionedPollerConfig must be left out, got provisioned pollers; how "
            "they scale isn't documented, so deliver a template without"
        )
    for key in _STREAMS_ONLY:
        if properties.get(key) is not None:
            raise DeliveryError(
                f"{logical_id}: {key} must be left out where the source is a queue, got "
                f"{properties[key]!r}; it is for streams"
            )


def _number(owner: str, value: Any, least: int, most: int) -> int:
    """A number within its limits; a template may have it as a text."""
    found = whole(value)
    if found is None:
        raise DeliveryError(f"{owner} must be a whole number, got {value!r}; give its value")
    if not least <= found <= most:
        raise DeliveryError(f"{owner} must be from {least} to {most}, got {found}; correct it")
    return found
