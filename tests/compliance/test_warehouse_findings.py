"""cdk-nag over the warehouse: nothing unacknowledged, and every reason where it is due."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from examples.warehouse.stacks import ANY_NOTE, WarehouseStack
from tests.compliance.test_findings import findings

if TYPE_CHECKING:
    from collections.abc import Callable

    import aws_cdk as cdk

    from serverless_patterns.testing import Finding

    MakeApp = Callable[..., cdk.App]


@pytest.fixture
def found(make_app: MakeApp) -> list[Finding]:
    app = make_app()
    WarehouseStack(app, "Warehouse")
    return findings(app)


def test_the_warehouse_breaks_no_rule_without_a_reason(found: list[Finding]) -> None:
    assert not [finding for finding in found if finding.reason is None]


def test_no_reason_stands_above_the_resource_that_it_excuses(found: list[Finding]) -> None:
    assert {finding.path for finding in found} == {finding.acknowledged_at for finding in found}


def test_the_one_reason_of_the_examples_own_is_for_reading_any_delivery_note(
    found: list[Finding],
) -> None:
    own = [finding for finding in found if finding.reason == ANY_NOTE]

    assert [finding.path for finding in own] == [
        "Warehouse/DeliveryNotesHandlerRole/DefaultPolicy/Resource"
    ]
