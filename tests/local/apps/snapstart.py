"""A function that starts from snapshots, behind two APIs, a queue and a bucket.

Context says which release it is: ``-c release=2``.
"""

from __future__ import annotations

from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3

from serverless_patterns import (
    ProxyApi,
    PythonFunction,
    Release,
    Route,
    RouteApi,
    S3Trigger,
    SnapStartAlias,
    SqsPoller,
)


def build() -> cdk.App:
    """The app."""
    app = cdk.App()
    stack = cdk.Stack(app, "SnapStart")
    handled = dynamodb.TableV2(
        stack,
        "Handled",
        partition_key=dynamodb.Attribute(name="id", type=dynamodb.AttributeType.STRING),
    )

    function = PythonFunction(
        stack,
        "Function",
        entry=Path(__file__).parent / "snapstart_service",
        snap_start=lambda_.SnapStartConf.ON_PUBLISHED_VERSIONS,
        environment={
            "HANDLED_TABLE": handled.table_name,
            "RELEASE": str(app.node.try_get_context("release")),
        },
    )
    handled.grant_write_data(function)
    # The emulator knows no CodeDeploy: the alias moves at once there.
    live = SnapStartAlias(stack, "Live", function=function, release=Release.canary())
    public = "It answers loopback alone"
    proxy = ProxyApi(stack, "Proxy", handler=live.alias, public=public)
    routes = RouteApi(stack, "Routes", routes=[Route("GET", "/release", live.alias)], public=public)
    poller = SqsPoller(stack, "Poller", handler=live.alias)
    bucket = s3.Bucket(stack, "Bucket")  # without TLS, which the emulator hasn't
    S3Trigger(stack, "Uploads", handler=live.alias, bucket=bucket)
    for name, value in {
        "BucketName": bucket.bucket_name,
        "FunctionName": function.function_name,
        "HandledTable": handled.table_name,
        "ProxyUrl": proxy.url,
        "QueueUrl": poller.queue.queue_url,
        "RoutesUrl": routes.url,
    }.items():
        cdk.CfnOutput(stack, name, value=value)
    return app


if __name__ == "__main__":
    build().synth()
