"""The acknowledgment that a function's failures are held although it has no dead-letter queue."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk as cdk
import jsii
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from serverless_patterns._acknowledge import acknowledge
from serverless_patterns._invocation import SYNCHRONOUS_CALLERS, function_behind

if TYPE_CHECKING:
    from constructs import IConstruct

_REASON = (
    "Its EventInvokeConfig sends events that it failed on to a destination, with the error, which "
    "a dead-letter queue of the function would not hold."
)


class HeldFailures(Construct):
    """What stands for a handler whose failures are held.

    Attributes:
        handler: The handler.
    """

    handler: lambda_.IFunction


def acknowledge_held(held: HeldFailures) -> None:
    """Acknowledge that a function needs no dead-letter queue, as a destination holds its failures.

    At synthesis: until then the function may be invoked by another name, an alias or none, for
    which no destination holds anything.

    Args:
        held: What stands for the handler.
    """
    function = function_behind(held.handler)
    if function is not None:
        cdk.Aspects.of(held).add(_AcknowledgesHeldFailures(held, function))


@jsii.implements(cdk.IAspect)
class _AcknowledgesHeldFailures:
    def __init__(self, held: IConstruct, function: lambda_.Function) -> None:
        self._held = held
        self._function = function

    def visit(self, node: IConstruct) -> None:
        if node is not self._held:  # an aspect visits everything under what it is added to
            return
        constructs = node.node.root.node.find_all()
        held = {each.handler.node.path for each in constructs if isinstance(each, HeldFailures)}
        names = {
            name: each.node.path in held
            for each in constructs
            if isinstance(each, lambda_.Function | lambda_.Alias | lambda_.Version)
            and function_behind(each) is self._function
            for name in (each.function_arn, each.function_name)
        }
        if all(
            names.get(each.function_name, True) or each.principal in SYNCHRONOUS_CALLERS
            for each in constructs
            if isinstance(each, lambda_.CfnPermission)
        ):
            acknowledge(self._function, "Serverless-LambdaDLQ", reason=_REASON)
