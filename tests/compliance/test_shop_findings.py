"""cdk-nag over the shop: nothing unacknowledged at any step, and every reason where it is due."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest

from examples.shop import stock_alerts, supplier_files
from examples.shop.stacks import Step, define_shop
from tests.compliance.test_findings import findings

if TYPE_CHECKING:
    from collections.abc import Callable

    import aws_cdk as cdk

    MakeApp = Callable[..., cdk.App]


@pytest.mark.parametrize("step", Step)
def test_no_step_breaks_a_rule_without_a_reason_at_the_resource(
    make_app: MakeApp, step: Step
) -> None:
    app = make_app()
    define_shop(app, step=step)
    found = findings(app)

    assert not [finding for finding in found if finding.reason is None]
    assert {finding.path for finding in found} == {finding.acknowledged_at for finding in found}


def test_the_reasons_of_the_examples_own_are_few(make_app: MakeApp) -> None:
    app = make_app()
    define_shop(app)
    reasons = Counter(finding.reason for finding in findings(app))
    own = {
        name: reasons[getattr(module, name)]
        for module, names in {
            stock_alerts: ("ANY_DATA_KEY",),
            supplier_files: ("ANY_FILE", "ANY_VERSION", "LOGS", "NAMES", "PULLS"),
        }.items()
        for name in names
    }

    assert own == {
        "ANY_DATA_KEY": 1,
        "ANY_FILE": 4,
        "ANY_VERSION": 1,
        "LOGS": 1,
        "NAMES": 1,
        "PULLS": 1,
    }
