"""The asynchronous invocation of a handler that its user configured, not a trigger."""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_lambda as lambda_

from serverless_patterns._errors import PatternError
from serverless_patterns._triggers.asynchronous_rules import AsynchronousSettings

_DEFAULTS = AsynchronousSettings()


def configurations_of(handler: lambda_.IFunction) -> list[lambda_.CfnEventInvokeConfig]:
    """Every configuration of a handler's asynchronous invocation that is defined in its app."""
    function = getattr(handler, "lambda_", handler)
    names = {function.function_name, function.function_arn}
    qualifiers = {
        getattr(handler, "_qualifier", "$LATEST"),
        getattr(handler, "alias_name", None),  # which a configuration may name as a text
    }
    return [
        each
        for each in handler.node.root.node.find_all()
        if isinstance(each, lambda_.CfnEventInvokeConfig)
        and each.function_name in names
        and each.qualifier in qualifiers
    ]


def path_of(configuration: lambda_.CfnEventInvokeConfig) -> str:
    """The path of a configuration as its user defined it."""
    return configuration.node.path.removesuffix("/Resource")


def destination_of(configuration: lambda_.CfnEventInvokeConfig) -> str | None:
    """The ARN of where a configuration sends failures, unless a token stands in between."""
    on_failure = getattr(configuration.destination_config, "on_failure", None)
    destination = getattr(on_failure, "destination", None)
    return str(destination) if destination else None


def holds_failures(configuration: lambda_.CfnEventInvokeConfig) -> bool:
    """Whether a configuration sends failures anywhere."""
    # All properties together: asked for by itself, jsii makes a struct of what may be a token.
    stack = cdk.Stack.of(configuration)
    said: dict[str, Any] = stack.resolve(configuration._cfn_properties)  # noqa: SLF001
    found: dict[str, Any] = said.get("destinationConfig", {})
    return bool(found.get("onFailure", found.get("OnFailure")))


def check_own(path: str, handler: lambda_.IFunction, settings: AsynchronousSettings) -> None:
    """Refuse a configuration of the user's own that loses events, or that would have to change.

    Args:
        path: The construct path of the trigger.
        handler: What it invokes.
        settings: What it asks for.

    Raises:
        PatternError: If it is one.
    """
    own = configurations_of(handler)[0]
    if not holds_failures(own):
        raise PatternError(
            path,
            "handler",
            rule="hold the events that it fails on",
            got=f"an EventInvokeConfig without on_failure, {own.node.path}",
            remedy="give it on_failure, or leave asynchronous settings to the trigger",
        )
    if settings != _DEFAULTS:
        [name, *_] = [
            name for name, value in vars(settings).items() if value != getattr(_DEFAULTS, name)
        ]
        raise PatternError(
            path,
            name,
            rule="be left to the handler's own EventInvokeConfig",
            got=f"a value beside {own.node.path}",
            remedy="set it there, or leave that EventInvokeConfig out",
        )
