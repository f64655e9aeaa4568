"""What only the finished tree tells: who else polls a queue or invokes a handler."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import aws_cdk as cdk
from aws_cdk import aws_lambda as lambda_

from serverless_patterns._errors import PatternError
from serverless_patterns._queues.facts import reserved_concurrency_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs import Construct


@dataclass(frozen=True)
class Polled:
    """What a poller polls, and for whom.

    Attributes:
        mapping: The mapping.
        function: The function behind the handler, if it is defined in this app.
        max_concurrency: How many invocations there are at once, if that is known.
    """

    mapping: lambda_.EventSourceMapping
    function: lambda_.Function | None
    max_concurrency: int | None

    @property
    def resource(self) -> lambda_.CfnEventSourceMapping:
        """The resource of the mapping."""
        resource = self.mapping.node.default_child
        assert isinstance(resource, lambda_.CfnEventSourceMapping)  # noqa: S101 - it is its own
        return resource


class CompetingPollers:
    """Pollers that take each other's messages or executions.

    Args:
        poller: The poller.
        polled: What it polls.
    """

    def __init__(self, poller: Construct, polled: Polled) -> None:
        self._poller = poller
        self._polled = polled

    def broken_rules(self) -> Iterator[PatternError]:
        """What is wrong with the finished tree."""
        if self._polled.resource.enabled is not False:
            yield from self._same_queue()
            yield from self._same_function()

    def _same_queue(self) -> Iterator[PatternError]:
        own = self._polled.resource
        after = False  # paths are compared, as jsii wraps a resource anew each time
        for each in self._mappings():
            is_own = each.node.path == own.node.path
            after = after or is_own
            if is_own or each.event_source_arn != own.event_source_arn:
                continue
            # Of two pollers the second tells; a mapping that is no poller's has nobody to tell.
            if after and _polled_by(each):
                continue
            scope = each.node.scope
            yield PatternError(
                self._poller.node.path,
                "queue",
                rule="be polled once, because a message goes to one poller alone",
                got=f"{scope.node.path if scope else each.node.path} beside it",
                remedy="give each a queue of its own and subscribe both to an SNS topic",
            )

    def _same_function(self) -> Iterator[PatternError]:
        function = self._polled.function
        reserved = reserved_concurrency_of(function) if function else None
        if function is None or reserved is None:
            return
        same = [
            polled
            for each in self._mappings()
            if (polled := _polled_by(each))
            and polled.function
            and polled.function.node.path == function.node.path
        ]
        shares = [polled.max_concurrency or 0 for polled in same]
        total = sum(each for each in shares if not cdk.Token.is_unresolved(each))
        if len(same) > 1 and total > reserved and same[-1] is self._polled:
            yield PatternError(
                self._poller.node.path,
                "max_concurrency",
                rule=f"add up to at most the {reserved} executions that are reserved for handler "
                f"over its {len(same)} pollers, because throttled receives end in the dead-letter "
                "queue",
                got=total,
                remedy="give each poller its share as max_concurrency, or reserve more",
            )

    def _mappings(self) -> list[lambda_.CfnEventSourceMapping]:
        """Every mapping of the app that is not paused."""
        return [
            each
            for each in self._poller.node.root.node.find_all()
            if isinstance(each, lambda_.CfnEventSourceMapping) and each.enabled is not False
        ]


def _polled_by(mapping: lambda_.CfnEventSourceMapping) -> Polled | None:
    l2 = mapping.node.scope
    poller = l2.node.scope if l2 else None
    polled = getattr(poller, "_polled", None)
    return polled if isinstance(polled, Polled) else None
