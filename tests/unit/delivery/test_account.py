from __future__ import annotations

import pytest

from serverless_patterns.testing.delivery import (
    Assumptions,
    DeliveryError,
    Result,
    SqsMessage,
    deliver,
)
from tests.unit.delivery.queue_templates import Recorder, function, mapping, polled, queue, times

RESERVED = "ReservedConcurrentExecutions"


def test_t2_functions_that_reserve_all_but_less_than_a_hundred_are_refused() -> None:
    template = polled(of_function={RESERVED: "500"}, Other=function(**{RESERVED: 401}))
    with pytest.raises(DeliveryError) as error:
        deliver(template, [], handlers={"Handler": Recorder()})
    assert str(error.value) == (
        "Handler, Other: ReservedConcurrentExecutions must leave 100 of the account's 1000 "
        "unreserved, got 901 reserved; reserve less, or raise Assumptions.account_concurrency "
        "if your quota is higher"
    )


@pytest.mark.parametrize(("reserved", "quota"), [(900, 1_000), ("901", 1_001)])
def test_what_leaves_a_hundred_is_taken(reserved: object, quota: int) -> None:
    template = polled(of_function={RESERVED: reserved})
    events = [SqsMessage(body="a")]
    assumed = Assumptions(account_concurrency=quota)
    delivery = deliver(template, events, handlers={"Handler": Recorder()}, assumptions=assumed)
    assert delivery.counts()["handled"] == 1


def test_functions_that_reserve_nothing_share_what_is_left_of_the_account() -> None:
    """Of two batches of each function three run at once, all in all."""
    template = polled(
        of_mapping={"BatchSize": 1},
        Other=function(),
        Orders=queue(),
        Also=mapping("Orders", "Other", BatchSize=1),
    )
    events = [SqsMessage(body="", id=f"{name}{n}", queue=name) for n in range(2) for name in _BOTH]
    handlers = {"Handler": Recorder(), "Other": Recorder()}
    assumed = Assumptions(account_concurrency=3)
    durations = {"Handler": 2.0, "Other": 2.0}
    delivery = deliver(
        template, events, handlers=handlers, durations=durations, assumptions=assumed
    )
    began = [leg.attempts[-1].time for leg in delivery.handled]
    assert sorted(began) == [0, 0, 0, 3]
    (late,) = [leg for leg in delivery.handled if len(leg.attempts) > 1]
    assert times(late) == [0, 1, 3]
    assert {attempt.result for attempt in late.attempts[:-1]} == {Result.THROTTLED}


def test_a_reserved_concurrency_takes_nothing_of_the_others() -> None:
    """While the one that is reserved runs, the other hundred of the account do as well."""
    long = {"Timeout": 900}
    template = polled(
        of_function={RESERVED: 1, **long},
        of_queue={"VisibilityTimeout": 900},
        Other=function(**long),
        Orders=queue(VisibilityTimeout=900),
        Also=mapping("Orders", "Other", BatchSize=1),
    )
    orders = [SqsMessage(body="", queue="Orders") for _ in range(100)]
    delivery = deliver(
        template,
        [SqsMessage(body="", queue="Queue"), *orders],
        handlers={"Handler": Recorder(), "Other": Recorder()},
        durations={"Handler": 200.0, "Other": 200.0},
        assumptions=Assumptions(account_concurrency=101),
    )
    began = sorted(times(leg) for leg in delivery.handled)
    assert began == [*[[0]] * 6, *[[60]] * 95]


_BOTH = ("Queue", "Orders")
