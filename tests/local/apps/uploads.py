"""Uploads that two subscribers are told of through a topic, and uploads that one is told of."""

from __future__ import annotations

from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs

from serverless_patterns import IdempotencyTable, PythonCode, PythonFunction, S3Trigger


def build() -> cdk.App:
    """The app."""
    app = cdk.App()
    stack = cdk.Stack(app, "Uploads")
    effects = dynamodb.TableV2(
        stack,
        "Effects",
        partition_key=dynamodb.Attribute(name="id", type=dynamodb.AttributeType.STRING),
    )
    handled = IdempotencyTable(stack, "Handled", removal_policy=cdk.RemovalPolicy.DESTROY)
    code = PythonCode(stack, "Code", entry=Path(__file__).parent / "uploads_service")

    def function(name: str) -> PythonFunction:
        made = PythonFunction(
            stack,
            name,
            entry=code,
            timeout=cdk.Duration.seconds(60),
            environment={"EFFECTS_TABLE": effects.table_name, "SUBSCRIBER": name},
        )
        effects.grant_write_data(made)
        handled.protect(made)
        return made

    # Of this stack's own and without TLS, which the emulator hasn't.
    shared, direct = (s3.Bucket(stack, f"{name}Bucket") for name in ("Shared", "Direct"))
    topic = sns.Topic(stack, "Topic")
    for name in ("Left", "Right"):
        S3Trigger(stack, f"{name}Uploads", handler=function(name), bucket=shared, topic=topic)
    trigger = S3Trigger(stack, "DirectUploads", handler=function("Only"), bucket=direct)
    assert isinstance(trigger.on_failure, sqs.Queue)
    cdk.CfnOutput(stack, "EffectsTable", value=effects.table_name)
    cdk.CfnOutput(stack, "SharedName", value=shared.bucket_name)
    cdk.CfnOutput(stack, "DirectName", value=direct.bucket_name)
    cdk.CfnOutput(stack, "Failures", value=trigger.on_failure.queue_url)
    return app


if __name__ == "__main__":
    build().synth()
