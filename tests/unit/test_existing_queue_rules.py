"""What a poller refuses of a queue that exists: each error with its whole text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_sqs as sqs

from serverless_patterns import PatternError, PythonFunction, SqsPoller
from tests.messages import exactly
from tests.queues import function, queue, warnings

if TYPE_CHECKING:
    from pathlib import Path

SECONDS = cdk.Duration.seconds
PER_GROUP = sqs.FifoThroughputLimit.PER_MESSAGE_GROUP_ID


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"dead_letter_queue": None},
            "queue must have a dead-letter queue, because a message that always fails comes back "
            "until it expires, got none; define the queue with "
            "dead_letter_queue=sqs.DeadLetterQueue(queue=..., max_receive_count=5)",
        ),
        (
            {"visibility_timeout": SECONDS(28)},
            "queue must have a visibility timeout of at least the 29 s timeout of handler, got "
            "28 s; define the queue with visibility_timeout=cdk.Duration.seconds(174)",
        ),
        (
            {"retention_period": SECONDS(870)},
            "queue must keep a message for longer than 5 receives take, 174 s each, because one "
            "that expires before is lost, got 870 s; define the queue with a longer "
            "retention_period",
        ),
        (
            {"letters": {}},
            "queue must have a dead-letter queue that is retained for longer than the 345600 s of "
            "its queue, because a message keeps the time at which it was sent, got 345600 s; "
            "define that queue with retention_period=cdk.Duration.days(14)",
        ),
    ],
)
def test_a_queue_that_exists_is_held_to_the_same_rules(
    stack: cdk.Stack, handler: PythonFunction, options: dict[str, Any], message: str
) -> None:
    existing = queue(stack, **options)
    with pytest.raises(PatternError, match=exactly(f"Shop/Intake: {message}")):
        SqsPoller(stack, "Intake", handler=handler, queue=existing)


def test_a_queue_that_exists_hides_messages_for_the_window_too(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    existing = queue(stack, visibility_timeout=SECONDS(48))
    message = (
        "Shop/Intake: queue must have a visibility timeout of at least the 29 s timeout of handler "
        "and the 20 s of max_batching_window, got 48 s; define the queue with "
        "visibility_timeout=cdk.Duration.seconds(194)"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        SqsPoller(stack, "Intake", handler=handler, queue=existing, max_batching_window=SECONDS(20))


def test_thirty_seconds_are_what_a_queue_hides_by_itself(stack: cdk.Stack, entry: Path) -> None:
    slow = PythonFunction(stack, "Slow", entry=entry, timeout=SECONDS(31))
    existing = queue(stack, visibility_timeout=None)
    message = (
        "Shop/Intake: queue must have a visibility timeout of at least the 31 s timeout of "
        "handler, got 30 s; define the queue with visibility_timeout=cdk.Duration.seconds(186)"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        SqsPoller(stack, "Intake", handler=slow, queue=existing)


def test_a_fifo_queue_starts_the_time_anew_in_its_dead_letter_queue(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    SqsPoller(stack, "Intake", handler=handler, queue=queue(stack, fifo=True, letters={}))

    assert not warnings(stack)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"fifo": True},
            "fifo must agree with queue, got a standard queue; omit it, as it is read from queue",
        ),
        *(
            (
                {name: value},
                f"{name} must be left out with queue, which exists, got a value; set it where the "
                "queue is defined",
            )
            for name, value in {
                "queue_name": "orders",
                "visibility_timeout": cdk.Duration.minutes(5),
                "retention_period": cdk.Duration.days(1),
                "max_receive_count": 6,
                "content_based_deduplication": True,
                "deduplication_scope": sqs.DeduplicationScope.QUEUE,
                "fifo_throughput_limit": PER_GROUP,
            }.items()
        ),
    ],
)
def test_a_keyword_that_contradicts_the_queue_is_refused(
    stack: cdk.Stack, handler: PythonFunction, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(PatternError, match=exactly(f"Shop/Intake: {message}")):
        SqsPoller(stack, "Intake", handler=handler, queue=queue(stack), **options)


def test_a_queue_that_exists_is_warned_of_as_well(stack: cdk.Stack) -> None:
    existing = queue(stack, visibility_timeout=SECONDS(17), receives=1)
    SqsPoller(stack, "Intake", handler=function(stack), queue=existing)

    assert warnings(stack) == [
        "Shop/Intake: the visibility timeout of queue is 17 s, under the 18 s that AWS asks for: a "
        "batch that Lambda throttles for longer is received anew, and every receive counts "
        "[ack: serverless-patterns:sqs-visibility-timeout]",
        "Shop/Intake: max_receive_count is 1, under the 5 that AWS asks for: throttles and crashes "
        "of others in a batch count as well "
        "[ack: serverless-patterns:sqs-max-receive-count]",
    ]
