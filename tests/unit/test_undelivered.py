"""The queue for messages that SNS can't deliver to a handler."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import assertions
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs

from serverless_patterns import PatternError, PythonFunction, SnsTrigger
from tests.messages import exactly
from tests.unit.trigger_templates import properties

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    MakeApp = Callable[..., cdk.App]

MATCH = assertions.Match
SUBSCRIPTION = "AWS::SNS::Subscription"


def statements(stack: cdk.Stack, kind: str, principal: str) -> list[Mapping[str, Any]]:
    """What policies of a kind let a service do."""
    return [
        statement
        for each in properties(stack, kind)
        for statement in each.get("KeyPolicy", each.get("PolicyDocument"))["Statement"]
        if statement["Principal"] == {"Service": principal}
    ]


def test_sns_may_send_to_the_dead_letter_queue_for_its_topic_alone(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    trigger = SnsTrigger(stack, "News", handler=handler)

    assert trigger.dead_letter_queue
    [statement] = statements(stack, "AWS::SQS::QueuePolicy", "sns.amazonaws.com")
    assert statement == {
        "Action": "sqs:SendMessage",
        "Condition": {"ArnEquals": {"aws:SourceArn": stack.resolve(trigger.topic.topic_arn)}},
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Resource": stack.resolve(trigger.dead_letter_queue.queue_arn),
    }


def test_the_dead_letter_queue_is_another_than_that_of_failures(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    trigger = SnsTrigger(stack, "News", handler=handler)

    assert trigger.dead_letter_queue is not trigger.on_failure
    queues = properties(stack, "AWS::SQS::Queue")
    assert queues == [{"MessageRetentionPeriod": 1_209_600, "SqsManagedSseEnabled": True}] * 2


def test_a_dead_letter_queue_can_be_passed_in(stack: cdk.Stack, handler: PythonFunction) -> None:
    queue = sqs.Queue(stack, "Undelivered", encryption_master_key=kms.Key(stack, "Key"))
    trigger = SnsTrigger(stack, "News", handler=handler, dead_letter_queue=queue)

    assert trigger.dead_letter_queue is queue
    assert statements(stack, "AWS::SQS::QueuePolicy", "sns.amazonaws.com")
    [used] = statements(stack, "AWS::KMS::Key", "sns.amazonaws.com")
    assert used["Action"] == ["kms:Decrypt", "kms:GenerateDataKey*"]


@pytest.mark.parametrize(
    ("queue", "got", "remedy"),
    [
        (lambda _: "queue", "str", "omit it to get one"),
        (lambda _: sqs.Queue, "the class Queue", "omit it to get one"),
        (
            lambda stack: sqs.Queue(stack, "Queue", fifo=True),
            "a FIFO queue",
            "omit it to get a standard one",
        ),
        (
            lambda stack: sqs.Queue(stack, "Queue", encryption=sqs.QueueEncryption.KMS_MANAGED),
            "one encrypted with AWS's own key for SQS, which SNS may not use",
            "encrypt it with SQS_MANAGED, or with a key of yours",
        ),
        (
            lambda stack: sqs.Queue.from_queue_arn(
                stack, "Queue", "arn:aws:sqs:eu-north-1:111122223333:queue"
            ),
            "one in eu-north-1",
            "take one in eu-west-1, where it is sent from",
        ),
        (
            lambda stack: sqs.Queue.from_queue_arn(
                stack, "Queue", "arn:aws:sqs:eu-west-1:444455556666:queue"
            ),
            "one in the account 444455556666",
            "take one in 111122223333, as SNS asks",
        ),
    ],
)
def test_a_dead_letter_queue_that_sns_cannot_write_to_is_refused(
    make_app: MakeApp,
    entry: Path,
    queue: Callable[[cdk.Stack], Any],
    got: str,
    remedy: str,
) -> None:
    env = cdk.Environment(account="111122223333", region="eu-west-1")
    stack = cdk.Stack(make_app(), "Shop", env=env)
    handler = PythonFunction(stack, "Handler", entry=entry)
    message = (
        "Shop/News: dead_letter_queue must be a standard queue that SNS can write to, "
        f"got {got}; {remedy}"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        SnsTrigger(stack, "News", handler=handler, dead_letter_queue=queue(stack))


KEY = "arn:aws:kms:eu-west-1:111122223333:key/1"
UNDELIVERED = "arn:aws:sqs:eu-west-1:111122223333:undelivered"


@pytest.mark.parametrize(
    ("queue", "needs"),
    [
        (
            lambda stack: sqs.Queue.from_queue_arn(stack, "Queue", UNDELIVERED),
            "sqs:SendMessage in the policy of the queue, and if it is encrypted with a key, "
            "kms:Decrypt and kms:GenerateDataKey* in that of the key",
        ),
        (
            lambda stack: sqs.Queue.from_queue_attributes(
                stack, "Queue", queue_arn=UNDELIVERED, key_arn=KEY
            ),
            "sqs:SendMessage in the policy of the queue, and kms:Decrypt and kms:GenerateDataKey* "
            "in the policy of its key",
        ),
        (
            lambda stack: sqs.Queue(
                stack, "Queue", encryption_master_key=kms.Key.from_key_arn(stack, "Key", KEY)
            ),
            "kms:Decrypt and kms:GenerateDataKey* in the policy of its key",
        ),
    ],
)
def test_policies_that_cdk_cannot_add_to_are_warned_of(
    stack: cdk.Stack,
    handler: PythonFunction,
    queue: Callable[[cdk.Stack], sqs.IQueue],
    needs: str,
) -> None:
    SnsTrigger(stack, "News", handler=handler, dead_letter_queue=queue(stack))

    assertions.Annotations.from_stack(stack).has_warning(
        "/Shop/News",
        "Shop/News: dead_letter_queue, Shop/Queue, is imported or under an imported key, whose "
        "policy CDK can't add to, so what can't be delivered is lost unless sns.amazonaws.com is "
        f"allowed {needs} [ack: serverless-patterns:dead-letter-queue-policy]",
    )


def test_a_queue_of_the_app_is_not_warned_of(stack: cdk.Stack, handler: PythonFunction) -> None:
    queue = sqs.Queue(stack, "Undelivered", encryption_master_key=kms.Key(stack, "Key"))
    SnsTrigger(stack, "News", handler=handler, dead_letter_queue=queue)

    assert not assertions.Annotations.from_stack(stack).find_warning("*", MATCH.any_value())


@pytest.mark.parametrize("is_given", [False, True])
def test_a_dead_letter_queue_stands_in_the_stack_of_the_topic_that_it_names(
    make_app: MakeApp, entry: Path, *, is_given: bool
) -> None:
    app = make_app()
    stack = cdk.Stack(app, "Shop")
    queue = sqs.Queue(cdk.Stack(app, "Store"), "Queue")
    message = (
        "Shop/News: dead_letter_queue must stand in the stack of what sends to it, Shop, as each "
        "names the other, got one in Store; define it there, or import it with "
        "sqs.Queue.from_queue_arn and let its own policy name the sender"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        SnsTrigger(
            stack,
            "News",
            handler=PythonFunction(stack, "Handler", entry=entry),
            topic=sns.Topic(stack, "Topic") if is_given else None,
            dead_letter_queue=queue,
        )


def test_topic_and_dead_letter_queue_may_stand_in_another_stack_together(
    make_app: MakeApp, entry: Path
) -> None:
    app = make_app()
    stack, store = cdk.Stack(app, "Shop"), cdk.Stack(app, "Store")
    SnsTrigger(
        stack,
        "News",
        handler=PythonFunction(stack, "Handler", entry=entry),
        topic=sns.Topic(store, "Topic"),
        dead_letter_queue=sqs.Queue(store, "Queue"),
    )

    app.synth()
    assert len(properties(stack, SUBSCRIPTION)) == 1


@pytest.mark.parametrize(
    ("options", "rest"),
    [
        (
            {"retention_period": cdk.Duration.minutes(1)},
            "keep what failed for at least 86400 s, lest it be gone before anybody looks, got a "
            "queue with a retention_period of 60 s; omit retention_period to get 345600 s, or take "
            "up to 1209600 s",
        ),
        (
            {"max_message_size_bytes": 1024},
            "take messages of 1048576 bytes, as large as an event can be, got a queue with a "
            "max_message_size_bytes of 1024; omit max_message_size_bytes",
        ),
    ],
)
def test_a_dead_letter_queue_that_drops_what_failed_is_refused(
    stack: cdk.Stack, handler: PythonFunction, options: dict[str, Any], rest: str
) -> None:
    queue = sqs.Queue(stack, "Queue", **options)
    with pytest.raises(PatternError, match=exactly(f"Shop/News: dead_letter_queue must {rest}")):
        SnsTrigger(stack, "News", handler=handler, dead_letter_queue=queue)
