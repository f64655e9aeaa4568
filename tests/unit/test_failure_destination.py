"""Where Lambda sends what a handler failed on, and what lets it or keeps it from doing so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import assertions
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda_destinations as destinations
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs

from serverless_patterns import PythonFunction, S3Trigger
from tests.unit.trigger_templates import CONFIG, resources, trigger

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    MakeApp = Callable[..., cdk.App]

MATCH = assertions.Match


def test_a_destination_that_makes_a_rule_makes_it_once(
    stack: cdk.Stack, handler: PythonFunction, other: PythonFunction
) -> None:
    destination = destinations.LambdaDestination(other, response_only=True)
    S3Trigger(stack, "Uploads", handler=handler, on_failure=destination)

    assert len(resources(stack, "AWS::Events::Rule")) == 1


def test_another_function_may_take_them(
    stack: cdk.Stack, handler: PythonFunction, other: PythonFunction
) -> None:
    trigger(stack, handler, on_failure=destinations.LambdaDestination(other))

    [function] = [each for each in resources(stack, "AWS::Lambda::Function") if "Other" in each]
    assertions.Template.from_stack(stack).has_resource_properties(
        CONFIG,
        {"DestinationConfig": {"OnFailure": {"Destination": {"Fn::GetAtt": [function, "Arn"]}}}},
    )


def test_a_bucket_may_take_them(stack: cdk.Stack, handler: PythonFunction) -> None:
    bucket = s3.Bucket(stack, "Failures")
    trigger(stack, handler, on_failure=destinations.S3Destination(bucket))

    assertions.Template.from_stack(stack).has_resource_properties(
        CONFIG,
        {
            "DestinationConfig": {
                "OnFailure": {
                    "Destination": {"Fn::GetAtt": [MATCH.string_like_regexp("Failures"), "Arn"]}
                }
            }
        },
    )


MADE: dict[str, Callable[[cdk.Stack], Any]] = {
    "queue": lambda stack: sqs.Queue(stack, "Failures"),
    "topic": lambda stack: sns.Topic(stack, "Failures"),
    "bucket": lambda stack: s3.Bucket(stack, "Failures"),
    "bucket under a key": lambda stack: s3.Bucket(
        stack, "Failures", encryption_key=kms.Key(stack, "Key")
    ),
}


SENDS = {
    "queue": ["sqs:SendMessage"],
    "topic": ["sns:Publish"],
    "bucket": ["s3:ListBucket", "s3:PutObject"],
    "bucket under a key": ["s3:ListBucket", "s3:PutObject", "kms:GenerateDataKey"],
}


@pytest.mark.parametrize("kind", MADE)
def test_a_queue_a_topic_or_a_bucket_itself_takes_failures_and_nothing_more_is_granted(
    stack: cdk.Stack, handler: PythonFunction, kind: str
) -> None:
    failures = MADE[kind](stack)
    made = trigger(stack, handler, on_failure=failures)
    trigger(stack, handler, id="Other", on_failure=failures)

    assert made.on_failure is failures
    [(name, policy)] = resources(stack, "AWS::IAM::Policy").items()
    assert [
        each["Action"] for each in policy["Properties"]["PolicyDocument"]["Statement"]
    ] == SENDS[kind]
    [config] = resources(stack, CONFIG).values()
    [(_, arn)] = config["Properties"]["DestinationConfig"]["OnFailure"]["Destination"].items()
    assert "Failures" in str(arn)
    assert name in config["DependsOn"]


def test_failures_that_lie_in_a_queue_that_was_given_are_counted_there(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    made = trigger(stack, handler, on_failure=sqs.Queue(stack, "Failures"))

    assert made.metric_failed_events().namespace == "AWS/SQS"


def test_a_destination_in_another_account_is_warned_of(make_app: MakeApp, entry: Path) -> None:
    env = cdk.Environment(account="111122223333", region="eu-west-1")
    stack = cdk.Stack(make_app(), "Shop", env=env)
    queue = sqs.Queue.from_queue_arn(stack, "Queue", "arn:aws:sqs:eu-west-1:444455556666:failures")
    trigger(stack, PythonFunction(stack, "Handler", entry=entry), on_failure=queue)

    assertions.Annotations.from_stack(stack).has_warning(
        "/Shop/HandlerAsynchronous",
        "Shop/HandlerAsynchronous: on_failure is in the account 444455556666, so what the handler "
        "fails on is lost unless the policy there, and that of the key, lets the role of "
        "Shop/Handler send to it [ack: serverless-patterns:failure-destination-account]",
    )
