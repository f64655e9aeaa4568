"""Web applications that the real adapter starts, behind every endpoint and from a queue."""

from __future__ import annotations

from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_sqs as sqs

from serverless_patterns import Endpoint, ProxyApi, SqsPoller, WebAdapterFunction

ENTRY = Path(__file__).parent / "web_service"
VISIBILITY = cdk.Duration.seconds(12)
TIMEOUT = cdk.Duration.seconds(2)

app = cdk.App()
stack = cdk.Stack(app, "Web")


def web(name: str, timeout: cdk.Duration | None = None, **environment: str) -> WebAdapterFunction:
    """A function with the application."""
    return WebAdapterFunction(
        stack,
        name,
        entry=ENTRY,
        command=["python", "server.py"],
        timeout=timeout,
        environment=environment,
    )


shop = web("Shop")
endpoints = {
    "HttpApi": Endpoint.HTTP_API,
    "RestApi": Endpoint.REST_API,
    "FunctionUrl": Endpoint.FUNCTION_URL,
    "LoadBalancer": Endpoint.load_balancer(vpc=ec2.Vpc(stack, "Vpc", max_azs=2, nat_gateways=1)),
}
for name, endpoint in endpoints.items():
    public = None if name == "LoadBalancer" else "A test application"
    api = ProxyApi(stack, name, handler=shop, endpoint=endpoint, public=public)
    cdk.CfnOutput(stack, f"{name}Url", value=api.url)

for name in ("Slow", "Never", "Crashes"):
    function = web(name, cdk.Duration.seconds(20 if name == "Slow" else 3), MANNERS=name.lower())
    cdk.CfnOutput(stack, f"{name}Function", value=function.function_name)

stopped = web("Stopped", LAST_WORDS=str(app.node.try_get_context("last-words") or "unused"))
cdk.CfnOutput(stack, "StoppedFunction", value=stopped.function_name)

queued = web("Queued", TIMEOUT)
poller = SqsPoller(
    stack,
    "Poller",
    handler=queued.for_events(),
    visibility_timeout=VISIBILITY,
    max_receive_count=2,
)
assert poller.dead_letter_queue
cdk.CfnOutput(stack, "Queue", value=poller.queue.queue_url)
cdk.CfnOutput(stack, "DeadLetters", value=poller.dead_letter_queue.queue_url)

# The trap that the library refuses: the test leads this queue to a web function by hand.
lost = sqs.Queue(
    stack,
    "Trap",
    visibility_timeout=VISIBILITY,
    dead_letter_queue=sqs.DeadLetterQueue(
        queue=sqs.Queue(stack, "TrapDeadLetters"), max_receive_count=2
    ),
)
cdk.CfnOutput(stack, "TrappedFunction", value=web("Trapped", TIMEOUT).function_name)
cdk.CfnOutput(stack, "TrapQueue", value=lost.queue_url)
cdk.CfnOutput(stack, "TrapArn", value=lost.queue_arn)
assert lost.dead_letter_queue
cdk.CfnOutput(stack, "TrapDeadLettersUrl", value=lost.dead_letter_queue.queue.queue_url)
app.synth()
