"""Filters of a consumer that match no record."""

from __future__ import annotations

import json
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_lambda as lambda_

from serverless_patterns import DynamoDbConsumer, KinesisConsumer, PythonFunction
from tests.queues import warnings

PATTERN = lambda_.FilterCriteria.filter({"data": {"kind": ["order"]}})


@pytest.mark.parametrize(
    ("pattern", "warning"),
    [
        (
            {"partitionKey": ["a"]},
            "filters look at partitionKey, where Lambda is known to look at data alone for a "
            "Kinesis stream: a record that matches no filter is skipped "
            "[ack: serverless-patterns:stream-filter-keys]",
        ),
        ({"data": {"kind": ["order"]}}, None),
    ],
)
def test_filters_that_look_where_lambda_does_not_are_warned_of(
    stack: cdk.Stack, handler: PythonFunction, pattern: dict[str, Any], warning: str | None
) -> None:
    filters = [lambda_.FilterCriteria.filter(pattern)]
    KinesisConsumer(stack, "Orders", handler=handler, filters=filters)

    assert warnings(stack) == ([f"Shop/Orders: {warning}"] if warning else [])


@pytest.mark.parametrize(
    ("key", "warned"), [("eventName", False), ("event_name", True), ("dynamodb", False)]
)
def test_filters_of_a_table_are_looked_through(
    stack: cdk.Stack, handler: PythonFunction, key: str, *, warned: bool
) -> None:
    table = dynamodb.Table(
        stack,
        "Table",
        partition_key=dynamodb.Attribute(name="id", type=dynamodb.AttributeType.STRING),
        stream=dynamodb.StreamViewType.NEW_IMAGE,
    )
    filters = [{"pattern": json.dumps({key: ["INSERT"]})}]
    DynamoDbConsumer(stack, "Orders", handler=handler, table=table, filters=filters)

    warning = (
        "Shop/Orders: filters look at event_name, where Lambda is known to look at dynamodb and "
        "eventName alone for a table's stream: a record that matches no filter is skipped "
        "[ack: serverless-patterns:stream-filter-keys]"
    )
    assert warnings(stack) == ([warning] if warned else [])


def test_more_filters_than_the_quota_are_warned_of(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    KinesisConsumer(stack, "Orders", handler=handler, filters=[PATTERN] * 6)

    assert warnings(stack) == [
        "Shop/Orders: 6 filters are more than the 5 that a mapping may have until AWS raises the "
        "quota of this account [ack: serverless-patterns:stream-filters]"
    ]
