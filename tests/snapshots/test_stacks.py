"""The template of every example stack, against the JSON that was reviewed.

A change of a logical id here replaces a resource in somebody's account: review it as such,
then renew the files with `pytest tests/snapshots --snapshot-update`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from examples.bookstore.stacks import BookstoreStack
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
