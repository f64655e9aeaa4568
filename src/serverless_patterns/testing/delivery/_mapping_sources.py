"""What an event source mapping reads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from serverless_patterns.testing.delivery._template import Resources

CONSUMER = "AWS::Kinesis::StreamConsumer"
_SOURCE, _STREAM = "EventSourceArn", "StreamARN"


def source_of(resources: Resources, mapping: str, properties: Mapping[str, Any]) -> str | None:
    """The logical id of what a mapping reads; of a consumer of a stream, that stream's.

    Args:
        resources: The template.
        mapping: The logical id of the mapping.
        properties: Its properties.

    Raises:
        DeliveryError: If only deployment tells what it reads.
    """
    if _SOURCE not in properties:  # as of Kafka that nobody manages
        return None
    found = resources.known_or_exported(properties[_SOURCE], mapping, _SOURCE)
    if found is not None and resources.kind(found) == CONSUMER:
        stream = resources.properties(found).get(_STREAM)
        return resources.known_or_exported(stream, found, _STREAM)
    return found
