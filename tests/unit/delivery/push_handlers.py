"""Handlers, and what to ask of a history."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from serverless_patterns.testing.delivery import Delivery, LambdaContext, Leg, Result


def fail(_event: Any, _context: LambdaContext) -> None:
    message = "no such order"
    raise ValueError(message)


def succeed(_event: Any, _context: LambdaContext) -> None:
    return


class Recorder:
    """Keeps the events that it gets, and the ids of their requests; it fails so many times."""

    def __init__(self, *, failures: int = 0) -> None:
        self.events: list[Any] = []
        self.requests: list[str] = []
        self._failures = failures

    def __call__(self, event: Any, context: LambdaContext) -> None:
        self.events.append(event)
        self.requests.append(context.aws_request_id)
        if len(self.events) <= self._failures:
            fail(event, context)


def only(delivery: Delivery) -> Leg:
    (leg,) = delivery.legs
    return leg


def times(leg: Leg) -> list[float]:
    return [attempt.time for attempt in leg.attempts]


def results(leg: Leg) -> list[Result]:
    return [attempt.result for attempt in leg.attempts]


def places(leg: Leg) -> list[tuple[str, float, str]]:
    """Where it is held, since when and why."""
    return [(held.at, held.time, held.reason) for held in leg.held]
