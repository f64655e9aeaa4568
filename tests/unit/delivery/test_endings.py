"""Every run ends: what could go on for ever is refused."""

from __future__ import annotations

import math
from typing import Any

import pytest

from serverless_patterns.testing.delivery import (
    Assumptions,
    DeliveryError,
    Outcome,
    SqsMessage,
    deliver,
)
from tests.messages import exactly
from tests.unit.delivery.push_handlers import fail, only
from tests.unit.delivery.push_templates import arn, function, queue, ref, resource, template
from tests.unit.delivery.queue_templates import polled


@pytest.mark.parametrize(
    ("name", "value", "rule"),
    [
        *(
            (name, value, "seconds, 0.001 to 86400")
            for name in (
                "throttle_delay",
                "throttle_limit",
                "push_delay",
                "push_limit",
                "stream_retry_delay",
                "stream_retry_limit",
                "queue_retry_delay",
            )
            for value in (0, -1, math.nan, math.inf, "1", None, True)
        ),
        *(
            (name, value, "a number, 1 to 100")
            for name in (
                "throttle_growth",
                "push_growth",
                "stream_retry_growth",
                "queue_retry_growth",
            )
            for value in (0.5, 101, math.nan)
        ),
        ("table_shards", 0, "a whole number, 1 or more"),
        ("account_concurrency", 1.5, "a whole number, 1 or more"),
    ],
)
def test_an_assumption_that_need_not_end_is_refused(name: str, value: Any, rule: str) -> None:
    message = f"Assumptions: {name} must be {rule}, got {value!r}; give one of these"
    with pytest.raises(DeliveryError, match=exactly(message)):
        Assumptions(**{name: value})


def test_a_run_that_takes_more_steps_than_allowed_is_refused() -> None:
    message = (
        "steps must be as many as happen until 3456000 s, got 10 and stopped at 90 s; look for a "
        "loop, end it earlier, or allow more"
    )
    with pytest.raises(DeliveryError, match=exactly(message)):
        deliver(polled(), [SqsMessage(body="1")], handlers={"Handler": fail}, steps=10)


def fifo(name: str, dead_letters: str) -> dict[str, Any]:
    redrive = {"deadLetterTargetArn": arn(dead_letters), "maxReceiveCount": 1}
    return queue(name, FifoQueue=True, RedrivePolicy=redrive)


def polling(name: str) -> dict[str, Any]:
    source = {"FunctionName": ref("Handler"), "EventSourceArn": arn(name)}
    return resource(f"Of{name}", "AWS::Lambda::EventSourceMapping", **source)


ONE = [SqsMessage(body="1", queue="Orders", group="a")]
ROUND = template(function(), fifo("Orders", "Failed"), fifo("Failed", "Orders"), polling("Orders"))


@pytest.mark.parametrize(
    ("model", "way"),
    [
        (template(ROUND["Resources"], polling("Failed")), "Orders > Failed > Orders"),
        (
            template(function(), fifo("Orders", "Orders"), polling("Orders")),
            "Orders > Orders",
        ),
    ],
)
def test_fifo_queues_that_hand_a_message_round_are_refused(model: Any, way: str) -> None:
    message = (
        f"Orders: deadLetterTargetArn must not lead back to a FIFO queue, got {way}; let one of "
        "them be polled by nothing, as messages would go round without end"
    )
    with pytest.raises(DeliveryError, match=exactly(message)):
        deliver(model, ONE, handlers={"Handler": fail})


def test_one_of_them_that_nothing_polls_holds_the_message() -> None:
    leg = only(deliver(ROUND, ONE, handlers={"Handler": fail}))
    assert (leg.outcome, leg.held[0].at) == (Outcome.HELD, "Failed")
