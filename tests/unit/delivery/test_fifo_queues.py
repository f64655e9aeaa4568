from __future__ import annotations

from typing import Any

import pytest

from serverless_patterns.testing.delivery import (
    Assumptions,
    Delivery,
    Fault,
    Faults,
    Outcome,
    SqsMessage,
    deliver,
)
from tests.unit.delivery.queue_templates import (
    ALWAYS,
    REPORTS,
    Recorder,
    failures,
    function,
    mapping,
    polled,
    queue,
    raises,
    times,
)

FIFO = {"FifoQueue": True}


def message(name: str, **options: Any) -> SqsMessage:
    """A message whose group is the first letter of its name."""
    return SqsMessage(**{"body": name, "id": name, "group": name[0]} | options)


def run(template: dict[str, Any], *names: str | SqsMessage, **options: Any) -> Delivery:
    events = [message(name) if isinstance(name, str) else name for name in names]
    handlers = {"Handler": options.pop("handler", Recorder())}
    return deliver(template, events, handlers=handlers, **options)


def fifo(**options: Any) -> dict[str, Any]:
    options["of_queue"] = FIFO | options.get("of_queue", {})
    return polled(**options)


def answers(*of_each: Any) -> tuple[list[list[str]], Any]:
    """A handler with these answers, then good ones, and what it got."""
    batches: list[list[str]] = []
    left = iter(of_each)

    def handler(event: Any, _context: Any) -> Any:
        batches.append([record["messageId"] for record in event["Records"]])
        return next(left, failures())

    return batches, handler


def test_q3_what_was_not_reported_is_deleted_and_the_rest_waits_for_its_visibility() -> None:
    batches, handler = answers(failures("2", "3", "4"), failures("4"))
    events = [message(name, group="g") for name in "1234"]
    template = fifo(receives=2, of_queue={"VisibilityTimeout": 8}, of_mapping=REPORTS)
    delivery = run(template, *events, handler=handler)
    assert batches == [["1", "2", "3", "4"], ["2", "3", "4"]]
    (last,) = delivery.held
    assert (last.event, times(last)) == ("4", [0, 8])
    assert [(held.at, held.time) for held in last.held] == [("DeadLetters", 16)]
    assert delivery.warnings == ()


def test_a_group_goes_on_once_its_poison_is_moved() -> None:
    batches, handler = answers(*[failures("a1", "a2")] * 2)
    template = fifo(receives=2, of_mapping={"BatchSize": 2, **REPORTS})
    delivery = run(template, "a1", "a2", "a3", handler=handler)
    assert batches == [["a1", "a2"], ["a1", "a2"], ["a3"]]
    assert sorted(leg.event for leg in delivery.held) == ["a1", "a2"]
    (went_on,) = delivery.of("a3")
    assert times(went_on) == [60]


def test_later_messages_of_a_group_are_withheld_while_one_is_in_flight() -> None:
    delivery = run(
        fifo(of_mapping={"BatchSize": 1}, of_function={"Timeout": 10}),
        "a1",
        "a2",
        "b1",
        durations={"Handler": 4.0},
    )
    began = {leg.event: times(leg) for leg in delivery.legs}
    assert began == {"a1": [0], "a2": [4], "b1": [0]}


def test_a_message_sent_while_its_group_is_in_flight_waits_too() -> None:
    delivery = run(
        fifo(of_function={"Timeout": 10}),
        message("a1"),
        message("a2", at=1),
        durations={"Handler": 4.0},
    )
    assert [times(leg) for leg in delivery.legs] == [[0], [4]]


def test_a_batch_mixes_groups_with_as_many_of_one_as_fit() -> None:
    handler = Recorder()
    run(fifo(of_mapping={"BatchSize": 4}), "a1", "b1", "a2", "c1", "b2", "c2", handler=handler)
    assert handler.batches == [["a1", "a2", "b1", "b2"], ["c1", "c2"]]


def test_one_exception_stops_every_group_of_the_batch() -> None:
    handler = Recorder({"b1": 1}, reports=False)
    delivery = run(fifo(), message("a1"), message("b1"), message("a2", at=1), handler=handler)
    assert handler.batches == [["a1", "b1"], ["a1", "a2", "b1"]]
    assert {leg.handled_at for leg in delivery.legs} == {30}


