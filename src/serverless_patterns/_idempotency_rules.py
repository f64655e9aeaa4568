"""What DynamoDB, Lambda or Powertools would refuse or punish of an idempotency table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk as cdk
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_lambda as lambda_

from serverless_patterns import _function_rules, _quotas
from serverless_patterns._arguments import has, kind_of
from serverless_patterns._errors import PatternError, check_type
from serverless_patterns._invocation import environment_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aws_cdk import aws_iam as iam

# The attributes that DynamoDBPersistenceLayer writes unless it is told otherwise.
KEY = "id"
EXPIRY = "expiration"
_ATTRIBUTES = (KEY, EXPIRY, "in_progress_expiration", "status", "data", "validation")

# Powertools turns these into false, and fails every invocation for what it can't read.
_DISABLED = "POWERTOOLS_IDEMPOTENCY_DISABLED"
_FALSE = {"0", "n", "no", "f", "false", "off"}

_RETAINED = (cdk.RemovalPolicy.RETAIN, cdk.RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE)


def check_sort_key(path: str, sort_key: str | None) -> None:
    """Refuse a sort key that DynamoDB can't name, or that Powertools would write twice."""
    check_type(path, "sort_key", sort_key, str, "'event'")
    if sort_key is None:
        return
    if len(sort_key.encode()) not in _quotas.DYNAMODB_KEY_NAME_BYTES:
        raise PatternError(
            path,
            "sort_key",
            rule="be named in 1 to 255 bytes",
            got=f"{len(sort_key.encode())} bytes",
            remedy="for example 'event'",
        )
    if sort_key in _ATTRIBUTES:
        raise PatternError(
            path,
            "sort_key",
            rule=f"be named otherwise than Powertools' own {', '.join(_ATTRIBUTES)}",
            got=repr(sort_key),
            remedy="for example 'event'",
        )


def check_removal(path: str, removal_policy: cdk.RemovalPolicy, *, protected: bool | None) -> None:
    """Refuse a removal that DynamoDB has no snapshots for, or that it would be told to refuse."""
    if not isinstance(removal_policy, cdk.RemovalPolicy):
        raise PatternError(
            path,
            "removal_policy",
            rule="be a RemovalPolicy",
            got=repr(removal_policy),
            remedy="for example cdk.RemovalPolicy.DESTROY",
        )
    check_type(path, "deletion_protection", protected, bool, "False")
    if removal_policy == cdk.RemovalPolicy.SNAPSHOT:
        raise PatternError(
            path,
            "removal_policy",
            rule="be one that CloudFormation has for DynamoDB tables",
            got="SNAPSHOT",
            remedy="omit it to retain the table, which can be restored to any second of 35 days",
        )
    if protected and removal_policy not in _RETAINED:
        raise PatternError(
            path,
            "deletion_protection",
            rule=f"be off where removal_policy is {removal_policy.name}",
            got="True",
            remedy="omit one of the two: a stack can't delete a table that is protected",
        )


def check_encryption(path: str, encryption: dynamodb.TableEncryptionV2 | None, region: str) -> None:
    """Refuse an encryption of another kind than CDK's, or one that it can't write down."""
    example = "dynamodb.TableEncryptionV2.aws_managed_key()"
    check_type(path, "encryption", encryption, dynamodb.TableEncryptionV2, example)
    if encryption and encryption.table_key and cdk.Token.is_unresolved(region):
        raise PatternError(
            path,
            "encryption",
            rule="be with a key of AWS's where the stack is of no particular region",
            got="a key of your own",
            remedy="give the stack env=cdk.Environment(region=...)",
        )


def defined_function(path: str, function: object, variable: str) -> lambda_.Function:
    """The function, if its environment can be changed here.

    Raises:
        PatternError: If it can't.
    """
    if isinstance(function, lambda_.Function):
        return function
    if isinstance(function, lambda_.Alias | lambda_.Version):
        kind = "an alias" if isinstance(function, lambda_.Alias) else "a version"
        got = f"{kind}, whose environment is that of its function"
        remedy = "protect the function that it leads to: its attribute lambda_"
    elif has(function, "grant_principal"):
        got = "one that is defined elsewhere"
        remedy = f"set {variable} where it is defined, and grant_use it the table"
    else:
        got, remedy = kind_of(function), "make one with PythonFunction"
    raise PatternError(
        path, "function", rule="be a function that this app defines", got=got, remedy=remedy
    )


def check_variable(function: lambda_.Function, variable: str) -> None:
    """Refuse a name that Lambda takes for no environment variable."""
    path = function.node.path
    if not isinstance(variable, str):
        raise PatternError(
            path,
            "environment_variable",
            rule="be a str",
            got=repr(variable),
            remedy="for example 'IDEMPOTENCY_TABLE'",
        )
    _function_rules.check_environment(path, {variable: ""})


def check_reachable(path: str, function: lambda_.Function, table: dynamodb.ITableV2) -> None:
    """Refuse a function that would look for the table's name in another region or account."""
    for what in ("region", "account"):
        here, there = getattr(table.env, what), getattr(function.env, what)
        if here != there and not any(cdk.Token.is_unresolved(each) for each in (here, there)):
            raise PatternError(
                path,
                "function",
                rule=f"be in {what} {here} as the table is",
                got=f"a function in {there}",
                remedy=f"define an IdempotencyTable in its {what}",
            )


def check_granted(path: str, grant: iam.Grant) -> None:
    """Refuse a grantee that was granted nothing."""
    if not grant.success:
        raise PatternError(
            path,
            "grantee",
            rule="have a policy that this app can change",
            got="one that has none",
            remedy="grant the role of the function, in the account that defines it",
        )


def check_environment(
    path: str,
    function: lambda_.Function,
    variable: str,
    table: dynamodb.ITableV2,
) -> None:
    """Refuse an environment that names another table, or that turns idempotency off.

    Args:
        path: The construct path of the table.
        function: What it protects.
        variable: The variable that names it.
        table: The table.
    """
    variables = environment_of(function)
    there = function.node.path
    own = cdk.Stack.of(function).resolve(table.table_name)
    if variables.get(variable, own) != own:
        raise PatternError(
            path,
            "function",
            rule=f"have this table's name in {variable}",
            got=f"another value in {there}",
            remedy="protect it by one table, or choose another environment_variable",
        )
    disabled = variables.get(_DISABLED)
    if isinstance(disabled, str) and disabled.lower() not in _FALSE:
        raise PatternError(
            path,
            "function",
            rule=f"leave {_DISABLED} off",
            got=f"{disabled!r} in {there}",
            remedy="remove it from the environment: it is for tests, which handle an event twice",
        )


def broken_by_environment(
    path: str, function: lambda_.Function, variable: str, table: dynamodb.ITableV2
) -> Iterator[PatternError]:
    """What a function's finished environment breaks."""
    try:
        check_environment(path, function, variable, table)
    except PatternError as error:
        yield error
