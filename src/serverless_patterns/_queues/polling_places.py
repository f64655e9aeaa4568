"""Where a queue, the poller and its handler may stand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk as cdk

from serverless_patterns._errors import PatternError
from serverless_patterns._invocation import check_same_region

if TYPE_CHECKING:
    from aws_cdk import aws_lambda as lambda_
    from aws_cdk import aws_sqs as sqs
    from constructs import Construct


def check_near(
    path: str, scope: Construct, handler: lambda_.IFunction, queue: sqs.IQueue | None
) -> None:
    """Refuse a mapping between regions.

    Raises:
        PatternError: If the handler or the queue is known to be in another region.
    """
    check_same_region(path, handler, scope, "the poller")
    here, there = cdk.Stack.of(scope).region, queue.env.region if queue else None
    known = there and not cdk.Token.is_unresolved(here) and not cdk.Token.is_unresolved(there)
    if known and here != there:
        raise PatternError(
            path,
            "queue",
            rule=f"be in {here} as the poller is",
            got=f"a queue in {there}",
            remedy="define both in stacks of one region",
        )


def check_no_circle(
    path: str, scope: Construct, handler: lambda_.IFunction, queue: sqs.IQueue | None
) -> None:
    """Refuse stacks of which none can be deployed first.

    The policy of the handler's role names the queue, and the mapping, which stands in the
    poller's stack, names the handler. CDK sees the circle at synthesis, and CloudFormation at
    deployment if one of the stacks is nested.

    Raises:
        PatternError: If the queue is in the poller's stack and the role isn't.
    """
    here = cdk.Stack.of(scope)
    if handler.role is None or (queue is not None and cdk.Stack.of(queue) is not here):
        return
    there: cdk.Stack | None = cdk.Stack.of(handler.role)
    name = there.node.path if there else ""
    while there is not None and there is not here:
        there = there.nested_stack_parent  # which is deployed after what it is given
    if there is None:
        raise PatternError(
            path,
            "handler",
            rule="be in the stack of the poller or in one nested in it, because its role names the "
            "queue and the mapping names the handler",
            got=f"one in {name}",
            remedy="define the poller there, with queue if the queue is to stay here",
        )
