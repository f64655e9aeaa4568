"""What holds for a function because of the way that it is invoked."""

from __future__ import annotations

from aws_cdk import aws_lambda as lambda_

from serverless_patterns._acknowledge import acknowledge
from serverless_patterns._errors import PatternError


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


def acknowledge_synchronous(handler: lambda_.IFunction) -> None:
    """Acknowledge that a function needs no dead-letter queue, as its caller gets its errors."""
    function = function_behind(handler)
    if function is not None and function.dead_letter_queue is None:
        acknowledge(
            function,
            "Serverless-LambdaDLQ",
            reason="An API invokes the function synchronously: the caller gets the error, and "
            "nothing reaches a dead-letter queue.",
        )
