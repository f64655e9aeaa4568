"""What SQS and Lambda refuse of queues and their mappings, and what isn't known of them."""

from __future__ import annotations

from typing import Any

import pytest

from serverless_patterns.testing.delivery import DeliveryError, Faults, SqsMessage, deliver
from tests.messages import exactly
from tests.unit.delivery.queue_templates import Recorder, arn, mapping, polled, queue, raises

FIFO = {"FifoQueue": True}


def refused(template: dict[str, Any], *, handler: Any = None, **options: Any) -> str:
    sent = options.pop("sent", {})
    faults = options.pop("faults", None)
    event = SqsMessage(**{"body": "a", "id": "a", "queue": "Queue"} | sent)
    with pytest.raises(DeliveryError) as error:
        deliver(template, [event], handlers={"Handler": handler or Recorder()}, faults=faults)
    return str(error.value)


def test_q7_a_visibility_timeout_below_the_timeout_is_refused() -> None:
    assert refused(polled(of_function={"Timeout": 60})) == (
        "Queue: VisibilityTimeout must be at least the 60 s timeout of Handler, got 30; "
        "set it to 360, six times that"
    )


@pytest.mark.parametrize(
    ("properties", "message"),
    [
        (
            {"BatchSize": 11, "MaximumBatchingWindowInSeconds": 0},
            "MaximumBatchingWindowInSeconds must be at least 1 where BatchSize is over 10, got 0 "
            "with 11; set both or a BatchSize up to 10",
        ),
        (
            {"BatchSize": 10_001, "MaximumBatchingWindowInSeconds": 1},
            "BatchSize must be from 1 to 10000, got 10001; correct it",
        ),
        ({"BatchSize": 0}, "BatchSize must be from 1 to 10000, got 0; correct it"),
        (
            {"BatchSize": {"Ref": "Size"}},
            "BatchSize must be a whole number, got {'Ref': 'Size'}; give its value",
        ),
        (
            {"MaximumBatchingWindowInSeconds": 301},
            "MaximumBatchingWindowInSeconds must be from 0 to 300, got 301; correct it",
        ),
        (
            {"ScalingConfig": {"MaximumConcurrency": 1}},
            "MaximumConcurrency must be from 2 to 1000, got 1; correct it",
        ),
        (
            {"ProvisionedPollerConfig": {"MinimumPollers": 2}},
            "ProvisionedPollerConfig must be left out, got provisioned pollers; how they scale "
            "isn't documented, so deliver a template without",
        ),
        (
            {"BisectBatchOnFunctionError": True},
            "BisectBatchOnFunctionError must be left out where the source is a queue, got True; "
            "it is for streams",
        ),
        (
            {"FilterCriteria": {"Filters": [{"Pattern": "{}"}] * 11}},
            "FilterCriteria must hold 10 filters at most, got 11; join them with several values "
            "or $or",
        ),
        (
            {"FilterCriteria": {"Filters": [{"Pattern": "body"}]}},
            "FilterCriteria must be a JSON object, got 'body'; correct it",
        ),
        (
            {"FilterCriteria": {"Filters": [{"Pattern": '{"messageId": ["a"]}'}]}},
            "FilterCriteria must ask for body only, got 'messageId'; of other fields of an SQS "
            "message it isn't documented what Lambda does",
        ),
        (
            {
                "FilterCriteria": {
                    "Filters": [{"Pattern": '{"$or": [{"body": ["a"]}, {"awsRegion": ["b"]}]}'}]
                }
            },
            "FilterCriteria must ask for body only, got 'awsRegion'; of other fields of an SQS "
            "message it isn't documented what Lambda does",
        ),
        (
            {"FilterCriteria": {"Filters": [{"Pattern": '{"body": "a"}'}]}},
            'pattern.body must be a list of values or an object, got "a"; put the value in a list',
        ),
        (
            {"FunctionName": "elsewhere"},
            "FunctionName must lead to a function of the template, got 'elsewhere'; deliver the "
            "template that defines it",
        ),
    ],
)
def test_a_mapping_that_lambda_refuses_or_that_is_not_known(
    properties: dict[str, Any], message: str
) -> None:
    assert refused(polled(of_mapping=properties)) == f"Mapping: {message}"


def test_a_disabled_mapping_is_checked_too() -> None:
    template = polled(of_mapping={"BatchSize": 0, "Enabled": False})
    assert refused(template) == "Mapping: BatchSize must be from 1 to 10000, got 0; correct it"


@pytest.mark.parametrize(
    ("properties", "message"),
    [
        ({"BatchSize": 11}, "BatchSize must be from 1 to 10, got 11; correct it"),
        (
            {"MaximumBatchingWindowInSeconds": 1},
            "MaximumBatchingWindowInSeconds must be 0 where the queue, Queue, is FIFO, got 1; "
            "omit it",
        ),
    ],
)
def test_a_mapping_that_lambda_refuses_of_a_fifo_queue(
    properties: dict[str, Any], message: str
) -> None:
    template = polled(of_queue=FIFO, of_mapping=properties)
    assert refused(template) == f"Mapping: {message}"


