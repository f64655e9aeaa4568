"""The queue for events that EventBridge can't deliver to a handler."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk as cdk
import pytest
from aws_cdk import assertions
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sqs as sqs

from serverless_patterns import EventBridgeTrigger, PatternError, PythonFunction
from tests.messages import exactly
from tests.unit.trigger_templates import ORDERS, properties

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    MakeApp = Callable[..., cdk.App]


def test_the_rule_alone_may_send_to_the_dead_letter_queue(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    trigger = EventBridgeTrigger(stack, "Orders", handler=handler, event_pattern=ORDERS)

    assert trigger.dead_letter_queue
    [statement] = [
        statement
        for policy in properties(stack, "AWS::SQS::QueuePolicy")
        for statement in policy["PolicyDocument"]["Statement"]
        if statement["Principal"] == {"Service": "events.amazonaws.com"}
    ]
    assert statement["Action"] == "sqs:SendMessage"
    assert statement["Resource"] == stack.resolve(trigger.dead_letter_queue.queue_arn)
    assert statement["Condition"] == {
        "ArnEquals": {"aws:SourceArn": stack.resolve(trigger.rule.rule_arn)}
    }


def test_the_dead_letter_queue_is_another_than_that_of_failures(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    trigger = EventBridgeTrigger(stack, "Orders", handler=handler, event_pattern=ORDERS)

    assert trigger.dead_letter_queue is not trigger.on_failure
    queues = properties(stack, "AWS::SQS::Queue")
    assert queues == [{"MessageRetentionPeriod": 1_209_600, "SqsManagedSseEnabled": True}] * 2


def test_a_dead_letter_queue_can_be_passed_in(stack: cdk.Stack, handler: PythonFunction) -> None:
    queue = sqs.Queue(stack, "Undelivered", encryption_master_key=kms.Key(stack, "Key"))
    EventBridgeTrigger(
        stack, "Orders", handler=handler, event_pattern=ORDERS, dead_letter_queue=queue
    )

    [rule] = properties(stack, "AWS::Events::Rule")
    assert rule["Targets"][0]["DeadLetterConfig"] == {"Arn": stack.resolve(queue.queue_arn)}
    [key] = properties(stack, "AWS::KMS::Key")
    assert {"Service": "events.amazonaws.com"} in [
        each["Principal"] for each in key["KeyPolicy"]["Statement"]
    ]


def test_a_fifo_dead_letter_queue_is_refused(stack: cdk.Stack, handler: PythonFunction) -> None:
    queue = sqs.Queue(stack, "Queue", fifo=True)
    message = (
        "Shop/Orders: dead_letter_queue must be a standard queue that EventBridge can write to, "
        "got a FIFO queue; omit it to get a standard one"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        EventBridgeTrigger(
            stack, "Orders", handler=handler, event_pattern=ORDERS, dead_letter_queue=queue
        )


def test_a_dead_letter_queue_stands_in_the_stack_of_the_rule_that_it_names(
    make_app: MakeApp, entry: Path
) -> None:
    app = make_app()
    stack = cdk.Stack(app, "Shop")
    message = (
        "Shop/Orders: dead_letter_queue must stand in the stack of what sends to it, Shop, as each "
        "names the other, got one in Store; define it there, or import it with "
        "sqs.Queue.from_queue_arn and let its own policy name the sender"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        EventBridgeTrigger(
            stack,
            "Orders",
            handler=PythonFunction(stack, "Handler", entry=entry),
            event_pattern=ORDERS,
            dead_letter_queue=sqs.Queue(cdk.Stack(app, "Store"), "Queue"),
        )


def test_an_imported_dead_letter_queue_is_warned_of(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    queue = sqs.Queue.from_queue_arn(stack, "Queue", "arn:aws:sqs:eu-west-1:111122223333:queue")
    EventBridgeTrigger(
        stack, "Orders", handler=handler, event_pattern=ORDERS, dead_letter_queue=queue
    )

    assertions.Annotations.from_stack(stack).has_warning(
        "/Shop/Orders",
        "Shop/Orders: dead_letter_queue, Shop/Queue, is imported or under an imported key, whose "
        "policy CDK can't add to, so what can't be delivered is lost unless events.amazonaws.com "
        "is allowed sqs:SendMessage in the policy of the queue, and if it is encrypted with a key, "
        "kms:Decrypt and kms:GenerateDataKey* in that of the key "
        "[ack: serverless-patterns:dead-letter-queue-policy]",
    )
