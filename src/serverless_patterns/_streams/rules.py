"""What Lambda would refuse or punish in the polling of a stream."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, cast

import aws_cdk as cdk
from aws_cdk import aws_lambda as lambda_

from serverless_patterns import _quotas
from serverless_patterns._errors import PatternError, check_type
from serverless_patterns._invocation import check_handler, function_behind
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
    check_handler(path, handler)
    _check_number(path, "batch_size", settings.batch_size, _quotas.STREAM_BATCH_SIZE)
    factors = _quotas.PARALLELIZATION_FACTOR
    _check_number(path, "parallelization_factor", settings.parallelization_factor, factors)
    if settings.retry_attempts != UNTIL_TOO_OLD:
        attempts = _quotas.STREAM_RETRY_ATTEMPTS
        _check_number(path, "retry_attempts", settings.retry_attempts, attempts)
    for name, duration, allowed in (
        ("max_batching_window", settings.max_batching_window, _quotas.BATCHING_WINDOW_SECONDS),
        ("max_record_age", settings.max_record_age, _quotas.STREAM_RECORD_AGE_SECONDS),
        ("tumbling_window", settings.tumbling_window, _quotas.TUMBLING_WINDOW_SECONDS),
    ):
        _check_duration(path, name, duration, allowed)
    _check_starting_position(path, settings)
    _check_filters(path, settings)
    _check_tumbling(path, settings)
    _check_age(path, settings, handler, retention)
    _check_concurrency(path, settings, handler)


def _check_number(path: str, name: str, value: object, allowed: range) -> None:
    if cdk.Token.is_unresolved(value):
        return
    if not isinstance(value, int) or isinstance(value, bool) or value not in allowed:
        raise PatternError(
            path,
            name,
            rule=f"be a whole number from {allowed.start:,} to {allowed.stop - 1:,}",
            got=repr(value),
            remedy="choose one that Lambda takes",
        )


def _check_duration(path: str, name: str, value: cdk.Duration | None, allowed: range) -> None:
    check_type(path, name, value, cdk.Duration, "cdk.Duration.minutes(1)")
    if value is None or value.is_unresolved():
        return
    length = seconds(value)
    if length != int(length) or int(length) not in allowed:
        raise PatternError(
            path,
            name,
            rule=f"be whole seconds from {allowed.start:,} to {allowed.stop - 1:,}",
            got=f"{length:,.12g} s",
            remedy="choose a duration that Lambda takes",
        )


def _check_starting_position(path: str, settings: StreamSettings) -> None:
    position, timestamp = settings.starting_position, settings.starting_position_timestamp
    example = "lambda_.StartingPosition.TRIM_HORIZON"
    check_type(path, "starting_position", position, lambda_.StartingPosition, example)
    at_timestamp = position == lambda_.StartingPosition.AT_TIMESTAMP
    if at_timestamp != (timestamp is not None):
        raise PatternError(
            path,
            "starting_position_timestamp",
            rule="be given with starting_position AT_TIMESTAMP and no other",
            got=f"{timestamp} with {position.value}",
            remedy="give both, or omit it",
        )


def _check_filters(path: str, settings: StreamSettings) -> None:
    for each in settings.filters:
        if not isinstance(each, Mapping) or "pattern" not in each:
            raise PatternError(
                path,
                "filters",
                rule="be a list of what lambda_.FilterCriteria.filter makes",
                got=repr(each),
                remedy="write [lambda_.FilterCriteria.filter({...})]",
            )
    if len(settings.filters) > _quotas.FILTERS:
        raise PatternError(
            path,
            "filters",
            rule=f"be at most {_quotas.FILTERS}",
            got=len(settings.filters),
            remedy="join values of one key in a list: a record passes if any of them matches",
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
    if settings.aggregates and settings.parallelization_factor != 1:
        raise PatternError(
            path,
            "parallelization_factor",
            rule="be 1 beside a tumbling_window, whose state belongs to a whole shard",
            got=settings.parallelization_factor,
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


def _check_concurrency(path: str, settings: StreamSettings, handler: lambda_.IFunction) -> None:
    function = function_behind(handler)
    if function is None or cdk.Token.is_unresolved(settings.parallelization_factor):
        return
    resource = cast("lambda_.CfnFunction", function.node.default_child)
    reserved = resource.reserved_concurrent_executions
    if reserved is None or cdk.Token.is_unresolved(reserved):
        return
    if reserved < settings.parallelization_factor:
        raise PatternError(
            path,
            "parallelization_factor",
            rule=f"be at most the {reserved:g} reserved concurrent executions of handler, or one "
            "shard alone is throttled until its records are too old",
            got=settings.parallelization_factor,
            remedy="reserve as many for every shard, or lower it",
        )


def _timeout(handler: lambda_.IFunction) -> cdk.Duration | None:
    function = function_behind(handler)
    return function.timeout if function else None
