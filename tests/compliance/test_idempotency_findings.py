"""cdk-nag over idempotency tables: nothing broken, so nothing acknowledged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest

from serverless_patterns import IdempotencyTable, ProxyApi, PythonFunction
from serverless_patterns.testing import Finding
from tests.compliance.test_findings import SYNCHRONOUS, acknowledged, findings, of_function

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    MakeApp = Callable[..., cdk.App]


@pytest.mark.parametrize(
    "options",
    [{}, {"sort_key": "event"}, {"removal_policy": cdk.RemovalPolicy.DESTROY}],
    ids=["default", "sort_key", "destroyed"],
)
def test_a_table_breaks_no_rule(make_app: MakeApp, options: dict[str, Any]) -> None:
    app = make_app()
    IdempotencyTable(cdk.Stack(app, "Shop"), "Handled", **options)

    assert findings(app) == []


def test_protecting_a_function_adds_nothing_to_what_it_breaks(
    make_app: MakeApp, entry: Path
) -> None:
    app = make_app()
    stack = cdk.Stack(app, "Shop")
    function = PythonFunction(stack, "Worker", entry=entry)
    ProxyApi(stack, "Api", handler=function)
    IdempotencyTable(stack, "Handled").protect(function)

    worker = [finding for finding in findings(app) if finding.path.startswith("Shop/Worker")]
    assert worker == sorted(
        [
            *of_function("Shop/Worker"),
            acknowledged("Serverless-LambdaDLQ", "Shop/Worker/Resource", SYNCHRONOUS),
        ]
    )


def test_a_function_that_is_protected_still_owes_a_failure_path(
    make_app: MakeApp, entry: Path
) -> None:
    app = make_app()
    stack = cdk.Stack(app, "Shop")
    IdempotencyTable(stack, "Handled").protect(PythonFunction(stack, "Worker", entry=entry))

    open_findings = [finding for finding in findings(app) if finding.reason is None]
    assert open_findings == [Finding("Serverless-LambdaDLQ", "Shop/Worker/Resource")]
