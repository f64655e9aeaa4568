"""What a caller gives to the model, refused where it would prove nothing."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from serverless_patterns.testing.delivery._assumptions import Assumptions
from serverless_patterns.testing.delivery._errors import DeliveryError
from serverless_patterns.testing.delivery._events import (
    BusEvent,
    KinesisRecord,
    S3Event,
    SnsMessage,
    SqsMessage,
    TableChange,
)
from serverless_patterns.testing.delivery._faults import Faults
from serverless_patterns.testing.delivery._functions import check_duration
from serverless_patterns.testing.delivery._template import logical_id

if TYPE_CHECKING:
    from serverless_patterns.testing.delivery._events import Event
    from serverless_patterns.testing.delivery._functions import Duration, Handler
    from serverless_patterns.testing.delivery._template import Resources

_EVENTS = (SqsMessage, SnsMessage, S3Event, BusEvent, KinesisRecord, TableChange)
_TEXT, _OPTIONAL, _OBJECT = (str,), (str, type(None)), (Mapping,)
_FIELDS: dict[type, tuple[tuple[str, tuple[type, ...]], ...]] = {
    SqsMessage: (
        ("body", _TEXT),
        ("attributes", _OBJECT),
        ("group", _OPTIONAL),
        ("deduplication", _OPTIONAL),
        ("delay", (int, float)),
    ),
    SnsMessage: (
        ("message", _TEXT),
        ("attributes", _OBJECT),
        ("subject", _OPTIONAL),
        ("group", _OPTIONAL),
    ),
    S3Event: (("key", _TEXT), ("name", _TEXT), ("size", (int,))),
    BusEvent: (
        ("source", _TEXT),
        ("detail_type", _TEXT),
        ("detail", _OBJECT),
        ("resources", (tuple, list)),
    ),
    KinesisRecord: (
        ("data", (bytes,)),
        ("partition_key", _TEXT),
        ("shard", (int, type(None))),
    ),
    TableChange: (
        ("keys", _OBJECT),
        ("name", _TEXT),
        ("new_image", (Mapping, type(None))),
        ("old_image", (Mapping, type(None))),
        ("shard", (int, type(None))),
    ),
}
_ATTRIBUTE = (str, int, float, bytes)
_CHANGES = ("INSERT", "MODIFY", "REMOVE")


def named_events(events: Iterable[Event]) -> Iterator[tuple[str, Event]]:
    """Events with their ids, which are given in order where they have none.

    Raises:
        DeliveryError: If one is none, or two have one id.
    """
    if not isinstance(events, Iterable):
        raise DeliveryError(
            f"events must be several, got {type(events).__name__}; put one alone into a list"
        )
    seen: set[str] = set()
    for number, event in enumerate(events):
        if not isinstance(event, _EVENTS):
            known = ", ".join(each.__name__ for each in _EVENTS)
            raise DeliveryError(
                f"events must be of {known}, got {event!r:.100}; make one of these of it"
            )
        named = event if event.id is not None else replace(event, id=f"event-{number}")
        name: Any = named.id
        if not isinstance(name, str):
            raise DeliveryError(f"events must have texts for ids, got {name!r}; write it as text")
        if name in seen:
            raise DeliveryError(f"events must have ids of their own, got a second {name!r}")
        seen.add(name)
        _check_event(name, named)
        yield name, named


def _check_event(name: str, event: Event) -> None:
    for field, types in _FIELDS[type(event)]:
        value = getattr(event, field)
        if not isinstance(value, types) or isinstance(value, bool):
            wanted = " or ".join(each.__name__ for each in types)
            raise DeliveryError(
                f"{name}: {field} must be {wanted}, got {value!r:.100}; give what the source gets"
            )
    if not isinstance(event.at, int | float) or not 0 <= event.at < math.inf:
        raise DeliveryError(
            f"at must be a time in seconds from the start, got {event.at!r} of {name!r}; "
            "give 0 or more"
        )
    if isinstance(event, BusEvent):
        _check_json(name, "detail", event.detail)
        _check_json(name, "resources", list(event.resources))
    elif isinstance(event, TableChange):
        if event.name not in _CHANGES:
            raise DeliveryError(
                f"{name}: name must be one of {', '.join(_CHANGES)}, got {event.name!r}; "
                "give one of these"
            )
    elif isinstance(event, SqsMessage | SnsMessage) and event.attributes:
        _check_attributes(name, event)


def _check_attributes(name: str, event: SqsMessage | SnsMessage) -> None:
    for attribute, value in event.attributes.items():
        if isinstance(event, SnsMessage) and isinstance(value, list | tuple):
            _check_json(name, "attributes", list(value))
        elif not isinstance(attribute, str) or not isinstance(value, _ATTRIBUTE):
            raise DeliveryError(
                f"{name}: attributes must be texts, numbers or bytes by name, got "
                f"{attribute!r}: {value!r:.100}; write it as text"
            )


def _check_json(name: str, field: str, value: Any) -> None:
    try:
        json.dumps(dict(value) if isinstance(value, Mapping) else value)
    except (RecursionError, TypeError, ValueError) as error:
        raise DeliveryError(
            f"{name}: {field} must be JSON, got {error}; write what is sent"
        ) from None


def check_run(until: float, steps: int, assumptions: Any, faults: Any) -> None:
    """Refuse a run that need not end.

    Raises:
        DeliveryError: If it is one.
    """
    if not isinstance(until, int | float) or not 0 <= until < math.inf:
        raise DeliveryError(
            f"until must be a time in seconds from the start, got {until!r}; give one that comes"
        )
    if not isinstance(steps, int) or steps < 1:
        raise DeliveryError(f"steps must be a whole number, 1 or more, got {steps!r}; give one")
    for keyword, value, wanted in (
        ("assumptions", assumptions, Assumptions),
        ("faults", faults, Faults),
    ):
        if not isinstance(value, wanted):
            raise DeliveryError(
                f"{keyword} must be {wanted.__name__}, got {value!r:.100}; make one of it"
            )


def named_handlers(resources: Resources, handlers: Mapping[Any, Handler]) -> dict[str, Handler]:
    """Handlers by the logical ids of their functions.

    Raises:
        DeliveryError: If one is none, or is of no function of the template.
    """
    named = _by_function(resources, "handlers", handlers)
    for name, handler in named.items():
        if not callable(handler):
            raise DeliveryError(
                f"{name}: handlers must hold what can be called, got {handler!r}; give the "
                "function itself"
            )
    return named


def named_durations(resources: Resources, durations: Mapping[Any, Duration]) -> dict[str, Duration]:
    """Durations by the logical ids of their functions.

    Raises:
        DeliveryError: If one is no time, or is of no function of the template.
    """
    named = _by_function(resources, "durations", durations)
    for name, duration in named.items():
        if not callable(duration):
            check_duration(name, duration)
    return named


def _by_function(resources: Resources, keyword: str, given: Any) -> dict[str, Any]:
    if not isinstance(given, Mapping):
        raise DeliveryError(
            f"{keyword} must be by their functions, got {type(given).__name__}; give a dictionary"
        )
    named = {logical_id(function): value for function, value in given.items()}
    known = [name for name, _ in resources.of_kind("AWS::Lambda::Function")]
    for name in named:
        if name not in known:
            raise DeliveryError(
                f"{keyword} must name functions of the template, got {name!r}; "
                f"there are {', '.join(sorted(known)) or 'none'}"
            )
    return named
