"""What the Parameters and Secrets extension would refuse or pass over."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk as cdk

from serverless_patterns import _quotas
from serverless_patterns._errors import PatternError, check_list, check_type, kind_of
from serverless_patterns._numbers import later_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_cdk import aws_kms as kms
    from aws_cdk import aws_lambda as lambda_
    from aws_cdk import aws_secretsmanager as secretsmanager
    from aws_cdk import aws_ssm as ssm


def check_read(
    path: str,
    parameters: Sequence[ssm.IParameter],
    secrets: Sequence[secretsmanager.ISecret],
    encryption_keys: Sequence[kms.IKey],
) -> None:
    """Refuse nothing to read, and what can't be read.

    Raises:
        PatternError: If there is nothing, or something of another kind.
    """
    given = (
        (
            "parameters",
            parameters,
            "parameter_arn",
            "ssm.StringParameter.from_string_parameter_name",
        ),
        ("secrets", secrets, "secret_arn", "secretsmanager.Secret.from_secret_complete_arn"),
        ("encryption_keys", encryption_keys, "key_arn", "kms.Key.from_key_arn"),
    )
    for name, values, attribute, example in given:
        check_list(path, name, values, f"{example}(...)")
        for value in values:
            if isinstance(value, type) or not hasattr(value, attribute):
                raise PatternError(
                    path,
                    name,
                    rule=f"be constructs with a {attribute}",
                    got=repr(value) if isinstance(value, str) else kind_of(value),
                    remedy=f"import one by {example}",
                )
    if not parameters and not secrets:
        raise PatternError(
            path,
            "parameters",
            rule="be given, or secrets",
            got="neither",
            remedy="give what functions are to read",
        )
    if encryption_keys and not parameters:
        raise PatternError(
            path,
            "encryption_keys",
            rule="be those of parameters",
            got="keys without parameters",
            remedy="omit them: the keys of secrets are known",
        )


def check_ttl(path: str, ttl: cdk.Duration | None) -> None:
    """Refuse a time to live that the extension doesn't keep.

    Raises:
        PatternError: If it is out of its range.
    """
    check_type(path, "ttl", ttl, cdk.Duration, "cdk.Duration.seconds(300)")
    if ttl is None or ttl.is_unresolved():
        return
    seconds = ttl.to_milliseconds(integral=False) / 1000
    if seconds not in _quotas.PARAMETERS_TTL_SECONDS:
        raise PatternError(
            path,
            "ttl",
            rule="be whole seconds from 0 to 300",
            got=f"{seconds:g} s",
            remedy="omit it to get 300 s",
        )


def check_timeout(path: str, timeout: cdk.Duration | None) -> None:
    """Refuse a timeout that the extension takes for none.

    Raises:
        PatternError: If it is zero.
    """
    check_type(path, "timeout", timeout, cdk.Duration, "cdk.Duration.seconds(3)")
    if timeout is None or timeout.is_unresolved():
        return
    milliseconds = timeout.to_milliseconds(integral=False)
    if milliseconds < 1 or milliseconds != int(milliseconds):
        raise PatternError(
            path,
            "timeout",
            rule="be whole milliseconds from 1, as 0 means to wait without end",
            got=f"{milliseconds:g} ms",
            remedy="omit it to get 3 s",
        )


def duration_text(path: str, name: str, duration: cdk.Duration, unit: str) -> str:
    """A duration that was checked, for the environment of a function.

    Raises:
        PatternError: If only the deployment knows it, in another unit than ``unit``.
    """
    if duration.is_unresolved():
        return later_text(path, name, duration, unit)
    told = duration.to_seconds() if unit == "seconds" else duration.to_milliseconds()
    return str(int(told))


def check_connections(path: str, cache_size: int, max_connections: int) -> None:
    """Refuse sizes that the extension doesn't take.

    Raises:
        PatternError: If one is out of its range.
    """
    sizes = _quotas.PARAMETERS_CACHE_SIZE
    if not cdk.Token.is_unresolved(cache_size) and not (
        _is_whole(cache_size) and cache_size in sizes
    ):
        raise PatternError(
            path,
            "cache_size",
            rule="be a whole number from 0 to 1000",
            got=repr(cache_size),
            remedy="omit it to get 1000",
        )
    if not cdk.Token.is_unresolved(max_connections) and not (
        _is_whole(max_connections) and max_connections >= 1
    ):
        raise PatternError(
            path,
            "max_connections",
            rule="be a whole number from 1",
            got=repr(max_connections),
            remedy="omit it to get 3",
        )


def _is_whole(value: object) -> bool:
    """Whether it is a whole number, written as one: the extension reads no 5.0."""
    return isinstance(value, int) and not isinstance(value, bool)


def policy_arn(path: str, name: str, key: kms.IKey) -> str:
    """The ARN by which a policy allows the use of a key: that of an alias allows nothing.

    Raises:
        PatternError: If no more than the name of an alias is known.
    """
    try:
        target = getattr(key, "alias_target_key", key)
    except RuntimeError as error:  # what jsii raises for an error of JavaScript's
        raise PatternError(
            path,
            name,
            rule="name keys by their ARNs, as a policy allows nothing by that of an alias",
            got=f"the imported alias {key.node.path}",
            remedy="import the key by kms.Key.from_key_arn",
        ) from error
    return target.key_arn


def check_reachable(
    path: str,
    function: lambda_.Function,
    values: Sequence[ssm.IParameter | secretsmanager.ISecret | kms.IKey],
) -> None:
    """Refuse a function that would look for them in another region.

    Raises:
        PatternError: If one is known to be elsewhere.
    """
    here = function.env.region
    for value in values:
        there = value.env.region
        if here != there and not any(map(cdk.Token.is_unresolved, (here, there))):
            raise PatternError(
                path,
                "function",
                rule=f"be in {there} as {value.node.path} is",
                got=f"a function in {here}",
                remedy="replicate it: the extension reads in the function's own region",
            )
