"""What Lambda refuses or punishes of asynchronous invocation, whichever trigger asks for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_destinations as destinations
from aws_cdk import aws_lambda_event_sources as sources
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs

from serverless_patterns import PatternError, PythonFunction
from tests.messages import exactly
from tests.unit.trigger_templates import trigger

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    MakeApp = Callable[..., cdk.App]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"retry_attempts": 3},
            "Shop/Orders: retry_attempts must be a whole number from 0 to 2, got 3; omit it to get "
            "2",
        ),
        (
            {"retry_attempts": True},
            "Shop/Orders: retry_attempts must be a whole number from 0 to 2, got True; omit it to "
            "get 2",
        ),
        (
            {"max_event_age": cdk.Duration.seconds(59)},
            "Shop/Orders: max_event_age must be whole seconds from 60 to 21,600, got 59 s; for "
            "example cdk.Duration.seconds(60)",
        ),
        (
            {"max_event_age": cdk.Duration.millis(60_500)},
            "Shop/Orders: max_event_age must be whole seconds from 60 to 21,600, got 60.5 s; for "
            "example cdk.Duration.seconds(60)",
        ),
        (
            {"max_event_age": 60},
            "Shop/Orders: max_event_age must be a Duration, got 60; for example "
            "cdk.Duration.seconds(60)",
        ),
        (
            {"max_event_age": cdk.Duration.seconds(180)},
            "Shop/Orders: max_event_age must be above the 180 s that 2 retries wait, got 180 s; "
            "omit it to get 21600 s, or set retry_attempts to 1",
        ),
        (
            {"max_event_age": cdk.Duration.seconds(60), "retry_attempts": 1},
            "Shop/Orders: max_event_age must be above the 60 s that 1 retry waits, got 60 s; omit "
            "it to get 21600 s, or set retry_attempts to 0",
        ),
        (
            {"on_failure": "queue"},
            "Shop/Orders: on_failure must be a queue, a topic, a bucket or a destination of "
            "aws_cdk.aws_lambda_destinations, got str; omit it to get a queue",
        ),
        (
            {"on_failure": destinations.SqsDestination},
            "Shop/Orders: on_failure must be a queue, a topic, a bucket or a destination of "
            "aws_cdk.aws_lambda_destinations, got the class SqsDestination; omit it to get a queue",
        ),
    ],
    ids=str,
)
def test_settings_that_lambda_would_refuse_or_that_defeat_each_other_are_refused(
    stack: cdk.Stack, handler: PythonFunction, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(PatternError, match=exactly(message)):
        trigger(stack, handler, **options)


def test_the_destination_of_a_stream_mapping_is_none_of_a_function(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    message = (
        "Shop/Orders: on_failure must be a queue, a topic, a bucket or a destination of "
        "aws_cdk.aws_lambda_destinations, got SqsDlq; omit it to get a queue"
    )
    dlq: Any = sources.SqsDlq(sqs.Queue(stack, "Queue"))
    with pytest.raises(PatternError, match=exactly(message)):
        trigger(stack, handler, on_failure=dlq)


FIFO = (
    "Shop/Orders: on_failure must be no FIFO queue or topic, which Lambda doesn't send failed "
    "events to, got a FIFO one; take a standard one, or omit it to get a queue"
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
def test_a_fifo_queue_or_topic_takes_no_failures(
    stack: cdk.Stack,
    handler: PythonFunction,
    destination: Callable[[cdk.Stack], lambda_.IDestination],
) -> None:
    with pytest.raises(PatternError, match=exactly(FIFO)):
        trigger(stack, handler, on_failure=destination(stack))


@pytest.mark.parametrize(
    "names", [("function", "function"), ("alias", "function"), ("function", "alias")], ids=str
)
def test_a_handler_takes_not_its_own_failures(
    stack: cdk.Stack, handler: PythonFunction, names: tuple[str, str]
) -> None:
    live = lambda_.Alias(stack, "Live", alias_name="live", version=handler.current_version)
    invoked, failed = ({"function": handler, "alias": live}[name] for name in names)
    message = (
        "Shop/Orders: on_failure must be something else than the handler, which has failed on the "
        "event, got the function Shop/Handler; omit it to get a queue"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        trigger(stack, invoked, on_failure=destinations.LambdaDestination(failed))


@pytest.mark.parametrize("through", ["function", "alias"])
def test_a_handler_that_isolates_tenants_is_refused(
    stack: cdk.Stack, entry: Path, through: str
) -> None:
    function = PythonFunction(
        stack, "Handler", entry=entry, tenancy_config=lambda_.TenancyConfig.PER_TENANT
    )
    handler: lambda_.IFunction = function
    if through == "alias":
        handler = lambda_.Alias(stack, "Live", alias_name="live", version=function.current_version)
    message = (
        "Shop/Orders: handler must be invoked without a tenant, as its source names none, got a "
        "function that isolates tenants; leave tenancy_config out, or let a function in between "
        "invoke it for each"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        trigger(stack, handler)


def test_what_is_no_function_is_refused(stack: cdk.Stack) -> None:
    message = (
        "Shop/Orders: handler must be a function, an alias or a version, got Queue; make one with "
        "PythonFunction"
    )
    queue: Any = sqs.Queue(stack, "Queue")
    with pytest.raises(PatternError, match=exactly(message)):
        trigger(stack, queue)


def test_a_handler_in_another_region_is_refused(make_app: MakeApp, entry: Path) -> None:
    app = make_app()
    there = cdk.Stack(app, "There", env=cdk.Environment(region="eu-west-1"))
    here = cdk.Stack(app, "Here", env=cdk.Environment(region="eu-north-1"))
    message = (
        "Here/Orders: handler must be in eu-north-1 as its trigger is, got a function in "
        "eu-west-1; define both in stacks of one region"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        trigger(here, PythonFunction(there, "Handler", entry=entry))


def test_a_handler_that_never_runs_is_refused(stack: cdk.Stack, entry: Path) -> None:
    handler = PythonFunction(stack, "Handler", entry=entry, reserved_concurrent_executions=0)
    message = (
        "Shop/Orders: handler must be allowed to run, because each event would go to the failure "
        "destination unseen, got a reserved concurrency of 0; reserve 1 or more, or omit "
        "reserved_concurrent_executions"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        trigger(stack, handler)


def test_a_fifo_queue_itself_takes_no_failures_either(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    with pytest.raises(PatternError, match=exactly(FIFO)):
        trigger(stack, handler, on_failure=sqs.Queue(stack, "Queue", fifo=True))


@pytest.mark.parametrize("wrapped", [False, True])
@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"retention_period": cdk.Duration.hours(23)},
            "Shop/Orders: on_failure must keep what failed for at least 86400 s, lest it be gone "
            "before anybody looks, got a queue with a retention_period of 82800 s; omit "
            "retention_period to get 345600 s, or take up to 1209600 s",
        ),
        (
            {"max_message_size_bytes": 262_144},
            "Shop/Orders: on_failure must take messages of 1048576 bytes, as large as an event can "
            "be, got a queue with a max_message_size_bytes of 262144; omit max_message_size_bytes",
        ),
    ],
)
def test_a_queue_that_drops_failures_is_refused(
    stack: cdk.Stack,
    handler: PythonFunction,
    options: dict[str, Any],
    message: str,
    *,
    wrapped: bool,
) -> None:
    queue = sqs.Queue(stack, "Failures", **options)
    with pytest.raises(PatternError, match=exactly(message)):
        trigger(stack, handler, on_failure=destinations.SqsDestination(queue) if wrapped else queue)