def test_a_failure_leaves_the_other_groups_running() -> None:
    handler = Recorder({"a1": 1})
    delivery = run(
        fifo(of_mapping=REPORTS),
        message("a1"),
        message("b1"),
        message("a2", at=1),
        message("b2", at=1),
        handler=handler,
    )
    assert {leg.event: leg.handled_at for leg in delivery.legs} == {
        "a1": 30,
        "a2": 30,
        "b1": 0,
        "b2": 1,
    }


def test_a_partial_failure_out_of_order_is_executed_and_told() -> None:
    batches, handler = answers(failures("a1"))
    delivery = run(fifo(of_mapping=REPORTS), "a1", "b1", "a2", handler=handler)
    assert batches == [["a1", "a2", "b1"], ["a1"]]
    assert delivery.warnings == (
        "Handler: group 'a' is out of order, as 'a2' was handled after one that failed; "
        "report all that follow it too",
    )


def test_no_order_is_broken_between_groups() -> None:
    _, handler = answers(failures("a1"))
    assert run(fifo(of_mapping=REPORTS), "a1", "b1", handler=handler).warnings == ()


def test_a_throttled_group_is_withheld_and_keeps_its_order() -> None:
    handler = Recorder()

    def fault(invocation: Any) -> Fault | None:
        return Fault.THROTTLE if invocation.time < 30 else None

    template = fifo(of_mapping={"BatchSize": 1})
    run(template, "a1", "a2", handler=handler, faults=Faults(invocations=fault))
    assert handler.batches == [["a1"], ["a2"]]


@pytest.mark.parametrize(("of_queue", "invocations"), [(FIFO, 2), ({}, 1)])
def test_only_a_standard_queue_deletes_what_is_visible_again(
    of_queue: dict[str, Any], invocations: int
) -> None:
    """The batch begins late at 7 and ends at 35; from 30 to then there is no room for it again."""
    handler = Recorder()

    def fault(invocation: Any) -> Fault | None:
        is_early = invocation.ids == ("a1",) and invocation.time < 7
        return Fault.THROTTLE if is_early else None

    options = {"BatchSize": 1, "ScalingConfig": {"MaximumConcurrency": 2}}
    run(
        polled(of_queue=of_queue, of_mapping=options, of_function={"Timeout": 30}),
        *(message(name, group=name if of_queue else None) for name in ("a1", "b1", "c1")),
        handler=handler,
        durations={"Handler": 28.0},
        faults=Faults(invocations=fault),
    )
    assert handler.batches.count(["a1"]) == invocations


def test_a_seed_leaves_the_order_of_a_fifo_queue() -> None:
    handler = Recorder()
    names = [f"a{number}" for number in range(30)]
    run(fifo(), *names, handler=handler, assumptions=Assumptions(seed=3))
    assert [name for batch in handler.batches for name in batch] == names


def test_a_delay_of_the_queue_keeps_the_order() -> None:
    handler = Recorder()
    template = fifo(of_queue={"DelaySeconds": 5})
    delivery = run(template, message("a1"), message("a2", at=1), handler=handler)
    assert [times(leg) for leg in delivery.legs] == [[5], [6]]


def test_mappings_that_poll_one_queue_get_a_group_each_in_turn() -> None:
    first, second = Recorder(), Recorder()
    template = fifo(Other=function(), Also=mapping("Queue", "Other"))
    events = [message(name) for name in ("a1", "a2", "b1", "b2")]
    deliver(template, events, handlers={"Handler": first, "Other": second})
    assert (first.batches, second.batches) == ([["a1", "a2"]], [["b1", "b2"]])


def test_a_dead_letter_of_a_fifo_queue_is_as_old_as_its_move() -> None:
    template = fifo(receives=2, of_dead_letters={"MessageRetentionPeriod": 60})
    (leg,) = run(template, "a1", handler=raises).legs
    assert [(held.time, held.until) for held in leg.held] == [(60, 120)]


def test_a_fifo_queue_that_nothing_polls_holds_its_messages() -> None:
    delivery = run(polled(Store=queue(FifoQueue="true")), message("a1", queue="Store"))
    assert [leg.outcome for leg in delivery.legs] == [Outcome.HELD]


