"""Who may not send events to a web function, beside triggers, consumers and pollers."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import aws_cdk as cdk
import pytest
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_destinations as destinations
from aws_cdk import aws_scheduler as scheduler
from aws_cdk import aws_scheduler_targets as targets

from serverless_patterns import PatternError, PythonFunction, SqsPoller, WebAdapterFunction

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

LOST = (
    "must fail when its application does: the Lambda Web Adapter takes an answer of 500 to an "
    "event for success, and the event is lost, got the web function Shop/Web; give it what the "
    "function's for_events() returns"
)
HOURLY = scheduler.ScheduleExpression.rate(cdk.Duration.hours(1))


def app_of(stack: cdk.Stack) -> cdk.App:
    return cast("cdk.App", stack.node.root)


def test_the_latest_version_of_a_web_function_is_not_given_events(
    stack: cdk.Stack, image: Path
) -> None:
    web = WebAdapterFunction(stack, "Web", image=image)
    with pytest.raises(PatternError) as refused:
        SqsPoller(stack, "Events", handler=web.latest_version)

    assert str(refused.value) == f"Shop/Events: handler {LOST}"


@pytest.mark.parametrize(
    "through",
    [
        lambda web: web,
        lambda web: web.latest_version,
        lambda web: web.current_version,
        lambda web: web.add_alias("live"),
    ],
    ids=["itself", "latest", "version", "alias"],
)
def test_a_schedule_is_refused_at_synthesis(
    stack: cdk.Stack,
    image: Path,
    through: Callable[[lambda_.Function], lambda_.IFunction],
) -> None:
    web = WebAdapterFunction(stack, "Web", image=image)
    scheduler.Schedule(stack, "Nightly", schedule=HOURLY, target=targets.LambdaInvoke(through(web)))
    with pytest.raises(RuntimeError) as refused:
        app_of(stack).synth()

    assert f"Shop/Nightly/Resource: target {LOST}" in str(refused.value)


def test_the_destination_of_another_function_is_refused_at_synthesis(
    stack: cdk.Stack, image: Path, entry: Path
) -> None:
    web = WebAdapterFunction(stack, "Web", image=image)
    PythonFunction(stack, "Other", entry=entry, on_success=destinations.LambdaDestination(web))
    with pytest.raises(RuntimeError) as refused:
        app_of(stack).synth()

    assert f"Shop/Other/EventInvokeConfig/Resource: target {LOST}" in str(refused.value)


@pytest.mark.parametrize(
    "name", [lambda function: function.ref, lambda function: function.attr_arn], ids=["ref", "arn"]
)
def test_a_mapping_that_names_the_resource_is_refused_at_synthesis(
    stack: cdk.Stack, image: Path, name: Callable[[lambda_.CfnFunction], str]
) -> None:
    web = WebAdapterFunction(stack, "Web", image=image)
    function = cast("lambda_.CfnFunction", web.node.default_child)
    lambda_.CfnEventSourceMapping(stack, "Mapping", function_name=name(function))
    with pytest.raises(RuntimeError) as refused:
        app_of(stack).synth()

    assert f"Shop/Mapping: function {LOST}" in str(refused.value)


def test_a_schedule_of_its_sibling_is_taken(stack: cdk.Stack, image: Path) -> None:
    events = WebAdapterFunction(stack, "Web", image=image).for_events()
    scheduler.Schedule(stack, "Nightly", schedule=HOURLY, target=targets.LambdaInvoke(events))

    assert app_of(stack).synth().get_stack_by_name("Shop")
