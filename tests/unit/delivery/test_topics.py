"""SNS topics; names such as N1 are those of the rules that the model follows."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from serverless_patterns.testing.delivery import (
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
    function,
    let_in,
    queue,
    redriven,
    ref,
    resource,
    subscribed,
    subscription,
    template,
    topic,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

ONE = [SnsMessage(message="order 1")]
TO_DEAD_LETTERS: Any = {"deadLetterTargetArn": arn("DeadLetters")}
GONE = Faults(missing=frozenset({"Handler"}))


def to_queue(*parts: Mapping[str, Any], **properties: Any) -> dict[str, Any]:
    """A topic with a queue that nothing polls."""
    return template(
        queue(),
        topic(),
        subscription(arn("Queue"), "sqs", **properties),
        let_in("sns.amazonaws.com", ref("Topic")),
        *parts,
    )


def polled(*parts: Mapping[str, Any], **properties: Any) -> dict[str, Any]:
    """A topic with a queue that Handler polls."""
    mapping = resource(
        "Poll",
        "AWS::Lambda::EventSourceMapping",
        EventSourceArn=arn("Queue"),
        FunctionName=ref("Handler"),
    )
    return to_queue(function(), mapping, *parts, **properties)


def test_n1_a_function_that_is_gone_is_tried_once() -> None:
    model = subscribed(redriven(), RedrivePolicy=TO_DEAD_LETTERS)
    leg = only(deliver(model, ONE, handlers={"Handler": succeed}, faults=GONE))
    assert (times(leg), results(leg)) == ([0], [Result.REFUSED])
    assert places(leg) == [("DeadLetters", 0, "Handler was deleted")]


def test_n2_what_the_function_does_never_reaches_the_dead_letter_queue() -> None:
    model = subscribed(redriven(), RedrivePolicy=TO_DEAD_LETTERS)
    leg = only(deliver(model, ONE, handlers={"Handler": fail}))
    assert times(leg) == [0, 60, 180]
    assert (leg.outcome, leg.held) == (Outcome.LOST, [])


def test_n2_throttles_never_reach_the_dead_letter_queue_either() -> None:
    model = subscribed(redriven(), RedrivePolicy=TO_DEAD_LETTERS)
    faults = Faults(invocations=lambda _: Fault.THROTTLE)
    leg = only(deliver(model, ONE, handlers={"Handler": fail}, faults=faults))
    assert (leg.outcome, leg.held) == (Outcome.LOST, [])


def test_n3_a_server_error_is_tried_three_times_at_once_and_then_every_second() -> None:
    faults = Faults(unavailable={"Handler": [(0, 1.5)]})
    leg = only(deliver(subscribed(), ONE, handlers={"Handler": succeed}, faults=faults))
    assert times(leg) == [0, 0, 0, 0, 1, 2]
    assert results(leg) == [Result.UNAVAILABLE] * 5 + [Result.HANDLED]


def test_n4_a_body_that_is_no_json_is_filtered() -> None:
    model = subscribed(FilterPolicy={"kind": ["order"]}, FilterPolicyScope="MessageBody")
    leg = only(deliver(model, [SnsMessage(message="hello")], handlers={"Handler": succeed}))
    assert leg.outcome is Outcome.FILTERED
    assert leg.filtered_by == "Subscription"
    assert leg.attempts == []


def test_a_client_error_without_a_dead_letter_queue_loses_the_message() -> None:
    leg = only(deliver(subscribed(), ONE, handlers={"Handler": succeed}, faults=GONE))
    assert leg.lost_because == "Handler was deleted; Topic has no dead-letter queue for it"


def test_a_missing_permission_is_a_client_error() -> None:
    model = template(function(), topic(), subscription(RedrivePolicy=TO_DEAD_LETTERS), redriven())
    leg = only(deliver(model, ONE, handlers={"Handler": succeed}))
    assert results(leg) == [Result.REFUSED]
    reason = "nothing lets sns.amazonaws.com reach Handler for Topic"
    assert places(leg) == [("DeadLetters", 0, reason)]


def test_a_dead_letter_queue_that_does_not_let_sns_in_loses_the_message() -> None:
    model = subscribed(queue("DeadLetters"), RedrivePolicy=TO_DEAD_LETTERS)
    leg = only(deliver(model, ONE, handlers={"Handler": succeed}, faults=GONE))
    assert leg.lost_because == (
        "Handler was deleted; no policy of DeadLetters lets sns.amazonaws.com send for Topic"
    )


def test_a_dead_letter_queue_whose_key_does_not_let_sns_in_loses_the_message() -> None:
    letters = redriven(KmsMasterKeyId="alias/aws/sqs")
    model = subscribed(letters, RedrivePolicy=TO_DEAD_LETTERS)
    leg = only(deliver(model, ONE, handlers={"Handler": succeed}, faults=GONE))
    assert leg.outcome is Outcome.LOST


def test_server_errors_are_tried_for_23_days_and_then_dead_lettered() -> None:
    model = subscribed(redriven(), RedrivePolicy=TO_DEAD_LETTERS)
    faults = Faults(unavailable={"Handler": [(0, 1e9)]})
    leg = only(deliver(model, ONE, handlers={"Handler": succeed}, faults=faults))
    assert len(leg.attempts) == 1 + 100_015
    ((at, time, reason),) = places(leg)
    assert (at, reason) == ("DeadLetters", "every retry of SNS met a server error")
    assert 23 < time / 86_400 < 24


def test_the_waits_grow_to_twenty_seconds() -> None:
    faults = Faults(unavailable={"Handler": [(0, 150)]})
    leg = only(deliver(subscribed(), ONE, handlers={"Handler": succeed}, faults=faults))
    waited = [after - before for before, after in zip(times(leg), times(leg)[1:], strict=False)]
    assert waited[:5] == [0, 0, 0, 1, 1]
    assert waited[5:15] == sorted(waited[5:15])
    assert (round(waited[5], 6), round(waited[14], 6), round(waited[15], 6)) == (1, 20, 20)


def test_a_function_gets_the_message_as_lambda_has_it() -> None:
    handler = Recorder()
    message = SnsMessage(
        message="order 1",
        id="m-1",
        at=90,
        subject="Order",
        attributes={"kind": "new", "count": 2, "raw": b"\x01", "tags": ["a", "b"]},
    )
    deliver(subscribed(), [message], handlers={"Handler": handler})
    (record,) = handler.events[0]["Records"]
    assert (record["EventSource"], record["EventVersion"]) == ("aws:sns", "1.0")
    assert record["EventSubscriptionArn"].endswith(":Topic:Subscription")
    sns = record["Sns"]
    assert (sns["MessageId"], sns["Message"], sns["Subject"]) == ("m-1", "order 1", "Order")
    assert sns["Timestamp"] == "2026-01-01T00:01:30.000Z"
    assert sns["TopicArn"] == "arn:aws:sns:us-east-1:123456789012:Topic"
    assert sns["MessageAttributes"] == {
        "kind": {"Type": "String", "Value": "new"},
        "count": {"Type": "Number", "Value": "2"},
        "raw": {"Type": "Binary", "Value": "AQ=="},
        "tags": {"Type": "String.Array", "Value": '["a", "b"]'},
    }


def test_every_subscriber_gets_the_message_by_itself() -> None:
    model = subscribed(
        function("Second"),
        subscription(arn("Second"), name="Subscription2"),
        allowed("sns.amazonaws.com", ref("Topic"), arn("Second"), "Permission2"),
    )
    delivery = deliver(model, ONE, handlers={"Handler": fail, "Second": succeed})
    assert {leg.path: leg.outcome for leg in delivery.of("event-0")} == {
        ("Topic", "Handler"): Outcome.LOST,
        ("Topic", "Second"): Outcome.HANDLED,
    }


def test_a_queue_that_nothing_polls_holds_the_message() -> None:
    leg = only(deliver(to_queue(), ONE, handlers={}))
    assert leg.path == ("Topic", "Queue")
    assert [held.at for held in leg.held] == ["Queue"]


def test_a_polled_queue_gets_the_envelope() -> None:
    handler = Recorder()
    message = SnsMessage(message="order 1", id="m-1", attributes={"kind": "new"})
    leg = only(deliver(polled(), [message], handlers={"Handler": handler}))
    (record,) = handler.events[0]["Records"]
    assert record["messageAttributes"] == {}
    assert record["messageId"] != "m-1"
    body = json.loads(record["body"])
    assert (body["Type"], body["MessageId"], body["Message"]) == ("Notification", "m-1", "order 1")
    assert body["MessageAttributes"] == {"kind": {"Type": "String", "Value": "new"}}
    assert leg.path == ("Topic", "Queue", "Handler")
    assert leg.outcome is Outcome.HANDLED


def test_a_polled_queue_gets_the_message_itself_if_it_is_raw() -> None:
    handler = Recorder()
    message = SnsMessage(message="order 1", attributes={"kind": "new"})
    deliver(polled(RawMessageDelivery=True), [message], handlers={"Handler": handler})
    (record,) = handler.events[0]["Records"]
    assert record["body"] == "order 1"
    assert record["messageAttributes"]["kind"]["stringValue"] == "new"


def test_raw_messages_of_more_than_ten_attributes_are_a_client_error() -> None:
    message = SnsMessage(message="1", attributes={f"a{number}": "x" for number in range(11)})
    leg = only(deliver(to_queue(RawMessageDelivery=True), [message], handlers={}))
    assert results(leg) == [Result.REFUSED]
    assert leg.lost_because == (
        "more than 10 attributes of a raw message; Topic has no dead-letter queue for it"
    )


def test_a_queue_that_does_not_let_sns_in_is_a_client_error() -> None:
    model = template(queue(), topic(), subscription(arn("Queue"), "sqs"))
    leg = only(deliver(model, ONE, handlers={}))
    assert results(leg) == [Result.REFUSED]
    assert leg.outcome is Outcome.LOST


def test_a_queue_is_tried_again_until_it_is_there() -> None:
    faults = Faults(unavailable={"Queue": [(0, 0.5)]})
    leg = only(deliver(polled(), ONE, handlers={"Handler": succeed}, faults=faults))
    assert times(leg) == [0, 0, 0, 0, 1]
    assert results(leg) == [Result.UNAVAILABLE] * 4 + [Result.HANDLED]


def test_other_protocols_have_the_message() -> None:
    model = template(topic(), subscription("ops@example.com", "email"))
    leg = only(deliver(model, ONE, handlers={}))
    assert places(leg) == [("Subscription", 0, "handed to email")]


def test_a_function_outside_of_the_template_has_the_message() -> None:
    elsewhere = "arn:aws:lambda:us-east-1:123456789012:function:elsewhere"
    leg = only(deliver(template(topic(), subscription(elsewhere)), ONE, handlers={}))
    assert places(leg) == [("Subscription", 0, f"handed to {elsewhere} outside the template")]


def test_subscriptions_of_the_topic_itself_count() -> None:
    model = template(
        function(),
        topic(Subscription=[{"Protocol": "lambda", "Endpoint": arn("Handler")}]),
        allowed("sns.amazonaws.com", ref("Topic")),
    )
    assert only(deliver(model, ONE, handlers={"Handler": succeed})).outcome is Outcome.HANDLED


def test_a_topic_without_subscriptions_loses_the_message() -> None:
    leg = only(deliver(template(topic()), ONE, handlers={}))
    assert leg.lost_because == "Topic has no subscription"


@pytest.mark.parametrize(
    "faults",
    [Faults(missing=frozenset({"Topic"})), Faults(unavailable={"Topic": [(0, 1)]})],
)
def test_a_topic_that_is_not_there_loses_the_message(faults: Faults) -> None:
    leg = only(deliver(subscribed(), ONE, handlers={"Handler": succeed}, faults=faults))
    assert leg.lost_because == "Topic did not take it from its publisher"


FIFO_TOPIC = topic(FifoTopic=True)
FIFO_QUEUE = queue(FifoQueue=True)


def test_a_fifo_topic_hands_its_messages_to_a_fifo_queue_with_their_group() -> None:
    handler = Recorder()
    events = [SnsMessage(message=f"order {number}", group="orders") for number in range(3)]
    deliver(
        polled(FIFO_TOPIC, FIFO_QUEUE, RawMessageDelivery=True),
        events,
        handlers={"Handler": handler},
    )
    records = [record for event in handler.events for record in event["Records"]]
    assert [record["body"] for record in records] == ["order 0", "order 1", "order 2"]
    assert {record["attributes"]["MessageGroupId"] for record in records} == {"orders"}


def test_a_fifo_topic_takes_a_standard_queue() -> None:
    events = [SnsMessage(message="order 1", group="orders")]
    leg = only(deliver(polled(FIFO_TOPIC), events, handlers={"Handler": succeed}))
    assert leg.outcome is Outcome.HANDLED


def test_a_message_of_a_fifo_topic_needs_a_group() -> None:
    message = (
        "Topic: group must be given on a FIFO topic, got none for 'event-0'; name the message group"
    )
    with pytest.raises(DeliveryError, match=exactly(message)):
        deliver(polled(FIFO_TOPIC, FIFO_QUEUE), ONE, handlers={"Handler": succeed})


REFUSED: list[tuple[dict[str, Any], str]] = [
    (
        subscribed(FIFO_TOPIC),
        "Subscription: Protocol must be sqs on the FIFO topic Topic, got lambda; "
        "subscribe a queue that the function polls",
    ),
    (
        to_queue(FIFO_QUEUE, function()),
        "Subscription: Endpoint must not be a FIFO queue on the standard topic Topic, got Queue; "
        "make the topic FIFO or the queue standard",
    ),
    (
        subscribed(topic("DeadLetters"), RedrivePolicy={"deadLetterTargetArn": ref("DeadLetters")}),
        "Subscription: RedrivePolicy must name a queue, got DeadLetters (AWS::SNS::Topic); "
        "name another",
    ),
    (
        to_queue(FIFO_TOPIC, FIFO_QUEUE, function(), redriven(), RedrivePolicy=TO_DEAD_LETTERS),
        "Subscription: RedrivePolicy must name a queue that is FIFO as its endpoint is, "
        "got DeadLetters; name another",
    ),
    (
        subscribed(redriven(FifoQueue=True), RedrivePolicy=TO_DEAD_LETTERS),
        "Subscription: RedrivePolicy must name a queue that is standard, got DeadLetters; "
        "name another",
    ),
]


@pytest.mark.parametrize(("model", "message"), REFUSED)
def test_what_sns_refuses_is_refused(model: dict[str, Any], message: str) -> None:
    events = [SnsMessage(message="order 1", topic="Topic", group="orders")]
    with pytest.raises(DeliveryError, match=exactly(message)):
        deliver(model, events, handlers={"Handler": succeed})