def test_for_five_minutes_a_deduplication_id_is_taken_once() -> None:
    handler = Recorder()
    sent = {"one": 0, "two": 299.9, "three": 300}
    events = [message(name, group="g", deduplication="x", at=at) for name, at in sent.items()]
    delivery = run(fifo(), *events, handler=handler)
    assert handler.batches == [["one"], ["three"]]
    (dropped,) = delivery.filtered
    assert dropped.event == "two"
    assert dropped.filtered_by == "Queue, which took its deduplication id before"


def test_a_duplicate_send_is_dropped() -> None:
    handler = Recorder()
    delivery = run(fifo(), "a1", handler=handler, faults=Faults(duplicates={"a1": 2}))
    assert handler.batches == [["a1"]]
    assert delivery.counts()["filtered"] == 0


def test_without_an_id_bodies_tell_messages_apart_where_the_queue_says_so() -> None:
    events = [message(name, body="same") for name in ("a1", "a2")]
    by_content = {"ContentBasedDeduplication": True}
    assert run(fifo(), *events).counts()["handled"] == 2
    counts = run(fifo(of_queue=by_content), *events).counts()
    assert (counts["handled"], counts["filtered"]) == (1, 1)


def test_deduplication_may_be_within_a_group() -> None:
    events = [message(name, deduplication="x") for name in ("a1", "b1", "a2")]
    scope = {"DeduplicationScope": "messageGroup", "FifoThroughputLimit": "perMessageGroupId"}
    delivery = run(fifo(of_queue=scope), *events)
    assert [leg.event for leg in delivery.handled] == ["a1", "b1"]


def test_a_handler_gets_group_deduplication_id_and_sequence_number() -> None:
    handler = Recorder()
    run(fifo(), message("a1", deduplication="x"), message("a2"), handler=handler)
    first, second = handler.events[0]["Records"]
    assert first["eventSourceARN"] == "arn:aws:sqs:us-east-1:123456789012:Queue.fifo"
    assert first["attributes"]["MessageGroupId"] == "a"
    assert first["attributes"]["MessageDeduplicationId"] == "x"
    assert second["attributes"]["MessageDeduplicationId"] == "a2"
    assert first["attributes"]["SequenceNumber"] < second["attributes"]["SequenceNumber"]
    assert len(first["attributes"]["SequenceNumber"]) == 20


@pytest.mark.parametrize(("fails", "held"), [({}, 0), ({"a3": ALWAYS}, 6), ({"a3": 1, "b2": 2}, 0)])
def test_groups_are_handled_in_order_when_all_that_follow_a_failure_are_reported(
    fails: dict[str, int], held: int
) -> None:
    """What follows a poison message in its batch is received as often, and moved with it."""
    handled: list[str] = []
    left = dict(fails)

    def handler(event: Any, _context: Any) -> Any:
        failed: list[str] = []
        for record in event["Records"]:
            name = record["messageId"]
            if left.get(name, 0) or any(other[0] == name[0] for other in failed):
                left[name] = left.get(name, 1) - 1
                failed.append(name)
            else:
                handled.append(name)
        return failures(*failed)

    names = [f"{group}{number}" for number in range(1, 9) for group in "abc"]
    delivery = run(fifo(receives=20, of_mapping=REPORTS), *names, handler=handler)
    for group in "abc":
        in_order = [name for name in handled if name[0] == group]
        assert in_order == sorted(set(in_order))
    assert sorted([*handled, *(leg.event for leg in delivery.held)]) == sorted(names)
    assert len(delivery.held) == held
    assert (delivery.warnings, delivery.lost) == ((), [])


def test_the_deduplication_id_of_a_queue_by_content_is_the_hash_of_the_body() -> None:
    handler = Recorder()
    run(fifo(of_queue={"ContentBasedDeduplication": True}), message("a1"), handler=handler)
    told = handler.events[0]["Records"][0]["attributes"]["MessageDeduplicationId"]
    assert told == "f55ff16f66f43360266b95db6f8fec01d76031054306ae4a4b380598f6cfd114"
