"""Consumers of a Kinesis stream and of a table's, whose handler keeps what it gets."""

from __future__ import annotations

from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_sqs as sqs

from serverless_patterns import DynamoDbConsumer, KinesisConsumer, PythonCode, PythonFunction

SERVICE = Path(__file__).parent / "streams_service"


def build() -> cdk.App:
    """The app."""
    app = cdk.App()
    stack = cdk.Stack(app, "Streams")
    text = dynamodb.AttributeType.STRING
    deliveries = dynamodb.TableV2(
        stack,
        "Deliveries",
        partition_key=dynamodb.Attribute(name="id", type=text),
        sort_key=dynamodb.Attribute(name="at", type=dynamodb.AttributeType.NUMBER),
    )
    orders = dynamodb.Table(
        stack,
        "Orders",
        partition_key=dynamodb.Attribute(name="id", type=text),
        stream=dynamodb.StreamViewType.NEW_AND_OLD_IMAGES,
    )
    failed = sqs.Queue(stack, "Failed")
    code = PythonCode(stack, "Code", entry=SERVICE)
    handlers = {}
    for name in ("Clicks", "Changes"):
        handlers[name] = PythonFunction(
            stack,
            f"{name}Function",
            entry=code,
            environment={"DELIVERIES_TABLE": deliveries.table_name},
        )
        deliveries.grant_write_data(handlers[name])
        cdk.CfnOutput(stack, f"{name}Handler", value=handlers[name].function_name)
    clicks = KinesisConsumer(stack, "Clicks", handler=handlers["Clicks"], on_failure=failed)
    DynamoDbConsumer(stack, "Changes", handler=handlers["Changes"], table=orders)
    for output, value in (
        ("Stream", clicks.stream.stream_name),
        ("OrdersTable", orders.table_name),
        ("DeliveriesTable", deliveries.table_name),
        ("FailedQueue", failed.queue_url),
    ):
        cdk.CfnOutput(stack, output, value=value)
    return app


if __name__ == "__main__":
    build().synth()
