"""What a poller asks of its handler: each error and each warning with its whole text."""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import assertions
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_

from serverless_patterns import PatternError, SqsPoller
from tests.messages import exactly
from tests.queues import function, warnings

SECONDS = cdk.Duration.seconds
POLLERS = lambda_.ProvisionedPollerConfig
MATCHING = {"pattern": '{"body":{"a":[1]}}'}
DEAD_LETTERED = "because throttled receives end in the dead-letter queue"


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
