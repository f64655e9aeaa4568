"""What the polling of a stream is set to, as it was given and as it is computed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aws_cdk import aws_kms as kms
    from aws_cdk import aws_lambda as lambda_


@dataclass(frozen=True, kw_only=True)
class StreamSettings:
    """The keywords that every consumer of a stream takes, unresolved where they are ``None``."""

    batch_size: int
    max_batching_window: cdk.Duration | None
    parallelization_factor: int
    retry_attempts: int
    max_record_age: cdk.Duration | None
    bisect_batch_on_error: bool | None
    report_batch_item_failures: bool | None
    tumbling_window: cdk.Duration | None
    filters: Sequence[Mapping[str, Any]] | None
    filter_encryption: kms.IKey | None
    starting_position: lambda_.StartingPosition
    starting_position_timestamp: float | None = None
    enabled: bool

    @property
    def aggregates(self) -> bool:
        """Whether batches of a tumbling window share a state."""
        window = self.tumbling_window
        return window is not None and (window.is_unresolved() or seconds(window) != 0)

    @property
    def bisects(self) -> bool:
        """Whether a batch that fails is split.

        A state that a window carries on belongs to a batch: AWS documents what a tumbling window
        does with retries and record age alone, so the two that split a batch are then off.
        """
        given = self.bisect_batch_on_error
        return not self.aggregates if given is None else given

    @property
    def reports_failures(self) -> bool:
        """Whether the handler's answer says where a batch failed."""
        given = self.report_batch_item_failures
        return not self.aggregates if given is None else given


def seconds(duration: cdk.Duration) -> float:
    """The seconds of a duration that is no token."""
    return duration.to_seconds(integral=False)


def half(duration: cdk.Duration) -> cdk.Duration:
    """Half of a duration that is no token, in whole seconds."""
    return cdk.Duration.seconds(int(seconds(duration)) // 2)
