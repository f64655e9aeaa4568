"""cdk-nag over every pattern and example: nothing unacknowledged, and every reason where it is due.

The packs are `AwsSolutions` and `Serverless`, as `app.py` registers them.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import cdk_nag
import pytest
from aws_cdk import aws_apigatewayv2 as apigwv2
from aws_cdk import aws_apigatewayv2_authorizers as authorizers
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs

from examples.bookstore.stacks import OPEN, BookstoreStack
from serverless_patterns import ProxyApi, PythonFunction
from serverless_patterns.local import LocalCloudError
from serverless_patterns.local.cdk_cli import CdkCli
from serverless_patterns.testing import Finding, cdk_context, nag_findings
from tests.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    MakeApp = Callable[..., cdk.App]

XRAY = (
    "X-Ray takes traces on no particular resource: xray:PutTraceSegments, "
    "xray:PutTelemetryRecords have no narrower resource"
)
SYNCHRONOUS = (
    "An API invokes the function synchronously: the caller gets the error, and nothing reaches "
    "a dead-letter queue."
)
PREFLIGHT = "A browser sends no credentials with a CORS preflight request."


def findings(app: cdk.App) -> list[Finding]:
    return nag_findings(app, cdk_nag.AwsSolutionsChecks(app), cdk_nag.ServerlessChecks(app))


def acknowledged(rule: str, path: str, reason: str) -> Finding:
    """A finding that is acknowledged at the very resource that breaks the rule."""
    return Finding(rule, path, reason, path)


def of_function(name: str) -> list[Finding]:
    return [
        acknowledged("AwsSolutions-IAM5[Resource::*]", f"{name}Role/Resource", XRAY),
        acknowledged("Serverless-LambdaStarPermissions", f"{name}Role/Resource", XRAY),
    ]


def test_the_bookstore_breaks_no_rule_without_a_reason(make_app: MakeApp) -> None:
    app = make_app()
    BookstoreStack(app, "Bookstore")

    assert findings(app) == sorted(
        [
            *of_function("Bookstore/Api/CatchAll/Function"),
            acknowledged("AwsSolutions-APIG4", "Bookstore/Api/Proxy", OPEN),
            acknowledged("AwsSolutions-APIG4", "Bookstore/Api/Root", OPEN),
            acknowledged(
                "Serverless-LambdaDLQ", "Bookstore/Api/CatchAll/Function/Resource", SYNCHRONOUS
            ),
        ]
    )


@pytest.mark.parametrize(
    "cut",
    [
        {"granularity": "module"},
        {"granularity": "route"},
        {"extract": ["orders"], "draining": ["orders"]},
        {"draining": ["orders"]},
        {"flags": True},
    ],
    ids=str,
)
def test_no_cut_of_the_bookstore_breaks_a_rule_without_a_reason(
    make_app: MakeApp, cut: dict[str, Any]
) -> None:
    app = make_app()
    BookstoreStack(app, "Bookstore", **cut)

    found = findings(app)

    assert not [finding for finding in found if finding.reason is None]
    assert {finding.path for finding in found} == {finding.acknowledged_at for finding in found}


def test_a_closed_bookstore_needs_no_reason_for_its_routes(make_app: MakeApp) -> None:
    app = make_app()
    BookstoreStack(app, "Bookstore", public=None)

    assert "AwsSolutions-APIG4" not in {finding.rule for finding in findings(app)}


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"public": "The catalogue is for everyone"},
        {"authorizer": "jwt"},
        {"cors": ["https://shop.example"]},
        {"authorizer": "jwt", "cors": ["https://shop.example"]},
        {"alias": True},
    ],
    ids=str,
)
def test_no_proxy_api_breaks_a_rule_without_a_reason(
    make_app: MakeApp, entry: Path, options: dict[str, Any]
) -> None:
    app = make_app()
    stack = cdk.Stack(app, "Shop")
    function = PythonFunction(stack, "Worker", entry=entry)
    handler: lambda_.IFunction = function
    if options.pop("alias", False):
        handler = lambda_.Alias(stack, "Live", alias_name="live", version=function.current_version)
    if "authorizer" in options:
        options["authorizer"] = authorizers.HttpJwtAuthorizer(
            "Jwt", "https://id.example", jwt_audience=["shop"]
        )
    if "cors" in options:
        options["cors"] = apigwv2.CorsPreflightOptions(allow_origins=options["cors"])
    ProxyApi(stack, "Api", handler=handler, **options)

    found = findings(app)

    assert not [finding for finding in found if finding.reason is None]
    assert {finding.path for finding in found} == {finding.acknowledged_at for finding in found}, (
        "an acknowledgment stands above the resource that it excuses"
    )
    if "cors" in options:
        assert {finding.reason for finding in found if finding.rule == "AwsSolutions-APIG4"} == {
            PREFLIGHT
        }


def test_a_function_that_nothing_invokes_yet_still_owes_a_failure_path(
    make_app: MakeApp, entry: Path
) -> None:
    app = make_app()
    PythonFunction(cdk.Stack(app, "Shop"), "Worker", entry=entry)

    open_findings = [finding for finding in findings(app) if finding.reason is None]
    assert open_findings == [Finding("Serverless-LambdaDLQ", "Shop/Worker/Resource")]


def test_a_function_that_an_event_invokes_as_well_owes_one_too(
    make_app: MakeApp, entry: Path
) -> None:
    app = make_app()
    stack = cdk.Stack(app, "Shop")
    function = PythonFunction(stack, "Worker", entry=entry)
    ProxyApi(stack, "Api", handler=function)
    rule = events.Rule(stack, "Nightly", schedule=events.Schedule.rate(cdk.Duration.days(1)))
    rule.add_target(targets.LambdaFunction(function))

    open_findings = [finding for finding in findings(app) if finding.reason is None]
    assert Finding("Serverless-LambdaDLQ", "Shop/Worker/Resource") in open_findings


def test_the_policy_of_lambda_insights_is_acknowledged(make_app: MakeApp, entry: Path) -> None:
    app = make_app()
    stack = cdk.Stack(app, "Shop")
    insights = lambda_.LambdaInsightsVersion.VERSION_1_0_404_0
    ProxyApi(
        stack,
        "Api",
        handler=PythonFunction(stack, "Worker", entry=entry, insights_version=insights),
    )

    assert not [finding for finding in findings(app) if finding.reason is None]


def test_a_wildcard_that_a_user_grants_stays_the_users_to_acknowledge(
    make_app: MakeApp, entry: Path
) -> None:
    app = make_app()
    stack = cdk.Stack(app, "Shop")
    function = PythonFunction(stack, "Worker", entry=entry)
    ProxyApi(stack, "Api", handler=function)
    queue = sqs.Queue(stack, "Queue")
    queue.grant(function, "sqs:*")

    broken = {(finding.rule, finding.path) for finding in findings(app) if finding.reason is None}
    assert ("AwsSolutions-IAM5[Action::sqs:*]", "Shop/WorkerRole/DefaultPolicy/Resource") in broken


def test_the_app_of_this_repository_registers_the_packs(tmp_path: Path) -> None:
    environment = os.environ | {
        "CDK_OUTDIR": str(tmp_path),
        "CDK_CONTEXT_JSON": json.dumps(cdk_context(ROOT)),  # as the CLI passes it
        "CDK_VALIDATION": "false",
    }
    subprocess.run([sys.executable, "app.py"], cwd=ROOT, env=environment, check=True)

    report = json.loads((tmp_path / "validation-report.json").read_text())
    assert [each["pluginName"] for each in report["pluginReports"]] == [
        *("AwsSolutions", "Serverless"),
    ]


def test_the_cdk_cli_refuses_an_app_that_breaks_a_rule(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(
        "import aws_cdk as cdk, cdk_nag\n"
        "from aws_cdk import aws_sqs as sqs\n"
        "app = cdk.App()\n"
        "cdk.Validations.of(app).add_plugins(cdk_nag.AwsSolutionsChecks(app))\n"
        "sqs.Queue(cdk.Stack(app, 'Shop'), 'Queue')\n"
        "app.synth()\n"
    )
    cli = CdkCli(ROOT, {"CDK_VALIDATION": "false"}, tmp_path / "log")
    app = f"--app=python {tmp_path / 'app.py'}"

    with pytest.raises(LocalCloudError, match="does not require requests to use SSL"):
        cli.run("synth", "--quiet", app, f"--output={tmp_path / 'cdk.out'}")
