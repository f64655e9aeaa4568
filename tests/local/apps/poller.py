"""Pollers whose handler counts what it handles, and crashes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_dynamodb as dynamodb

from serverless_patterns import IdempotencyTable, PythonCode, PythonFunction, SqsPoller

TIMEOUT_SECONDS = 4
VISIBILITY_SECONDS = 5
POLLERS: dict[str, dict[str, Any]] = {
    "Soak": {"max_concurrency": 3},
    "Window": {"batch_size": 1},
    "Fifo": {"fifo": True, "batch_size": 1, "max_receive_count": 2},
}


def build() -> cdk.App:
    """The app."""
    app = cdk.App()
    stack = cdk.Stack(app, "Poller")
    table = dynamodb.TableV2(
        stack,
        "Effects",
        partition_key=dynamodb.Attribute(name="id", type=dynamodb.AttributeType.STRING),
    )
    handled = IdempotencyTable(stack, "Handled", removal_policy=cdk.RemovalPolicy.DESTROY)
    code = PythonCode(stack, "Code", entry=Path(__file__).parent / "poller_service")
    cdk.CfnOutput(stack, "EffectsTable", value=table.table_name)
    for name, options in POLLERS.items():
        function = PythonFunction(
            stack,
            f"{name}Function",
            entry=code,
            timeout=cdk.Duration.seconds(TIMEOUT_SECONDS),
            environment={
                "EFFECTS_TABLE": table.table_name,
                "FIFO": "yes" if options.get("fifo") else "no",
                "SEED": "4",
            },
        )
        table.grant_write_data(function)
        handled.protect(function)
        poller = SqsPoller(
            stack,
            name,
            handler=function,
            visibility_timeout=cdk.Duration.seconds(VISIBILITY_SECONDS),
            **options,
        )
        assert poller.dead_letter_queue
        cdk.CfnOutput(stack, f"{name}Handler", value=function.function_name)
        cdk.CfnOutput(stack, f"{name}Queue", value=poller.queue.queue_url)
        cdk.CfnOutput(stack, f"{name}DeadLetters", value=poller.dead_letter_queue.queue_arn)
    return app


if __name__ == "__main__":
    build().synth()
