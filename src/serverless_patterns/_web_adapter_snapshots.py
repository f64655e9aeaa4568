"""What a web application has to do with snapshots, known when the tree is finished."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk as cdk
import jsii

from serverless_patterns._errors import PatternError
from serverless_patterns._snapstart_rules import starts_from_snapshot
from serverless_patterns._warn import warn

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aws_cdk import aws_lambda as lambda_
    from constructs import IConstruct

    from serverless_patterns._web_adapter_settings import AdapterSettings


def broken_hooks(function: lambda_.Function, settings: AdapterSettings) -> Iterator[PatternError]:
    """Hooks that are never called, as no snapshot is made.

    Args:
        function: The function.
        settings: What its adapter is told.
    """
    if starts_from_snapshot(function):
        return
    for name in ("snapstart_before_checkpoint_path", "snapstart_after_restore_path"):
        hook = getattr(settings, name)
        if hook is not None:
            yield PatternError(
                function.node.path,
                name,
                rule="belong to a function that starts from snapshots",
                got=f"{hook!r} without SnapStart",
                remedy="publish it by a SnapStartAlias, or omit it",
            )


def tell_of_snapshots(function: lambda_.Function, settings: AdapterSettings) -> None:
    """Warn at synthesis of what SnapStart makes the adapter ignore.

    Args:
        function: The function.
        settings: What its adapter is told.
    """
    if settings.async_init:
        cdk.Aspects.of(function).add(_TellsOfAsyncInit(function))


@jsii.implements(cdk.IAspect)
class _TellsOfAsyncInit:
    def __init__(self, function: lambda_.Function) -> None:
        self._function = function

    def visit(self, node: IConstruct) -> None:
        if node is self._function and starts_from_snapshot(self._function):
            warn(
                self._function,
                {
                    "web-adapter-async-init": "async_init is ignored under SnapStart: the adapter "
                    "waits until the application is ready, so that the snapshot holds one that is; "
                    "omit it, and bound the wait by readiness_timeout"
                },
            )
