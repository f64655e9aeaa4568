"""What an idempotency table refuses, each with its whole text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import assertions
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_

from serverless_patterns import IdempotencyTable, PatternError, PythonFunction
from tests.idempotency import environments, plain_function, table_of
from tests.messages import exactly

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    MakeApp = Callable[..., cdk.App]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"sort_key": "status"},
            "sort_key must be named otherwise than Powertools' own id, expiration, "
            "in_progress_expiration, status, data, validation, got 'status'; for example 'event'",
        ),
        (
            {"sort_key": ""},
            "sort_key must be named in 1 to 255 bytes, got 0 bytes; for example 'event'",
        ),
        (
            {"sort_key": "é" * 128},
            "sort_key must be named in 1 to 255 bytes, got 256 bytes; for example 'event'",
        ),
        ({"sort_key": 1}, "sort_key must be a str, got 1; for example 'event'"),
        (
            {"removal_policy": cdk.RemovalPolicy.SNAPSHOT},
            "removal_policy must be one that CloudFormation has for DynamoDB tables, got SNAPSHOT; "
            "omit it to retain the table, which can be restored to any second of 35 days",
        ),
        (
            {"removal_policy": "destroy"},
            "removal_policy must be a RemovalPolicy, got 'destroy'; for example "
            "cdk.RemovalPolicy.DESTROY",
        ),
        (
            {"removal_policy": cdk.RemovalPolicy.DESTROY, "deletion_protection": True},
            "deletion_protection must be off where removal_policy is DESTROY, got True; omit one "
            "of the two: a stack can't delete a table that is protected",
        ),
        (
            {"deletion_protection": "no"},
            "deletion_protection must be a bool, got 'no'; for example False",
        ),
        (
            {"encryption": dynamodb.TableEncryption.AWS_MANAGED},
            "encryption must be a TableEncryptionV2, got "
            f"{dynamodb.TableEncryption.AWS_MANAGED!r}; for example "
            "dynamodb.TableEncryptionV2.aws_managed_key()",
        ),
    ],
)
def test_a_table_that_dynamodb_or_powertools_would_refuse_is_refused(
    stack: cdk.Stack, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(PatternError, match=exactly(f"Shop/Handled: {message}")):
        IdempotencyTable(stack, "Handled", **options)


def test_a_key_of_ones_own_in_no_particular_region_is_refused(stack: cdk.Stack) -> None:
    encryption = dynamodb.TableEncryptionV2.customer_managed_key(kms.Key(stack, "Key"))
    message = (
        "Shop/Handled: encryption must be with a key of AWS's where the stack is of no particular "
        "region, got a key of your own; give the stack env=cdk.Environment(region=...)"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        IdempotencyTable(stack, "Handled", encryption=encryption)


def test_nothing_is_left_of_a_table_that_was_refused(stack: cdk.Stack) -> None:
    with pytest.raises(PatternError):
        IdempotencyTable(stack, "Handled", sort_key="data")

    assert not stack.node.children


def test_an_alias_or_a_version_is_refused_for_its_environment(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    table = IdempotencyTable(stack, "Handled")
    alias = lambda_.Alias(stack, "Live", alias_name="live", version=handler.current_version)
    for function, kind in ((alias, "an alias"), (handler.current_version, "a version")):
        message = (
            f"Shop/Handled: function must be a function that this app defines, got {kind}, whose "
            "environment is that of its function; protect the function that it leads to: its "
            "attribute lambda_"
        )
        with pytest.raises(PatternError, match=exactly(message)):
            table.protect(function)


def test_the_function_behind_an_alias_can_be_protected(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    table = IdempotencyTable(stack, "Handled")
    alias = lambda_.Alias(stack, "Live", alias_name="live", version=handler.current_version)
    table.protect(alias.lambda_)

    logical_id, _ = table_of(stack)
    assert environments(stack) == [{"IDEMPOTENCY_TABLE": {"Ref": logical_id}}]


@pytest.mark.parametrize("by", ["arn", "name"])
def test_a_function_that_is_defined_elsewhere_is_refused(stack: cdk.Stack, by: str) -> None:
    function = (
        lambda_.Function.from_function_arn(
            stack, "Elsewhere", "arn:aws:lambda:us-east-1:111122223333:function:worker"
        )
        if by == "arn"
        else lambda_.Function.from_function_name(stack, "Elsewhere", "worker")
    )
    message = (
        "Shop/Handled: function must be a function that this app defines, got one that is defined "
        "elsewhere; set IDEMPOTENCY_TABLE where it is defined, and grant_use it the table"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        IdempotencyTable(stack, "Handled").protect(function)


def test_a_grantee_without_a_policy_is_refused(stack: cdk.Stack) -> None:
    message = (
        "Shop/Handled: grantee must have a policy that this app can change, got one that has none; "
        "grant the role of the function, in the account that defines it"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        IdempotencyTable(stack, "Handled").grant_use(iam.ServicePrincipal("lambda.amazonaws.com"))


def test_what_is_no_function_is_refused(stack: cdk.Stack) -> None:
    table = IdempotencyTable(stack, "Handled")
    message = (
        "Shop/Handled: function must be a function that this app defines, got str; make one with "
        "PythonFunction"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        table.protect("worker")  # type: ignore[arg-type]


@pytest.mark.parametrize("what", ["region", "account"])
def test_a_function_out_of_the_tables_reach_is_refused(make_app: MakeApp, what: str) -> None:
    app = make_app()
    here = {"region": "us-east-1", "account": "111122223333"}
    there = (
        here | {"region": "eu-west-1"} if what == "region" else here | {"account": "444455556666"}
    )
    table = IdempotencyTable(cdk.Stack(app, "Data", env=cdk.Environment(**here)), "Handled")
    function = plain_function(cdk.Stack(app, "Shop", env=cdk.Environment(**there)), "Plain")

    message = (
        f"Data/Handled: function must be in {what} {here[what]} as the table is, got a function in "
        f"{there[what]}; define an IdempotencyTable in its {what}"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        table.protect(function)


def test_a_second_table_under_one_name_is_refused(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    IdempotencyTable(stack, "Handled").protect(handler)

    message = (
        "Shop/Second: function must have this table's name in IDEMPOTENCY_TABLE, got another value "
        "in Shop/Handler; protect it by one table, or choose another environment_variable"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        IdempotencyTable(stack, "Second").protect(handler)


def test_a_variable_that_is_changed_afterwards_is_refused_at_synthesis(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    IdempotencyTable(stack, "Handled").protect(handler)
    handler.add_environment("IDEMPOTENCY_TABLE", "another")

    message = (
        "Shop/Handled: function must have this table's name in IDEMPOTENCY_TABLE, got another "
        "value in Shop/Handler; protect it by one table, or choose another environment_variable"
    )
    with pytest.raises(RuntimeError) as raised:
        assertions.Template.from_stack(stack)
    assert message in str(raised.value)


@pytest.mark.parametrize("value", ["true", "1", "maybe"])
def test_a_function_whose_idempotency_is_disabled_is_refused(
    stack: cdk.Stack, entry: Path, value: str
) -> None:
    environment = {"POWERTOOLS_IDEMPOTENCY_DISABLED": value}
    function = PythonFunction(stack, "Handler", entry=entry, environment=environment)

    message = (
        "Shop/Handled: function must leave POWERTOOLS_IDEMPOTENCY_DISABLED off, got "
        f"{value!r} in Shop/Handler; remove it from the environment: it is for tests, which handle "
        "an event twice"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        IdempotencyTable(stack, "Handled").protect(function)


def test_idempotency_that_is_disabled_afterwards_is_refused_at_synthesis(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    IdempotencyTable(stack, "Handled").protect(handler)
    handler.add_environment("POWERTOOLS_IDEMPOTENCY_DISABLED", "yes")

    message = (
        "Shop/Handled: function must leave POWERTOOLS_IDEMPOTENCY_DISABLED off, got 'yes' in "
        "Shop/Handler; remove it from the environment: it is for tests, which handle an event twice"
    )
    with pytest.raises(RuntimeError) as raised:
        assertions.Template.from_stack(stack)
    assert message in str(raised.value)


def test_a_variable_that_lambda_would_refuse_is_refused(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    table = IdempotencyTable(stack, "Handled")
    message = (
        "Shop/Handler: environment must leave alone the names that Lambda sets itself, got "
        "'AWS_REGION'; choose another name"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        table.protect(handler, environment_variable="AWS_REGION")

    message = (
        "Shop/Handler: environment_variable must be a str, got 1; for example 'IDEMPOTENCY_TABLE'"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        table.protect(handler, environment_variable=1)  # type: ignore[arg-type]
