"""Queues of tests, and what a template makes of them."""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
from aws_cdk import assertions
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs

MAPPING = "AWS::Lambda::EventSourceMapping"


def queue(stack: cdk.Stack, **options: Any) -> sqs.Queue:
    """A queue that keeps every rule, but for what ``options`` say."""
    fifo = options.get("fifo")
    letters = options.pop("letters", {"retention_period": cdk.Duration.days(14)})
    receives = options.pop("receives", 5)
    return sqs.Queue(
        stack,
        "Existing",
        **{
            "visibility_timeout": cdk.Duration.seconds(6 * 29),
            "dead_letter_queue": sqs.DeadLetterQueue(
                queue=sqs.Queue(stack, "Letters", fifo=fifo, **letters), max_receive_count=receives
            ),
            **options,
        },
    )


def queues(stack: cdk.Stack) -> dict[str, dict[str, Any]]:
    """The properties of every queue, by the id of its construct."""
    resources = assertions.Template.from_stack(stack).find_resources("AWS::SQS::Queue")
    by_logical_id = {
        stack.resolve(each.queue_arn)["Fn::GetAtt"][0]: each.node.id
        for each in stack.node.find_all()
        if isinstance(each, sqs.Queue)
    }
    return {by_logical_id[name]: each["Properties"] for name, each in resources.items()}


def warnings(stack: cdk.Stack) -> list[str]:
    """What a stack's constructs warn of."""
    found = assertions.Annotations.from_stack(stack).find_warning("*", assertions.Match.any_value())
    return [str(each.entry.data) for each in found]


def function(stack: cdk.Stack, **options: Any) -> lambda_.Function:
    """A function of CDK's own."""
    return lambda_.Function(
        stack,
        "Plain",
        code=lambda_.Code.from_inline("def handler(event, context): ..."),
        handler="index.handler",
        runtime=lambda_.Runtime.PYTHON_3_14,
        **options,
    )


def mapping(stack: cdk.Stack) -> dict[str, Any]:
    """The properties of the only mapping."""
    [found] = assertions.Template.from_stack(stack).find_resources(MAPPING).values()
    return dict(found["Properties"])


def statements(stack: cdk.Stack) -> list[dict[str, Any]]:
    policies = assertions.Template.from_stack(stack).find_resources("AWS::IAM::Policy")
    return [
        statement
        for policy in policies.values()
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]
    ]


def letters_id(stack: cdk.Stack) -> str:
    """The logical id of the only dead-letter queue."""
    found = assertions.Template.from_stack(stack).find_resources("AWS::SQS::Queue")
    [name] = [name for name, each in found.items() if "RedrivePolicy" not in each["Properties"]]
    return name
