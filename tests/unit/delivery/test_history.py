from __future__ import annotations

import pytest

from serverless_patterns.testing.delivery import Held, Leg, Outcome, Result
from serverless_patterns.testing.delivery._table import rendered

QUEUE = Held("DeadLetters", 180, "RetriesExhausted")
POINTER = Held("DeadLetters", 7, "RetryAttemptsExhausted", is_pointer=True)


@pytest.fixture
def leg() -> Leg:
    return Leg("order-1", ("Queue", "Handler"), Leg.via)  # type: ignore[arg-type]  # none goes on


def outcome(leg: Leg) -> Outcome:
    return leg.outcome


def test_an_event_that_was_handled_and_is_held_as_well_is_handled(leg: Leg) -> None:
    leg.lose(0, "a copy expired")
    assert outcome(leg) is Outcome.LOST
    leg.acknowledged(1)
    assert outcome(leg) is Outcome.ACKNOWLEDGED
    leg.hold(QUEUE)
    assert outcome(leg) is Outcome.HELD
    leg.handled(3)
    leg.handled(4)
    assert outcome(leg) is Outcome.HANDLED
    assert leg.handled_at == 3


def test_an_event_of_which_nothing_is_known_is_pending_not_lost(leg: Leg) -> None:
    leg.tried(0, "Handler", Result.FAILED)
    assert outcome(leg) is Outcome.PENDING
    leg.filtered("Mapping")
    assert outcome(leg) is Outcome.FILTERED


def shown(leg: Leg) -> str:
    return rendered([leg], [], 1).splitlines()[-1]


@pytest.mark.parametrize(
    ("became", "line"),
    [
        (lambda leg: leg.handled(3), "order-1  Queue > Handler  none      handled at 3"),
        (
            lambda leg: leg.hold(QUEUE),
            "order-1  Queue > Handler  none      held at DeadLetters since 180: RetriesExhausted",
        ),
        (
            lambda leg: (leg.handled(1), leg.hold(POINTER)),
            "order-1  Queue > Handler  none      "
            "handled at 1; pointer held at DeadLetters since 7: RetryAttemptsExhausted",
        ),
        (
            lambda leg: leg.acknowledged(2.5),
            "order-1  Queue > Handler  none      acknowledged at 2.5, not handled",
        ),
        (lambda leg: leg.filtered("Rule"), "order-1  Queue > Handler  none      filtered by Rule"),
        (
            lambda leg: leg.lose(9, "retention ended"),
            "order-1  Queue > Handler  none      LOST at 9: retention ended",
        ),
        (lambda _: None, "order-1  Queue > Handler  none      pending"),
    ],
    ids=["handled", "held", "pointer", "acknowledged", "filtered", "lost", "pending"],
)
def test_a_table_says_what_became_of_an_event(leg: Leg, became: object, line: str) -> None:
    became(leg)  # type: ignore[operator]  # a lambda of the table
    assert shown(leg) == line


def test_attempts_with_one_result_stand_together(leg: Leg) -> None:
    for time in range(0, 300, 30):
        leg.tried(time, "Handler", Result.FAILED)
    leg.tried(300, "Handler", Result.HANDLED)
    leg.handled(300)

    assert "0, 30, 60, ... (10 times), 270 failed; 300 handled  handled at 300" in shown(leg)


def test_a_table_shows_the_worst_first_and_says_how_many_it_leaves_out() -> None:
    legs = [Leg(f"order-{number}", ("Queue",), Leg.via) for number in range(3)]  # type: ignore[arg-type]  # none goes on
    legs[0].handled(1)
    legs[1].lose(1, "expired")
    legs[2].handled(1)

    lines = rendered(legs, ["Order was broken"], 2).splitlines()

    assert [line.split()[0] for line in lines] == [
        *("event", "-------", "order-1", "order-0", "...", "warning:"),
    ]
    assert lines[-2:] == ["... and 1 more", "warning: Order was broken"]
