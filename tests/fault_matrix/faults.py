"""The faults: what fails, how often, and what a handler answers then."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from serverless_patterns.testing.delivery import Assumptions, Delivery, Fault, Faults, deliver
from tests.fault_matrix.patterns import Pattern, ids, name, template

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from serverless_patterns.testing.delivery import Invocation

    Strikes = Callable[["Case", "Invocation"], Fault | None]
    Answers = Callable[["Case", Any], Any]

LONGER_THAN_ANYTHING_WAITS = 20 * 86_400.0
MALFORMED = {"batchItemFailures": [{"itemIdentifier": ""}]}


class Case:
    """One run: so many events under one fault.

    Attributes:
        random: What decides, from its seed.
        poison: The ids of the events that the handler always fails on.
    """

    def __init__(self, count: int, seed: int, fault: MatrixFault) -> None:
        self.random = random.Random(seed)
        self.names = [name(number) for number in range(count)]
        some = max(1, round(count * fault.poison)) if fault.poison else 0
        self.poison = frozenset(self.random.sample(self.names, some))

    def one_in(self, number: int) -> bool:
        """Whether something happens that happens once in so many times."""
        return self.random.randrange(number) == 0


@dataclass(frozen=True)
class MatrixFault:
    """A fault that every pattern is put under.

    Attributes:
        name: What it is called in the table.
        poison: The share of events that the handler always fails on.
        strikes: What goes wrong with an invocation.
        answers: What the handler answers instead, if anything.
        duplicates: Whether events come more than once.
        shuffled: Whether they come in another order.
        count: How many events the table has.
        at_least: How many events there are at least.
    """

    name: str
    poison: float = 0
    strikes: Strikes | None = None
    answers: Answers | None = None
    duplicates: bool = False
    shuffled: bool = False
    count: int = 40
    at_least: int = 0


def _crashes(case: Case, _: Invocation) -> Fault | None:
    kind = Fault.CRASH if case.one_in(2) else Fault.CRASH_AFTER
    return kind if case.one_in(2) else None


def _times_out(case: Case, _: Invocation) -> Fault | None:
    return Fault.TIMEOUT if case.one_in(2) else None


def _throttled(case: Case, _: Invocation) -> Fault | None:
    return Fault.THROTTLE if case.one_in(2) else None


def _out_of_service(_: Case, invocation: Invocation) -> Fault | None:
    return Fault.THROTTLE if invocation.time < LONGER_THAN_ANYTHING_WAITS else None


FAULTS = [
    MatrixFault("poison record", poison=0.05),
    MatrixFault("one in a thousand fails", poison=0.001, count=1000, at_least=1000),
    MatrixFault("all fail", poison=1, count=20),
    MatrixFault("crash", strikes=_crashes),
    MatrixFault("timeout", strikes=_times_out),
    MatrixFault("throttle", strikes=_throttled),
    MatrixFault("expired", strikes=_out_of_service, count=10),
    MatrixFault("duplicate", poison=0.05, duplicates=True),
    MatrixFault("out of order", poison=0.05, shuffled=True),
    MatrixFault("malformed response", answers=lambda case, _: case.one_in(3) and MALFORMED),
    MatrixFault("empty response", answers=lambda case, _: case.one_in(3) and {}),
]


@dataclass(frozen=True)
class Load:
    """How events come, and how long the handler takes.

    Attributes:
        seconds: The time over which they come. Default - all come at once, so batches are full.
        duration: How long an invocation takes, in seconds.
    """

    seconds: float = 0
    duration: float = 0


BURST = Load(duration=0.5)


@dataclass(frozen=True)
class Run:
    """What came of a case.

    Attributes:
        delivery: What became of its events.
        unhandled: Those that are gone as if handled, though the handler never did its work.
        given_up: Those that are held somewhere although the handler wouldn't fail on them.
        batches: How many events each invocation held.
    """

    delivery: Delivery
    unhandled: frozenset[str]
    given_up: frozenset[str]
    batches: tuple[int, ...]


def run(
    pattern: Pattern,
    fault: MatrixFault,
    *,
    count: int,
    seed: int,
    plain: bool,
    load: Load = BURST,
) -> Run:
    """Deliver so many events to a pattern under a fault."""
    count = max(count, fault.at_least)
    case = Case(count, seed, fault)
    found, function = template(pattern.name, plain=plain)
    worked: set[str] = set()
    batches: list[int] = []

    def handler(event: Mapping[str, Any], _context: object) -> Any:
        batches.append(len(event.get("Records", [event])))
        if fault.answers:
            instead = fault.answers(case, event)
            if instead is not False:
                return instead
        return _work(pattern, case, event, worked, plain=plain)

    order = [*range(count)]
    if fault.shuffled:
        case.random.shuffle(order)
    strikes = fault.strikes
    delivery = deliver(
        found,
        [pattern.event(each, place * load.seconds / count) for place, each in enumerate(order)],
        handlers={function: handler},
        durations={function: load.duration},
        assumptions=Assumptions(seed=seed if fault.shuffled else None),
        faults=Faults(
            invocations=strikes and (lambda invocation: strikes(case, invocation)),
            duplicates={each: case.random.randrange(3) for each in case.names}
            if fault.duplicates
            else {},
        ),
    )
    gone = {leg.event for leg in [*delivery.handled, *delivery.acknowledged]}
    held = {leg.event for leg in delivery.held}
    return Run(delivery, frozenset(gone - worked), frozenset(held - case.poison), tuple(batches))


def _work(
    pattern: Pattern, case: Case, event: Mapping[str, Any], worked: set[str], *, plain: bool
) -> Any:
    """Do the work as each of them wants it done: plain CDK asks for no partial answers.

    A consumer of a stream wants an exception where the first record fails, so that the batch is
    halved until that record is alone.
    """
    batch = [*ids(event)]
    failed = [place for place, (each, _) in enumerate(batch) if each in case.poison]
    if failed and pattern.in_order:
        failed = [*range(failed[0], len(batch))]
    worked |= {each for place, (each, _) in enumerate(batch) if place not in failed}
    first = failed[:1] == [0] and pattern.halved
    if failed and (plain or first or not batch[failed[0]][1]):
        raise RuntimeError(f"{len(failed)} failed")
    return {"batchItemFailures": [{"itemIdentifier": batch[place][1]} for place in failed]}
