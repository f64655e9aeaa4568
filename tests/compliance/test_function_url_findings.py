"""cdk-nag over function URLs: nothing unacknowledged, and every reason where it is due."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import cdk_nag
import pytest
from aws_cdk import aws_apigatewayv2 as apigwv2
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_

from serverless_patterns import Endpoint, ProxyApi, PythonFunction
from serverless_patterns.testing import Finding, nag_findings
from tests.compliance.test_findings import SYNCHRONOUS, acknowledged, findings, of_function

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    MakeApp = Callable[..., cdk.App]

OPEN = "The catalogue is for everyone"
PUBLIC_ACCESS = "LambdaFunctionPublicAccessProhibited"


def shop(app: cdk.App, entry: Path, *, alias: bool = False, **options: Any) -> None:
    stack = cdk.Stack(app, "Shop")
    function = PythonFunction(stack, "Worker", entry=entry)
    handler: lambda_.IFunction = function
    if alias:
        handler = lambda_.Alias(stack, "Live", alias_name="live", version=function.current_version)
    if "domain_name" in options:
        options["certificate"] = acm.Certificate.from_certificate_arn(
            stack, "Certificate", "arn:aws:acm:us-east-1:111122223333:certificate/shop"
        )
    ProxyApi(stack, "Api", handler=handler, endpoint=Endpoint.FUNCTION_URL, **options)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"alias": True},
        {"public": OPEN},
        {"public": OPEN, "alias": True},
        {"cors": apigwv2.CorsPreflightOptions(allow_origins=["https://shop.example"])},
        {"public": OPEN, "domain_name": "api.shop.example"},
    ],
    ids=str,
)
def test_no_function_url_breaks_a_rule_without_a_reason(
    make_app: MakeApp, entry: Path, options: dict[str, Any]
) -> None:
    app = make_app()
    shop(app, entry, **options)

    found = findings(app)

    assert not [finding for finding in found if finding.reason is None]
    assert {finding.path for finding in found} == {finding.acknowledged_at for finding in found}


def test_a_closed_url_breaks_what_its_function_breaks(make_app: MakeApp, entry: Path) -> None:
    app = make_app()
    shop(app, entry)

    assert findings(app) == sorted(
        [
            *of_function("Shop/Worker"),
            acknowledged("Serverless-LambdaDLQ", "Shop/Worker/Resource", SYNCHRONOUS),
        ]
    )


def test_a_name_is_no_guard_and_keeps_no_log(make_app: MakeApp, entry: Path) -> None:
    app = make_app()
    shop(app, entry, public=OPEN, domain_name="api.shop.example")

    reasons = {each.rule: each.reason for each in findings(app) if "CFR" in each.rule}
    guard = (
        "It lends the function's URL a name. That URL is open to anyone, everywhere: a guard "
        "before the name would be passed by."
    )
    log = (
        "It lends the function's URL a name. A log of its own would miss the requests that go to "
        "that URL."
    )
    assert reasons == {
        "AwsSolutions-CFR1": guard,
        "AwsSolutions-CFR2": guard,
        "AwsSolutions-CFR3": log,
    }


@pytest.mark.parametrize("alias", [False, True])
def test_the_reason_for_an_open_url_stands_at_its_permissions(
    make_app: MakeApp, entry: Path, *, alias: bool
) -> None:
    app = make_app()
    shop(app, entry, public=OPEN, alias=alias)

    found = nag_findings(
        app,
        cdk_nag.HIPAASecurityChecks(app),
        cdk_nag.NIST80053R4Checks(app),
        cdk_nag.NIST80053R5Checks(app),
        cdk_nag.PCIDSS321Checks(app),
    )
    there = "Shop/Live" if alias else "Shop/Worker"
    assert [finding for finding in found if PUBLIC_ACCESS in finding.rule] == sorted(
        acknowledged(f"{pack}-{PUBLIC_ACCESS}", f"{there}/{permission}", OPEN)
        for pack in ("HIPAA.Security", "NIST.800.53.R4", "NIST.800.53.R5", "PCI.DSS.321")
        for permission in ("invoke-function", "invoke-function-url")
    )


def test_a_function_that_an_event_invokes_as_well_owes_a_failure_path(
    make_app: MakeApp, entry: Path
) -> None:
    app = make_app()
    shop(app, entry, public=OPEN)
    stack = app.node.find_child("Shop")
    function = stack.node.find_child("Worker")
    assert isinstance(function, PythonFunction)
    function.grant_invoke(iam.ServicePrincipal("events.amazonaws.com"))

    open_findings = [finding for finding in findings(app) if finding.reason is None]
    assert Finding("Serverless-LambdaDLQ", "Shop/Worker/Resource") in open_findings
