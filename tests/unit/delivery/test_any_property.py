"""Whatever stands in a template, the model answers or refuses it by an error of its own."""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING, Any

from serverless_patterns.testing.delivery import (
    BusEvent,
    DeliveryError,
    KinesisRecord,
    S3Event,
    SnsMessage,
    SqsMessage,
    TableChange,
    deliver,
)
from tests.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

SNAPSHOT = ROOT / "tests/snapshots/__snapshots__/test_stacks/test_warehouse.json"
VALUES: tuple[Any, ...] = (
    {"Ref": "Nope"},
    {"Fn::If": ["Nope", 1, 2]},
    {"Fn::If": ["Nope"]},
    {"Fn::Sub": "${Nope}-1"},
    {"Ref": None},
    None,
    "",
    "text",
    "{",
    [],
    [None],
    {},
    -1,
    1e400,
    True,
)
TRIES = 500
STEPS = 20_000
# What the model reads nothing of.
UNREAD = ("AWS::CloudWatch::", "AWS::Logs::", "AWS::CDK::", "AWS::EC2::")


def places(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where something stands in a value."""
    inner = value.items() if isinstance(value, dict) else enumerate(value)
    for key, each in inner if isinstance(value, dict | list) else ():
        yield (*at, key)
        if isinstance(each, dict | list):
            yield from places(each, (*at, key))


def replaced(value: Any, place: tuple[Any, ...], new: Any) -> Any:
    """A value with something else in one place."""
    if not place:
        return new
    copied = value.copy()
    copied[place[0]] = replaced(value[place[0]], place[1:], new)
    return copied


def events_for(resources: dict[str, Any]) -> list[Any]:
    """An event for each source of a template."""
    found: list[Any] = [BusEvent(source="shop", detail_type="Sold")]
    for name, resource in resources.items():
        match resource["Type"]:
            case "AWS::SQS::Queue":
                is_fifo = resource["Properties"].get("FifoQueue")
                found.append(SqsMessage(body="{}", queue=name, group="g" if is_fifo else None))
            case "AWS::SNS::Topic":
                found.append(SnsMessage(message="{}", topic=name))
            case "AWS::S3::Bucket":
                found.append(S3Event(key="incoming/1.csv", bucket=name))
            case "AWS::Kinesis::Stream":
                found.append(KinesisRecord(data=b"{}", partition_key="1", stream=name))
            case "AWS::DynamoDB::GlobalTable":
                if "StreamSpecification" in resource["Properties"]:
                    found.append(TableChange(keys={"id": {"S": "1"}}, table=name))
    return found


def fail(*_: Any) -> None:
    raise ValueError("no event can be handled")


def test_every_value_of_every_property_is_answered_or_refused() -> None:
    resources: dict[str, Any] = json.loads(SNAPSHOT.read_text())["Resources"]
    handlers = {
        name: fail
        for name, resource in resources.items()
        if resource["Type"] == "AWS::Lambda::Function"
    }
    events = events_for(resources)
    assert deliver({"Resources": resources}, events, handlers=handlers).legs
    read = [
        (name, *place)
        for name, resource in resources.items()
        if not resource["Type"].startswith(UNREAD)
        for place in places(resource)
    ]
    chosen = random.Random(1)
    refused = 0
    for place, value in ((chosen.choice(read), chosen.choice(VALUES)) for _ in range(TRIES)):
        template = {"Resources": replaced(resources, place, value)}
        try:
            deliver(template, events, handlers=handlers, steps=STEPS)
        except DeliveryError as error:
            assert "must" in str(error), (place, value)  # noqa: PT017 - which one it was
            refused += 1
        except Exception as error:
            raise AssertionError(f"{place} as {value!r}: {error!r}") from error
    assert TRIES / 4 < refused < TRIES
