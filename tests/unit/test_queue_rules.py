"""What a poller refuses and warns of: each error with its whole text."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import assertions
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_event_sources as sources
from aws_cdk import aws_sqs as sqs

from serverless_patterns import PatternError, PythonFunction, SqsPoller
from tests.messages import exactly
from tests.queues import function, queue, warnings

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

SECONDS = cdk.Duration.seconds
PER_GROUP = sqs.FifoThroughputLimit.PER_MESSAGE_GROUP_ID
POLLERS = lambda_.ProvisionedPollerConfig
MATCHING = {"pattern": '{"body":{"a":[1]}}'}
DEAD_LETTERED = "because throttled receives end in the dead-letter queue"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"visibility_timeout": SECONDS(28)},
            "visibility_timeout must be at least the 29 s timeout of handler, got 28 s; omit it to "
            "get 174 s",
        ),
        (
            {"visibility_timeout": SECONDS(48), "max_batching_window": SECONDS(20)},
            "visibility_timeout must be at least the 29 s timeout of handler and the 20 s of "
            "max_batching_window, got 48 s; omit it to get 194 s",
        ),
        (
            {"visibility_timeout": cdk.Duration.hours(13)},
            "visibility_timeout must be whole seconds from 0 to 43,200, got 46,800 s; for example "
            "cdk.Duration.seconds(30)",
        ),
        (
            {"visibility_timeout": cdk.Duration.millis(30_500)},
            "visibility_timeout must be whole seconds from 0 to 43,200, got 30.5 s; for example "
            "cdk.Duration.seconds(30)",
        ),
        (
            {"visibility_timeout": 60},
            "visibility_timeout must be a Duration, got 60; for example cdk.Duration.seconds(30)",
        ),
        (
            {"retention_period": SECONDS(59)},
            "retention_period must be whole seconds from 60 to 1,209,600, got 59 s; for example "
            "cdk.Duration.seconds(60)",
        ),
        (
            {"retention_period": cdk.Duration.days(14)},
            "retention_period must be shorter than the 14 days of its dead-letter queue, where a "
            "message keeps the time at which it was sent, got 1209600 s; omit it to get 4 days",
        ),
        (
            {"retention_period": SECONDS(5 * 174)},
            "retention_period must be longer than 5 receives take, 174 s each, because a message "
            "that expires before is lost, got 870 s; raise it, or lower max_receive_count",
        ),
        (
            {"max_receive_count": 0},
            "max_receive_count must be a whole number from 1 to 1,000, got 0; omit it to get 5",
        ),
        (
            {"max_receive_count": 1_001},
            "max_receive_count must be a whole number from 1 to 1,000, got 1001; omit it to get 5",
        ),
        (
            {"content_based_deduplication": True},
            "content_based_deduplication must be left out of a standard queue, got True; add "
            "fifo=True, or omit it",
        ),
        (
            {"deduplication_scope": sqs.DeduplicationScope.QUEUE},
            "deduplication_scope must be left out of a standard queue, got QUEUE; add fifo=True, "
            "or omit it",
        ),
        (
            {"fifo_throughput_limit": PER_GROUP},
            "fifo_throughput_limit must be left out of a standard queue, got PER_MESSAGE_GROUP_ID; "
            "add fifo=True, or omit it",
        ),
        (
            {"fifo": True, "fifo_throughput_limit": PER_GROUP},
            "fifo_throughput_limit must be PER_QUEUE unless deduplication_scope is MESSAGE_GROUP, "
            "got PER_MESSAGE_GROUP_ID; add "
            "deduplication_scope=sqs.DeduplicationScope.MESSAGE_GROUP",
        ),
        (
            {"queue_name": "orders.fifo"},
            "queue_name must end in .fifo if the queue is a FIFO queue, and only then, got "
            "'orders.fifo'; add fifo=True",
        ),
        (
            {"queue_name": "orders", "fifo": True},
            "queue_name must end in .fifo if the queue is a FIFO queue, and only then, got "
            "'orders'; write 'orders.fifo'",
        ),
        (
            {"queue_name": "my orders"},
            "queue_name must be 1 to 80 letters, digits, - and _, got 'my orders'; shorten it or "
            "replace the others",
        ),
        (
            {"batch_size": 0},
            "batch_size must be a whole number from 1 to 10,000, got 0; omit it to get 10",
        ),
        (
            {"batch_size": 10_001, "max_batching_window": SECONDS(1)},
            "batch_size must be a whole number from 1 to 10,000, got 10001; omit it to get 10",
        ),
        (
            {"batch_size": None},
            "batch_size must be a whole number from 1 to 10,000, got None; omit it to get 10",
        ),
        (
            {"max_receive_count": None},
            "max_receive_count must be a whole number from 1 to 1,000, got None; omit it to get 5",
        ),
        (
            {"batch_size": 2.5},
            "batch_size must be a whole number from 1 to 10,000, got 2.5; omit it to get 10",
        ),
        (
            {"batch_size": 11},
            "batch_size must be at most 10 without a batching window, got 11; add "
            "max_batching_window=cdk.Duration.seconds(1), or longer",
        ),
        (
            {"batch_size": 11, "max_batching_window": SECONDS(0)},
            "batch_size must be at most 10 without a batching window, got 11; add "
            "max_batching_window=cdk.Duration.seconds(1), or longer",
        ),
        (
            {"batch_size": 11, "fifo": True},
            "batch_size must be a whole number from 1 to 10, got 11; omit it to get 10",
        ),
        (
            {"max_batching_window": SECONDS(301)},
            "max_batching_window must be whole seconds from 0 to 300, got 301 s; for example "
            "cdk.Duration.seconds(30)",
        ),
        (
            {"max_batching_window": SECONDS(1), "fifo": True},
            "max_batching_window must be left out for a FIFO queue, got 1 s; omit it: Lambda "
            "invokes at once with what there is",
        ),
        (
            {"max_concurrency": 1},
            "max_concurrency must be a whole number from 2 to 1,000, got 1; omit it to get what "
            "is reserved for handler",
        ),
        (
            {"max_concurrency": 2, "provisioned_poller_config": POLLERS(minimum_pollers=2)},
            "max_concurrency must be left out with provisioned_poller_config, got 2; limit "
            "maximum_pollers instead, each of which invokes 10 times at once",
        ),
        (
            {"provisioned_poller_config": POLLERS(minimum_pollers=1)},
            "provisioned_poller_config.minimum_pollers must be a whole number from 2 to 200, got "
            "1; omit it to get 2",
        ),
        (
            {"provisioned_poller_config": POLLERS(maximum_pollers=10_001)},
            "provisioned_poller_config.maximum_pollers must be a whole number from 2 to 10,000, "
            "got 10001; omit it to get 200",
        ),
        (
            {"provisioned_poller_config": POLLERS(minimum_pollers=9, maximum_pollers=8)},
            "provisioned_poller_config.minimum_pollers must be at most the 8 maximum_pollers, got "
            "9; raise maximum_pollers, or lower it",
        ),
        (
            {"provisioned_poller_config": POLLERS(poller_group_name="shared")},
            "provisioned_poller_config.poller_group_name must be left out for a queue, got "
            "'shared'; omit it: only Kafka's pollers form groups",
        ),
        (
            {"provisioned_poller_config": 3},
            "provisioned_poller_config must be a ProvisionedPollerConfig, got 3; for example "
            "lambda_.ProvisionedPollerConfig(maximum_pollers=10)",
        ),
        (
            {"filters": MATCHING},
            "filters must be a list, got dict; write "
            "[lambda_.FilterCriteria.filter({'body': {...}})]",
        ),
        (
            {"filters": [{"body": {}}]},
            "filters must be made by FilterCriteria, got {'body': {}}; write "
            "[lambda_.FilterCriteria.filter({'body': {...}})]",
        ),
        (
            {"filters": [{"pattern": "body"}]},
            "filters must hold JSON objects, got 'body'; make them with "
            "lambda_.FilterCriteria.filter",
        ),
        (
            {"filters": [{"pattern": json.dumps({"body": ["x" * 4_096]})}]},
            "filters must hold at most 4,096 characters each, got 4,110; split the pattern into "
            "several filters",
        ),
        (
            {"filters": [MATCHING] * 11},
            "filters must be at most 5, or 10 once AWS raised the quota, got 11; let one pattern "
            "name several values",
        ),
        (
            {"queue": "orders"},
            "queue must be a queue, got str; define one with sqs.Queue, or import one",
        ),
    ],
)
def test_what_aws_would_refuse_or_punish_is_refused(
    stack: cdk.Stack, handler: PythonFunction, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(PatternError, match=exactly(f"Shop/Intake: {message}")):
        SqsPoller(stack, "Intake", handler=handler, **options)


def test_the_boundaries_are_taken(stack: cdk.Stack, handler: PythonFunction) -> None:
    SqsPoller(
        stack,
        "Intake",
        handler=handler,
        visibility_timeout=cdk.Duration.hours(12),
        max_receive_count=5,
        retention_period=cdk.Duration.days(13),
        batch_size=10_000,
        max_batching_window=SECONDS(300),
        max_concurrency=1_000,
    )
    SqsPoller(
        stack,
        "Orders",
        handler=handler,
        visibility_timeout=SECONDS(29),
        max_receive_count=1_000,
        batch_size=1,
        max_concurrency=2,
    )


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


def test_what_is_no_function_is_refused(stack: cdk.Stack) -> None:
    handler: Any = "index.handler"
    message = (
        "Shop/Intake: handler must be a function, an alias or a version, got str; make one with "
        "PythonFunction"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        SqsPoller(stack, "Intake", handler=handler)


def imported(stack: cdk.Stack) -> lambda_.IFunction:
    return lambda_.Function.from_function_attributes(
        stack,
        "Worker",
        function_arn="arn:aws:lambda:eu-west-1:123456789012:function:worker",
        role=iam.Role.from_role_arn(stack, "Role", "arn:aws:iam::123456789012:role/worker"),
    )


def unchangeable(stack: cdk.Stack) -> list[tuple[iam.IRole, str]]:
    """Roles that no policy can be attached to, with their paths."""
    arn = "arn:aws:iam::123456789012:role/worker"
    made = iam.Role(stack, "Made", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
    return [
        (iam.Role.from_role_arn(stack, "Role", arn, mutable=False), "Shop/Role"),
        (made.without_policy_updates(), "Shop/ImmutableRoleMade"),
    ]


@pytest.mark.parametrize("kind", [0, 1], ids=["imported", "made"])
def test_a_role_that_takes_no_policies_is_warned_of(stack: cdk.Stack, kind: int) -> None:
    role, path = unchangeable(stack)[kind]
    SqsPoller(stack, "Intake", handler=function(stack, role=role))

    assert warnings(stack) == [
        f"Shop/Intake: the role of the handler, {path}, takes no policies, so that nothing lets it "
        "consume from Shop/Intake/Queue: import it without mutable=False, or grant that there "
        "[ack: serverless-patterns:sqs-handler-role]"
    ]
    assertions.Template.from_stack(stack).resource_count_is("AWS::IAM::Policy", 0)


def test_the_timeout_of_an_imported_handler_must_be_allowed_for(stack: cdk.Stack) -> None:
    worker = imported(stack)
    message = (
        "Shop/Intake: visibility_timeout must be given for a handler whose timeout is unknown, got "
        "none; set it to 6 times that timeout, plus the batching window"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        SqsPoller(stack, "Intake", handler=worker)

    SqsPoller(stack, "Orders", handler=worker, visibility_timeout=SECONDS(60))
    assert not warnings(stack)


@pytest.mark.parametrize(
    ("executions", "options", "message"),
    [
        (
            0,
            {},
            f"handler must be allowed to run, {DEAD_LETTERED}, got a reserved concurrency of 0; "
            "set enabled=False to pause the poller instead",
        ),
        (
            1,
            {},
            "handler must be reserved at least 2 executions, the least that max_concurrency can "
            f"be, {DEAD_LETTERED}, got 1; reserve 2 or more",
        ),
        (
            1,
            {"fifo": True},
            "handler must be reserved at least 2 executions, the least that max_concurrency can "
            f"be, {DEAD_LETTERED}, got 1; reserve 2 or more, as the batches of one message group "
            "come one after another all the same",
        ),
        (
            19,
            {"provisioned_poller_config": POLLERS(maximum_pollers=2)},
            "provisioned_poller_config.maximum_pollers must invoke at most as often at once as the "
            f"19 executions that are reserved for handler, 10 times each, {DEAD_LETTERED}, got 2; "
            "reserve 20 or more",
        ),
        (
            59,
            {"provisioned_poller_config": POLLERS(maximum_pollers=6)},
            "provisioned_poller_config.maximum_pollers must invoke at most as often at once as the "
            f"59 executions that are reserved for handler, 10 times each, {DEAD_LETTERED}, got 6; "
            "set it to 5, or reserve 60",
        ),
        (
            500,
            {"provisioned_poller_config": POLLERS(minimum_pollers=2)},
            "provisioned_poller_config.maximum_pollers must invoke at most as often at once as the "
            f"500 executions that are reserved for handler, 10 times each, {DEAD_LETTERED}, got "
            "none, which is 200; set it to 50, or reserve 2000",
        ),
        (
            4,
            {"max_concurrency": 5},
            "max_concurrency must be at most the 4 executions that are reserved for handler, "
            f"{DEAD_LETTERED}, got 5; omit it to get 4",
        ),
    ],
)
def test_a_handler_that_would_be_throttled_is_refused(
    stack: cdk.Stack, executions: int, options: dict[str, Any], message: str
) -> None:
    handler = function(stack, reserved_concurrent_executions=executions)
    with pytest.raises(PatternError, match=exactly(f"Shop/Intake: {message}")):
        SqsPoller(stack, "Intake", handler=handler, **options)


@pytest.mark.parametrize(
    ("reserved", "options", "warning"),
    [
        (
            None,
            {"visibility_timeout": SECONDS(17)},
            "visibility_timeout is 17 s, under the 18 s that AWS asks for: a batch that Lambda "
            "throttles for longer is received anew, and every receive counts "
            "[ack: serverless-patterns:sqs-visibility-timeout]",
        ),
        (
            None,
            {"max_receive_count": 4},
            "max_receive_count is 4, under the 5 that AWS asks for: throttles and crashes of "
            "others in a batch count as well "
            "[ack: serverless-patterns:sqs-max-receive-count]",
        ),
        (
            None,
            {"filters": [MATCHING] * 6},
            "6 filters are more than the 5 that a mapping may have until AWS raises the quota of "
            "this account [ack: serverless-patterns:sqs-filters]",
        ),
        (
            None,
            {"filters": [MATCHING, {"pattern": '{"messageAttributes":{"a":[1]}}'}]},
            "filters look at messageAttributes, where Lambda is known to look at body alone for a "
            "queue: a message that matches no filter is deleted "
            "[ack: serverless-patterns:sqs-filter-keys]",
        ),
    ],
)
def test_what_is_risky_is_warned_of(
    stack: cdk.Stack, reserved: int | None, options: dict[str, Any], warning: str
) -> None:
    handler = function(stack, reserved_concurrent_executions=reserved)
    SqsPoller(stack, "Intake", handler=handler, **options)

    assert warnings(stack) == [f"Shop/Intake: {warning}"]


@pytest.mark.parametrize(
    ("reserved", "options"),
    [
        (None, {"visibility_timeout": SECONDS(18), "max_receive_count": 5}),
        (2, {"fifo": True}),
        (20, {"provisioned_poller_config": POLLERS(maximum_pollers=2)}),
        (None, {"filters": [MATCHING] * 5}),
        (None, {"filters": [{"pattern": '{"$or":[{"body":{"a":[1]}},{"body":{"b":[1]}}]}'}]}),
    ],
)
def test_what_aws_advises_is_not_warned_of(
    stack: cdk.Stack, reserved: int | None, options: dict[str, Any]
) -> None:
    handler = function(stack, reserved_concurrent_executions=reserved)
    SqsPoller(stack, "Intake", handler=handler, **options)

    assert not warnings(stack)


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


def test_tokens_are_not_guessed(stack: cdk.Stack) -> None:
    number = cdk.CfnParameter(stack, "Number", type="Number").value_as_number
    SqsPoller(
        stack,
        "Intake",
        handler=function(stack, timeout=SECONDS(number)),
        visibility_timeout=SECONDS(number),
        retention_period=SECONDS(number),
        max_receive_count=number,  # type: ignore[arg-type]
        batch_size=number,  # type: ignore[arg-type]
        max_concurrency=number,  # type: ignore[arg-type]
        max_batching_window=SECONDS(number),
    )

    assert not warnings(stack)


def test_a_window_that_is_a_token_counts_as_the_longest(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    number = cdk.CfnParameter(stack, "Number", type="Number").value_as_number
    message = (
        "Shop/Intake: visibility_timeout must be at least the 29 s timeout of handler and the "
        "300 s of max_batching_window, got 328 s; omit it to get 474 s"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        SqsPoller(
            stack,
            "Intake",
            handler=handler,
            visibility_timeout=SECONDS(328),
            max_batching_window=SECONDS(number),
        )


def refusals(app_or_stack: cdk.Stack) -> Sequence[str]:
    """What is refused at synthesis."""
    with pytest.raises(RuntimeError) as raised:
        cdk.App.of(app_or_stack).synth()  # type: ignore[union-attr]
    lines = str(raised.value).splitlines()
    return [line.strip().partition("] ")[2] for line in lines[1:]]


def test_two_pollers_of_one_queue_are_refused_once(
    stack: cdk.Stack, handler: PythonFunction, other: PythonFunction
) -> None:
    existing = queue(stack)
    SqsPoller(stack, "Intake", handler=handler, queue=existing)
    SqsPoller(stack, "Audit", handler=other, queue=existing)

    assert refusals(stack) == [
        "Shop/Audit: queue must be polled once, because a message goes to one poller alone, got "
        "Shop/Intake/Mapping beside it; give each a queue of its own and subscribe both to an SNS "
        "topic"
    ]


def test_a_mapping_of_somebody_elses_on_the_queue_is_refused(
    stack: cdk.Stack, handler: PythonFunction, other: PythonFunction
) -> None:
    poller = SqsPoller(stack, "Intake", handler=handler)
    other.add_event_source(sources.SqsEventSource(poller.queue))

    [refusal] = refusals(stack)
    assert refusal.startswith(
        "Shop/Intake: queue must be polled once, because a message goes to one poller alone, got "
        "Shop/Other/SqsEventSource"
    )


def test_a_poller_that_is_paused_takes_nothing_from_another(
    stack: cdk.Stack, handler: PythonFunction, other: PythonFunction
) -> None:
    existing = queue(stack)
    SqsPoller(stack, "Blue", handler=handler, queue=existing, enabled=False)
    SqsPoller(stack, "Green", handler=other, queue=existing)

    cdk.App.of(stack).synth()  # type: ignore[union-attr]


def test_pollers_of_one_handler_share_what_is_reserved(stack: cdk.Stack) -> None:
    handler = function(stack, reserved_concurrent_executions=10)
    SqsPoller(stack, "Intake", handler=handler, max_concurrency=6)
    SqsPoller(stack, "Audit", handler=handler.add_alias("live"), max_concurrency=5)

    assert refusals(stack) == [
        "Shop/Audit: max_concurrency must add up to at most the 10 executions that are reserved "
        f"for handler over its 2 pollers, {DEAD_LETTERED}, got 11; give each poller its share as "
        "max_concurrency, or reserve more"
    ]


def test_shares_that_add_up_are_taken(stack: cdk.Stack) -> None:
    handler = function(stack, reserved_concurrent_executions=10)
    SqsPoller(stack, "Intake", handler=handler, max_concurrency=6)
    SqsPoller(stack, "Audit", handler=handler, max_concurrency=4)

    cdk.App.of(stack).synth()  # type: ignore[union-attr]


@pytest.fixture
def stacks(make_app: Callable[..., cdk.App]) -> Callable[[str], cdk.Stack]:
    """Makes stacks of one app."""
    app = make_app()
    return lambda name: cdk.Stack(app, name)


def test_a_handler_whose_role_names_a_queue_of_another_stack_is_refused(
    stacks: Callable[[str], cdk.Stack],
) -> None:
    message = (
        "Shop/Intake: handler must be in the stack of the poller or in one nested in it, because "
        "its role names the queue and the mapping names the handler, got one in Code; define the "
        "poller there, with queue if the queue is to stay here"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        SqsPoller(stacks("Shop"), "Intake", handler=function(stacks("Code")))


def test_a_poller_nested_in_the_stack_of_its_handler_is_refused(stack: cdk.Stack) -> None:
    message = (
        "Shop/Inner/Intake: handler must be in the stack of the poller or in one nested in it, "
        "because its role names the queue and the mapping names the handler, got one in Shop; "
        "define the poller there, with queue if the queue is to stay here"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        SqsPoller(cdk.NestedStack(stack, "Inner"), "Intake", handler=function(stack))


def test_stacks_that_can_follow_each_other_are_taken(stacks: Callable[[str], cdk.Stack]) -> None:
    code, data, shop = stacks("Code"), stacks("Data"), stacks("Shop")
    handler = function(code)
    SqsPoller(code, "There", handler=handler, queue=queue(data))
    SqsPoller(shop, "Third", handler=handler, queue=queue(code))
    SqsPoller(shop, "Nested", handler=function(cdk.NestedStack(shop, "Inner")))

    cdk.App.of(shop).synth()  # type: ignore[union-attr]


@pytest.mark.parametrize("where", ["handler", "queue"])
def test_what_is_in_another_region_is_refused(make_app: Callable[..., cdk.App], where: str) -> None:
    environment = cdk.Environment(account="123456789012", region="eu-west-1")
    stack = cdk.Stack(make_app(), "Shop", env=environment)
    elsewhere = "us-east-1:123456789012"
    cases: dict[str, dict[str, Any]] = {
        "handler": {
            "handler": lambda_.Function.from_function_arn(
                stack, "Worker", f"arn:aws:lambda:{elsewhere}:function:far"
            )
        },
        "queue": {
            "handler": function(stack),
            "queue": sqs.Queue.from_queue_arn(stack, "Far", f"arn:aws:sqs:{elsewhere}:far"),
        },
    }
    kind = {"handler": "function", "queue": "queue"}[where]
    message = (
        f"Shop/Intake: {where} must be in eu-west-1 as the poller is, got a {kind} in us-east-1; "
        "define both in stacks of one region"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        SqsPoller(stack, "Intake", **cases[where])
