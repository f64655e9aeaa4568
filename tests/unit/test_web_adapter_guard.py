"""Who may be given a web function, who its sibling for events, and how each is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk as cdk
import pytest
from aws_cdk import assertions
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_event_sources as event_sources
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from aws_cdk import aws_sqs as sqs

from serverless_patterns import (
    DynamoDbConsumer,
    Endpoint,
    EventBridgeTrigger,
    KinesisConsumer,
    PatternError,
    ProvisionedConcurrency,
    ProxyApi,
    PythonFunction,
    Route,
    RouteApi,
    S3Trigger,
    SnapStartAlias,
    SnsTrigger,
    SqsPoller,
    WebAdapterFunction,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

LOST = (
    "must fail when its application does: the Lambda Web Adapter takes an answer of 500 to an "
    "event for success, and the event is lost, got the web function Shop/Web; give it what the "
    "function's for_events() returns"
)
IGNORED = (
    "Shop/Web: async_init is ignored under {}, where the adapter waits until the application is "
    "ready; omit it, and bound the wait by readiness_timeout "
    "[ack: serverless-patterns:web-adapter-async-init]"
)
STREAM = lambda_.InvokeMode.RESPONSE_STREAM


def read_table(stack: cdk.Stack, handler: lambda_.IFunction) -> None:
    table = dynamodb.TableV2(
        stack,
        "Table",
        partition_key=dynamodb.Attribute(name="id", type=dynamodb.AttributeType.STRING),
        dynamo_stream=dynamodb.StreamViewType.NEW_IMAGE,
    )
    DynamoDbConsumer(stack, "Events", handler=handler, table=table)


def follow_rule(stack: cdk.Stack, handler: lambda_.IFunction) -> None:
    pattern = events.EventPattern(source=["shop"])
    EventBridgeTrigger(stack, "Events", handler=handler, event_pattern=pattern)


CALLERS: dict[str, Callable[[cdk.Stack, lambda_.IFunction], object]] = {
    "S3Trigger": lambda stack, handler: S3Trigger(stack, "Events", handler=handler),
    "SnsTrigger": lambda stack, handler: SnsTrigger(stack, "Events", handler=handler),
    "EventBridgeTrigger": follow_rule,
    "KinesisConsumer": lambda stack, handler: KinesisConsumer(stack, "Events", handler=handler),
    "DynamoDbConsumer": read_table,
    "SqsPoller": lambda stack, handler: SqsPoller(stack, "Events", handler=handler),
}
ALL_CALLERS = pytest.mark.parametrize("call", CALLERS.values(), ids=CALLERS)


@ALL_CALLERS
@pytest.mark.parametrize("through", ["itself", "alias", "version"])
def test_a_web_function_is_not_given_events(
    stack: cdk.Stack,
    image: Path,
    call: Callable[[cdk.Stack, lambda_.IFunction], object],
    through: str,
) -> None:
    web = WebAdapterFunction(stack, "Web", image=image)
    handlers: dict[str, Callable[[], lambda_.IFunction]] = {
        "itself": lambda: web,
        "alias": lambda: web.add_alias("live"),
        "version": lambda: web.current_version,
    }
    with pytest.raises(PatternError) as refused:
        call(stack, handlers[through]())

    assert str(refused.value) == f"Shop/Events: handler {LOST}"


@ALL_CALLERS
def test_its_sibling_is_given_any_events(
    stack: cdk.Stack, image: Path, call: Callable[[cdk.Stack, lambda_.IFunction], object]
) -> None:
    call(stack, WebAdapterFunction(stack, "Web", image=image).for_events())

    assert errors_of(stack) == []


def test_a_function_that_starts_the_adapter_by_plain_cdk_is_not_given_events(
    stack: cdk.Stack, entry: Path
) -> None:
    plain = PythonFunction(stack, "Web", entry=entry, environment={"AWS_LWA_PORT": "8000"})
    with pytest.raises(PatternError) as refused:
        SqsPoller(stack, "Events", handler=plain)

    assert str(refused.value) == f"Shop/Events: handler {LOST}"


def test_events_by_plain_cdk_are_refused_at_synthesis(stack: cdk.Stack, image: Path) -> None:
    web = WebAdapterFunction(stack, "Web", image=image)
    sns.Topic(stack, "Topic").add_subscription(subscriptions.LambdaSubscription(web))
    events.Rule(
        stack,
        "Rule",
        event_pattern=events.EventPattern(source=["shop"]),
        targets=[targets.LambdaFunction(web.add_alias("live"))],
    )
    web.add_event_source(event_sources.SqsEventSource(sqs.Queue(stack, "Queue")))

    callers = (
        "Web/AllowInvoke:ShopTopic58BF4490",
        "Web/SqsEventSource:ShopQueue2BB62074/Resource",
        "Rule/AllowEventRuleShopWebAliaslive060D28E3",
    )
    assert errors_of(stack) == [f"Shop/{caller}: function {LOST}" for caller in callers]


def test_an_api_and_another_function_may_invoke_a_web_function(
    stack: cdk.Stack, image: Path, entry: Path
) -> None:
    web = WebAdapterFunction(stack, "Web", image=image)
    ProxyApi(stack, "Api", handler=web)
    web.grant_invoke(PythonFunction(stack, "Worker", entry=entry))

    assert errors_of(stack) == []


def endpoint(stack: cdk.Stack, name: str) -> Endpoint:
    if name == "a load balancer":
        vpc = ec2.Vpc(stack, "Vpc", restrict_default_security_group=False)
        return Endpoint.load_balancer(vpc=vpc)
    return {
        "an HTTP API": Endpoint.HTTP_API,
        "a REST API": Endpoint.REST_API,
        "a function URL": Endpoint.FUNCTION_URL,
    }[name]


ALL = ["an HTTP API", "a REST API", "a function URL", "a load balancer"]


@pytest.mark.parametrize("name", ALL)
def test_a_web_function_answers_behind_every_endpoint(
    stack: cdk.Stack, image: Path, name: str
) -> None:
    web = WebAdapterFunction(stack, "Web", image=image)
    ProxyApi(stack, "Api", handler=web, endpoint=endpoint(stack, name))

    assert errors_of(stack) == []


@pytest.mark.parametrize("name", ["an HTTP API", "a REST API", "a load balancer"])
def test_a_web_function_answers_a_route(stack: cdk.Stack, image: Path, name: str) -> None:
    web = WebAdapterFunction(stack, "Web", image=image)
    route = Route("GET", "/books", web)
    RouteApi(stack, "Api", routes=[route], endpoint=endpoint(stack, name))

    assert errors_of(stack) == []


@pytest.mark.parametrize("name", ALL)
def test_a_sibling_for_events_answers_no_endpoint(stack: cdk.Stack, image: Path, name: str) -> None:
    sibling = WebAdapterFunction(stack, "Web", image=image).for_events()
    with pytest.raises(PatternError) as refused:
        ProxyApi(stack, "Api", handler=sibling, endpoint=endpoint(stack, name))

    assert str(refused.value) == (
        f"Shop/Api: handler must leave error statuses to the clients of {name}: a function for "
        "events turns each into a failed invocation, which they see as a 502, got Shop/Web/Events, "
        "whose invocations fail at 300-599; give the web function itself"
    )


@pytest.mark.parametrize(
    ("name", "remedy"),
    [
        (
            "an HTTP API",
            "choose Endpoint.REST_API or Endpoint.FUNCTION_URL with response_streaming, or omit "
            "its invoke_mode",
        ),
        ("a REST API", "set response_streaming, or omit its invoke_mode"),
        ("a function URL", "set response_streaming, or omit its invoke_mode"),
        (
            "a load balancer",
            "choose Endpoint.REST_API or Endpoint.FUNCTION_URL with response_streaming, or omit "
            "its invoke_mode",
        ),
    ],
)
def test_a_stream_is_not_given_to_who_waits_for_the_whole_answer(
    stack: cdk.Stack, image: Path, name: str, remedy: str
) -> None:
    web = WebAdapterFunction(stack, "Web", image=image, invoke_mode=STREAM)
    with pytest.raises(PatternError) as refused:
        ProxyApi(stack, "Api", handler=web, endpoint=endpoint(stack, name))

    assert str(refused.value) == (
        f"Shop/Api: handler must answer {name} at once, got Shop/Web, whose adapter streams; "
        f"{remedy}"
    )


@pytest.mark.parametrize("name", ["a REST API", "a function URL"])
def test_a_stream_is_asked_of_an_adapter_that_streams(
    stack: cdk.Stack, image: Path, name: str
) -> None:
    at_once = WebAdapterFunction(stack, "AtOnce", image=image)
    web = WebAdapterFunction(stack, "Web", image=image, invoke_mode=STREAM)
    with pytest.raises(PatternError) as refused:
        ProxyApi(
            stack,
            "Api",
            handler=at_once,
            endpoint=endpoint(stack, name),
            response_streaming=True,
        )

    assert str(refused.value) == (
        f"Shop/Api: response_streaming must be asked of {name} whose handler streams, got "
        "Shop/AtOnce, whose adapter answers at once; give it "
        "invoke_mode=lambda_.InvokeMode.RESPONSE_STREAM, or omit it"
    )
    ProxyApi(stack, "Stream", handler=web, endpoint=endpoint(stack, name), response_streaming=True)


def test_hooks_are_called_of_a_function_that_starts_from_snapshots(
    stack: cdk.Stack, image: Path
) -> None:
    options = {
        "snapstart_before_checkpoint_path": "/drain",
        "snapstart_after_restore_path": "/connect",
    }
    web = WebAdapterFunction(stack, "Web", image=image, **options)  # type: ignore[arg-type]
    web.for_events()
    remedy = "publish it by a SnapStartAlias, or omit it"
    assert errors_of(stack) == [
        "Shop/Web: snapstart_before_checkpoint_path must belong to a function that starts from "
        f"snapshots, got '/drain' without SnapStart; {remedy}",
        "Shop/Web: snapstart_after_restore_path must belong to a function that starts from "
        f"snapshots, got '/connect' without SnapStart; {remedy}",
    ]

    alias = SnapStartAlias(stack, "Live", function=web).alias
    ProxyApi(stack, "Api", handler=alias)
    assert errors_of(stack) == []


@pytest.mark.parametrize("is_image", [True, False])
def test_a_start_that_goes_on_is_warned_of_under_snap_start(
    stack: cdk.Stack, image: Path, sources: Path, *, is_image: bool
) -> None:
    web = (
        WebAdapterFunction(stack, "Web", image=image, async_init=True)
        if is_image
        else WebAdapterFunction(stack, "Web", entry=sources, command=["x"], async_init=True)
    )
    plain = WebAdapterFunction(stack, "Plain", image=image, async_init=True)
    SnapStartAlias(stack, "Live", function=web)

    assert warnings_of(stack, plain) == []
    assert warnings_of(stack, web) == [IGNORED.format("SnapStart")]


def test_a_start_that_goes_on_is_warned_of_where_starts_are_provisioned(
    stack: cdk.Stack, image: Path
) -> None:
    web = WebAdapterFunction(stack, "Web", image=image, async_init=True)
    ProvisionedConcurrency(
        stack, "Warm", alias=web.add_alias("live"), min_capacity=1, max_capacity=2
    )

    assert warnings_of(stack, web) == [IGNORED.format("provisioned concurrency")]


def errors_of(stack: cdk.Stack) -> list[str]:
    return [
        error
        for construct in stack.node.find_all()
        if isinstance(construct, WebAdapterFunction)
        for error in construct.node.validate()
    ]


def warnings_of(stack: cdk.Stack, function: lambda_.Function) -> list[str]:
    found = assertions.Annotations.from_stack(stack).find_warning(
        f"/{function.node.path}", assertions.Match.any_value()
    )
    return [str(each.entry.data) for each in found]
