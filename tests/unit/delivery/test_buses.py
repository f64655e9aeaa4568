"""EventBridge buses; names such as E1 are those of the rules that the model follows."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from serverless_patterns.testing.delivery import (
    Assumptions,
    BusEvent,
    DeliveryError,
    Faults,
    Outcome,
    Result,
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
    function,
    let_in,
    queue,
    ref,
    resource,
    rule,
    rule_dead_letters,
    ruled,
    subscription,
    template,
    topic,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

ONE = [BusEvent(source="shop", detail_type="Order", detail={"total": 10})]
DLQ: Any = {"Arn": arn("DeadLetters")}
DOWN = Faults(unavailable={"Handler": [(0, 1e9)]})


def test_e1_a_missing_permission_leads_to_the_dead_letter_queue_at_once() -> None:
    model = template(function(), rule({"DeadLetterConfig": DLQ}), rule_dead_letters())
    leg = only(deliver(model, ONE, handlers={"Handler": succeed}))
    assert (times(leg), results(leg)) == ([0], [Result.REFUSED])
    assert places(leg) == [("DeadLetters", 0, "NO_PERMISSIONS")]


def test_e2_what_the_function_does_never_reaches_the_dead_letter_queue() -> None:
    model = ruled(rule_dead_letters(), DeadLetterConfig=DLQ)
    leg = only(deliver(model, ONE, handlers={"Handler": fail}))
    assert times(leg) == [0, 60, 180]
    assert (leg.outcome, leg.held) == (Outcome.LOST, [])


def test_e3_without_retries_a_server_error_leads_to_the_dead_letter_queue_at_once() -> None:
    model = ruled(
        rule_dead_letters(), DeadLetterConfig=DLQ, RetryPolicy={"MaximumRetryAttempts": 0}
    )
    leg = only(deliver(model, ONE, handlers={"Handler": succeed}, faults=DOWN))
    assert results(leg) == [Result.UNAVAILABLE]
    assert places(leg) == [("DeadLetters", 0, "MaximumRetryAttempts")]


def test_what_has_no_dead_letter_queue_is_lost() -> None:
    model = ruled(RetryPolicy={"MaximumRetryAttempts": 0})
    leg = only(deliver(model, ONE, handlers={"Handler": succeed}, faults=DOWN))
    assert leg.lost_because == "MaximumRetryAttempts; Rule has no dead-letter queue for it"


def test_a_target_that_was_deleted_leads_to_the_dead_letter_queue_at_once() -> None:
    model = ruled(rule_dead_letters(), DeadLetterConfig=DLQ)
    faults = Faults(missing=frozenset({"Handler"}))
    leg = only(deliver(model, ONE, handlers={"Handler": succeed}, faults=faults))
    assert places(leg) == [("DeadLetters", 0, "NO_RESOURCE")]


def test_a_dead_letter_queue_without_a_policy_loses_the_event() -> None:
    model = template(function(), rule({"DeadLetterConfig": DLQ}), queue("DeadLetters"))
    leg = only(deliver(model, ONE, handlers={"Handler": succeed}))
    assert leg.lost_because == (
        "NO_PERMISSIONS; no policy of DeadLetters lets events.amazonaws.com send for Rule"
    )


def test_a_dead_letter_queue_gets_the_event_and_why() -> None:
    second = Recorder()
    mapping = resource(
        "Poll",
        "AWS::Lambda::EventSourceMapping",
        EventSourceArn=arn("DeadLetters"),
        FunctionName=ref("Second"),
    )
    model = ruled(
        rule_dead_letters(),
        function("Second"),
        mapping,
        DeadLetterConfig=DLQ,
        RetryPolicy={"MaximumRetryAttempts": 0},
    )
    deliver(model, ONE, handlers={"Handler": succeed, "Second": second}, faults=DOWN)
    (message,) = second.events[0]["Records"]
    assert json.loads(message["body"])["detail"] == {"total": 10}
    attributes = message["messageAttributes"]
    assert {name: value["stringValue"] for name, value in attributes.items()} == {
        "RULE_ARN": "arn:aws:events:us-east-1:123456789012:rule/Rule",
        "TARGET_ARN": "Handler",
        "ERROR_CODE": "ERROR_FROM_TARGET",
        "ERROR_MESSAGE": "Handler did not take the event",
        "EXHAUSTED_RETRY_CONDITION": "MaximumRetryAttempts",
    }


def test_retries_end_with_their_number() -> None:
    model = ruled(RetryPolicy={"MaximumRetryAttempts": 3})
    leg = only(deliver(model, ONE, handlers={"Handler": succeed}, faults=DOWN))
    assert len(leg.attempts) == 1 + 3


def test_185_retries_within_24_hours_are_the_default() -> None:
    assumed = Assumptions(push_growth=1.0)
    leg = only(
        deliver(ruled(), ONE, handlers={"Handler": succeed}, faults=DOWN, assumptions=assumed)
    )
    assert len(leg.attempts) == 1 + 185
    assert leg.lost_because == "MaximumRetryAttempts; Rule has no dead-letter queue for it"


def test_retries_end_when_the_event_is_too_old() -> None:
    leg = only(deliver(ruled(), ONE, handlers={"Handler": succeed}, faults=DOWN))
    assert leg.lost_because == "MaximumEventAgeInSeconds; Rule has no dead-letter queue for it"
    assert leg.lost_at is not None
    assert 80_000 < leg.lost_at < 86_400


def test_a_target_is_tried_until_it_takes_the_event() -> None:
    faults = Faults(unavailable={"Handler": [(0, 0.5)]})
    leg = only(deliver(ruled(), ONE, handlers={"Handler": succeed}, faults=faults))
    assert results(leg) == [Result.UNAVAILABLE, Result.HANDLED]


def test_a_function_gets_the_event_as_the_bus_has_it() -> None:
    handler = Recorder()
    event = BusEvent(
        source="shop",
        detail_type="Order",
        detail={"total": 10},
        id="e-1",
        at=61,
        resources=("arn:aws:s3:::b",),
    )
    leg = only(deliver(ruled(), [event], handlers={"Handler": handler}))
    assert handler.events == [
        {
            "version": "0",
            "id": "e-1",
            "detail-type": "Order",
            "source": "shop",
            "account": "123456789012",
            "time": "2026-01-01T00:01:01Z",
            "region": "us-east-1",
            "resources": ["arn:aws:s3:::b"],
            "detail": {"total": 10},
        }
    ]
    assert leg.path == ("default", "Rule", "Handler")


@pytest.mark.parametrize(
    ("properties", "expected"),
    [
        ({"Input": '{"fixed": true}'}, {"fixed": True}),
        ({"InputPath": "$.detail"}, {"total": 10}),
        ({"InputPath": "$.detail.total"}, 10),
        ({"InputPath": "$.detail-type"}, "Order"),
        ({"InputPath": "$"}, "whole"),
    ],
)
def test_a_target_may_get_a_part_or_something_else(
    properties: dict[str, Any], expected: Any
) -> None:
    handler = Recorder()
    deliver(ruled(**properties), ONE, handlers={"Handler": handler})
    (got,) = handler.events
    assert got == expected or (expected == "whole" and got["source"] == "shop")


def test_an_event_that_no_rule_matches_is_filtered() -> None:
    event = BusEvent(source="billing", detail_type="Order")
    leg = only(deliver(ruled(), [event], handlers={"Handler": succeed}))
    assert (leg.path, leg.filtered_by) == (("default",), "default")


@pytest.mark.parametrize(
    "off",
    [{"State": "DISABLED"}, {"EventPattern": None, "ScheduleExpression": "rate(1 day)"}],
)
def test_disabled_rules_and_schedules_take_nothing(off: dict[str, Any]) -> None:
    properties = rule()["Rule"]["Properties"] | off
    properties = {name: value for name, value in properties.items() if value is not None}
    model = ruled(resource("Rule", "AWS::Events::Rule", **properties))
    assert only(deliver(model, ONE, handlers={"Handler": succeed})).outcome is Outcome.FILTERED


def test_every_rule_that_matches_gets_the_event() -> None:
    model = ruled(
        rule(name="Second"), allowed("events.amazonaws.com", arn("Second"), name="Permission2")
    )
    delivery = deliver(model, ONE, handlers={"Handler": succeed})
    assert [leg.path for leg in delivery.handled] == [
        ("default", "Rule", "Handler"),
        ("default", "Second", "Handler"),
    ]


@pytest.mark.parametrize("name", [ref("Bus"), arn("Bus"), "orders"])
def test_a_rule_belongs_to_its_bus(name: Any) -> None:
    model = ruled(resource("Bus", "AWS::Events::EventBus", Name="orders"), rule(EventBusName=name))
    events = [
        BusEvent(source="shop", detail_type="Order", bus="Bus", id="custom"),
        BusEvent(source="shop", detail_type="Order", id="default"),
    ]
    delivery = deliver(model, events, handlers={"Handler": succeed})
    assert [leg.event for leg in delivery.handled] == ["custom"]
    assert [leg.event for leg in delivery.filtered] == ["default"]


def test_the_default_bus_may_be_named() -> None:
    model = ruled(rule(EventBusName="default"))
    assert only(deliver(model, ONE, handlers={"Handler": succeed})).outcome is Outcome.HANDLED


def test_a_queue_gets_the_event() -> None:
    model = template(
        queue(), rule({"Arn": arn("Queue")}), let_in("events.amazonaws.com", arn("Rule"))
    )
    leg = only(deliver(model, ONE, handlers={}))
    assert leg.path == ("default", "Rule", "Queue")
    assert [held.at for held in leg.held] == ["Queue"]


def test_a_queue_without_a_policy_is_no_permission() -> None:
    leg = only(deliver(template(queue(), rule({"Arn": arn("Queue")})), ONE, handlers={}))
    assert leg.lost_because == "NO_PERMISSIONS; Rule has no dead-letter queue for it"


def test_a_topic_gets_the_event() -> None:
    handler = Recorder()
    model = template(
        function(),
        topic(),
        rule({"Arn": ref("Topic")}),
        let_in(
            "events.amazonaws.com",
            arn("Rule"),
            "Topic",
            kind="AWS::SNS::TopicPolicy",
            key="Topics",
            action="sns:Publish",
        ),
        subscription(),
        allowed("sns.amazonaws.com", ref("Topic")),
    )
    leg = only(deliver(model, ONE, handlers={"Handler": handler}))
    assert leg.path == ("default", "Rule", "Topic", "Handler")
    message = handler.events[0]["Records"][0]["Sns"]["Message"]
    assert json.loads(message)["detail"] == {"total": 10}


def test_a_role_of_the_target_is_asked_instead_of_the_permission() -> None:
    model = ruled(resource("Role", "AWS::IAM::Role"), RoleArn=arn("Role"))
    leg = only(deliver(model, ONE, handlers={"Handler": succeed}))
    assert leg.lost_because == "NO_PERMISSIONS; Rule has no dead-letter queue for it"


def test_a_role_of_the_target_that_may_invoke_it_needs_no_permission() -> None:
    statement = {"Effect": "Allow", "Action": "lambda:InvokeFunction", "Resource": arn("Handler")}
    policies = [{"PolicyDocument": {"Statement": [statement]}}]
    model = template(
        function(),
        rule({"RoleArn": arn("Role")}),
        resource("Role", "AWS::IAM::Role", Policies=policies),
    )
    assert only(deliver(model, ONE, handlers={"Handler": succeed})).outcome is Outcome.HANDLED


def test_a_target_outside_of_the_template_has_the_event() -> None:
    elsewhere = "arn:aws:lambda:us-east-1:123456789012:function:elsewhere"
    leg = only(deliver(template(rule({"Arn": elsewhere})), ONE, handlers={}))
    assert places(leg) == [(f"{elsewhere} outside the template", 0, "handed to it")]


def test_a_rule_without_targets_loses_the_event() -> None:
    leg = only(deliver(template(rule(Targets=[])), ONE, handlers={}))
    assert leg.lost_because == "Rule has no target"


@pytest.mark.parametrize(
    "faults", [Faults(missing=frozenset({"Bus"})), Faults(unavailable={"Bus": [(0, 1)]})]
)
def test_a_bus_that_is_not_there_loses_the_event(faults: Faults) -> None:
    model = ruled(resource("Bus", "AWS::Events::EventBus", Name="orders"))
    events = [BusEvent(source="shop", detail_type="Order", bus="Bus")]
    leg = only(deliver(model, events, handlers={"Handler": succeed}, faults=faults))
    assert leg.lost_because == "Bus did not take it from its sender"


REFUSED: list[tuple[dict[str, Any], str]] = [
    (
        ruled(RetryPolicy={"MaximumRetryAttempts": 186}),
        "Rule: target Target0: MaximumRetryAttempts must be 0 to 185, got 186; give one of these",
    ),
    (
        ruled(RetryPolicy={"MaximumEventAgeInSeconds": 59}),
        "Rule: target Target0: MaximumEventAgeInSeconds must be 60 to 86400, got 59; "
        "give one of these",
    ),
    (
        ruled(queue("DeadLetters", FifoQueue=True), DeadLetterConfig=DLQ),
        "Rule: target Target0: destination must not be FIFO, got DeadLetters; name a standard one",
    ),
    (
        ruled(topic("DeadLetters"), DeadLetterConfig=DLQ),
        "Rule: target Target0: destination must be one of queue, got DeadLetters "
        "(AWS::SNS::Topic); name another",
    ),
    (
        ruled(resource("Stream", "AWS::Kinesis::Stream"), Arn=arn("Stream")),
        "Rule: target Target0 must be a function, a queue or a topic, got Stream "
        "(AWS::Kinesis::Stream); what others do is not modelled, so test it on AWS",
    ),
    (
        ruled(InputTransformer={"InputTemplate": "{}"}),
        "Rule: target Target0 must have no InputTransformer, got one; it is not modelled, "
        "so transform the event in the function",
    ),
    (
        ruled(InputPath="$.resources[0]"),
        "Rule: target Target0: InputPath must be names that the event has, "
        "got $.resources[0]; others are not modelled, so pass the whole event",
    ),
    (
        ruled(InputPath="$.detail.missing"),
        "Rule: target Target0: InputPath must be names that the event has, "
        "got $.detail.missing; others are not modelled, so pass the whole event",
    ),
    (
        ruled(rule(EventPattern={"source": "shop"})),
        'Rule: EventPattern.source must be a list of values or an object, got "shop"; '
        "put the value in a list",
    ),
    (
        ruled(resource("Subscriber", "AWS::EventsV2::Subscriber")),
        "Subscriber: what takes events of a bus must be an AWS::Events::Rule, got "
        "AWS::EventsV2::Subscriber; how that delivers is not modelled, so test it on AWS",
    ),
]


@pytest.mark.parametrize(("model", "message"), REFUSED)
def test_what_is_refused(model: Mapping[str, Any], message: str) -> None:
    with pytest.raises(DeliveryError, match=exactly(message)):
        deliver(model, ONE, handlers={"Handler": succeed})
