"""Whole numbers and durations, held against what AWS takes."""

from __future__ import annotations

import aws_cdk as cdk

from serverless_patterns._errors import PatternError, check_type


def check_whole(path: str, name: str, value: object, allowed: range, remedy: str) -> None:
    """Refuse what is no whole number that AWS takes. A token is taken.

    Raises:
        PatternError: If it is none.
    """
    if isinstance(value, int | float) and cdk.Token.is_unresolved(value):
        return
    if not isinstance(value, int) or isinstance(value, bool) or value not in allowed:
        raise PatternError(
            path,
            name,
            rule=f"be a whole number from {allowed.start:,} to {allowed.stop - 1:,}",
            got=repr(value),
            remedy=remedy,
        )


def number_text(value: float) -> str:
    """A number for the environment of a function; one that the deployment knows is a token."""
    return cdk.Tokenization.stringify_number(value)


def later_text(path: str, name: str, duration: cdk.Duration, unit: str) -> str:
    """A duration that only the deployment knows, for the environment of a function.

    Args:
        path: The construct path.
        name: The keyword.
        duration: The duration.
        unit: The unit in which it is told, as ``seconds``. CDK can't convert it.

    Raises:
        PatternError: If it was given in another unit.
    """
    if duration.unit_label() != unit:
        raise PatternError(
            path,
            name,
            rule=f"be in {unit} if only the deployment knows it",
            got=duration.unit_label(),
            remedy=f"give cdk.Duration.{unit}(...)",
        )
    as_told = duration.to_seconds() if unit == "seconds" else duration.to_milliseconds()
    return number_text(as_told)


def whole_seconds(path: str, name: str, duration: object, allowed: range) -> int | None:
    """The seconds of a duration, if there is one and it isn't a token.

    Raises:
        PatternError: If it is no duration, or none that AWS takes.
    """
    example = f"cdk.Duration.seconds({max(allowed.start, 30)})"
    check_type(path, name, duration, cdk.Duration, example)
    if not isinstance(duration, cdk.Duration):
        return None
    if duration.is_unresolved():
        check_unit(path, name, duration, "seconds")
        return None
    seconds = duration.to_seconds(integral=False)
    if seconds != int(seconds) or int(seconds) not in allowed:
        raise PatternError(
            path,
            name,
            rule=f"be whole seconds from {allowed.start:,} to {allowed.stop - 1:,}",
            got=f"{seconds:,.12g} s",
            remedy=f"for example {example}",
        )
    return int(seconds)


def check_unit(path: str, name: str, duration: cdk.Duration, unit: str) -> None:
    """Refuse a token in another unit than the resource's: nothing converts it at deployment.

    Raises:
        PatternError: If it is in another.
    """
    if duration.unit_label() != unit:
        raise PatternError(
            path,
            name,
            rule=f"be in {unit} where its value is a token, which nothing converts",
            got=f"Duration.{duration.unit_label()}",
            remedy=f"write cdk.Duration.{unit}(...)",
        )
