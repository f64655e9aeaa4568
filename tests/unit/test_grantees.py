"""Who is granted something, and what alarms do: refused in a line if it is nobody and nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_

from serverless_patterns import (
    IdempotencyTable,
    PatternError,
)
from tests.messages import exactly
from tests.polled import made, refused
from tests.queues import function

if TYPE_CHECKING:
    from collections.abc import Callable

    Make = Callable[..., Any]


OPTIONAL_FLAGS = [
    (pattern, flag)
    for pattern in ("kinesis", "table")
    for flag in ("bisect_batch_on_error", "report_batch_item_failures")
]
GRANTS = [
    ("poller", "grant_send"),
    ("poller", "grant_redrive"),
    ("kinesis", "grant_write"),
    ("kinesis", "grant_replay"),
    ("table", "grant_replay"),
    ("idempotency", "grant_use"),
]


@pytest.mark.parametrize("pattern", ["poller", "kinesis", "table", "idempotency"])
@pytest.mark.parametrize(
    ("action", "got"),
    [
        (None, "NoneType"),
        (actions.SnsAction, "the class SnsAction"),
        ("arn:aws:sns:us-east-1:111122223333:calls", "str"),
        ((), "tuple"),
    ],
)
def test_an_alarm_needs_an_action(stack: cdk.Stack, pattern: str, action: object, got: str) -> None:
    with refused(
        f"action must be an alarm action, got {got}; for example "
        "aws_cloudwatch_actions.SnsAction(topic)"
    ):
        made(pattern, stack).add_alarms(action)


@pytest.mark.parametrize(("pattern", "grant"), GRANTS)
@pytest.mark.parametrize(
    ("grantee", "got"), [(None, "NoneType"), ("role", "str"), (iam.Role, "the class Role")]
)
def test_something_is_granted_to_somebody(
    stack: cdk.Stack, pattern: str, grant: str, grantee: object, got: str
) -> None:
    with refused(
        f"grantee must be a function, a role or a principal, got {got}; for example a "
        "PythonFunction or an iam.Role"
    ):
        getattr(made(pattern, stack), grant)(grantee)


def test_a_class_is_no_function_to_protect(stack: cdk.Stack) -> None:
    function_class: Any = lambda_.Function
    with refused(
        "function must be a function that this app defines, got the class Function; make one with "
        "PythonFunction"
    ):
        IdempotencyTable(stack, "It").protect(function_class)


def test_a_variable_has_a_name(stack: cdk.Stack) -> None:
    nameless: Any = None
    message = (
        "Shop/Plain: environment_variable must be a str, got None; for example 'IDEMPOTENCY_TABLE'"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        IdempotencyTable(stack, "It").protect(function(stack), environment_variable=nameless)


@pytest.mark.parametrize(("value", "shown"), [(5, "5"), (None, "None")])
def test_an_id_is_a_text(stack: cdk.Stack, value: Any, shown: str) -> None:
    message = f'Shop/{shown}: id must be a text, got {shown}; for example "Orders"'
    with pytest.raises(PatternError, match=exactly(message)):
        IdempotencyTable(stack, value)


@pytest.mark.parametrize("scope", [None, "Shop", cdk.Stack])
def test_a_scope_is_a_construct(scope: Any) -> None:
    message = f"Handled: scope must be a construct, got {scope!r}; pass self"
    with pytest.raises(PatternError, match=exactly(message)):
        IdempotencyTable(scope, "Handled")
