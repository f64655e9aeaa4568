"""What a delivery tells of all events together."""

from __future__ import annotations

from serverless_patterns.testing.delivery import Delivery, Held, Leg

NOW = 100.0


def leg(name: str) -> Leg:
    return Leg(name, ("Queue",), Leg.via)  # type: ignore[arg-type]  # none goes on


def held(name: str, *until: float | None) -> Leg:
    """One that was held up to these times."""
    found = leg(name)
    for end in until:
        found.hold(Held("DeadLetters", 0, "RetriesExhausted", until=end))
    return found


def delivery() -> Delivery:
    """One of every outcome, and of every way to be held."""
    legs = [leg(name) for name in ("handled", "acknowledged", "filtered", "lost", "pending")]
    legs[0].handled(0)
    legs[1].acknowledged(0)
    legs[2].filtered("Rule")
    legs[3].lose(0, "dropped")
    handled_too = held("handled, then held", NOW)
    handled_too.handled(0)
    kept = [
        held("kept", None),
        held("kept on", NOW + 1),
        held("kept no more", NOW),
        held("kept no more by both", NOW, NOW - 1),
        held("kept by one", NOW, None),
    ]
    return Delivery((*legs, handled_too, *kept), (), NOW)


def test_what_is_unaccounted_is_lost_acknowledged_pending_or_held_no_more() -> None:
    assert [each.event for each in delivery().unaccounted] == [
        *("acknowledged", "lost", "pending", "kept no more", "kept no more by both"),
    ]


def test_what_the_model_stopped_at_counts_as_now() -> None:
    stopped = Delivery((held("kept on", NOW + 1),), (), NOW)
    assert stopped.unaccounted == []
