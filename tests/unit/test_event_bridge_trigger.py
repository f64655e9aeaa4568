"""EventBridgeTrigger: the rule, its target and its bus."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import assertions
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_

from serverless_patterns import EventBridgeTrigger, PatternError, PythonFunction
from tests.messages import exactly
from tests.unit.trigger_templates import ORDERS, properties

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    MakeApp = Callable[..., cdk.App]


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
