from __future__ import annotations

from typing import Any

import pytest

from serverless_patterns.testing.delivery import (
    Assumptions,
    Faults,
    Outcome,
    Result,
    deliver,
)
from tests.unit.delivery.queue_templates import (
    REPORTS,
    Recorder,
    became,
    function,
    leg_of,
    mapping,
    message,
    polled,
    queue,
    raises,
    redrive,
    run,
    times,
    where,
)


def test_q1_a_failure_reappears_after_the_visibility_timeout_and_is_moved_at_the_next_receive() -> (
    None
):
    template = polled(receives=3, of_queue={"VisibilityTimeout": 30}, of_mapping={"BatchSize": 1})
    leg = leg_of(run(template, handler=raises))
    assert times(leg) == [0, 30, 60]
    assert {attempt.result for attempt in leg.attempts} == {Result.FAILED}
    assert where(leg) == [("DeadLetters", 90, 345_600)]
    assert leg.held[0].reason == "maxReceiveCount exceeded"


def test_q5_without_a_dead_letter_queue_a_failure_is_tried_until_its_retention_ends() -> None:
    leg = leg_of(run(polled(), handler=raises))
    assert times(leg) == [float(time) for time in range(0, 345_600, 30)]
    assert (leg.outcome, leg.lost_at) == (Outcome.LOST, 345_600)
    assert leg.lost_because == "Queue retained it no longer"


def test_retention_may_end_while_a_message_is_hidden() -> None:
    template = polled(of_queue={"MessageRetentionPeriod": 100, "VisibilityTimeout": 40})
    leg = leg_of(run(template, handler=raises, until=100))
    assert (times(leg), leg.lost_at) == ([0, 40, 80], 100)


@pytest.mark.parametrize("policy", [{"maxReceiveCount": "1"}, {"maxReceiveCount": 1}])
def test_a_redrive_policy_may_hold_a_text(policy: dict[str, Any]) -> None:
    dead = {"deadLetterTargetArn": "arn:aws:sqs:eu-west-1:1:the-dead", **policy}
    template = polled(of_queue={"RedrivePolicy": dead})
    assert where(leg_of(run(template, handler=raises))) == [("the-dead", 30, None)]


def test_retention_may_end_while_a_message_waits_for_a_batch_that_runs() -> None:
    template = polled(
        of_queue={"MessageRetentionPeriod": 60, "VisibilityTimeout": 100},
        of_function={"Timeout": 100},
        of_mapping={"BatchSize": 1, "ScalingConfig": {"MaximumConcurrency": 2}},
    )
    delivery = run(template, *map(message, "abc"), durations={"Handler": 100.0})
    assert [leg.outcome for leg in delivery.legs] == [
        Outcome.HANDLED,
        Outcome.HANDLED,
        Outcome.LOST,
    ]
    assert (leg_of(delivery, "c").attempts, leg_of(delivery, "c").lost_at) == ([], 60)


def test_a_redrive_policy_may_be_json() -> None:
    text = '{"deadLetterTargetArn": "arn:aws:sqs:eu-west-1:1:Dead", "maxReceiveCount": 1}'
    template = polled(of_queue={"RedrivePolicy": text}, Dead=queue(QueueName="Dead"))
    assert where(leg_of(run(template, handler=raises))) == [("Dead", 30, 345_600)]


def test_a_standard_dead_letter_is_as_old_as_when_it_was_sent_first() -> None:
    template = polled(receives=2, of_dead_letters={"MessageRetentionPeriod": 100})
    leg = leg_of(run(template, message(at=5), handler=raises))
    assert where(leg) == [("DeadLetters", 65, 105)]


def test_a_dead_letter_queue_that_retains_less_may_lose_a_message_at_once() -> None:
    template = polled(receives=2, of_dead_letters={"MessageRetentionPeriod": 60})
    leg = leg_of(run(template, handler=raises))
    assert (leg.outcome, leg.lost_at) == (Outcome.LOST, 60)
    assert leg.lost_because == "DeadLetters retains nothing as old as it"


def test_a_dead_letter_queue_that_is_polled_goes_on_with_its_messages() -> None:
    second = Recorder({"a": 1})
    template = polled(
        receives=1,
        Other=function(),
        Again=mapping("DeadLetters", "Other", **REPORTS),
    )
    delivery = deliver(
        template, [message(queue="Queue")], handlers={"Handler": raises, "Other": second}
    )
    (leg,) = delivery.legs
    assert leg.path == ("Queue", "Handler", "DeadLetters", "Other")
    assert [(attempt.time, attempt.target) for attempt in leg.attempts] == [
        (0, "Handler"),
        (30, "Other"),
        (60, "Other"),
    ]
    assert (leg.outcome, leg.handled_at) == (Outcome.HANDLED, 60)
    records = [event["Records"][0] for event in second.events]
    assert [record["attributes"]["ApproximateReceiveCount"] for record in records] == ["1", "2"]
    assert {record["messageId"] for record in records} == {"a"}
    source = records[0]["attributes"]["DeadLetterQueueSourceArn"]
    assert source == "arn:aws:sqs:us-east-1:123456789012:Queue"