@pytest.mark.parametrize(
    ("properties", "message"),
    [
        (
            {"VisibilityTimeout": 43_201},
            "VisibilityTimeout must be from 0 to 43200, got 43201; correct it",
        ),
        (
            {"VisibilityTimeout": "soon"},
            "VisibilityTimeout must be a whole number, got 'soon'; give its value",
        ),
        (
            {"VisibilityTimeout": 0.5},
            "VisibilityTimeout must be a whole number, got 0.5; give its value",
        ),
        (
            {"MessageRetentionPeriod": 59},
            "MessageRetentionPeriod must be from 60 to 1209600, got 59; correct it",
        ),
        (
            {"MaximumMessageSize": 1_023},
            "MaximumMessageSize must be from 1024 to 1048576, got 1023; correct it",
        ),
        ({"DelaySeconds": 901}, "DelaySeconds must be from 0 to 900, got 901; correct it"),
        (
            {"RedrivePolicy": {"deadLetterTargetArn": arn("Dead"), "maxReceiveCount": 0}},
            "maxReceiveCount must be from 1 to 1000, got 0; correct it",
        ),
        (
            {"RedrivePolicy": {"deadLetterTargetArn": arn("Dead")}},
            "maxReceiveCount must be a whole number, got None; give its value",
        ),
        (
            {"RedrivePolicy": "Dead"},
            "RedrivePolicy must be a JSON object, got 'Dead'; correct it",
        ),
        (
            {
                "RedrivePolicy": {"deadLetterTargetArn": arn("Dead"), "maxReceiveCount": 1},
                "FifoQueue": True,
            },
            "deadLetterTargetArn must be of a FIFO queue as this is one, got Dead; make both FIFO",
        ),
        (
            {"RedrivePolicy": {"deadLetterTargetArn": arn("Fifo"), "maxReceiveCount": 1}},
            "deadLetterTargetArn must be of a standard queue as this is one, got Fifo; make both "
            "standard",
        ),
    ],
)
def test_a_queue_that_sqs_refuses(properties: dict[str, Any], message: str) -> None:
    template = polled(of_queue=properties, Dead=queue(), Fifo=queue(**FIFO))
    assert refused(template) == f"Queue: {message}"


@pytest.mark.parametrize(
    ("of_queue", "sent", "message"),
    [
        (FIFO, {}, "must have a group on a FIFO queue, got none; name one"),
        (
            FIFO,
            {"group": "g", "delay": 5},
            "must have no delay of its own on a FIFO queue, got 5; set the queue's DelaySeconds",
        ),
        (
            {},
            {"deduplication": "x"},
            "must have no deduplication id on a standard queue, got 'x'; omit it",
        ),
        (
            {"MaximumMessageSize": 1_024},
            {"body": "\u00e9" * 500, "attributes": {"kind": "order", "n": 12, "raw": b"123"}},
            "must be of at most 1024 bytes, got 1036; send less, or where it is stored",
        ),
        (
            {},
            {"body": "x" * 1_048_577},
            "must be of at most 1048576 bytes, got 1048577; send less, or where it is stored",
        ),
        ({}, {"delay": 901}, "must have a delay from 0 to 900, got 901; correct it"),
    ],
)
def test_a_message_that_sqs_refuses(
    of_queue: dict[str, Any], sent: dict[str, Any], message: str
) -> None:
    assert refused(polled(of_queue=of_queue), sent=sent) == f"Queue: message 'a' {message}"


def test_a_function_that_was_deleted_is_refused() -> None:
    assert refused(polled(), faults=Faults(missing=frozenset({"Handler"}))) == (
        "Mapping: FunctionName must be of a function that is there, got Handler, which is in "
        "faults.missing; whether Lambda goes on to receive its messages isn't documented"
    )


def test_a_dead_letter_queue_that_was_deleted_is_refused_when_it_is_needed() -> None:
    faults = Faults(missing=frozenset({"DeadLetters"}))
    assert refused(polled(receives=1), handler=raises, faults=faults) == (
        "Queue: deadLetterTargetArn must be of a queue that is there, got DeadLetters, which is "
        "in faults.missing; what SQS does with a message that can't be moved isn't documented"
    )


def test_a_second_function_needs_a_handler_once_messages_reach_it() -> None:
    template = polled(receives=1, Again=mapping("DeadLetters", "Other"), Other=raises_function())
    with pytest.raises(
        DeliveryError,
        match=exactly(
            "Other: handlers must hold what handles its events, got Handler; "
            "add 'Other' to handlers"
        ),
    ):
        deliver(template, [SqsMessage(body="a", queue="Queue")], handlers={"Handler": raises})


def raises_function() -> dict[str, Any]:
    return {"Type": "AWS::Lambda::Function"}


@pytest.mark.parametrize(
    "policy",
    [
        {"redrivePermission": "allowAll"},
        '{"redrivePermission": "allowAll"}',
        {"redrivePermission": "byQueue", "sourceQueueArns": [arn("Other"), arn("Queue")]},
    ],
)
def test_a_dead_letter_queue_that_allows_the_queue_is_accepted(policy: Any) -> None:
    allowing = {"RedriveAllowPolicy": policy}
    model = polled(receives=1, of_dead_letters=allowing, Other=queue())
    deliver(model, [SqsMessage(body="a", queue="Queue")], handlers={"Handler": raises})


@pytest.mark.parametrize(
    "policy",
    [
        {"redrivePermission": "denyAll"},
        {"redrivePermission": "byQueue", "sourceQueueArns": [arn("Other")]},
        '{"redrivePermission": "byQueue"}',
    ],
)
def test_a_dead_letter_queue_that_does_not_allow_the_queue_is_refused(policy: Any) -> None:
    allowing = {"RedriveAllowPolicy": policy}
    assert refused(polled(receives=1, of_dead_letters=allowing, Other=queue())) == (
        "DeadLetters: RedriveAllowPolicy must allow Queue, whose dead-letter queue it is, got "
        f"{'denyAll' if 'denyAll' in str(policy) else 'byQueue'} without it; allow it, as SQS "
        "refuses it otherwise"
    )
