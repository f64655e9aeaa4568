"""Whether what a handler failed on comes back to it over the bus that invokes it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk

from serverless_patterns._errors import PatternError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aws_cdk import aws_events as events
    from constructs import Construct

    from serverless_patterns._triggers.asynchronous_rules import NamedDestination

# What Lambda sends of a failure. https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
_FAILURE = {
    "source": "lambda",
    "detailType": "Lambda Function Invocation Result - Failure",
}
_DASHES = str.maketrans("\N{EN DASH}\N{EM DASH}", "--")  # AWS documents one, and sends another


def check_no_loop(
    scope: Construct,
    pattern: events.EventPattern,
    bus: events.IEventBus | None,
    destination: str | None,
    named: NamedDestination,
) -> None:
    """Refuse failures that go to the bus of the trigger, whose rule takes them.

    Args:
        scope: The trigger.
        pattern: What its rule takes.
        bus: Its bus; none is the default one.
        destination: The ARN of where failures go, if it is known.
        named: What messages call it.

    Raises:
        PatternError: If the pattern may match them.
    """
    if destination is None or not _is_bus(scope, bus, destination):
        return
    asked = cdk.Stack.of(scope).resolve(pattern._values)  # noqa: SLF001 - what jsii keeps
    asked["detailType"] = asked.get("detail_type")
    if all(_may_match(asked, name, value) for name, value in _FAILURE.items()):
        raise PatternError(
            scope.node.path,
            named.name,
            rule="be something else than the bus whose events invoke the handler, which would be "
            "invoked with its own failures for ever",
            got="its bus, and a pattern that matches them",
            remedy=f'{named.otherwise}, or ask for a source other than "lambda"',
        )


def _is_bus(scope: Construct, bus: events.IEventBus | None, arn: str) -> bool:
    stack = cdk.Stack.of(scope)
    there = json.dumps(stack.resolve(arn), sort_keys=True)
    if bus is not None and json.dumps(stack.resolve(bus.event_bus_arn), sort_keys=True) == there:
        return True
    is_default = bus is None or bus.event_bus_name == "default"
    return is_default and ":event-bus/default" in there


def _may_match(asked: Mapping[str, Any], name: str, value: str) -> bool:
    """Whether a field of a pattern takes a value; a matcher that isn't a text may."""
    conditions = asked.get(name)
    if conditions is None:
        return True
    return any(
        _prefix_may_match(each, value)
        if isinstance(each, dict)
        else str(each).translate(_DASHES) == value
        for each in conditions
    )


def _prefix_may_match(condition: Mapping[str, Any], value: str) -> bool:
    prefix = condition.get("prefix")
    return not isinstance(prefix, str) or value.startswith(prefix.translate(_DASHES))
