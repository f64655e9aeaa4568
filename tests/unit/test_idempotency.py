"""A table in which functions remember what they have handled."""

from __future__ import annotations

import inspect
import re
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import assertions
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_lambda_powertools.utilities.idempotency import DynamoDBPersistenceLayer

from serverless_patterns import IdempotencyTable, PythonFunction, _idempotency_rules
from tests.idempotency import (
    ACTIONS,
    OPERATIONS,
    environments,
    plain_function,
    statements,
    table_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    MakeApp = Callable[..., cdk.App]


def test_the_table_has_the_key_and_the_expiry_that_powertools_writes(stack: cdk.Stack) -> None:
    IdempotencyTable(stack, "Handled")

    _, table = table_of(stack)
    assert table["Properties"]["KeySchema"] == [{"AttributeName": "id", "KeyType": "HASH"}]
    assert table["Properties"]["AttributeDefinitions"] == [
        {"AttributeName": "id", "AttributeType": "S"}
    ]
    assert table["Properties"]["TimeToLiveSpecification"] == {
        "AttributeName": "expiration",
        "Enabled": True,
    }


def test_the_table_scales_by_itself_and_can_be_restored(stack: cdk.Stack) -> None:
    IdempotencyTable(stack, "Handled")

    _, table = table_of(stack)
    [replica] = table["Properties"]["Replicas"]
    assert table["Properties"]["BillingMode"] == "PAY_PER_REQUEST"
    assert replica["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}


@pytest.mark.parametrize(
    "options",
    [
        {},
        {
            "removal_policy": cdk.RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
            "deletion_protection": True,
        },
    ],
    ids=["default", "explicit"],
)
def test_the_table_outlives_the_stack_and_is_protected(
    stack: cdk.Stack, options: dict[str, Any]
) -> None:
    IdempotencyTable(stack, "Handled", **options)

    _, table = table_of(stack)
    [replica] = table["Properties"]["Replicas"]
    assert table["UpdateReplacePolicy"] == "Retain"
    assert table["DeletionPolicy"].startswith("Retain")
    assert replica["DeletionProtectionEnabled"] is True


def test_a_table_that_goes_with_its_stack_is_not_protected(stack: cdk.Stack) -> None:
    IdempotencyTable(stack, "Handled", removal_policy=cdk.RemovalPolicy.DESTROY)

    _, table = table_of(stack)
    [replica] = table["Properties"]["Replicas"]
    assert table["DeletionPolicy"] == "Delete"
    assert replica["DeletionProtectionEnabled"] is False


def test_a_retained_table_can_be_left_unprotected(stack: cdk.Stack) -> None:
    IdempotencyTable(stack, "Handled", deletion_protection=False)

    _, table = table_of(stack)
    [replica] = table["Properties"]["Replicas"]
    assert table["DeletionPolicy"] == "Retain"
    assert replica["DeletionProtectionEnabled"] is False


def test_a_sort_key_can_hold_the_key_of_an_event(stack: cdk.Stack) -> None:
    IdempotencyTable(stack, "Handled", sort_key="event")

    _, table = table_of(stack)
    assert table["Properties"]["KeySchema"] == [
        {"AttributeName": "id", "KeyType": "HASH"},
        {"AttributeName": "event", "KeyType": "RANGE"},
    ]
    assert {"AttributeName": "event", "AttributeType": "S"} in table["Properties"][
        "AttributeDefinitions"
    ]


def test_a_function_is_told_the_name_of_the_table(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    table = IdempotencyTable(stack, "Handled")
    table.protect(handler)

    logical_id, _ = table_of(stack)
    assert environments(stack) == [{"IDEMPOTENCY_TABLE": {"Ref": logical_id}}]
    assert isinstance(table.table, dynamodb.TableV2)


def test_the_variable_can_have_another_name(stack: cdk.Stack, handler: PythonFunction) -> None:
    table = IdempotencyTable(stack, "Handled")
    table.protect(handler, environment_variable="HANDLED_TABLE")

    logical_id, _ = table_of(stack)
    assert environments(stack) == [{"HANDLED_TABLE": {"Ref": logical_id}}]


def test_a_function_may_do_what_powertools_does_with_this_table_alone(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    grant = IdempotencyTable(stack, "Handled").protect(handler)

    logical_id, _ = table_of(stack)
    assert statements(stack) == [
        {
            "Action": ACTIONS,
            "Effect": "Allow",
            "Resource": {"Fn::GetAtt": [logical_id, "Arn"]},
        }
    ]
    assert grant.success


def test_the_granted_actions_are_the_calls_of_the_installed_powertools() -> None:
    source = inspect.getsource(DynamoDBPersistenceLayer)
    calls = re.findall(r"self\.client\.(\w+)\(", source)

    assert {call.title().replace("_", "") for call in calls} == {*OPERATIONS}


def test_the_names_that_a_sort_key_may_not_have_are_those_of_powertools() -> None:
    parameters = inspect.signature(DynamoDBPersistenceLayer).parameters.items()
    names = {each.default for name, each in parameters if name.endswith("_attr") and each.default}

    assert names == {*_idempotency_rules._ATTRIBUTES}


def test_a_function_of_cdks_own_can_be_protected(stack: cdk.Stack) -> None:
    IdempotencyTable(stack, "Handled").protect(plain_function(stack, "Plain"))

    logical_id, _ = table_of(stack)
    assert environments(stack) == [{"IDEMPOTENCY_TABLE": {"Ref": logical_id}}]


def test_functions_share_a_table(
    stack: cdk.Stack, handler: PythonFunction, other: PythonFunction
) -> None:
    table = IdempotencyTable(stack, "Handled")
    table.protect(handler)
    table.protect(other)

    logical_id, _ = table_of(stack)
    assert environments(stack) == [{"IDEMPOTENCY_TABLE": {"Ref": logical_id}}] * 2
    assert len(statements(stack)) == 2


def test_protecting_a_function_again_changes_nothing(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    table = IdempotencyTable(stack, "Handled")
    table.protect(handler)
    once = assertions.Template.from_stack(stack).to_json()
    table.protect(handler)

    assert assertions.Template.from_stack(stack).to_json() == once


def test_a_function_in_another_stack_can_be_protected(make_app: MakeApp, entry: Path) -> None:
    # given a table in one stack and a function in another, of no particular region
    app = make_app()
    data, shop = cdk.Stack(app, "Data"), cdk.Stack(app, "Shop")
    table = IdempotencyTable(data, "Handled")
    function = PythonFunction(shop, "Handler", entry=entry)

    # when it is protected twice
    table.protect(function)
    table.protect(function)

    # then its environment refers to the table, and the synthesis finds nothing wrong with it
    [variables] = environments(shop)
    assert {*variables} == {"IDEMPOTENCY_TABLE"}
    assert "Data" in str(variables)


def test_a_function_can_be_protected_by_two_tables_under_two_names(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    IdempotencyTable(stack, "Handled").protect(handler)
    IdempotencyTable(stack, "Paid").protect(handler, environment_variable="PAID_TABLE")

    [variables] = environments(stack)
    assert {*variables} == {"IDEMPOTENCY_TABLE", "PAID_TABLE"}
    assert len({str(name) for name in variables.values()}) == 2


def test_idempotency_that_is_explicitly_on_is_no_contradiction(
    stack: cdk.Stack, entry: Path
) -> None:
    environment = {"POWERTOOLS_IDEMPOTENCY_DISABLED": "False"}
    function = PythonFunction(stack, "Handler", entry=entry, environment=environment)
    IdempotencyTable(stack, "Handled").protect(function)

    [variables] = environments(stack)
    assert {*variables} == {"IDEMPOTENCY_TABLE", "POWERTOOLS_IDEMPOTENCY_DISABLED"}


def test_what_cannot_be_known_yet_is_not_refused(stack: cdk.Stack, entry: Path) -> None:
    disabled = cdk.CfnParameter(stack, "Disabled").value_as_string
    environment = {"POWERTOOLS_IDEMPOTENCY_DISABLED": disabled}
    function = PythonFunction(stack, "Handler", entry=entry, environment=environment)
    sort_key = cdk.CfnParameter(stack, "SortKey").value_as_string
    IdempotencyTable(stack, "Handled", sort_key=sort_key).protect(function)

    [variables] = environments(stack)
    assert "IDEMPOTENCY_TABLE" in variables


def test_a_function_that_is_defined_elsewhere_can_be_granted_the_table(stack: cdk.Stack) -> None:
    role = iam.Role.from_role_arn(stack, "Role", "arn:aws:iam::111122223333:role/worker")
    function = lambda_.Function.from_function_attributes(
        stack,
        "Elsewhere",
        function_arn="arn:aws:lambda:us-east-1:111122223333:function:worker",
        role=role,
    )
    IdempotencyTable(stack, "Handled").grant_use(function)

    [statement] = statements(stack)
    assert statement["Action"] == ACTIONS


def test_a_key_of_ones_own_encrypts_it_and_is_granted_with_it(
    make_app: MakeApp, entry: Path
) -> None:
    stack = cdk.Stack(make_app(), "Shop", env=cdk.Environment(region="us-east-1"))
    handler = PythonFunction(stack, "Handler", entry=entry)
    key = kms.Key(stack, "Key")
    encryption = dynamodb.TableEncryptionV2.customer_managed_key(key)
    IdempotencyTable(stack, "Handled", encryption=encryption).protect(handler)

    [of_table, of_key] = statements(stack)
    assert of_table["Action"] == ACTIONS
    assert {"kms:Decrypt", "kms:Encrypt"} <= {*of_key["Action"]}
    _, table = table_of(stack)
    assert table["Properties"]["SSESpecification"] == {"SSEEnabled": True, "SSEType": "KMS"}


def test_a_key_that_aws_manages_can_encrypt_it(stack: cdk.Stack, handler: PythonFunction) -> None:
    encryption = dynamodb.TableEncryptionV2.aws_managed_key()
    IdempotencyTable(stack, "Handled", encryption=encryption).protect(handler)

    _, table = table_of(stack)
    assert table["Properties"]["SSESpecification"] == {"SSEEnabled": True, "SSEType": "KMS"}
    assert [statement["Action"] for statement in statements(stack)] == [ACTIONS]


def test_a_key_that_aws_owns_encrypts_it_by_default(stack: cdk.Stack) -> None:
    IdempotencyTable(stack, "Handled")

    _, table = table_of(stack)
    assert "SSESpecification" not in table["Properties"]
