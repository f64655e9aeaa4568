from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk.assertions import Annotations, Match

from serverless_patterns import PatternError, PythonFunction
from tests.messages import exactly

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    MakeApp = Callable[..., cdk.App]

KEY = "serverless-patterns:account-concurrency"


def reserve(scope: cdk.Stack, entry: Path, executions: int, name: str = "Worker") -> PythonFunction:
    return PythonFunction(scope, name, entry=entry, reserved_concurrent_executions=executions)


def test_more_than_a_new_account_lets_reserve_is_warned_of(stack: cdk.Stack, entry: Path) -> None:
    reserve(stack, entry, 901)

    Annotations.from_stack(stack).has_warning(
        "/Shop/Worker",
        Match.exact(
            "Shop/Worker: reserved_concurrent_executions is 901, more than the 900 of an account "
            "whose limit AWS did not raise: of its 1000, 100 stay unreserved. Say what yours is by "
            f"the context key {KEY} [ack: {KEY}]"
        ),
    )


@pytest.mark.parametrize("executions", [0, 900])
def test_what_a_new_account_lets_reserve_is_taken(
    stack: cdk.Stack, entry: Path, executions: int
) -> None:
    reserve(stack, entry, executions)

    Annotations.from_stack(stack).has_no_warning("*", Match.any_value())


def test_an_account_with_a_raised_limit_is_not_warned_of(make_app: MakeApp, entry: Path) -> None:
    stack = cdk.Stack(make_app(**{KEY: 5000}), "Shop")

    reserve(stack, entry, 4900)

    Annotations.from_stack(stack).has_no_warning("*", Match.any_value())


def test_a_reservation_that_leaves_too_little_of_the_account_is_refused(
    make_app: MakeApp, entry: Path
) -> None:
    stack = cdk.Stack(make_app(**{KEY: 5000}), "Shop")

    message = (
        "Shop/Worker: reserved_concurrent_executions must be at most 4900, because 100 of the "
        "account's 5000 stay unreserved, got 4901; lower it, or have AWS raise the limit and "
        f"change the context key {KEY}"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        reserve(stack, entry, 4901)


def test_an_account_that_is_smaller_than_what_stays_unreserved_lets_reserve_nothing(
    make_app: MakeApp, entry: Path
) -> None:
    stack = cdk.Stack(make_app(**{KEY: 10}), "Shop")

    with pytest.raises(PatternError, match="must be at most 0, because 100 of the account's 10"):
        reserve(stack, entry, 1)


def test_reservations_that_together_leave_too_little_are_told_once_at_synthesis(
    make_app: MakeApp, entry: Path
) -> None:
    app = make_app(**{KEY: 400})
    first = reserve(cdk.Stack(app, "Shop"), entry, 200)
    last = reserve(cdk.Stack(app, "Stock"), entry, 101)

    assert first.node.validate() == []
    assert last.node.validate() == [
        "Stock/Worker: reserved_concurrent_executions must be at most 300, because 100 of the "
        "account's 400 stay unreserved, got 101 beside the 200 of other functions in this app; "
        f"lower it, or have AWS raise the limit and change the context key {KEY}"
    ]


def test_reservations_in_two_regions_do_not_add_up(make_app: MakeApp, entry: Path) -> None:
    app = make_app(**{KEY: 400})
    functions = [
        reserve(cdk.Stack(app, name, env=cdk.Environment(region=region)), entry, 200)
        for name, region in (("Here", "eu-west-1"), ("There", "us-east-1"))
    ]

    assert [each.node.validate() for each in functions] == [[], []]


@pytest.mark.parametrize("value", ["many", 0, 1.5, True, "-5", ""])
def test_context_that_is_no_number_is_refused(make_app: MakeApp, entry: Path, value: Any) -> None:
    stack = cdk.Stack(make_app(**{KEY: value}), "Shop")

    message = (
        f"Shop/Worker: context {KEY} must be a whole number from 1, got {value!r}; "
        "see it in the console's Service Quotas, under AWS Lambda"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        reserve(stack, entry, 5)


def test_a_number_that_is_known_at_deployment_alone_is_taken(stack: cdk.Stack, entry: Path) -> None:
    reserved = cdk.CfnParameter(stack, "Reserved", type="Number").value_as_number

    reserve(stack, entry, reserved)  # type: ignore[arg-type]

    Annotations.from_stack(stack).has_no_warning("*", Match.any_value())
