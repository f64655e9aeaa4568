"""What an event source mapping may be told about polling a queue."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk

from serverless_patterns import _quotas
from serverless_patterns._arguments import check_flag
from serverless_patterns._errors import PatternError
from serverless_patterns._numbers import check_whole, whole_seconds

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aws_cdk import aws_lambda as lambda_

_BATCH_WITHOUT_WINDOW = 10


@dataclass(frozen=True)
class Polling:
    """The keywords that set up the mapping.

    Attributes are those keywords.
    """

    batch_size: int
    max_batching_window: cdk.Duration | None
    max_concurrency: int | None
    provisioned_poller_config: lambda_.ProvisionedPollerConfig | None
    filters: Sequence[Mapping[str, Any]] | None
    report_batch_item_failures: bool
    enabled: bool


def check_batch(path: str, polling: Polling, *, fifo: bool) -> int:
    """Check the size of a batch and how long it is gathered.

    Returns:
        The batching window in seconds; of one that is a token, the longest that there is.

    Raises:
        PatternError: If AWS would refuse them.
    """
    check_flag(path, "report_batch_item_failures", polling.report_batch_item_failures)
    check_flag(path, "enabled", polling.enabled)
    window = whole_seconds(
        path, "max_batching_window", polling.max_batching_window, _quotas.BATCHING_WINDOW_SECONDS
    )
    if fifo and polling.max_batching_window is not None:
        raise PatternError(
            path,
            "max_batching_window",
            rule="be left out for a FIFO queue",
            got=f"{window} s" if window is not None else "a token",
            remedy="omit it: Lambda invokes at once with what there is",
        )
    size = polling.batch_size
    sizes = _quotas.SQS_FIFO_BATCH_SIZE if fifo else _quotas.SQS_BATCH_SIZE
    check_whole(path, "batch_size", size, sizes, "omit it to get 10")
    no_window = polling.max_batching_window is None or window == 0
    if not cdk.Token.is_unresolved(size) and size > _BATCH_WITHOUT_WINDOW and no_window:
        raise PatternError(
            path,
            "batch_size",
            rule=f"be at most {_BATCH_WITHOUT_WINDOW} without a batching window",
            got=size,
            remedy="add max_batching_window=cdk.Duration.seconds(1), or longer",
        )
    if polling.max_batching_window is not None and window is None:
        return _quotas.BATCHING_WINDOW_SECONDS.stop - 1
    return window or 0
