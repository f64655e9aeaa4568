"""The template of every example stack, against the JSON that was reviewed.

A change of a logical id here replaces a resource in somebody's account: review it as such,
then renew the files with `pytest tests/snapshots --snapshot-update`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import pytest

from examples.bookstore.stacks import BookstoreStack
from examples.fast_start.stacks import QuotesStack
from examples.shop.office_stack import define_office
from examples.shop.stacks import Step, define_shop
from examples.warehouse.stacks import WarehouseStack
from examples.web_frameworks.stacks import GreetingsStack
from serverless_patterns.testing import stable_template

if TYPE_CHECKING:
    from collections.abc import Callable

    import aws_cdk as cdk


def test_bookstore(make_app: Callable[..., cdk.App], template_snapshot: Any) -> None:
    stack = BookstoreStack(make_app(), "Bookstore")

    assert stable_template(stack) == template_snapshot


def test_closed_bookstore(make_app: Callable[..., cdk.App], template_snapshot: Any) -> None:
    stack = BookstoreStack(make_app(), "Bookstore", public=None)

    assert stable_template(stack) == template_snapshot


@pytest.mark.parametrize("granularity", ["module", "route"])
def test_bookstore_cut(
    make_app: Callable[..., cdk.App], template_snapshot: Any, granularity: str
) -> None:
    stack = BookstoreStack(make_app(), "Bookstore", granularity=granularity)

    assert stable_template(stack) == template_snapshot


@pytest.mark.parametrize("draining", [["orders"], []], ids=["first_step", "second_step"])
def test_bookstore_without_its_orders(
    make_app: Callable[..., cdk.App], template_snapshot: Any, draining: list[str]
) -> None:
    stack = BookstoreStack(make_app(), "Bookstore", extract=["orders"], draining=draining)

    assert stable_template(stack) == template_snapshot


@pytest.mark.parametrize("language", ["python", "java"])
def test_quotes(
    make_app: Callable[..., cdk.App], template_snapshot: Any, language: Literal["python", "java"]
) -> None:
    stack = QuotesStack(make_app(), "Quotes", language=language)

    assert stable_template(stack) == template_snapshot


@pytest.mark.parametrize("step", Step, ids=lambda step: step.name.lower())
def test_shop(make_app: Callable[..., cdk.App], template_snapshot: Any, step: Step) -> None:
    shop, payment = define_shop(make_app(), step=step)

    assert {
        stack.stack_name: stable_template(stack) for stack in (shop, payment)
    } == template_snapshot


def test_shop_office(make_app: Callable[..., cdk.App], template_snapshot: Any) -> None:
    app = make_app()
    shop, _ = define_shop(app)

    assert stable_template(define_office(app, shop)) == template_snapshot


def test_warehouse(make_app: Callable[..., cdk.App], template_snapshot: Any) -> None:
    stack = WarehouseStack(make_app(), "Warehouse")

    assert stable_template(stack) == template_snapshot


@pytest.mark.parametrize("package", ["image", "zip"])
def test_greetings(
    make_app: Callable[..., cdk.App], template_snapshot: Any, package: Literal["image", "zip"]
) -> None:
    stack = GreetingsStack(make_app(), "Greetings", framework="express", package=package)

    assert stable_template(stack) == template_snapshot
