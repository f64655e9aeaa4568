from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import assertions
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_destinations as destinations
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs

from serverless_patterns import EventBridgeTrigger, PatternError, PythonFunction
from tests.messages import exactly

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    MakeApp = Callable[..., cdk.App]

MATCH = assertions.Match
ORDERS = events.EventPattern(source=["shop.orders"])


def properties(stack: cdk.Stack, kind: str) -> list[Mapping[str, Any]]:
    found = assertions.Template.from_stack(stack).find_resources(kind)
    return [each["Properties"] for each in found.values()]


def test_matching_events_of_the_default_bus_invoke_the_handler(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    trigger = EventBridgeTrigger(stack, "Orders", handler=handler, event_pattern=ORDERS)

    assert trigger.dead_letter_queue
    [rule] = properties(stack, "AWS::Events::Rule")
    assert rule == {
        "EventPattern": {"source": ["shop.orders"]},
        "State": "ENABLED",
        "Targets": [
            {
                "Arn": stack.resolve(handler.function_arn),
                "DeadLetterConfig": {"Arn": stack.resolve(trigger.dead_letter_queue.queue_arn)},
                "Id": "Target0",
                "RetryPolicy": {
                    "MaximumEventAgeInSeconds": 86_400,
                    "MaximumRetryAttempts": 185,
                },
            }
        ],
    }


def test_events_come_when_failures_are_held(stack: cdk.Stack, handler: PythonFunction) -> None:
    EventBridgeTrigger(stack, "Orders", handler=handler, event_pattern=ORDERS)

    template = assertions.Template.from_stack(stack)
    [config] = template.find_resources("AWS::Lambda::EventInvokeConfig")
    template.has_resource("AWS::Events::Rule", {"DependsOn": [config]})


def test_the_rule_alone_may_invoke_the_handler(stack: cdk.Stack, handler: PythonFunction) -> None:
    trigger = EventBridgeTrigger(stack, "Orders", handler=handler, event_pattern=ORDERS)

    assert properties(stack, "AWS::Lambda::Permission") == [
        {
            "Action": "lambda:InvokeFunction",
            "FunctionName": stack.resolve(handler.function_arn),
            "Principal": "events.amazonaws.com",
            "SourceArn": stack.resolve(trigger.rule.rule_arn),
        }
    ]


def test_the_rule_alone_may_send_to_the_dead_letter_queue(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    trigger = EventBridgeTrigger(stack, "Orders", handler=handler, event_pattern=ORDERS)

    assert trigger.dead_letter_queue
    [statement] = [
        statement
        for policy in properties(stack, "AWS::SQS::QueuePolicy")
        for statement in policy["PolicyDocument"]["Statement"]
        if statement["Principal"] == {"Service": "events.amazonaws.com"}
    ]
    assert statement["Action"] == "sqs:SendMessage"
    assert statement["Resource"] == stack.resolve(trigger.dead_letter_queue.queue_arn)
    assert statement["Condition"] == {
        "ArnEquals": {"aws:SourceArn": stack.resolve(trigger.rule.rule_arn)}
    }


def test_the_dead_letter_queue_is_another_than_that_of_failures(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    trigger = EventBridgeTrigger(stack, "Orders", handler=handler, event_pattern=ORDERS)

    assert trigger.dead_letter_queue is not trigger.on_failure
    queues = properties(stack, "AWS::SQS::Queue")
    assert queues == [{"MessageRetentionPeriod": 1_209_600, "SqsManagedSseEnabled": True}] * 2


def test_delivery_is_limited_apart_from_what_the_handler_fails_on(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    EventBridgeTrigger(
        stack,
        "Orders",
        handler=handler,
        event_pattern=ORDERS,
        delivery_retry_attempts=0,
        max_delivery_age=cdk.Duration.minutes(1),
    )

    [rule] = properties(stack, "AWS::Events::Rule")
    assert rule["Targets"][0]["RetryPolicy"] == {
        "MaximumEventAgeInSeconds": 60,
        "MaximumRetryAttempts": 0,
    }
    [config] = properties(stack, "AWS::Lambda::EventInvokeConfig")
    assert (config["MaximumEventAgeInSeconds"], config["MaximumRetryAttempts"]) == (21_600, 2)


def test_a_bus_can_be_passed_in(stack: cdk.Stack, handler: PythonFunction) -> None:
    bus = events.EventBus(stack, "Bus")
    trigger = EventBridgeTrigger(stack, "Orders", handler=handler, event_pattern=ORDERS, bus=bus)

    [rule] = properties(stack, "AWS::Events::Rule")
    assert rule["EventBusName"] == stack.resolve(bus.event_bus_name)
    assert trigger.bus is bus


def test_an_alias_can_be_the_target(stack: cdk.Stack, handler: PythonFunction) -> None:
    live = lambda_.Alias(stack, "Live", alias_name="live", version=handler.current_version)
    EventBridgeTrigger(stack, "Orders", handler=live, event_pattern=ORDERS)

    [rule] = properties(stack, "AWS::Events::Rule")
    assert rule["Targets"][0]["Arn"] == stack.resolve(live.function_arn)


@pytest.mark.parametrize("given", [True, False])
def test_events_may_be_sent_to_the_bus_by_whom_it_is_granted(
    stack: cdk.Stack, handler: PythonFunction, other: PythonFunction, *, given: bool
) -> None:
    bus = events.EventBus(stack, "Bus") if given else None
    trigger = EventBridgeTrigger(stack, "Orders", handler=handler, event_pattern=ORDERS, bus=bus)
    trigger.grant_put_events(other)
    trigger.grant_put_events(iam.Role(stack, "Role", assumed_by=iam.AccountRootPrincipal()))

    policies = [
        statement
        for policy in properties(stack, "AWS::IAM::Policy")
        for statement in policy["PolicyDocument"]["Statement"]
        if statement["Action"] == "events:PutEvents"
    ]
    assert len(policies) == 2
    if bus:
        assert {str(each["Resource"]) for each in policies} == {
            str(stack.resolve(bus.event_bus_arn))
        }
    else:
        assert {str(each["Resource"]["Fn::Join"][1][-1])[-18:] for each in policies} == {
            ":event-bus/default"
        }


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"event_pattern": events.EventPattern()},
            "Shop/Orders: event_pattern must ask for something, as EventBridge refuses an empty "
            'pattern, got nothing; for example events.EventPattern(source=["shop.orders"]), or '
            "account=[stack.account] for all that the account sends",
        ),
        (
            {"event_pattern": None},
            "Shop/Orders: event_pattern must ask for something, as EventBridge refuses an empty "
            'pattern, got nothing; for example events.EventPattern(source=["shop.orders"]), or '
            "account=[stack.account] for all that the account sends",
        ),
        (
            {"event_pattern": {"source": ["shop.orders"]}},
            "Shop/Orders: event_pattern must be an EventPattern, got {'source': ['shop.orders']}; "
            'for example events.EventPattern(source=["shop.orders"])',
        ),
        (
            {"event_pattern": events.EventPattern(source=[])},
            "Shop/Orders: event_pattern.source must hold a value, as EventBridge refuses what "
            "nothing can match, got none; name values, or leave it out",
        ),
        (
            {"event_pattern": events.EventPattern(detail={"order": {"state": []}})},
            "Shop/Orders: event_pattern.detail.order.state must hold a value, as EventBridge "
            "refuses what nothing can match, got none; name values, or leave it out",
        ),
        (
            {"event_pattern": events.EventPattern(source=["x" * 4_096])},
            "Shop/Orders: event_pattern must be at most 4096 characters, got 4111; match by "
            "prefixes, or let several triggers share it",
        ),
        (
            {"bus": "orders"},
            "Shop/Orders: bus must be an event bus, got str; omit it to take the default bus",
        ),
        (
            {"bus": events.EventBus},
            "Shop/Orders: bus must be an event bus, got the class EventBus; omit it to take the "
            "default bus",
        ),
        (
            {"delivery_retry_attempts": 186},
            "Shop/Orders: delivery_retry_attempts must be a whole number from 0 to 185, got 186; "
            "omit it to get 185",
        ),
        (
            {"max_delivery_age": cdk.Duration.days(2)},
            "Shop/Orders: max_delivery_age must be whole seconds from 60 to 86,400, got 172,800 s; "
            "for example cdk.Duration.seconds(60)",
        ),
    ],
)
def test_what_event_bridge_would_refuse_is_refused(
    stack: cdk.Stack, handler: PythonFunction, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(PatternError, match=exactly(message)):
        EventBridgeTrigger(
            stack, "Orders", **{"handler": handler, "event_pattern": ORDERS, **options}
        )


def test_a_pattern_of_tokens_is_not_measured(stack: cdk.Stack, handler: PythonFunction) -> None:
    pattern = events.EventPattern(account=[stack.account], source=["x" * 4_096])
    EventBridgeTrigger(stack, "Orders", handler=handler, event_pattern=pattern)

    assert len(properties(stack, "AWS::Events::Rule")) == 1


def test_a_matcher_is_a_value(stack: cdk.Stack, handler: PythonFunction) -> None:
    pattern = events.EventPattern(source=events.Match.prefix("shop."))
    EventBridgeTrigger(stack, "Orders", handler=handler, event_pattern=pattern)

    [rule] = properties(stack, "AWS::Events::Rule")
    assert rule["EventPattern"] == {"source": [{"prefix": "shop."}]}


def test_a_bus_in_another_region_is_refused(make_app: MakeApp, entry: Path) -> None:
    env = cdk.Environment(account="111122223333", region="eu-west-1")
    stack = cdk.Stack(make_app(), "Shop", env=env)
    arn = "arn:aws:events:eu-north-1:111122223333:event-bus/orders"
    bus = events.EventBus.from_event_bus_arn(stack, "Bus", arn)
    message = (
        "Shop/Orders: bus must be in eu-west-1 as the rule is, got one in eu-north-1; define the "
        "trigger in a stack of its region"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        EventBridgeTrigger(
            stack,
            "Orders",
            handler=PythonFunction(stack, "Handler", entry=entry),
            event_pattern=ORDERS,
            bus=bus,
        )


def test_a_dead_letter_queue_can_be_passed_in(stack: cdk.Stack, handler: PythonFunction) -> None:
    queue = sqs.Queue(stack, "Undelivered", encryption_master_key=kms.Key(stack, "Key"))
    EventBridgeTrigger(
        stack, "Orders", handler=handler, event_pattern=ORDERS, dead_letter_queue=queue
    )

    [rule] = properties(stack, "AWS::Events::Rule")
    assert rule["Targets"][0]["DeadLetterConfig"] == {"Arn": stack.resolve(queue.queue_arn)}
    [key] = properties(stack, "AWS::KMS::Key")
    assert {"Service": "events.amazonaws.com"} in [
        each["Principal"] for each in key["KeyPolicy"]["Statement"]
    ]


def test_a_fifo_dead_letter_queue_is_refused(stack: cdk.Stack, handler: PythonFunction) -> None:
    queue = sqs.Queue(stack, "Queue", fifo=True)
    message = (
        "Shop/Orders: dead_letter_queue must be a standard queue that EventBridge can write to, "
        "got a FIFO queue; omit it to get a standard one"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        EventBridgeTrigger(
            stack, "Orders", handler=handler, event_pattern=ORDERS, dead_letter_queue=queue
        )


@pytest.mark.parametrize("given", [True, False])
def test_the_alarms_watch_the_rule_of_its_bus(
    stack: cdk.Stack, handler: PythonFunction, *, given: bool
) -> None:
    bus = events.EventBus(stack, "Bus") if given else None
    trigger = EventBridgeTrigger(stack, "Orders", handler=handler, event_pattern=ORDERS, bus=bus)
    trigger.add_alarms(actions.SnsAction(sns.Topic(stack, "Pager")))

    [lost] = [
        each
        for each in properties(stack, "AWS::CloudWatch::Alarm")
        if each["MetricName"] == "InvocationsFailedToBeSentToDlq"
    ]
    dimensions = {each["Name"]: each["Value"] for each in lost["Dimensions"]}
    rule = {"RuleName": stack.resolve(trigger.rule.rule_name)}
    of_bus = {"EventBusName": stack.resolve(bus.event_bus_name)} if bus else {}
    assert dimensions == rule | of_bus
    assert lost["Namespace"] == "AWS/Events"


def test_failures_that_no_queue_holds_are_counted_by_lambda(
    stack: cdk.Stack, handler: PythonFunction, other: PythonFunction
) -> None:
    trigger = EventBridgeTrigger(
        stack,
        "Orders",
        handler=handler,
        event_pattern=ORDERS,
        on_failure=destinations.LambdaDestination(other),
    )

    metric = trigger.metric_failed_events()
    assert (metric.namespace, metric.metric_name) == ("AWS/Lambda", "AsyncEventsDropped")
    assert trigger.metric_delivery_failures().metric_name == "FailedInvocations"


FROM_LAMBDA = events.EventPattern(source=["lambda"])
LOOP = (
    "Shop/Orders: on_failure must be something else than the bus whose events invoke the handler, "
    "which would be invoked with its own failures for ever, got its bus, and a pattern that "
    'matches them; omit it to get a queue, or ask for a source other than "lambda"'
)


@pytest.mark.parametrize("kind", ["own", "default", "default by name"])
@pytest.mark.parametrize(
    "pattern",
    [
        FROM_LAMBDA,
        events.EventPattern(detail_type=["Lambda Function Invocation Result \u2013 Failure"]),
        events.EventPattern(source=events.Match.prefix("lam")),
        events.EventPattern(source=events.Match.anything_but("shop")),
        events.EventPattern(account=["111122223333"]),
    ],
)
def test_failures_do_not_go_to_the_bus_that_they_come_from(
    stack: cdk.Stack, handler: PythonFunction, pattern: events.EventPattern, kind: str
) -> None:
    bus: events.IEventBus | None = None
    if kind == "own":
        bus = events.EventBus(stack, "Bus")
    elif kind == "default by name":
        bus = events.EventBus.from_event_bus_name(stack, "Bus", "default")
    destination = destinations.EventBridgeDestination(bus)
    with pytest.raises(PatternError, match=exactly(LOOP)):
        EventBridgeTrigger(
            stack, "Orders", handler=handler, event_pattern=pattern, bus=bus, on_failure=destination
        )


@pytest.mark.parametrize(
    "pattern",
    [
        ORDERS,
        events.EventPattern(source=events.Match.prefix("shop.")),
        events.EventPattern(source=["lambda"], detail_type=["Another"]),
    ],
)
def test_failures_may_go_to_a_bus_whose_events_are_others(
    stack: cdk.Stack, handler: PythonFunction, pattern: events.EventPattern
) -> None:
    bus = events.EventBus(stack, "Bus")
    destination = destinations.EventBridgeDestination(bus)
    EventBridgeTrigger(
        stack, "Orders", handler=handler, event_pattern=pattern, bus=bus, on_failure=destination
    )

    assert len(properties(stack, "AWS::Lambda::EventInvokeConfig")) == 1


def test_failures_may_go_to_another_bus(stack: cdk.Stack, handler: PythonFunction) -> None:
    destination = destinations.EventBridgeDestination(events.EventBus(stack, "Failures"))
    EventBridgeTrigger(
        stack, "Orders", handler=handler, event_pattern=FROM_LAMBDA, on_failure=destination
    )

    assert len(properties(stack, "AWS::Lambda::EventInvokeConfig")) == 1


def test_a_dead_letter_queue_stands_in_the_stack_of_the_rule_that_it_names(
    make_app: MakeApp, entry: Path
) -> None:
    app = make_app()
    stack = cdk.Stack(app, "Shop")
    message = (
        "Shop/Orders: dead_letter_queue must stand in the stack of what sends to it, Shop, as each "
        "names the other, got one in Store; define it there, or import it with "
        "sqs.Queue.from_queue_arn and let its own policy name the sender"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        EventBridgeTrigger(
            stack,
            "Orders",
            handler=PythonFunction(stack, "Handler", entry=entry),
            event_pattern=ORDERS,
            dead_letter_queue=sqs.Queue(cdk.Stack(app, "Store"), "Queue"),
        )


def test_an_imported_dead_letter_queue_is_warned_of(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    queue = sqs.Queue.from_queue_arn(stack, "Queue", "arn:aws:sqs:eu-west-1:111122223333:queue")
    EventBridgeTrigger(
        stack, "Orders", handler=handler, event_pattern=ORDERS, dead_letter_queue=queue
    )

    assertions.Annotations.from_stack(stack).has_warning(
        "/Shop/Orders",
        "Shop/Orders: dead_letter_queue, Shop/Queue, is imported or under an imported key, whose "
        "policy CDK can't add to, so what can't be delivered is lost unless events.amazonaws.com "
        "is allowed sqs:SendMessage in the policy of the queue, and if it is encrypted with a key, "
        "kms:Decrypt and kms:GenerateDataKey* in that of the key "
        "[ack: serverless-patterns:dead-letter-queue-policy]",
    )
