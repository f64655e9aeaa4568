"""Pollers that take each other's messages, and stacks that can't follow each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_event_sources as sources
from aws_cdk import aws_sqs as sqs

from serverless_patterns import PatternError, PythonFunction, SqsPoller
from tests.messages import exactly
from tests.queues import function, queue

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

DEAD_LETTERED = "because throttled receives end in the dead-letter queue"


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
