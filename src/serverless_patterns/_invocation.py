"""What holds for a function because of the way that it is invoked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk as cdk
import jsii
from aws_cdk import aws_lambda as lambda_

from serverless_patterns._acknowledge import acknowledge
from serverless_patterns._errors import PatternError

if TYPE_CHECKING:
    from constructs import Construct, IConstruct

# Those that wait for the answer; "*" stands in the permission of a function URL.
_SYNCHRONOUS_CALLERS = {"apigateway.amazonaws.com", "elasticloadbalancing.amazonaws.com", "*"}


def function_behind(handler: lambda_.IFunction) -> lambda_.Function | None:
    """The function that an alias or a version leads to, if it is defined in this app."""
    function = handler.lambda_ if isinstance(handler, lambda_.Alias | lambda_.Version) else handler
    return function if isinstance(function, lambda_.Function) else None


def check_answers_within(path: str, handler: lambda_.IFunction, seconds: int, who: str) -> None:
    """Refuse a handler that may go on after its caller gave up.

    Args:
        path: The construct path of what invokes it.
        handler: What is invoked.
        seconds: How long the caller waits.
        who: The caller.

    Raises:
        PatternError: If the handler's timeout is longer.
    """
    function = function_behind(handler)
    timeout = function.timeout if function else None
    if timeout and not timeout.is_unresolved() and timeout.to_seconds() > seconds:
        raise PatternError(
            path,
            "handler",
            rule=f"answer within the {seconds} s that {who} waits for it",
            got=f"a timeout of {timeout.to_seconds():g} s",
            remedy="lower its timeout, or answer 202 and leave the work to a queue",
        )


def check_same_region(path: str, handler: lambda_.IFunction, scope: Construct) -> None:
    """Refuse a handler in another region than its caller's, where no permission would reach it.

    Args:
        path: The construct path of what invokes it.
        handler: What is invoked.
        scope: Where its caller stands.

    Raises:
        PatternError: If both regions are known and differ.
    """
    here, there = cdk.Stack.of(scope).region, handler.env.region
    if here != there and not cdk.Token.is_unresolved(here) and not cdk.Token.is_unresolved(there):
        raise PatternError(
            path,
            "handler",
            rule=f"be in {here} as the API is",
            got=f"a function in {there}",
            remedy="define both in stacks of one region",
        )


def acknowledge_synchronous(scope: Construct, handler: lambda_.IFunction) -> None:
    """Acknowledge that a function needs no dead-letter queue, as its callers get its errors.

    It is done at synthesis: a caller that doesn't wait may be given the function until then.

    Args:
        scope: What invokes it.
        handler: What is invoked.
    """
    function = function_behind(handler)
    if function is not None:
        arns = {handler.function_arn, function.function_arn, function.function_name}
        cdk.Aspects.of(scope).add(_AcknowledgesSynchronous(scope, function, arns))


@jsii.implements(cdk.IAspect)
class _AcknowledgesSynchronous:
    def __init__(self, scope: Construct, function: lambda_.Function, arns: set[str]) -> None:
        self._scope = scope
        self._function = function
        self._arns = arns

    def visit(self, node: IConstruct) -> None:
        if node.node.path != self._scope.node.path:
            return
        callers = {
            each.principal
            for each in self._scope.node.root.node.find_all()
            if isinstance(each, lambda_.CfnPermission) and each.function_name in self._arns
        }
        if callers <= _SYNCHRONOUS_CALLERS:
            acknowledge(
                self._function,
                "Serverless-LambdaDLQ",
                reason="An API invokes the function synchronously: the caller gets the error, and "
                "nothing reaches a dead-letter queue.",
            )
