"""What Lambda would refuse or punish in the polling of a stream."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk as cdk
from aws_cdk import aws_lambda as lambda_

from serverless_patterns import _quotas
from serverless_patterns._arguments import check_flag, has, kind_of
from serverless_patterns._errors import PatternError, check_type
from serverless_patterns._invocation import check_takes_events, function_behind
from serverless_patterns._numbers import check_whole, whole_seconds
from serverless_patterns._streams.settings import seconds

if TYPE_CHECKING:
    from serverless_patterns._streams.settings import StreamSettings

UNTIL_TOO_OLD = -1  # the retries that only the age of a record ends


def check_settings(
    path: str,
    settings: StreamSettings,
    handler: lambda_.IFunction,
    retention: cdk.Duration | None,
) -> None:
    """Refuse settings that Lambda refuses, or that lose or stall records.

    Args:
        path: The construct path of the consumer.
        settings: What was given.
        handler: What is invoked.
        retention: How long the stream keeps a record, as far as it is known.

    Raises:
        PatternError: If one of them breaks a rule.
    """
    check_takes_events(path, handler)
    check_flag(path, "enabled", settings.enabled)
    for name, flag in (
        ("bisect_batch_on_error", settings.bisect_batch_on_error),
        ("report_batch_item_failures", settings.report_batch_item_failures),
    ):
        if flag is not None:
            check_flag(path, name, flag)
    factors = _quotas.PARALLELIZATION_FACTOR
    check_whole(
        path, "batch_size", settings.batch_size, _quotas.STREAM_BATCH_SIZE, "omit it to get 100"
    )
    check_whole(
        path,
        "parallelization_factor",
        settings.parallelization_factor,
        factors,
        "omit it to get 1",
    )
    if settings.retry_attempts != UNTIL_TOO_OLD:
        attempts = _quotas.STREAM_RETRY_ATTEMPTS
        check_whole(path, "retry_attempts", settings.retry_attempts, attempts, "omit it to get 5")
    for name, duration, allowed in (
        ("max_batching_window", settings.max_batching_window, _quotas.BATCHING_WINDOW_SECONDS),
        ("max_record_age", settings.max_record_age, _quotas.STREAM_RECORD_AGE_SECONDS),
        ("tumbling_window", settings.tumbling_window, _quotas.TUMBLING_WINDOW_SECONDS),
    ):
        whole_seconds(path, name, duration, allowed)
    _check_starting_position(path, settings)
    _check_filter_encryption(path, settings)
    _check_tumbling(path, settings)
    _check_age(path, settings, handler, retention)


def _check_starting_position(path: str, settings: StreamSettings) -> None:
    position, timestamp = settings.starting_position, settings.starting_position_timestamp
    example = "lambda_.StartingPosition.TRIM_HORIZON"
    if position is None:  # which check_type takes for an option that is left out
        raise PatternError(
            path,
            "starting_position",
            rule="be a StartingPosition",
            got=position,
            remedy=f"for example {example}",
        )
    check_type(path, "starting_position", position, lambda_.StartingPosition, example)
    is_number = isinstance(timestamp, int | float) and not isinstance(timestamp, bool)
    if timestamp is not None and not is_number:
        raise PatternError(
            path,
            "starting_position_timestamp",
            rule="be the seconds since 1970",
            got=repr(timestamp),
            remedy="for example datetime.now(tz=UTC).timestamp()",
        )
    at_timestamp = position == lambda_.StartingPosition.AT_TIMESTAMP
    if at_timestamp != (timestamp is not None):
        raise PatternError(
            path,
            "starting_position_timestamp",
            rule="be given with starting_position AT_TIMESTAMP and no other",
            got=f"{timestamp} with {position.value}",
            remedy="give both, or omit it",
        )


def _check_filter_encryption(path: str, settings: StreamSettings) -> None:
    key = settings.filter_encryption
    if key is not None and not has(key, "key_arn"):
        raise PatternError(
            path,
            "filter_encryption",
            rule="be a key",
            got=kind_of(key),
            remedy="make one with kms.Key, or omit it to get AWS's own",
        )
    if settings.filter_encryption is not None and not settings.filters:
        raise PatternError(
            path,
            "filter_encryption",
            rule="encrypt filters",
            got="a key without filters",
            remedy="give filters, or omit it",
        )


def _check_tumbling(path: str, settings: StreamSettings) -> None:
    window, factor = settings.tumbling_window, settings.parallelization_factor
    if window is None or window.is_unresolved() or cdk.Token.is_unresolved(factor):
        return
    if settings.aggregates and factor != 1:
        raise PatternError(
            path,
            "parallelization_factor",
            rule="be 1 beside a tumbling_window, whose state belongs to a whole shard",
            got=factor,
            remedy="omit it, or give the stream more shards",
        )


def _check_age(
    path: str,
    settings: StreamSettings,
    handler: lambda_.IFunction,
    retention: cdk.Duration | None,
) -> None:
    age = settings.max_record_age
    if age is None or age.is_unresolved():
        return
    if retention is not None and seconds(age) >= seconds(retention):
        raise PatternError(
            path,
            "max_record_age",
            rule=f"be below the {seconds(retention) / 3600:g} h that the stream keeps a record, "
            "or the record is gone before on_failure gets it",
            got=f"{seconds(age) / 3600:g} h",
            remedy="omit it to get half of that",
        )
    window, timeout = settings.max_batching_window, _timeout(handler)
    waits = 0 if window is None or window.is_unresolved() else seconds(window)
    runs = 0 if timeout is None or timeout.is_unresolved() else seconds(timeout)
    if seconds(age) <= waits + runs:
        raise PatternError(
            path,
            "max_record_age",
            rule=f"be above the {waits:g} s of max_batching_window and the {runs:g} s timeout of "
            "handler together, or a record is too old before it is tried again",
            got=f"{seconds(age):g} s",
            remedy="raise it, or omit it",
        )


def _timeout(handler: lambda_.IFunction) -> cdk.Duration | None:
    function = function_behind(handler)
    return function.timeout if function else None
