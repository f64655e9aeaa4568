from __future__ import annotations

from functools import partial

from serverless_patterns.testing.delivery._clock import Clock


def test_things_happen_in_order_of_time_and_then_of_asking() -> None:
    clock, seen = Clock(), list[str]()
    clock.at(2, partial(seen.append, "third"))
    clock.at(1, partial(seen.append, "first"))
    clock.at(1, partial(seen.append, "second"))

    clock.run(10)

    assert seen == ["first", "second", "third"]
    assert clock.now == 2


def test_what_is_asked_for_in_the_past_happens_now_after_what_is_due() -> None:
    clock, seen = Clock(), list[tuple[str, float]]()

    def late() -> None:
        clock.at(1, lambda: seen.append(("late", clock.now)))

    clock.at(5, late)
    clock.at(5, partial(seen.append, ("due", 5.0)))

    clock.run(10)

    assert seen == [("due", 5.0), ("late", 5.0)]


def test_a_run_ends_with_what_is_due_at_its_end() -> None:
    clock, seen = Clock(), list[str]()
    clock.at(3, partial(seen.append, "at the end"))
    clock.after(3.1, partial(seen.append, "after it"))

    clock.run(3)

    assert seen == ["at the end"]
