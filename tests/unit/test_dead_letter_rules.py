"""What a poller refuses of a dead-letter queue: each error with its whole text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_sqs as sqs

from serverless_patterns import PatternError, PythonFunction, SqsPoller
from tests.messages import exactly
from tests.queues import function, queue, warnings

if TYPE_CHECKING:
    from collections.abc import Callable


def test_another_dead_letter_queue_than_the_queues_own_is_refused(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    message = (
        "Shop/Intake: dead_letter_queue must be that of queue, Shop/Letters, got Shop/Another; "
        "omit it, as it is read from queue"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        SqsPoller(
            stack,
            "Intake",
            handler=handler,
            queue=queue(stack),
            dead_letter_queue=sqs.Queue(stack, "Another"),
        )


@pytest.mark.parametrize(
    ("settings", "options", "message"),
    [
        (
            {},
            {},
            "be retained for longer than the 345600 s of its queue, because a message keeps the "
            "time at which it was sent, got 345600 s; define that queue with "
            "retention_period=cdk.Duration.days(14)",
        ),
        (
            {"fifo": True},
            {},
            "be a standard queue as its queue is, got a FIFO queue; omit it to get one",
        ),
        (
            {},
            {"fifo": True},
            "be a FIFO queue as its queue is, got a standard queue; omit it to get one",
        ),
        (
            {
                "redrive_allow_policy": sqs.RedriveAllowPolicy(
                    redrive_permission=sqs.RedrivePermission.DENY_ALL
                )
            },
            {},
            "allow queues to name it, got a redrive_allow_policy of DENY_ALL; define it without, "
            "or omit it to get one",
        ),
    ],
)
def test_a_dead_letter_queue_that_would_not_hold_them_is_refused(
    stack: cdk.Stack,
    handler: PythonFunction,
    settings: dict[str, Any],
    options: dict[str, Any],
    message: str,
) -> None:
    letters = sqs.Queue(stack, "Letters", **settings)
    message = f"Shop/Intake: dead_letter_queue must {message}"
    with pytest.raises(PatternError, match=exactly(message)):
        SqsPoller(stack, "Intake", handler=handler, dead_letter_queue=letters, **options)


def test_cdks_pair_of_dead_letter_queue_and_count_is_told_apart(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    pair: Any = sqs.DeadLetterQueue(queue=sqs.Queue(stack, "Letters"), max_receive_count=5)
    message = (
        "Shop/Intake: dead_letter_queue must be a queue, got DeadLetterQueue; give its queue here "
        "and its max_receive_count as max_receive_count"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        SqsPoller(stack, "Intake", handler=handler, dead_letter_queue=pair)


def refused(message: str) -> Any:
    return pytest.raises(PatternError, match=exactly(f"Shop/Intake: {message}"))


BY_QUEUE = sqs.RedrivePermission.BY_QUEUE
DENIED = sqs.RedriveAllowPolicy(redrive_permission=sqs.RedrivePermission.DENY_ALL)


@pytest.fixture
def europe(make_app: Callable[..., cdk.App]) -> cdk.Stack:
    environment = cdk.Environment(account="111122223333", region="eu-west-1")
    return cdk.Stack(make_app(), "Shop", env=environment)


def imported(stack: cdk.Stack, arn: str, name: str = "Far") -> sqs.IQueue:
    return sqs.Queue.from_queue_arn(stack, name, f"arn:aws:sqs:{arn}")


@pytest.mark.parametrize(
    ("arn", "message"),
    [
        ("us-east-1:111122223333:dead", "be in eu-west-1 as its queue is, got one in us-east-1"),
        (
            "eu-west-1:444455556666:dead",
            "be of account 111122223333 as its queue is, got one of account 444455556666",
        ),
        (
            "eu-west-1:111122223333:dead.fifo",
            "be a standard queue as its queue is, got a FIFO queue",
        ),
    ],
)
@pytest.mark.parametrize("which", ["own", "imported", "defined"])
def test_a_dead_letter_queue_that_sqs_would_not_take_is_refused(
    europe: cdk.Stack, which: str, arn: str, message: str
) -> None:
    letters = imported(europe, arn)
    options: dict[str, Any] = {"dead_letter_queue": letters}
    remedy = "omit it to get one"
    if which == "imported":
        options["queue"] = imported(europe, "eu-west-1:111122223333:orders", "Orders")
        options["visibility_timeout"] = None
        remedy = "give the one that queue has"
    if which == "defined":
        pair = sqs.DeadLetterQueue(queue=letters, max_receive_count=5)
        options = {"queue": queue(europe, dead_letter_queue=pair)}
        message = f"have a dead-letter queue that is {message.removeprefix('be ')}"
        remedy = "define it with such a one"
    name = "queue" if which == "defined" else "dead_letter_queue"

    with refused(f"{name} must {message}; {remedy}"):
        SqsPoller(europe, "Intake", handler=function(europe), **options)


def test_a_region_that_is_known_at_deployment_is_not_guessed(stack: cdk.Stack) -> None:
    letters = imported(stack, "us-east-1:111122223333:dead")
    SqsPoller(stack, "Intake", handler=function(stack), dead_letter_queue=letters)

    assert not warnings(stack)


@pytest.mark.parametrize("which", ["own", "imported", "defined", "by another name"])
def test_the_queue_that_is_polled_is_no_dead_letter_queue_of_its_own(
    stack: cdk.Stack, which: str
) -> None:
    orders = imported(stack, "eu-west-1:111122223333:orders")
    options: dict[str, Any]
    remedy, got = "give the one that queue has", "Shop/Far"
    if which == "own":
        options, remedy = {"queue_name": "orders"}, "omit it to get one"
    elif which == "by another name":
        options = {"queue": imported(stack, "eu-west-1:111122223333:orders", "Again")}
    elif which == "imported":
        options = {"queue": orders}
    else:
        orders = sqs.Queue(stack, "Bare")
        resource: Any = orders.node.default_child
        resource.redrive_policy = {"deadLetterTargetArn": orders.queue_arn, "maxReceiveCount": 5}
        options, got = {"queue": orders}, "Shop/Bare"

    with refused(
        f"dead_letter_queue must be another queue than the one that is polled, got {got}; {remedy}"
    ):
        handler = function(stack)
        SqsPoller(stack, "Intake", handler=handler, dead_letter_queue=orders, **options)


def test_queues_of_two_stacks_that_are_named_alike_are_told_apart(
    make_app: Callable[..., cdk.App],
) -> None:
    app = make_app()
    stack, other = cdk.Stack(app, "Shop"), cdk.Stack(app, "Other")
    names = [cdk.CfnParameter(each, "Name").value_as_string for each in (stack, other)]
    orders, dead = (
        imported(stack, f"us-east-1:111122223333:{name}", f"Queue{index}")
        for index, name in enumerate(names)
    )
    SqsPoller(stack, "Intake", handler=function(stack), queue=orders, dead_letter_queue=dead)

    assert not warnings(stack)


def test_a_queue_whose_dead_letter_queue_denies_it_is_refused(stack: cdk.Stack) -> None:
    letters = {"retention_period": cdk.Duration.days(14), "redrive_allow_policy": DENIED}

    with refused(
        "queue must have a dead-letter queue that allows queues to name it, got a "
        "redrive_allow_policy of DENY_ALL; define that queue without"
    ):
        SqsPoller(stack, "Intake", handler=function(stack), queue=queue(stack, letters=letters))


@pytest.mark.parametrize("queue_name", [None, "orders"])
def test_the_dead_letter_queue_of_another_named_queue_is_refused(
    stack: cdk.Stack, queue_name: str | None
) -> None:
    named = SqsPoller(stack, "Named", handler=function(stack), queue_name="returns")

    with refused(
        "dead_letter_queue must allow queues to name it, got a redrive_allow_policy for other "
        "queues; name this queue there, or omit it to get one"
    ):
        SqsPoller(
            stack,
            "Intake",
            handler=named.handler,
            dead_letter_queue=named.dead_letter_queue,
            queue_name=queue_name,
        )


def test_a_queue_that_its_dead_letter_queue_does_not_name_is_refused(stack: cdk.Stack) -> None:
    allowed = sqs.RedriveAllowPolicy(
        redrive_permission=BY_QUEUE, source_queues=[sqs.Queue(stack, "Another")]
    )
    letters = {"retention_period": cdk.Duration.days(14), "redrive_allow_policy": allowed}

    with refused(
        "queue must have a dead-letter queue that allows queues to name it, got a "
        "redrive_allow_policy for other queues; name this queue there"
    ):
        SqsPoller(stack, "Intake", handler=function(stack), queue=queue(stack, letters=letters))


@pytest.mark.parametrize(
    "kind", ["its name", "its ARN", "a token", "a list of tokens", "a joined name", "one of two"]
)
def test_a_dead_letter_queue_that_names_the_queue_is_taken(stack: cdk.Stack, kind: str) -> None:
    letters = sqs.Queue(stack, "Dead", retention_period=cdk.Duration.days(14))
    options: dict[str, Any] = {"dead_letter_queue": letters, "queue_name": "orders"}
    arns = ["arn:aws:sqs:eu-west-1:111122223333:orders"]
    if kind == "its ARN":
        pair = sqs.DeadLetterQueue(queue=letters, max_receive_count=5)
        existing = queue(stack, dead_letter_queue=pair, letters={}, queue_name="orders")
        options, arns = {"queue": existing}, [existing.queue_arn]
    elif kind == "a token":
        arns = [cdk.CfnParameter(stack, "Arn").value_as_string]
    elif kind == "a list of tokens":
        arns = cdk.Token.as_list({"Ref": "Arns"})
    elif kind == "a joined name":
        arns = [cdk.Fn.join(":", ["arn:aws:sqs", cdk.Aws.REGION, cdk.Aws.ACCOUNT_ID, "orders"])]
    elif kind == "one of two":
        arns = [sqs.Queue(stack, "Another").queue_arn, *arns]
    resource: Any = letters.node.default_child
    resource.redrive_allow_policy = {"redrivePermission": "byQueue", "sourceQueueArns": arns}
    SqsPoller(stack, "Intake", handler=function(stack), **options)

    assert not warnings(stack)


def test_the_queue_of_a_named_poller_can_be_polled_by_another_when_it_is_paused(
    stack: cdk.Stack,
) -> None:
    named = SqsPoller(stack, "Named", handler=function(stack), queue_name="orders", enabled=False)
    other = SqsPoller(stack, "Intake", handler=named.handler, queue=named.queue)

    assert other.dead_letter_queue is named.dead_letter_queue
