"""The resources that AWS Solutions Constructs define, in an environment of their own.

They pin an older aws-cdk-lib. ``benchmarks.patterns`` runs this file with them installed and the
feature flags of this repository.
"""

import json
import os
from collections.abc import Callable

import aws_cdk as cdk
from aws_cdk import aws_events as events
from aws_cdk import aws_lambda as lambda_
from aws_cdk.assertions import Template
from aws_solutions_constructs.aws_dynamodbstreams_lambda import DynamoDBStreamsToLambda
from aws_solutions_constructs.aws_eventbridge_lambda import EventbridgeToLambda
from aws_solutions_constructs.aws_kinesis_streams_lambda import KinesisStreamsToLambda
from aws_solutions_constructs.aws_s3_lambda import S3ToLambda
from aws_solutions_constructs.aws_sns_lambda import SnsToLambda
from aws_solutions_constructs.aws_sqs_lambda import SqsToLambda

FUNCTION = lambda_.FunctionProps(
    runtime=lambda_.Runtime.PYTHON_3_13,
    handler="index.handler",
    code=lambda_.Code.from_inline("def handler(event, context): ..."),
)
RULE = events.RuleProps(event_pattern=events.EventPattern(source=["shop"]))


def resources(define: Callable[[cdk.Stack], object]) -> int:
    """The resources of a stack with one of them."""
    app = cdk.App(context=json.loads(os.environ["FLAGS"]), analytics_reporting=False)
    stack = cdk.Stack(app, "Shop")
    define(stack)
    return len(Template.from_stack(stack).to_json()["Resources"])


DEFINED: dict[str, Callable[[cdk.Stack], object]] = {
    "S3": lambda stack: S3ToLambda(stack, "It", lambda_function_props=FUNCTION),
    "SNS": lambda stack: SnsToLambda(stack, "It", lambda_function_props=FUNCTION),
    "EventBridge": lambda stack: EventbridgeToLambda(
        stack, "It", lambda_function_props=FUNCTION, event_rule_props=RULE
    ),
    "Kinesis": lambda stack: KinesisStreamsToLambda(stack, "It", lambda_function_props=FUNCTION),
    "DynamoDB": lambda stack: DynamoDBStreamsToLambda(stack, "It", lambda_function_props=FUNCTION),
    "SQS": lambda stack: SqsToLambda(stack, "It", lambda_function_props=FUNCTION),
}
print(json.dumps({name: resources(define) for name, define in DEFINED.items()}))
