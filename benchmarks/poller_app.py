"""One handler behind a poller of the library and behind a queue of plain CDK."""

from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_event_sources as sources
from aws_cdk import aws_sqs as sqs

from serverless_patterns import SqsPoller

HANDLER = """
def handler(event, context):
    print(len(event["Records"]))  # the emulator answers later without a line
    return {"batchItemFailures": []}
"""


def function(stack: cdk.Stack, name: str) -> lambda_.Function:
    """The handler."""
    return lambda_.Function(
        stack,
        name,
        runtime=lambda_.Runtime.PYTHON_3_13,
        handler="index.handler",
        code=lambda_.Code.from_inline(HANDLER),
        timeout=cdk.Duration.seconds(5),
    )


def main() -> None:
    """Synthesize it."""
    app = cdk.App()
    stack = cdk.Stack(app, Path(__file__).stem.replace("_", "-"))
    poller = SqsPoller(stack, "Ours", handler=function(stack, "OursFunction"))
    plain = sqs.Queue(stack, "Plain")
    function(stack, "PlainFunction").add_event_source(sources.SqsEventSource(plain))
    cdk.CfnOutput(stack, "library", value=poller.queue.queue_url)
    cdk.CfnOutput(stack, "plain", value=plain.queue_url)
    app.synth()


if __name__ == "__main__":
    main()
