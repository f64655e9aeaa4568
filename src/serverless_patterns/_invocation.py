"""What holds for a function because of the way that it is invoked."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, cast

import aws_cdk as cdk
import jsii
from aws_cdk import aws_lambda as lambda_

from serverless_patterns._acknowledge import acknowledge
from serverless_patterns._errors import PatternError
from serverless_patterns._snapstart_rules import check_not_bare

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from constructs import Construct, IConstruct

# Those that wait for the answer; "*" stands in the permission of a function URL.
SYNCHRONOUS_CALLERS = {"apigateway.amazonaws.com", "elasticloadbalancing.amazonaws.com", "*"}

# What the Lambda Web Adapter is told, in the environment of the function that it starts.
_ADAPTER_VARIABLES = "AWS_LWA_"
_LATEST = "$LATEST"  # the id, and the name, of the version that is none yet
ERROR_STATUS_CODES = f"{_ADAPTER_VARIABLES}ERROR_STATUS_CODES"


def function_behind(handler: lambda_.IFunction) -> lambda_.Function | None:
    """The function that an alias or a version leads to, if it is defined in this app."""
    function: object = handler
    if isinstance(handler, lambda_.Alias | lambda_.Version):
        function = handler.lambda_
    elif handler.node.id == _LATEST:
        function = getattr(handler, "lambda_", None)
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


def check_same_region(
    path: str,
    handler: lambda_.IFunction,
    scope: IConstruct,
    caller: str = "the API",
    name: str = "handler",
) -> None:
    """Refuse a handler in another region than its caller's, where no permission would reach it.

    Args:
        path: The construct path of what invokes it.
        handler: What is invoked.
        scope: Where its caller stands, or its caller, which may be imported from another region.
        caller: What its caller is.
        name: The keyword.

    Raises:
        PatternError: If both regions are known and differ.
    """
    is_caller = cdk.Resource.is_resource(scope)
    here = cast("cdk.IResource", scope).env.region if is_caller else cdk.Stack.of(scope).region
    there = handler.env.region
    if here != there and not cdk.Token.is_unresolved(here) and not cdk.Token.is_unresolved(there):
        raise PatternError(
            path,
            name,
            rule=f"be in {here} as {caller} is",
            got=f"a function in {there}",
            remedy="define both in stacks of one region",
        )


def environment_of(function: lambda_.Function) -> Mapping[str, object]:
    """The environment of any function, as far as it is known by now.

    It is asked of all properties together: asked for by itself, jsii makes an empty struct of it.
    """
    resource = cast("lambda_.CfnFunction", function.node.default_child)
    properties = cdk.Stack.of(function).resolve(resource._cfn_properties)  # noqa: SLF001
    variables: Mapping[str, object] = properties.get("environment", {}).get("variables", {})
    return variables


def check_handler(path: str, handler: object, name: str = "handler") -> None:
    """Refuse what can't be invoked, and a function without the alias that leads to its snapshot.

    Args:
        path: The construct path of what invokes it.
        handler: What is invoked.
        name: The keyword.

    Raises:
        PatternError: If it is no function, alias or version, or starts from snapshots that only
            an alias leads to.
    """
    if isinstance(handler, type) or not hasattr(handler, "add_permission"):
        got = f"the class {handler.__name__}" if isinstance(handler, type) else None
        raise PatternError(
            path,
            name,
            rule="be a function, an alias or a version",
            got=got or type(handler).__name__,
            remedy="give it its alias"
            if not got and isinstance(getattr(handler, "alias", None), lambda_.Alias)
            else "make one with PythonFunction",
        )
    check_not_bare(path, name, cast("lambda_.IFunction", handler))


def tells_adapter(environment: Iterable[str]) -> bool:
    """Whether there are variables that tell the Lambda Web Adapter how to ask an application."""
    return any(name.startswith(_ADAPTER_VARIABLES) for name in environment)


def check_takes_events(path: str, handler: object, name: str = "handler") -> None:
    """Refuse what can't be invoked with events, or loses those that it fails to handle.

    Args:
        path: The construct path of what invokes it.
        handler: What is invoked.
        name: The keyword.

    Raises:
        PatternError: If ``check_handler`` refuses it, or it is a web application whose answers
            all count as success.
    """
    check_handler(path, handler, name)
    function = function_behind(cast("lambda_.IFunction", handler))
    environment = environment_of(function) if function else {}
    if function and tells_adapter(environment) and ERROR_STATUS_CODES not in environment:
        raise swallows_errors(path, name, function)


def swallows_errors(path: str, name: str, function: lambda_.Function) -> PatternError:
    """The error for a web function that is given events.

    Args:
        path: The construct path of what invokes it.
        name: The keyword.
        function: The function.
    """
    return PatternError(
        path,
        name,
        rule="fail when its application does: the Lambda Web Adapter takes an answer of 500 to an "
        "event for success, and the event is lost",
        got=f"the web function {function.node.path}",
        remedy="give it what the function's for_events() returns",
    )


def acknowledge_synchronous(scope: Construct, handlers: Sequence[lambda_.IFunction]) -> None:
    """Acknowledge that functions need no dead-letter queue, as their callers get their errors.

    Args:
        scope: What invokes them.
        handlers: What is invoked.
    """
    _acknowledge_unless_asynchronous(
        scope,
        handlers,
        "An API invokes the function synchronously: the caller gets the error, and nothing reaches "
        "a dead-letter queue.",
    )


def acknowledge_polled(scope: Construct, handler: lambda_.IFunction, reason: str) -> None:
    """Acknowledge that a function needs no dead-letter queue, as a mapping polls for it.

    Args:
        scope: What polls for it.
        handler: What is invoked.
        reason: Where the failures go.
    """
    _acknowledge_unless_asynchronous(scope, [handler], reason)


def _acknowledge_unless_asynchronous(
    scope: Construct, handlers: Sequence[lambda_.IFunction], reason: str
) -> None:
    """Acknowledge it at synthesis: until then a function may be given a caller that won't wait."""
    arns = {}
    for handler in handlers:
        function = function_behind(handler)
        if function is not None:
            arns[function] = {
                *(handler.function_arn, function.function_arn, function.function_name),
            }
    leaf: IConstruct = scope  # an aspect visits everything under what it is added to
    while leaf.node.children:
        leaf = leaf.node.children[0]
    cdk.Aspects.of(leaf).add(_AcknowledgesNoDeadLetters(arns, reason))


@jsii.implements(cdk.IAspect)
class _AcknowledgesNoDeadLetters:
    def __init__(self, arns: Mapping[lambda_.Function, set[str]], reason: str) -> None:
        self._arns = arns
        self._reason = reason

    def visit(self, node: IConstruct) -> None:
        callers: dict[str, set[str]] = defaultdict(set)
        for each in node.node.root.node.find_all():
            if isinstance(each, lambda_.CfnPermission):
                callers[each.function_name].add(each.principal)
        for function, arns in self._arns.items():
            if {who for arn in arns for who in callers[arn]} <= SYNCHRONOUS_CALLERS:
                acknowledge(function, "Serverless-LambdaDLQ", reason=self._reason)
