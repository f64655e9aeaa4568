"""Templates of queues that a function polls, and what is sent to them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from serverless_patterns.testing.delivery import SqsMessage, deliver

if TYPE_CHECKING:
    from serverless_patterns.testing.delivery import Delivery, Leg, Outcome

Properties = dict[str, Any]


def arn(logical_id: str) -> dict[str, Any]:
    return {"Fn::GetAtt": [logical_id, "Arn"]}


def function(**properties: Any) -> dict[str, Any]:
    return {"Type": "AWS::Lambda::Function", "Properties": properties}


def queue(**properties: Any) -> dict[str, Any]:
    return {"Type": "AWS::SQS::Queue", "Properties": properties}


def mapping(source: str = "Queue", target: str = "Handler", **properties: Any) -> dict[str, Any]:
    given = {"EventSourceArn": arn(source), "FunctionName": {"Ref": target}, **properties}
    return {"Type": "AWS::Lambda::EventSourceMapping", "Properties": given}


def redrive(receives: int, dead_letters: str = "DeadLetters") -> dict[str, Any]:
    return {"deadLetterTargetArn": arn(dead_letters), "maxReceiveCount": receives}


def polled(
    *,
    of_queue: Properties | None = None,
    of_mapping: Properties | None = None,
    of_function: Properties | None = None,
    of_dead_letters: Properties | None = None,
    receives: int | None = None,
    **others: dict[str, Any],
) -> dict[str, Any]:
    """A queue that Handler polls.

    Args:
        of_queue: Properties of the queue.
        of_mapping: Properties of the mapping.
        of_function: Properties of the function.
        of_dead_letters: Properties of the dead-letter queue.
        receives: How often it hands out a message. Default - without a dead-letter queue.
        others: Other resources, or other ones instead of these.
    """
    properties = of_queue or {}
    resources = {}
    if receives is not None:
        properties = {"RedrivePolicy": redrive(receives), **properties}
        fifo = {"FifoQueue": True} if properties.get("FifoQueue") else {}
        resources["DeadLetters"] = queue(**fifo, **(of_dead_letters or {}))
    return {
        "Resources": {
            "Handler": function(**(of_function or {})),
            "Queue": queue(**properties),
            "Mapping": mapping(**(of_mapping or {})),
            **resources,
            **others,
        }
    }


REPORTS = {"FunctionResponseTypes": ["ReportBatchItemFailures"]}


def failures(*ids: str) -> dict[str, Any]:
    """The answer that names these messages."""
    return {"batchItemFailures": [{"itemIdentifier": name} for name in ids]}


class Recorder:
    """A handler that fails as a test says, and remembers what it got.

    Args:
        fails: The ids that it fails with, and how often each.
        reports: Whether it reports them, instead of raising.
    """

    def __init__(self, fails: dict[str, int] | None = None, *, reports: bool = True) -> None:
        self.batches: list[list[str]] = []
        self.events: list[Any] = []
        self._fails = dict(fails or {})
        self._reports = reports

    def __call__(self, event: Any, _context: Any) -> Any:
        ids = [record["messageId"] for record in event["Records"]]
        self.batches.append(ids)
        self.events.append(event)
        failed = [name for name in ids if self._fails.get(name, 0) > 0]
        for name in failed:
            self._fails[name] -= 1
        if failed and not self._reports:
            raise RuntimeError(f"{', '.join(failed)} failed")
        return failures(*failed)


def raises(_event: Any, _context: Any) -> None:
    raise RuntimeError("no stock")


def message(name: str = "a", **options: Any) -> SqsMessage:
    return SqsMessage(**{"body": name, "id": name} | options)


def run(template: dict[str, Any], *events: SqsMessage, **options: Any) -> Delivery:
    """Deliver events to a handler that succeeds, unless another is given."""
    handlers = {"Handler": options.pop("handler", Recorder())}
    return deliver(template, events or [message()], handlers=handlers, **options)


def leg_of(delivery: Delivery, event: str = "a") -> Leg:
    (leg,) = delivery.of(event)
    return leg


def where(leg: Leg) -> list[tuple[str, float, float | None]]:
    return [(held.at, held.time, held.until) for held in leg.held]


def times(leg: Leg) -> list[float]:
    return [attempt.time for attempt in leg.attempts]


def became(legs: tuple[Leg, ...]) -> list[Outcome]:
    return [leg.outcome for leg in legs]


ALWAYS = 1_000_000
