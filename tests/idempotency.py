"""What a template makes of an idempotency table, and of who uses it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
from aws_cdk import assertions
from aws_cdk import aws_lambda as lambda_

if TYPE_CHECKING:
    from collections.abc import Mapping

TABLE = "AWS::DynamoDB::GlobalTable"
OPERATIONS = ("DeleteItem", "GetItem", "PutItem", "UpdateItem")
ACTIONS = [f"dynamodb:{operation}" for operation in OPERATIONS]


def table_of(stack: cdk.Stack) -> tuple[str, Mapping[str, Any]]:
    [(logical_id, table)] = assertions.Template.from_stack(stack).find_resources(TABLE).items()
    return logical_id, table


def environments(stack: cdk.Stack) -> list[dict[str, Any]]:
    functions = assertions.Template.from_stack(stack).find_resources("AWS::Lambda::Function")
    return [
        function["Properties"].get("Environment", {}).get("Variables", {})
        for function in functions.values()
    ]


def statements(stack: cdk.Stack) -> list[dict[str, Any]]:
    policies = assertions.Template.from_stack(stack).find_resources("AWS::IAM::Policy")
    return [
        statement
        for policy in policies.values()
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]
    ]


def plain_function(scope: cdk.Stack, name: str, **options: Any) -> lambda_.Function:
    return lambda_.Function(
        scope,
        name,
        runtime=lambda_.Runtime.PYTHON_3_13,
        handler="index.handler",
        code=lambda_.Code.from_inline("def handler(event, context): ..."),
        **options,
    )
