"""A handler whose user configured its asynchronous invocation, beside the triggers that it has."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk as cdk
import pytest
from aws_cdk import assertions
from aws_cdk import aws_events as events
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_destinations as destinations
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs

from serverless_patterns import (
    EventBridgeTrigger,
    PatternError,
    PythonFunction,
    S3Trigger,
    SnsTrigger,
)
from tests.messages import exactly
from tests.unit.trigger_templates import CONFIG, resources, trigger

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    MakeApp = Callable[..., cdk.App]


def test_a_handler_with_a_failure_destination_of_its_own_keeps_it(
    stack: cdk.Stack, entry: Path
) -> None:
    queue = sqs.Queue(stack, "Failures")
    handler = PythonFunction(
        stack,
        "Handler",
        entry=entry,
        retry_attempts=1,
        on_failure=destinations.SqsDestination(queue),
    )
    made = trigger(stack, handler)
    trigger(stack, handler, id="Other")

    [config] = resources(stack, CONFIG).values()
    assert config["Properties"]["MaximumRetryAttempts"] == 1
    assert made.on_failure is None


@pytest.mark.parametrize("again", [False, True])
def test_what_a_handler_of_its_own_settings_has_is_not_asked_for_here(
    stack: cdk.Stack, entry: Path, *, again: bool
) -> None:
    destination = destinations.SqsDestination(sqs.Queue(stack, "Failures"))
    handler = PythonFunction(stack, "Handler", entry=entry, on_failure=destination)
    if again:
        trigger(stack, handler, id="First")
    message = (
        "Shop/Orders: retry_attempts must be left to the handler's own EventInvokeConfig, got a "
        "value beside Shop/Handler/EventInvokeConfig/Resource; set it there, or leave that "
        "EventInvokeConfig out"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        trigger(stack, handler, retry_attempts=1)


def test_a_handler_whose_own_settings_lose_events_is_refused(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    lambda_.EventInvokeConfig(stack, "Config", function=handler, retry_attempts=0)
    message = (
        "Shop/Orders: handler must hold the events that it fails on, got an EventInvokeConfig "
        "without on_failure, Shop/Config/Resource; give it on_failure, or leave asynchronous "
        "settings to the trigger"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        trigger(stack, handler)


def test_settings_of_an_alias_are_none_of_its_function(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    live = lambda_.Alias(stack, "Live", alias_name="live", version=handler.current_version)
    live.configure_async_invoke(retry_attempts=0)
    trigger(stack, handler)

    assert len(resources(stack, CONFIG)) == 2


def test_a_second_configuration_is_told_at_synthesis(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    trigger(stack, handler)
    lambda_.EventInvokeConfig(stack, "Config", function=handler, retry_attempts=0)

    message = (
        "Shop/Orders: handler must have one EventInvokeConfig, as Lambda keeps no more, got "
        "Shop/Handler/EventInvokeConfig/Resource and Shop/Config/Resource; set retry_attempts, "
        "max_event_age and on_failure of the trigger"
    )
    assert stack.node.find_child("HandlerAsynchronous").node.validate() == [message]


FROM_LAMBDA = events.EventPattern(source=["lambda"])
OTHERWISE = "leave Shop/Handler/EventInvokeConfig out to get a queue"


FIFO = (
    "Shop/Orders: handler.on_failure must be no FIFO queue or topic, which Lambda doesn't send "
    f"failed events to, got a FIFO one; take a standard one, or {OTHERWISE}"
)


@pytest.mark.parametrize(
    "destination",
    [
        lambda stack: destinations.SqsDestination(sqs.Queue(stack, "Queue", fifo=True)),
        lambda stack: destinations.SnsDestination(sns.Topic(stack, "Topic", fifo=True)),
        lambda stack: destinations.SqsDestination(
            sqs.Queue.from_queue_arn(stack, "Queue", "arn:aws:sqs:eu-west-1:111122223333:q.fifo")
        ),
    ],
)
def test_its_failures_go_to_no_fifo_queue_or_topic(
    stack: cdk.Stack,
    handler: PythonFunction,
    destination: Callable[[cdk.Stack], lambda_.IDestination],
) -> None:
    handler.configure_async_invoke(on_failure=destination(stack))
    with pytest.raises(PatternError, match=exactly(FIFO)):
        trigger(stack, handler)


@pytest.mark.parametrize("kind", ["queue", "topic"])
def test_a_template_resource_that_is_fifo_is_told_as_well(
    stack: cdk.Stack, handler: PythonFunction, kind: str
) -> None:
    arn = (
        sqs.CfnQueue(stack, "Queue", fifo_queue=True).attr_arn
        if kind == "queue"
        else sns.CfnTopic(stack, "Topic", fifo_topic=True).ref
    )
    configure(stack, handler, arn)
    message = FIFO.replace("Shop/Handler/EventInvokeConfig", "Shop/Config")
    with pytest.raises(PatternError, match=exactly(message)):
        trigger(stack, handler)


def configure(stack: cdk.Stack, handler: lambda_.IFunction, arn: str, **names: str) -> None:
    """Configure it as templates do."""
    config = lambda_.CfnEventInvokeConfig
    config(
        stack,
        "Config",
        function_name=names.get("function_name", handler.function_name),
        qualifier=names.get("qualifier", "$LATEST"),
        destination_config=config.DestinationConfigProperty(
            on_failure=config.OnFailureProperty(destination=arn)
        ),
    )


def test_its_failures_go_not_to_itself(stack: cdk.Stack, handler: PythonFunction) -> None:
    live = lambda_.Alias(stack, "Live", alias_name="live", version=handler.current_version)
    handler.configure_async_invoke(on_failure=destinations.LambdaDestination(live))
    message = (
        "Shop/Orders: handler.on_failure must be something else than the handler, which has failed "
        f"on the event, got the function Shop/Handler; {OTHERWISE}"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        trigger(stack, handler)


def test_its_queue_keeps_failures_until_somebody_looks(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    queue = sqs.Queue(stack, "Queue", retention_period=cdk.Duration.hours(1))
    handler.configure_async_invoke(on_failure=destinations.SqsDestination(queue))
    message = (
        "Shop/Orders: handler.on_failure must keep what failed for at least 86400 s, lest it be "
        "gone before anybody looks, got a queue with a retention_period of 3600 s; omit "
        "retention_period to get 345600 s, or take up to 1209600 s"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        trigger(stack, handler)


@pytest.mark.parametrize("kind", ["sns", "s3", "second trigger"])
def test_its_failures_go_not_to_the_topic_that_invokes_it(
    stack: cdk.Stack, handler: PythonFunction, kind: str
) -> None:
    topic = sns.Topic(stack, "Topic", enforce_ssl=True)
    handler.configure_async_invoke(on_failure=destinations.SnsDestination(topic))
    if kind == "second trigger":
        SnsTrigger(stack, "First", handler=handler)
    message = (
        "Shop/Orders: handler.on_failure must be something else than the topic that invokes the "
        "handler, which would be invoked with its own failures for ever, got the topic "
        f"Shop/Topic; {OTHERWISE}"
    )
    make = S3Trigger if kind == "s3" else SnsTrigger
    with pytest.raises(PatternError, match=exactly(message)):
        make(stack, "Orders", handler=handler, topic=topic)


@pytest.mark.parametrize("own", [True, False])
def test_its_failures_go_not_to_the_bus_that_invokes_it(
    stack: cdk.Stack, handler: PythonFunction, *, own: bool
) -> None:
    bus = events.EventBus(stack, "Bus") if own else None
    handler.configure_async_invoke(on_failure=destinations.EventBridgeDestination(bus))
    message = (
        "Shop/Orders: handler.on_failure must be something else than the bus whose events invoke "
        "the handler, which would be invoked with its own failures for ever, got its bus, and a "
        f'pattern that matches them; {OTHERWISE}, or ask for a source other than "lambda"'
    )
    with pytest.raises(PatternError, match=exactly(message)):
        EventBridgeTrigger(stack, "Orders", handler=handler, bus=bus, event_pattern=FROM_LAMBDA)


def test_its_failures_may_go_to_the_bus_whose_events_are_others(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    handler.configure_async_invoke(on_failure=destinations.EventBridgeDestination())
    made = trigger(stack, handler)

    assert made.on_failure is None
    assert len(resources(stack, CONFIG)) == 1


def test_failures_in_the_bucket_that_invokes_it_are_told_at_synthesis(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    bucket = s3.Bucket(stack, "Bucket")
    handler.configure_async_invoke(on_failure=destinations.S3Destination(bucket))
    made = S3Trigger(stack, "Orders", handler=handler, bucket=bucket)

    assert made.node.validate() == [
        "Shop/Orders: handler must not be able to cause the event that invokes it, "
        "ObjectCreated:*: it would never end, got a role that allows s3:PutObject on "
        "arn:aws:s3:::<this bucket>/*; grant it other keys, for example "
        'bucket.grant_put(handler, "out/*"), or another bucket'
    ]


def test_failures_in_another_account_and_region_are_warned_of(
    make_app: MakeApp, entry: Path
) -> None:
    env = cdk.Environment(account="111122223333", region="eu-west-1")
    stack = cdk.Stack(make_app(), "Shop", env=env)
    handler = PythonFunction(stack, "Handler", entry=entry)
    configure(stack, handler, "arn:aws:sqs:us-east-1:444455556666:failures")
    trigger(stack, handler)

    found = assertions.Annotations.from_stack(stack)
    found.has_warning(
        "/Shop/HandlerAsynchronous",
        "Shop/HandlerAsynchronous: handler.on_failure is in the account 444455556666, so what the "
        "handler fails on is lost unless the policy there, and that of the key, lets the role of "
        "Shop/Handler send to it [ack: serverless-patterns:failure-destination-account]",
    )
    found.has_warning(
        "/Shop/HandlerAsynchronous",
        "Shop/HandlerAsynchronous: handler.on_failure is in us-east-1, and AWS documents no "
        "destination outside of eu-west-1, where Shop/Handler is: what it fails on may be lost, so "
        "take one there, or try it before you rely on it "
        "[ack: serverless-patterns:failure-destination-region]",
    )


@pytest.mark.parametrize(
    "names", [{"qualifier": "live"}, {"qualifier": "live", "function_name": "arn"}], ids=str
)
def test_an_alias_that_a_template_names_is_recognized(
    stack: cdk.Stack, handler: PythonFunction, names: dict[str, str]
) -> None:
    live = lambda_.Alias(stack, "Live", alias_name="live", version=handler.current_version)
    function = handler.function_arn if "function_name" in names else handler.function_name
    arn = "arn:aws:sqs:eu-west-1:111122223333:q.fifo"
    configure(stack, handler, arn, qualifier="live", function_name=function)
    message = FIFO.replace("Shop/Handler/EventInvokeConfig", "Shop/Config")
    with pytest.raises(PatternError, match=exactly(message)):
        trigger(stack, live)


def test_a_destination_that_only_a_deployment_tells_is_not_guessed(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    parameter = cdk.CfnParameter(stack, "Failures")
    configure(stack, handler, parameter.value_as_string)
    trigger(stack, handler)

    assert len(resources(stack, CONFIG)) == 1