def test_copies_that_go_on_from_a_dead_letter_queue_are_one_history() -> None:
    template = polled(receives=1, Other=function(), Again=mapping("DeadLetters", "Other"))
    delivery = deliver(
        template,
        [message(queue="Queue")],
        handlers={"Handler": raises, "Other": Recorder()},
        faults=Faults(duplicates={"a": 1}),
    )
    (leg,) = delivery.legs
    assert leg.path == ("Queue", "Handler", "DeadLetters", "Other")
    assert times(leg) == [0, 0, 30, 30]


def test_a_polled_dead_letter_queue_without_one_of_its_own_loses_what_always_fails() -> None:
    template = polled(receives=1, Again=mapping("DeadLetters"))
    leg = leg_of(run(template, message(queue="Queue"), handler=raises))
    assert (leg.outcome, leg.lost_at) == (Outcome.LOST, 345_600)


def test_dead_letters_may_have_dead_letters() -> None:
    template = polled(
        receives=1,
        of_dead_letters={"RedrivePolicy": redrive(2, "Last")},
        Last=queue(),
        Again=mapping("DeadLetters"),
    )
    leg = leg_of(run(template, message(queue="Queue"), handler=raises))
    assert (times(leg), where(leg)) == ([0, 30, 60], [("Last", 90, 345_600)])


def test_a_queue_that_nothing_polls_holds_its_messages_while_it_retains_them() -> None:
    delivery = run(polled(Store=queue()), message(queue="Store", at=7))
    assert where(leg_of(delivery)) == [("Store", 7, 345_607)]
    assert leg_of(delivery).held[0].reason == "nothing polls it"
    assert leg_of(delivery).path == ("Store",)


def test_a_delay_of_the_queue_or_the_message_comes_first() -> None:
    template = polled(of_queue={"DelaySeconds": 4})
    delivery = run(template, message("a"), message("b", delay=9, at=1))
    assert [times(leg_of(delivery, name)) for name in "ab"] == [[4], [10]]


def test_a_queue_that_is_unavailable_is_polled_when_it_is_back() -> None:
    faults = Faults(unavailable={"Queue": [(10, 50)]})
    leg = leg_of(run(polled(of_mapping=REPORTS), handler=Recorder({"a": 1}), faults=faults))
    assert times(leg) == [0, 50]


@pytest.mark.parametrize(
    ("faults", "result", "because"),
    [
        (
            Faults(unavailable={"Queue": [(0, 1)]}),
            Result.UNAVAILABLE,
            "Queue was unavailable when it was sent",
        ),
        (
            Faults(missing=frozenset({"Queue"})),
            Result.REFUSED,
            "Queue was deleted when it was sent",
        ),
    ],
)
def test_what_a_queue_does_not_take_is_lost(faults: Faults, result: Result, because: str) -> None:
    leg = leg_of(run(polled(), faults=faults))
    assert [(attempt.target, attempt.result) for attempt in leg.attempts] == [("Queue", result)]
    assert (leg.outcome, leg.lost_because) == (Outcome.LOST, because)


def test_mappings_that_poll_one_queue_get_a_message_each_in_turn() -> None:
    first, second = Recorder(), Recorder()
    template = polled(Other=function(), Also=mapping("Queue", "Other"))
    events = [message(name) for name in "abcd"]
    delivery = deliver(template, events, handlers={"Handler": first, "Other": second})
    assert (first.batches, second.batches) == ([["a", "c"]], [["b", "d"]])
    assert leg_of(delivery, "b").path == ("Queue", "Other")


def test_a_duplicate_is_one_event_that_is_handled_twice() -> None:
    handler = Recorder()
    delivery = run(polled(), handler=handler, faults=Faults(duplicates={"a": 1}))
    assert handler.batches == [["a", "a"]]
    assert became(delivery.legs) == [Outcome.HANDLED]


def test_a_seed_shuffles_the_order_of_a_standard_queue_in_the_same_way_each_time() -> None:
    events = [message(str(n)) for n in range(20)]
    orders = []
    for seed in (None, 1, 1, 2):
        handler = Recorder()
        run(polled(), *events, handler=handler, assumptions=Assumptions(seed=seed))
        orders.append([name for batch in handler.batches for name in batch])
    assert orders[0] == [event.id for event in events]
    assert orders[1] == orders[2]
    assert orders[1] not in (orders[0], orders[3])
    assert sorted(orders[1]) == sorted(orders[0])


def test_what_is_not_over_when_the_model_stops_is_pending() -> None:
    delivery = run(polled(receives=5), handler=raises, until=100)
    assert became(delivery.legs) == [Outcome.PENDING]
    assert times(leg_of(delivery)) == [0, 30, 60, 90]
