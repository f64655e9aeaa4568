from __future__ import annotations

import math
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions

from serverless_patterns.testing.delivery import (
    BusEvent,
    DeliveryError,
    Fault,
    Faults,
    KinesisRecord,
    SnsMessage,
    SqsMessage,
    TableChange,
    deliver,
)

ARN = "arn:aws:sqs:us-east-1:123456789012:elsewhere"
TEMPLATE = {
    "Resources": {
        "Handler": {"Type": "AWS::Lambda::Function", "Properties": {"Timeout": 3}},
        "Queue": {"Type": "AWS::SQS::Queue", "Properties": {}},
        "Mapping": {
            "Type": "AWS::Lambda::EventSourceMapping",
            "Properties": {
                "FunctionName": {"Ref": "Handler"},
                "EventSourceArn": {"Fn::GetAtt": ["Queue", "Arn"]},
            },
        },
    }
}


def handle(*_: Any) -> None:
    """Handle anything."""


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            {"handlers": {"Handler": "index.handler"}},
            "Handler: handlers must hold what can be called, got 'index.handler'; give the "
            "function itself",
        ),
        (
            {"durations": {"Hander": 1}},
            "durations must name functions of the template, got 'Hander'; there are Handler",
        ),
        (
            {"durations": {"Handler": -1}},
            "Handler: durations must be seconds, 0 or more, got -1; give how long the function "
            "takes",
        ),
        (
            {"durations": {"Handler": math.nan}},
            "Handler: durations must be seconds, 0 or more, got nan; give how long the function "
            "takes",
        ),
        (
            {"faults": Faults(missing=frozenset({"Nope"}))},
            "faults.missing must name resources of the template, got 'Nope'; give a logical id",
        ),
        (
            {"faults": Faults(unavailable={"Nope": [(0, 1)]})},
            "faults.unavailable must name resources of the template, got 'Nope'; give a logical id",
        ),
        (
            {"faults": Faults(invocations=lambda _: "crash")},  # type: ignore[arg-type,return-value]  # what is refused
            "Handler: faults.invocations must return a Fault or None, got 'crash'; for example "
            "Fault.CRASH",
        ),
        *(
            (
                {"until": until},
                f"until must be a time in seconds from the start, got {until!r}; give one that "
                "comes",
            )
            for until in (math.inf, math.nan, -1, "1", None)
        ),
        *(
            ({"steps": steps}, f"steps must be a whole number, 1 or more, got {steps!r}; give one")
            for steps in (0, 1.5, None)
        ),
        (
            {"handlers": None},
            "handlers must be by their functions, got NoneType; give a dictionary",
        ),
        (
            {"durations": [1]},
            "durations must be by their functions, got list; give a dictionary",
        ),
        (
            {"durations": {"Handler": "1"}},
            "Handler: durations must be seconds, 0 or more, got '1'; give how long the function "
            "takes",
        ),
        (
            {"durations": {"Handler": lambda _: None}},
            "Handler: durations must be seconds, 0 or more, got None; give how long the function "
            "takes",
        ),
        ({"assumptions": {}}, "assumptions must be Assumptions, got {}; make one of it"),
        ({"faults": {}}, "faults must be Faults, got {}; make one of it"),
        (
            {"faults": Faults(unavailable={"Queue": [1]})},  # type: ignore[list-item]  # what is refused
            "faults.unavailable must hold from and until when, in seconds, got 1 of Queue; give "
            "two times",
        ),
        (
            {"faults": Faults(unavailable={"Queue": 1})},  # type: ignore[dict-item]  # what is refused
            "faults.unavailable must hold from and until when, in seconds, got 1 of Queue; give "
            "two times",
        ),
        (
            {"faults": Faults(missing=None)},  # type: ignore[arg-type]  # what is refused
            "faults.missing must be several, got None; see Faults",
        ),
        (
            {"faults": Faults(duplicates=["a"])},  # type: ignore[arg-type]  # what is refused
            "faults.duplicates must be by ids, got ['a']; see Faults",
        ),
        (
            {"faults": Faults(duplicates={"event-0": -1})},
            "faults.duplicates must be whole numbers, 0 or more, got -1 of 'event-0'; give how "
            "many more times than once",
        ),
        (
            {"faults": Faults(invocations=Fault.CRASH)},  # type: ignore[arg-type]  # what is refused
            "faults.invocations must be what can be called, got <Fault.CRASH: 'crash'>; give a "
            "function of an Invocation",
        ),
        ({"events": 1}, "events must be several, got int; put one alone into a list"),
        (
            {"events": ["1"]},
            "events must be of SqsMessage, SnsMessage, S3Event, BusEvent, KinesisRecord, "
            "TableChange, got '1'; make one of these of it",
        ),
        (
            {"events": [SqsMessage(body="1", id=1)]},  # type: ignore[arg-type]  # what is refused
            "events must have texts for ids, got 1; write it as text",
        ),
        (
            {"events": [SqsMessage(body={"id": 1}, id="one")]},  # type: ignore[arg-type]  # what is refused
            "one: body must be str, got {'id': 1}; give what the source gets",
        ),
        (
            {"events": [SqsMessage(body="1", id="one", attributes={"a": {}})]},  # type: ignore[dict-item]  # what is refused
            "one: attributes must be texts, numbers or bytes by name, got 'a': {}; write it as "
            "text",
        ),
        (
            {"events": [KinesisRecord(data="1", partition_key="a", id="one")]},  # type: ignore[arg-type]  # what is refused
            "one: data must be bytes, got '1'; give what the source gets",
        ),
        (
            {"events": [BusEvent(source="a", detail_type="b", detail={"a": {1}}, id="one")]},
            "one: detail must be JSON, got Object of type set is not JSON serializable; write what "
            "is sent",
        ),
        (
            {"events": [SnsMessage(message="1", id="one", attributes={"a": [b"1"]})]},
            "one: attributes must be JSON, got Object of type bytes is not JSON serializable; "
            "write what is sent",
        ),
        (
            {"events": [SqsMessage(body="1", id="one", attributes={"a": [1]})]},  # type: ignore[dict-item]  # what is refused
            "one: attributes must be texts, numbers or bytes by name, got 'a': [1]; write it as "
            "text",
        ),
        (
            {"events": [TableChange(keys={}, name="UPSERT", id="one")]},
            "one: name must be one of INSERT, MODIFY, REMOVE, got 'UPSERT'; give one of these",
        ),
        *(
            (
                {"events": [SqsMessage(body="1", id="one", at=at)]},
                f"at must be a time in seconds from the start, got {at} of 'one'; give 0 or more",
            )
            for at in (-1.0, math.inf, math.nan)
        ),
    ],
    ids=str,
)
def test_input_that_would_prove_nothing_is_refused(arguments: dict[str, Any], message: str) -> None:
    given = {"handlers": {"Handler": handle}, "events": [SqsMessage(body="1")], **arguments}
    with pytest.raises(DeliveryError) as refused:
        deliver(TEMPLATE, **given)
    assert str(refused.value) == message


