"""What Lambda does with the events that a handler fails on, whichever trigger asks for it."""

from __future__ import annotations

import re

import aws_cdk as cdk
from aws_cdk import assertions
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_lambda_destinations as destinations
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs

from serverless_patterns import PythonFunction, S3Trigger
from serverless_patterns._execution_role import ExecutionRole
from tests.unit.trigger_templates import CONFIG, ORDERS, resources, trigger

MATCH = assertions.Match


def test_retries_and_age_are_explicit_and_failures_go_to_a_queue(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    trigger(stack, handler)

    [function] = resources(stack, "AWS::Lambda::Function")
    [queue] = resources(stack, "AWS::SQS::Queue").keys() - {dead_letter_target(stack)}
    [config] = resources(stack, CONFIG).values()
    assert config["Properties"] == {
        "DestinationConfig": {"OnFailure": {"Destination": {"Fn::GetAtt": [queue, "Arn"]}}},
        "FunctionName": {"Ref": function},
        "MaximumEventAgeInSeconds": 21_600,
        "MaximumRetryAttempts": 2,
        "Qualifier": "$LATEST",
    }


def dead_letter_target(stack: cdk.Stack) -> str:
    """The queue of the rule's target."""
    [rule] = resources(stack, "AWS::Events::Rule").values()
    return str(rule["Properties"]["Targets"][0]["DeadLetterConfig"]["Arn"]["Fn::GetAtt"][0])


def test_the_queue_is_encrypted_for_tls_alone_and_keeps_events_for_14_days(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    queue = S3Trigger(stack, "Uploads", handler=handler).on_failure

    template = assertions.Template.from_stack(stack)
    template.has_resource_properties(
        "AWS::SQS::Queue", {"MessageRetentionPeriod": 1_209_600, "SqsManagedSseEnabled": True}
    )
    template.has_resource_properties(
        "AWS::SQS::QueuePolicy",
        {
            "PolicyDocument": {
                "Statement": [MATCH.object_like({"Action": "sqs:*", "Effect": "Deny"})]
            }
        },
    )
    assert isinstance(queue, sqs.Queue)


def test_the_handler_may_send_to_the_queue(stack: cdk.Stack, handler: PythonFunction) -> None:
    S3Trigger(stack, "Uploads", handler=handler)

    [queue] = resources(stack, "AWS::SQS::Queue")
    assert isinstance(handler.role, ExecutionRole)
    assert [(each["Action"], each["Resource"]) for each in handler.role.granted] == [
        (
            ["sqs:SendMessage", "sqs:GetQueueAttributes", "sqs:GetQueueUrl"],
            {"Fn::GetAtt": [queue, "Arn"]},
        )
    ]


def test_settings_that_are_asked_for_are_set(stack: cdk.Stack, handler: PythonFunction) -> None:
    destination = destinations.SnsDestination(sns.Topic(stack, "Failures"))
    made = trigger(
        stack,
        handler,
        retry_attempts=1,
        max_event_age=cdk.Duration.minutes(2),
        on_failure=destination,
    )

    assertions.Template.from_stack(stack).has_resource_properties(
        CONFIG,
        {
            "DestinationConfig": {
                "OnFailure": {"Destination": {"Ref": MATCH.string_like_regexp("Failures")}}
            },
            "MaximumEventAgeInSeconds": 120,
            "MaximumRetryAttempts": 1,
        },
    )
    assert made.on_failure is destination


def test_no_retry_is_a_choice_as_well(stack: cdk.Stack, handler: PythonFunction) -> None:
    trigger(stack, handler, retry_attempts=0, max_event_age=cdk.Duration.minutes(1))

    assertions.Template.from_stack(stack).has_resource_properties(
        CONFIG, {"MaximumRetryAttempts": 0, "MaximumEventAgeInSeconds": 60}
    )


def test_a_version_has_settings_of_its_own(stack: cdk.Stack, handler: PythonFunction) -> None:
    trigger(stack, handler.current_version)

    assertions.Template.from_stack(stack).has_resource_properties(
        CONFIG,
        {"Qualifier": {"Fn::GetAtt": [MATCH.string_like_regexp("CurrentVersion"), "Version"]}},
    )


def test_tokens_are_not_guessed(stack: cdk.Stack, handler: PythonFunction) -> None:
    parameter = cdk.CfnParameter(stack, "Retries", type="Number")
    trigger(stack, handler, retry_attempts=parameter.value_as_number)

    assertions.Template.from_stack(stack).has_resource_properties(
        CONFIG, {"MaximumRetryAttempts": {"Ref": "Retries"}}
    )


def test_queues_of_failures_stay_when_what_fails_goes(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    trigger(stack, handler)

    queues = resources(stack, "AWS::SQS::Queue").values()
    assert [(each["DeletionPolicy"], each["UpdateReplacePolicy"]) for each in queues] == [
        ("Retain", "Retain"),
        ("Retain", "Retain"),
    ]


def test_more_sources_than_a_policy_has_room_for_are_warned_of(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    for number in range(59):
        events.Rule(
            stack,
            f"Rule{number}",
            event_pattern=ORDERS,
            targets=[targets.LambdaFunction(handler)],
        )
    trigger(stack, handler)

    [found] = assertions.Annotations.from_stack(stack).find_warning(
        "/Shop/HandlerAsynchronous", MATCH.any_value()
    )
    assert re.fullmatch(
        r"Shop/HandlerAsynchronous: 60 permissions to invoke Shop/Handler take about 2\d{4} bytes "
        r"of a policy, of the 20480 that Lambda takes: let sources share a topic or a queue, or "
        r"give some of them an alias, which has a policy of its own "
        r"\[ack: serverless-patterns:resource-policy-size\]",
        str(found.entry.data),
    )


def test_a_policy_with_room_is_not_warned_of(stack: cdk.Stack, handler: PythonFunction) -> None:
    trigger(stack, handler)

    found = assertions.Annotations.from_stack(stack)
    assert not found.find_warning("/Shop/HandlerAsynchronous", MATCH.any_value())
