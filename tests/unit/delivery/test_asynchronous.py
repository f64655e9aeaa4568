"""Asynchronous invocation; names such as A1 are those of the rules that the model follows."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from serverless_patterns.testing.delivery import (
    Assumptions,
    DeliveryError,
    Fault,
    Faults,
    Outcome,
    Result,
    SnsMessage,
    deliver,
)
from tests.messages import exactly
from tests.unit.delivery.push_handlers import (
    Recorder,
    fail,
    only,
    places,
    results,
    succeed,
    times,
)
from tests.unit.delivery.push_templates import (
    allowed,
    arn,
    configured,
    failing_to,
    function,
    queue,
    ref,
    resource,
    subscribed,
    subscription,
    template,
    topic,
)

if TYPE_CHECKING:
    from serverless_patterns.testing.delivery import Delivery, LambdaContext

ONE = [SnsMessage(message="order 1")]
DEAD_LETTERS = function(DeadLetterConfig={"TargetArn": arn("DeadLetters")}) | queue("DeadLetters")


def run(model: dict[str, Any], handler: Any = fail, **options: Any) -> Delivery:
    return deliver(model, ONE, handlers={"Handler": handler}, **options)


def test_a1_an_error_is_tried_again_after_one_minute_and_two() -> None:
    model = subscribed(queue(), configured(DestinationConfig=failing_to()))
    leg = only(run(model))
    assert times(leg) == [0, 60, 180]
    assert results(leg) == [Result.FAILED] * 3
    assert places(leg) == [("Queue", 180, "RetriesExhausted")]


def test_a2_an_event_that_would_be_too_old_is_discarded_ahead() -> None:
    config = configured(MaximumEventAgeInSeconds=60, DestinationConfig=failing_to())
    leg = only(run(subscribed(queue(), config)))
    assert times(leg) == [0]
    assert places(leg) == [("Queue", 0, "EventAgeExceeded")]


def test_a3_an_event_is_tried_while_it_is_young_enough() -> None:
    config = configured(MaximumEventAgeInSeconds=90, DestinationConfig=failing_to())
    leg = only(run(subscribed(queue(), config)))
    assert times(leg) == [0, 60]
    assert places(leg) == [("Queue", 60, "EventAgeExceeded")]


def test_a4_both_the_dead_letter_queue_and_the_destination_get_it() -> None:
    config = configured(MaximumRetryAttempts=0, DestinationConfig=failing_to())
    leg = only(run(subscribed(queue(), config, DEAD_LETTERS)))
    assert times(leg) == [0]
    assert places(leg) == [
        ("DeadLetters", 0, "RetriesExhausted"),
        ("Queue", 0, "RetriesExhausted"),
    ]


def test_a5_a_reserved_concurrency_of_0_loses_what_nothing_keeps() -> None:
    leg = only(run(subscribed(function(ReservedConcurrentExecutions=0))))
    assert leg.attempts == []
    assert (leg.outcome, leg.lost_at) == (Outcome.LOST, 0)
    assert leg.lost_because == "ZeroReservedConcurrency"


def test_a_reserved_concurrency_of_0_leads_straight_to_the_destination() -> None:
    model = subscribed(
        function(ReservedConcurrentExecutions=0),
        queue(),
        configured(DestinationConfig=failing_to()),
    )
    leg = only(run(model))
    assert leg.attempts == []
    assert places(leg) == [("Queue", 0, "ZeroReservedConcurrency")]


def test_what_nothing_keeps_is_lost_when_the_retries_are_exhausted() -> None:
    leg = only(run(subscribed()))
    assert times(leg) == [0, 60, 180]
    assert (leg.outcome, leg.lost_at) == (Outcome.LOST, 180)
    assert leg.lost_because == "RetriesExhausted"


def test_one_retry_is_after_one_minute() -> None:
    assert times(only(run(subscribed(configured(MaximumRetryAttempts=1))))) == [0, 60]


def test_a_retry_that_succeeds_handles_the_event() -> None:
    leg = only(run(subscribed(), Recorder(failures=1)))
    assert results(leg) == [Result.FAILED, Result.HANDLED]
    assert (leg.outcome, leg.handled_at) == (Outcome.HANDLED, 60)


def test_every_try_has_the_same_request_and_a_fresh_event() -> None:
    handler = Recorder(failures=2)

    def spoil(event: Any, context: LambdaContext) -> None:
        try:
            handler(json.loads(json.dumps(event)), context)
        finally:
            event.clear()

    run(subscribed(), spoil)
    assert len(handler.requests) == 3
    assert len(set(handler.requests)) == 1
    assert handler.events[0] == handler.events[1] == handler.events[2] != {}


def test_different_events_are_different_requests() -> None:
    handler = Recorder()
    events = [SnsMessage(message="1"), SnsMessage(message="2")]
    deliver(subscribed(), events, handlers={"Handler": handler})
    assert len(set(handler.requests)) == 2


@pytest.mark.parametrize(
    ("fault", "result"),
    [
        (Fault.CRASH, Result.CRASHED),
        (Fault.CRASH_AFTER, Result.CRASHED),
        (Fault.TIMEOUT, Result.TIMED_OUT),
    ],
)
def test_crashes_and_timeouts_are_errors(fault: Fault, result: Result) -> None:
    faults = Faults(invocations=lambda _: fault)
    leg = only(run(subscribed(function(Timeout=5)), succeed, faults=faults))
    assert results(leg) == [result] * 3


def test_the_wait_counts_from_the_end_of_the_attempt() -> None:
    leg = only(run(subscribed(function(Timeout=30)), durations={"Handler": 10}))
    assert times(leg) == [0, 70, 200]
    assert leg.lost_at == 210


def test_that_the_wait_counts_from_the_end_is_an_assumption() -> None:
    model = subscribed(function(Timeout=900))
    assumed = Assumptions(retry_from_end=False)
    leg = only(run(model, durations={"Handler": 10}, assumptions=assumed))
    assert times(leg) == [0, 60, 180]
    longer = only(run(model, durations={"Handler": 100}, assumptions=assumed))
    assert times(longer) == [0, 100, 220]


def test_t1_a_throttled_event_is_tried_after_growing_waits() -> None:
    events = [SnsMessage(message="1", id="first"), SnsMessage(message="2", id="second")]
    delivery = deliver(
        subscribed(function(ReservedConcurrentExecutions=1, Timeout=30)),
        events,
        handlers={"Handler": succeed},
        durations={"Handler": 10},
    )
    (second,) = delivery.of("second")
    assert times(second) == [0, 1, 3, 7, 15]
    assert results(second) == [Result.THROTTLED] * 4 + [Result.HANDLED]


def test_a_throttle_uses_no_attempt_up() -> None:
    faults = Faults(
        invocations=lambda invocation: Fault.THROTTLE if invocation.number % 2 == 0 else None
    )
    leg = only(run(subscribed(), faults=faults))
    assert [time for time, result in zip(times(leg), results(leg), strict=True)] == [
        0,
        1,
        61,
        62,
        182,
        183,
    ]
    assert leg.lost_because == "RetriesExhausted"


def test_throttles_go_on_until_the_event_is_too_old() -> None:
    config = configured(MaximumEventAgeInSeconds=60, DestinationConfig=failing_to())
    faults = Faults(invocations=lambda _: Fault.THROTTLE)
    leg = only(run(subscribed(queue(), config), faults=faults))
    assert times(leg) == [0, 1, 3, 7, 15, 31]
    assert places(leg) == [("Queue", 31, "EventAgeExceeded")]


def test_throttles_are_tried_for_six_hours_by_default_every_five_minutes_in_the_end() -> None:
    leg = only(run(subscribed(), faults=Faults(invocations=lambda _: Fault.THROTTLE)))
    assert times(leg)[-1] - times(leg)[-2] == 300
    assert leg.lost_at is not None
    assert 21_300 <= leg.lost_at < 21_600


def test_the_growth_of_waits_is_an_assumption() -> None:
    faults = Faults(invocations=lambda _: Fault.THROTTLE)
    assumed = Assumptions(throttle_growth=3.0)
    leg = only(run(subscribed(), faults=faults, assumptions=assumed))
    assert times(leg)[:5] == [0, 1, 4, 13, 40]


def test_a_server_error_of_lambda_while_it_retries_waits_as_a_throttle_does() -> None:
    faults = Faults(unavailable={"Handler": [(50, 62)]})
    leg = only(run(subscribed(), Recorder(failures=1), faults=faults))
    assert times(leg) == [0, 60, 61, 63]
    assert results(leg) == [
        Result.FAILED,
        Result.UNAVAILABLE,
        Result.UNAVAILABLE,
        Result.HANDLED,
    ]


def test_what_becomes_of_an_event_of_just_the_greatest_age_is_an_assumption() -> None:
    model = subscribed(configured(MaximumEventAgeInSeconds=60))
    kept = only(run(model, assumptions=Assumptions(discard_at_equal_age=False)))
    assert times(kept) == [0, 60]


def test_an_event_that_is_dropped_is_lost() -> None:
    leg = only(run(subscribed(), succeed, faults=Faults(dropped=frozenset({"event-0"}))))
    assert leg.attempts == []
    assert leg.lost_because == "dropped from Lambda's queue under overload"


def test_a_duplicate_invokes_twice_and_is_one_event() -> None:
    handler = Recorder()
    leg = only(run(subscribed(), handler, faults=Faults(duplicates={"event-0": 1})))
    assert results(leg) == [Result.HANDLED] * 2
    assert len(set(handler.requests)) == 2


def test_the_configuration_of_another_qualifier_does_not_hold() -> None:
    leg = only(run(subscribed(configured(Qualifier="live", MaximumRetryAttempts=0))))
    assert times(leg) == [0, 60, 180]


def aliased(config: dict[str, Any]) -> dict[str, Any]:
    """A topic that invokes an alias of Handler."""
    return template(
        function(),
        resource("Version", "AWS::Lambda::Version", FunctionName=ref("Handler")),
        resource(
            "Live",
            "AWS::Lambda::Alias",
            Name="live",
            FunctionName=ref("Handler"),
            FunctionVersion={"Fn::GetAtt": ["Version", "Version"]},
        ),
        topic(),
        subscription(ref("Live")),
        allowed("sns.amazonaws.com", ref("Topic"), ref("Live")),
        config,
    )


@pytest.mark.parametrize(
    "qualifier",
    [
        "live",
        {"Fn::Select": [7, {"Fn::Split": [":", {"Ref": "Live"}]}]},
    ],
)
def test_the_configuration_of_an_alias_holds_where_the_alias_is_invoked(qualifier: Any) -> None:
    leg = only(run(aliased(configured(Qualifier=qualifier, MaximumRetryAttempts=0))))
    assert leg.path == ("Topic", "Handler")
    assert times(leg) == [0]


def test_the_configuration_of_latest_does_not_hold_for_an_alias() -> None:
    assert times(only(run(aliased(configured(MaximumRetryAttempts=0))))) == [0, 60, 180]


def test_an_alias_with_a_configuration_of_its_version_only_is_refused() -> None:
    config = configured(Qualifier={"Fn::GetAtt": ["Version", "Version"]}, MaximumRetryAttempts=0)
    message = (
        "Handler: EventInvokeConfig must be of the alias Live that is invoked, got one of its "
        "version Version; whether that holds is not documented, so configure the alias"
    )
    with pytest.raises(DeliveryError, match=exactly(message)):
        run(aliased(config))


@pytest.mark.parametrize(
    ("name", "value", "bounds"),
    [
        ("MaximumRetryAttempts", 3, "0 to 2"),
        ("MaximumEventAgeInSeconds", 59, "60 to 21600"),
        ("MaximumEventAgeInSeconds", 21_601, "60 to 21600"),
    ],
)
def test_what_lambda_refuses_is_refused(name: str, value: int, bounds: str) -> None:
    message = f"Handler: {name} must be {bounds}, got {value}; give one of these"
    with pytest.raises(DeliveryError, match=exactly(message)):
        run(subscribed(configured(**{name: value})))


def test_a_success_destination_changes_nothing() -> None:
    config = configured(DestinationConfig={"OnSuccess": {"Destination": arn("Queue")}})
    leg = only(run(subscribed(queue(), config), succeed))
    assert (leg.outcome, leg.held) == (Outcome.HANDLED, [])
