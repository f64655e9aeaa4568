"""How many batches of a stream are handled at once, held against what is reserved for them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import aws_cdk as cdk
from aws_cdk import aws_kinesis as kinesis

from serverless_patterns import _quotas
from serverless_patterns._errors import PatternError
from serverless_patterns._invocation import function_behind

if TYPE_CHECKING:
    from aws_cdk import aws_lambda as lambda_


@dataclass(frozen=True)
class Shards:
    """The shards of a stream.

    Attributes:
        count: How many there are, or at first; ``None`` where nobody can tell.
        grows: Whether Kinesis adds some by itself.
    """

    count: int | None
    grows: bool = False

    @classmethod
    def of(cls, stream: kinesis.IStream | None) -> Shards:
        """Those of a stream, or of one on demand if there is none yet."""
        on_demand = cls(_quotas.KINESIS_ON_DEMAND_SHARDS, grows=True)
        if stream is None:
            return on_demand
        resource = stream.node.default_child
        if not isinstance(resource, kinesis.CfnStream):
            return cls(None)
        count = resource.shard_count
        if count is None:
            return on_demand
        return cls(None if cdk.Token.is_unresolved(count) else int(count))


UNKNOWN = Shards(None)


def check_concurrency(
    path: str, factor: int, handler: lambda_.IFunction, shards: Shards
) -> dict[str, str]:
    """Hold what shards take at once against what is reserved for their handler.

    A batch that is throttled uses up no retry and waits, but its records grow old meanwhile.

    Returns:
        Warnings by their ids.

    Raises:
        PatternError: If it is known that shards are throttled.
    """
    reserved = _reserved(handler)
    if reserved is None or cdk.Token.is_unresolved(factor):
        return {}
    if reserved < factor:
        raise PatternError(
            path,
            "parallelization_factor",
            rule=f"be at most the {reserved:g} reserved concurrent executions of handler, or one "
            "shard alone is throttled until its records are too old",
            got=factor,
            remedy="reserve as many for every shard, or lower it",
        )
    needed = (shards.count or 0) * factor
    if reserved >= needed:
        return {}
    if shards.grows:
        return {
            "stream-reserved-concurrency": f"{reserved:g} executions are reserved for the handler, "
            f"where a stream on demand begins with {shards.count} shards, which take {needed} at "
            "once, and gets more as it grows: those that are throttled wait while their records "
            "grow old"
        }
    raise PatternError(
        path,
        "handler",
        rule=f"be reserved at least the {needed} executions that {shards.count} shards take at "
        f"once with a parallelization_factor of {factor}, or shards are throttled and wait while "
        "their records grow old",
        got=f"{reserved:g}",
        remedy="reserve as many, or none",
    )


def _reserved(handler: lambda_.IFunction) -> float | None:
    function = function_behind(handler)
    if function is None:
        return None
    resource = cast("lambda_.CfnFunction", function.node.default_child)
    reserved = resource.reserved_concurrent_executions
    return None if reserved is None or cdk.Token.is_unresolved(reserved) else reserved
