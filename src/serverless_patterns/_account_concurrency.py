"""What an account has of concurrency, as far as an app can tell."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import aws_cdk as cdk
from aws_cdk import aws_lambda as lambda_

from serverless_patterns import _quotas
from serverless_patterns._at_synthesis import check_at_synthesis
from serverless_patterns._errors import PatternError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from constructs import IConstruct

CONTEXT_CONCURRENCY = "serverless-patterns:account-concurrency"
"""The executions at once that AWS allows the account in a region, if not 1,000."""

_KEPT = _quotas.LAMBDA_UNRESERVED_CONCURRENCY


def check_reserved(function: lambda_.Function) -> None:
    """Hold what a function reserves against the account, of which 100 stay unreserved.

    Where context doesn't say what the account has, it is only warned of: AWS may have raised it.

    Raises:
        PatternError: If context says what the account has, and that is too little.
    """
    reserved = _reserved_by(function)
    if reserved is None:
        return
    name = "reserved_concurrent_executions"
    check_of_account(function, function.node.path, name, reserved)
    if context_limit(function, function.node.path) is not None:
        check_at_synthesis(function, lambda: _broken_by_sum(function, reserved))


def check_of_account(scope: IConstruct, path: str, name: str, executions: int) -> None:
    """Refuse more executions than an account lets its functions set apart, or warn of it.

    Args:
        scope: What sets them apart.
        path: Its construct path.
        name: The keyword that says so.
        executions: How many.

    Raises:
        PatternError: If context says what the account has, and that is too little.
    """
    limit = context_limit(scope, path)
    most = (limit or _quotas.LAMBDA_CONCURRENCY) - _KEPT
    if executions <= most:
        return
    if limit is not None:
        raise _too_many(path, name, limit, f"{executions}")
    cdk.Annotations.of(scope).add_warning_v2(
        "serverless-patterns:account-concurrency",
        f"{path}: {name} is {executions}, more than the {most} of an account whose limit AWS did "
        f"not raise: of its {_quotas.LAMBDA_CONCURRENCY}, {_KEPT} stay unreserved. Say what yours "
        f"is by the context key {CONTEXT_CONCURRENCY}",
    )


def context_limit(scope: IConstruct, path: str) -> int | None:
    """What context says that the account has.

    Raises:
        PatternError: If it says no number.
    """
    value = scope.node.try_get_context(CONTEXT_CONCURRENCY)
    if value is None:
        return None
    if isinstance(value, bool) or not str(value).isdecimal() or int(value) <= 0:
        raise PatternError(
            path,
            f"context {CONTEXT_CONCURRENCY}",
            rule="be a whole number from 1",
            got=repr(value),
            remedy="see it in the console's Service Quotas, under AWS Lambda",
        )
    return int(value)


def _broken_by_sum(function: lambda_.Function, reserved: int) -> Iterator[PatternError]:
    """What all functions of the app in one account and region reserve, told of the last of them."""
    path = function.node.path
    limit = context_limit(function, path) or 0
    near = [
        each
        for each in function.node.root.node.find_all()
        if isinstance(each, lambda_.Function)
        and _reserved_by(each)
        and (each.env.account, each.env.region) == (function.env.account, function.env.region)
    ]
    total = sum(_reserved_by(each) or 0 for each in near)
    if total > limit - _KEPT and near[-1].node.path == path:
        beside = f"{reserved} beside the {total - reserved} of other functions in this app"
        yield _too_many(path, "reserved_concurrent_executions", limit, beside)


def _too_many(path: str, name: str, limit: int, got: str) -> PatternError:
    return PatternError(
        path,
        name,
        rule=f"be at most {max(0, limit - _KEPT)}, because {_KEPT} of the account's {limit} stay "
        "unreserved",
        got=got,
        remedy=f"lower it, or have AWS raise the limit and change the context key "
        f"{CONTEXT_CONCURRENCY}",
    )


def _reserved_by(function: lambda_.Function) -> int | None:
    resource = cast("lambda_.CfnFunction", function.node.default_child)
    value = resource.reserved_concurrent_executions
    return None if value is None or cdk.Token.is_unresolved(value) else int(value)
