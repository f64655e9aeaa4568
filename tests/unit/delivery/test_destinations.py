"""Where events go that nothing handled."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from serverless_patterns.testing.delivery import (
    DeliveryError,
    Faults,
    Held,
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
    rule,
    subscribed,
    subscription,
    topic,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from serverless_patterns.testing.delivery import Delivery

ONE = [SnsMessage(message="order 1", topic="Topic")]
POLLED = resource(
    "Poll",
    "AWS::Lambda::EventSourceMapping",
    EventSourceArn=arn("Queue"),
    FunctionName=ref("Second"),
)


def run(*parts: Mapping[str, Any], destination: Any = None, **options: Any) -> Delivery:
    """Handler fails at once, to a destination; Second is given if the template has it."""
    config = configured(MaximumRetryAttempts=0, DestinationConfig=failing_to(destination))
    handlers = {"Handler": fail} | options.pop("handlers", {})
    return deliver(subscribed(config, *parts), ONE, handlers=handlers, **options)


def test_a_queue_holds_the_event_as_long_as_it_retains_messages() -> None:
    leg = only(run(queue(MessageRetentionPeriod=1_209_600)))
    assert leg.outcome is Outcome.HELD
    assert leg.held == [Held("Queue", 0, "RetriesExhausted", until=1_209_600)]


def test_a_polled_queue_hands_the_record_of_the_invocation_on() -> None:
    second = Recorder()
    leg = only(run(queue(), function("Second"), POLLED, handlers={"Second": second}))
    (event,) = second.events
    record = json.loads(event["Records"][0]["body"])
    request_id = record["requestContext"].pop("requestId")
    assert request_id
    assert record.pop("requestPayload")["Records"][0]["Sns"]["Message"] == "order 1"
    assert record == {
        "version": "1.0",
        "timestamp": "2026-01-01T00:00:00.000Z",
        "requestContext": {
            "functionArn": "arn:aws:lambda:us-east-1:123456789012:function:Handler:$LATEST",
            "condition": "RetriesExhausted",
            "approximateInvokeCount": 1,
        },
        "responseContext": {
            "statusCode": 200,
            "executedVersion": "$LATEST",
            "functionError": "Unhandled",
        },
        "responsePayload": {"errorMessage": "no such order", "errorType": "ValueError"},
    }
    assert leg.path == ("Topic", "Handler", "Queue", "Second")
    assert results(leg) == [Result.FAILED, Result.HANDLED]


def test_what_never_ran_has_no_response() -> None:
    second = Recorder()
    run(
        function(ReservedConcurrentExecutions=0),
        queue(),
        function("Second"),
        POLLED,
        handlers={"Second": second},
    )
    record = json.loads(second.events[0]["Records"][0]["body"])
    assert record["requestContext"]["approximateInvokeCount"] == 0
    assert record["requestContext"]["condition"] == "ZeroReservedConcurrency"
    assert "responseContext" not in record
    assert "responsePayload" not in record


def test_a_dead_letter_queue_gets_the_event_itself_with_its_error() -> None:
    second = Recorder()
    handler = Recorder(failures=3)
    deliver(
        subscribed(
            function(DeadLetterConfig={"TargetArn": arn("Queue")}),
            queue(),
            function("Second"),
            POLLED,
        ),
        ONE,
        handlers={"Handler": handler, "Second": second},
    )
    (message,) = second.events[0]["Records"]
    assert json.loads(message["body"]) == handler.events[0]
    attributes = message["messageAttributes"]
    assert {name: value["stringValue"] for name, value in attributes.items()} == {
        "RequestID": handler.requests[0],
        "ErrorCode": "200",
        "ErrorMessage": "no such order",
    }


def test_a_topic_with_a_subscriber_holds_the_event_and_hands_it_on() -> None:
    second = Recorder()
    delivery = run(
        topic("Failures"),
        function("Second"),
        subscription(arn("Second"), name="Alert", TopicArn=ref("Failures")),
        allowed("sns.amazonaws.com", ref("Failures"), arn("Second"), "Permission2"),
        destination=ref("Failures"),
        handlers={"Second": second},
    )
    first, followed = delivery.legs
    assert places(first) == [("Failures", 0, "RetriesExhausted")]
    assert followed.path == ("Topic", "Handler", "Failures", "Second")
    record = json.loads(second.events[0]["Records"][0]["Sns"]["Message"])
    assert record["requestContext"]["condition"] == "RetriesExhausted"


def test_a_topic_with_a_subscription_by_email_holds_the_event() -> None:
    delivery = run(
        topic("Failures"),
        subscription("ops@example.com", "email", "Mail", TopicArn=ref("Failures")),
        destination=ref("Failures"),
    )
    assert [leg.outcome for leg in delivery.legs] == [Outcome.HELD, Outcome.HELD]


def test_a_topic_that_nobody_takes_it_from_loses_the_event() -> None:
    delivery = run(topic("Failures"), destination=ref("Failures"))
    leg = delivery.legs[0]
    assert leg.outcome is Outcome.LOST
    assert leg.lost_because == "RetriesExhausted; nothing takes it from Failures"


def test_a_topic_whose_subscriptions_filter_it_out_loses_the_event() -> None:
    delivery = run(
        topic("Failures"),
        subscription(
            "ops@example.com",
            "email",
            "Mail",
            TopicArn=ref("Failures"),
            FilterPolicy={"urgent": ["yes"]},
        ),
        destination=ref("Failures"),
    )
    assert delivery.legs[0].outcome is Outcome.LOST


def test_a_bucket_holds_the_event_without_an_end() -> None:
    leg = only(run(resource("Kept", "AWS::S3::Bucket"), destination=arn("Kept")))
    assert leg.held == [Held("Kept", 0, "RetriesExhausted")]


def test_a_function_takes_the_record_as_its_event() -> None:
    second = Recorder()
    leg = only(run(function("Second"), destination=arn("Second"), handlers={"Second": second}))
    assert second.events[0]["requestContext"]["condition"] == "RetriesExhausted"
    assert leg.path == ("Topic", "Handler", "Second")
    assert leg.outcome is Outcome.HANDLED


def test_a_function_that_fails_loses_what_it_gets_after_its_own_retries() -> None:
    leg = only(run(function("Second"), destination=arn("Second"), handlers={"Second": fail}))
    assert times(leg) == [0, 0, 60, 180]
    assert leg.outcome is Outcome.LOST


TWICE = Faults(duplicates={"event-0": 1})


def test_copies_go_to_a_function_as_one_event() -> None:
    second = Recorder()
    delivery = run(
        function("Second"),
        destination=arn("Second"),
        handlers={"Second": second},
        faults=TWICE,
    )
    assert only(delivery).path == ("Topic", "Handler", "Second")
    assert len(second.events) == 2


def test_copies_of_what_never_runs_go_to_a_function_as_one_event() -> None:
    second = Recorder()
    delivery = run(
        function(ReservedConcurrentExecutions=0),
        function("Second"),
        destination=arn("Second"),
        handlers={"Second": second},
        faults=TWICE,
    )
    assert only(delivery).path == ("Topic", "Handler", "Second")
    assert len(second.events) == 2


def test_copies_of_what_never_runs_go_to_a_polled_queue_as_one_event() -> None:
    second = Recorder()
    delivery = run(
        function(ReservedConcurrentExecutions=0),
        queue(),
        function("Second"),
        POLLED,
        handlers={"Second": second},
        faults=TWICE,
    )
    assert only(delivery).path == ("Topic", "Handler", "Queue", "Second")
    assert sum(len(event["Records"]) for event in second.events) == 2


@pytest.mark.parametrize(
    "destination",
    [
        {"Fn::Sub": "arn:aws:events:${AWS::Region}:${AWS::AccountId}:event-bus/default"},
        {"Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, ":events:event-bus/default"]]},
    ],
)
def test_a_bus_hands_the_record_on_as_the_detail_of_an_event(destination: Any) -> None:
    second = Recorder()
    delivery = run(
        function("Second"),
        rule({"Arn": arn("Second")}, EventPattern={"source": ["lambda"]}),
        allowed("events.amazonaws.com", arn("Rule"), arn("Second"), "Permission2"),
        destination=destination,
        handlers={"Second": second},
    )
    (event,) = second.events
    assert event["detail-type"] == "Lambda Function Invocation Result - Failure"
    assert event["detail"]["requestContext"]["condition"] == "RetriesExhausted"
    first, followed = delivery.legs
    assert places(first) == [("default", 0, "RetriesExhausted")]
    assert followed.path == ("Topic", "Handler", "default", "Rule", "Second")


def test_a_bus_without_a_rule_that_takes_it_loses_the_event() -> None:
    delivery = run(resource("Bus", "AWS::Events::EventBus", Name="b"), destination=arn("Bus"))
    assert delivery.legs[0].lost_because == "RetriesExhausted; nothing takes it from Bus"


def test_what_is_not_in_the_template_is_trusted_to_hold_the_event() -> None:
    leg = only(run(destination="arn:aws:sqs:us-east-1:123456789012:elsewhere"))
    assert places(leg) == [
        (
            "arn:aws:sqs:us-east-1:123456789012:elsewhere outside the template",
            0,
            "RetriesExhausted",
        )
    ]


@pytest.mark.parametrize(
    ("faults", "because"),
    [
        (Faults(missing=frozenset({"Queue"})), "Queue was deleted"),
        (Faults(unavailable={"Queue": [(0, 1)]}), "Queue answered with a server error"),
    ],
)
def test_a_destination_that_cannot_be_written_loses_the_event(faults: Faults, because: str) -> None:
    leg = only(run(queue(), faults=faults))
    assert leg.outcome is Outcome.LOST
    assert leg.lost_because == f"RetriesExhausted; {because} (DestinationDeliveryFailures)"


def test_a_dead_letter_queue_that_cannot_be_written_loses_the_event() -> None:
    model = subscribed(function(DeadLetterConfig={"TargetArn": arn("Queue")}), queue())
    faults = Faults(missing=frozenset({"Queue"}))
    leg = only(deliver(model, ONE, handlers={"Handler": fail}, faults=faults))
    assert leg.lost_because == "RetriesExhausted; Queue was deleted (DeadLetterErrors)"


ROLE = resource("Role", "AWS::IAM::Role")


def test_a_role_that_may_not_send_loses_the_event() -> None:
    leg = only(run(ROLE, function(Role=arn("Role")), queue()))
    assert leg.lost_because == (
        "RetriesExhausted; the role of Handler may not write to Queue (DestinationDeliveryFailures)"
    )


def test_a_role_that_may_send_holds_the_event() -> None:
    policy = resource(
        "Policy",
        "AWS::IAM::Policy",
        Roles=[ref("Role")],
        PolicyDocument={
            "Statement": [
                {"Effect": "Allow", "Action": ["sqs:SendMessage"], "Resource": arn("Queue")}
            ]
        },
    )
    leg = only(run(ROLE, policy, function(Role=arn("Role")), queue()))
    assert places(leg) == [("Queue", 0, "RetriesExhausted")]


@pytest.mark.parametrize(
    ("part", "destination"),
    [
        (queue("Fifo", FifoQueue=True), arn("Fifo")),
        (topic("Fifo", FifoTopic=True), ref("Fifo")),
    ],
)
def test_fifo_destinations_are_refused(part: Mapping[str, Any], destination: Any) -> None:
    message = "Handler: destination must not be FIFO, got Fifo; name a standard one"
    with pytest.raises(DeliveryError, match=exactly(message)):
        run(part, destination=destination)


def test_a_destination_of_another_kind_is_refused() -> None:
    message = (
        "Handler: destination must be one of queue, topic, bucket, function, eventbus, "
        "got Stream (AWS::Kinesis::Stream); name another"
    )
    with pytest.raises(DeliveryError, match=exactly(message)):
        run(resource("Stream", "AWS::Kinesis::Stream"), destination=arn("Stream"))


def test_a_bucket_is_no_destination_of_successes() -> None:
    config = configured(DestinationConfig={"OnSuccess": {"Destination": arn("Kept")}})
    message = (
        "Handler: destination must be one of queue, topic, function, eventbus, "
        "got Kept (AWS::S3::Bucket); name another"
    )
    with pytest.raises(DeliveryError, match=exactly(message)):
        deliver(
            subscribed(resource("Kept", "AWS::S3::Bucket"), config),
            ONE,
            handlers={"Handler": succeed},
        )


def test_a_function_is_no_dead_letter_target() -> None:
    model = subscribed(function(DeadLetterConfig={"TargetArn": arn("Second")}), function("Second"))
    message = (
        "Handler: destination must be one of queue, topic, got Second (AWS::Lambda::Function); "
        "name another"
    )
    with pytest.raises(DeliveryError, match=exactly(message)):
        deliver(model, ONE, handlers={"Handler": succeed})


def test_a_destination_that_leads_back_to_its_function_is_refused() -> None:
    message = (
        "Handler: events must not lead back to their function, got Topic > Handler > Handler; "
        "Lambda breaks such a loop after about 16 rounds, so send them somewhere else"
    )
    with pytest.raises(DeliveryError, match=exactly(message)):
        run(destination=arn("Handler"))
