"""Which part of the model takes which kind of event."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from serverless_patterns.testing.delivery._buckets import Bucket
from serverless_patterns.testing.delivery._buses import DEFAULT_BUS, Bus
from serverless_patterns.testing.delivery._errors import DeliveryError
from serverless_patterns.testing.delivery._events import (
    BusEvent,
    KinesisRecord,
    S3Event,
    SnsMessage,
    SqsMessage,
    TableChange,
)
from serverless_patterns.testing.delivery._mapping_sources import source_of
from serverless_patterns.testing.delivery._queues import Queue
from serverless_patterns.testing.delivery._streams import Stream
from serverless_patterns.testing.delivery._template import logical_id
from serverless_patterns.testing.delivery._topics import Topic

if TYPE_CHECKING:
    from collections.abc import Callable

    from serverless_patterns.testing.delivery._events import Event
    from serverless_patterns.testing.delivery._simulation import Simulation

_MAPPING = "AWS::Lambda::EventSourceMapping"


def schedule(simulation: Simulation, event: Event, event_id: str) -> None:
    """Let an event happen when it is due, as often as the faults say.

    Raises:
        DeliveryError: If nothing of the template takes it.
    """
    source = _source(simulation, event)
    simulation.leg(event_id, (source,))  # there, though the model may stop before it happens
    take = partial(_take, simulation, event, event_id, source)
    for _ in range(1 + simulation.faults.duplicates.get(event_id, 0)):
        simulation.clock.at(event.at, take)


def _take(simulation: Simulation, event: Event, event_id: str, source: str) -> None:
    leg = simulation.leg(event_id, (source,))
    match event:
        case SqsMessage():
            simulation.part(Queue, source).send(
                leg,
                event.body,
                message_id=event_id,
                attributes=event.attributes,
                group=event.group,
                deduplication=event.deduplication,
                delay=event.delay,
            )
        case SnsMessage():
            simulation.part(Topic, source).publish(
                leg,
                event.message,
                message_id=event_id,
                subject=event.subject,
                attributes=event.attributes,
                group=event.group,
            )
        case S3Event():
            simulation.part(Bucket, source).notify(leg, event)
        case BusEvent():
            simulation.part(Bus, source).put(leg, event, event_id)
        case KinesisRecord() | TableChange():
            simulation.part(Stream, source).put(leg, event)


@dataclass(frozen=True)
class _Kind:
    """What takes a kind of events.

    Attributes:
        keyword: The attribute of an event that names one.
        types: Its CloudFormation types.
        leading: Those of a simulation that lead to a function, by their logical ids.
    """

    keyword: str
    types: tuple[str, ...]
    leading: Callable[[Simulation, tuple[str, ...]], list[str]]


def _source(simulation: Simulation, event: Event) -> str:
    """The logical id of what takes an event; of a default bus, which has none, its name."""
    kind = _KINDS[type(event)]
    named = getattr(event, kind.keyword)
    if named is None and isinstance(event, BusEvent):
        return DEFAULT_BUS
    given = None if named is None else logical_id(named)
    if given is not None and simulation.resources.kind(given) in kind.types:
        return given
    leading = simulation.part(_leading, type(event))
    if given is None and len(leading) == 1:
        return leading[0]
    there = ", ".join(leading or _all(simulation, kind.types)) or "none"
    if given is not None:
        raise DeliveryError(
            f"{kind.keyword} must name one of the template's, got {given!r}; there are {there}"
        )
    raise DeliveryError(
        f"{kind.keyword} must be named where the template has not just one that leads to a "
        f"function, got none; there are {there}"
    )


def _leading(simulation: Simulation, event: type) -> list[str]:
    """What leads such events to a function, which a template tells once for all of them."""
    kind = _KINDS[event]
    return kind.leading(simulation, kind.types)


def _all(simulation: Simulation, types: tuple[str, ...]) -> list[str]:
    return sorted(name for name, _ in simulation.resources.of_kind(*types))


def _telling(simulation: Simulation, types: tuple[str, ...]) -> list[str]:
    buckets = _all(simulation, types)
    return [name for name in buckets if simulation.part(Bucket, name).tells_somebody]


def _mapped(simulation: Simulation, types: tuple[str, ...]) -> list[str]:
    """The resources that an event source mapping reads."""
    resources = simulation.resources
    mappings = resources.of_kind(_MAPPING)
    found = {source_of(resources, name, properties) for name, properties in mappings}
    return sorted(name for name in found if name and resources.kind(name) in types)


_KINDS: dict[type, _Kind] = {
    SqsMessage: _Kind("queue", ("AWS::SQS::Queue",), _mapped),
    SnsMessage: _Kind("topic", ("AWS::SNS::Topic",), _all),
    S3Event: _Kind("bucket", ("AWS::S3::Bucket",), _telling),
    BusEvent: _Kind("bus", ("AWS::Events::EventBus",), _all),
    KinesisRecord: _Kind("stream", ("AWS::Kinesis::Stream",), _mapped),
    TableChange: _Kind("table", ("AWS::DynamoDB::Table", "AWS::DynamoDB::GlobalTable"), _mapped),
}