def test_an_event_that_the_model_stops_before_is_pending() -> None:
    delivery = deliver(
        TEMPLATE, [SqsMessage(body="1", at=100)], handlers={"Handler": handle}, until=10
    )
    assert len(delivery.pending) == len(delivery.unaccounted) == 1


@pytest.mark.parametrize("error", [GeneratorExit, SystemExit, BaseException])
def test_what_ends_a_process_is_a_crash(error: type[BaseException]) -> None:
    def ends(*_: Any) -> None:
        raise error

    delivery = deliver(TEMPLATE, [SqsMessage(body="1")], handlers={"Handler": ends}, until=10)
    [leg] = delivery.pending
    assert [attempt.result.value for attempt in leg.attempts] == ["crashed"]


def test_whoever_stops_a_test_stops_it() -> None:
    def stops(*_: Any) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        deliver(TEMPLATE, [SqsMessage(body="1")], handlers={"Handler": stops})


@pytest.fixture
def function(stack: cdk.Stack) -> lambda_.Function:
    return lambda_.Function(
        stack,
        "Handler",
        runtime=lambda_.Runtime.PYTHON_3_13,
        handler="index.handler",
        code=lambda_.Code.from_inline("def handler(event, context): ..."),
    )


def test_a_pattern_may_name_the_account_and_a_bucket_of_the_stack(
    stack: cdk.Stack, function: lambda_.Function
) -> None:
    bucket = s3.Bucket(stack, "Bucket")
    pattern = events.EventPattern(
        account=[stack.account], detail={"bucket": {"name": [bucket.bucket_name]}}
    )
    target = targets.LambdaFunction(function)
    events.Rule(stack, "Rule", event_pattern=pattern, targets=[target])
    resource: Any = bucket.node.default_child
    name = stack.resolve(resource.logical_id)

    def sold(where: str) -> BusEvent:
        return BusEvent(source="shop", detail_type="Sold", detail={"bucket": {"name": where}})

    delivery = deliver(stack, [sold(name), sold("another")], handlers={function: handle})

    assert [leg.event for leg in delivery.handled] == ["event-0"]
    assert [leg.event for leg in delivery.filtered] == ["event-1"]


@pytest.mark.parametrize(
    ("value", "sold"),
    [
        ({"Reference": ["1"]}, {"Reference": "1"}),
        ({"at": [{"Fn::Sub": "${AWS::Region}-1"}]}, {"at": "us-east-1-1"}),
    ],
)
def test_a_pattern_may_have_what_only_looks_like_a_reference_and_what_is_known(
    value: Any, sold: Any
) -> None:
    rule = {"EventPattern": {"detail": value}, "Targets": [{"Id": "1", "Arn": ARN}]}
    model = {"Resources": {"Rule": {"Type": "AWS::Events::Rule", "Properties": rule}}}
    event = BusEvent(source="shop", detail_type="Sold", detail=sold)
    assert len(deliver(model, [event], handlers={}).held) == 1


@pytest.mark.parametrize("source", ["rule", "subscription"])
def test_a_pattern_that_nobody_knows_before_deployment_is_refused(
    stack: cdk.Stack, function: lambda_.Function, source: str
) -> None:
    kind = cdk.CfnParameter(stack, "Kind").value_as_string
    if source == "rule":
        pattern = events.EventPattern(source=[kind])
        target = targets.LambdaFunction(function)
        events.Rule(stack, "Rule", event_pattern=pattern, targets=[target])
        event: Any = BusEvent(source="shop", detail_type="Sold")
    else:
        policy = {"kind": sns.SubscriptionFilter.string_filter(allowlist=[kind])}
        subscription = subscriptions.LambdaSubscription(function, filter_policy=policy)
        sns.Topic(stack, "Topic").add_subscription(subscription)
        event = SnsMessage(message="1")

    with pytest.raises(DeliveryError) as refused:
        deliver(stack, [event], handlers={function: handle})
    assert str(refused.value).endswith(
        "must be known before it is deployed, got {'Ref': 'Kind'}; deliver a template that says "
        "it in plain text"
    )


def test_a_fault_that_is_none_changes_nothing() -> None:
    delivery = deliver(
        TEMPLATE,
        [SqsMessage(body="1")],
        handlers={"Handler": handle},
        faults=Faults(invocations=lambda each: Fault.CRASH if each.number else None),
    )
    assert len(delivery.handled) == 1
