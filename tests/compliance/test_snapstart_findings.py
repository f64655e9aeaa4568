"""cdk-nag over functions that start from snapshots, and their releases."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import aws_cdk as cdk
import pytest
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3

from examples.fast_start.stacks import QuotesStack
from serverless_patterns import (
    Endpoint,
    ModularApi,
    ProxyApi,
    PythonFunction,
    Release,
    RouteTable,
    SnapStartAlias,
    SqsPoller,
)
from serverless_patterns.routes import TableRoute
from tests.compliance.test_findings import SYNCHRONOUS, acknowledged, findings, of_function

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from serverless_patterns.testing import Finding

    MakeApp = Callable[..., cdk.App]

ANY_ALARM = (
    "A release is rolled back by any alarm, and CloudWatch describes a composite one to those "
    "alone who may describe every alarm."
)


def unacknowledged(app: cdk.App) -> list[Finding]:
    found = findings(app)
    assert {finding.path for finding in found if finding.reason} == {
        finding.acknowledged_at for finding in found if finding.reason
    }, "an acknowledgment stands above the resource that it excuses"
    return [finding for finding in found if finding.reason is None]


def test_an_alias_behind_an_api_breaks_no_rule_without_a_reason(
    make_app: MakeApp, entry: Path
) -> None:
    app = make_app()
    stack = cdk.Stack(app, "Shop")
    function = PythonFunction(stack, "Worker", entry=entry)
    live = SnapStartAlias(stack, "Live", function=function)
    ProxyApi(stack, "Api", handler=live.alias)

    assert findings(app) == sorted(
        [
            *of_function("Shop/Worker"),
            acknowledged("Serverless-LambdaDLQ", "Shop/Worker/Resource", SYNCHRONOUS),
        ]
    )


@pytest.mark.parametrize("release", [Release.all_at_once, Release.canary, Release.linear])
def test_a_release_breaks_no_rule(
    make_app: MakeApp, entry: Path, release: Callable[..., Release]
) -> None:
    app = make_app()
    stack = cdk.Stack(app, "Shop")
    function = PythonFunction(stack, "Worker", entry=entry)
    live = SnapStartAlias(stack, "Live", function=function, release=release())
    SqsPoller(stack, "Intake", handler=live.alias)

    assert unacknowledged(app) == []
    assert not [each for each in findings(app) if each.path.startswith("Shop/Live")]


def test_a_hook_owes_no_dead_letter_queue(make_app: MakeApp, entry: Path) -> None:
    app = make_app()
    stack = cdk.Stack(app, "Shop")
    hook = PythonFunction(stack, "Hook", entry=entry)
    function = PythonFunction(stack, "Worker", entry=entry)
    live = SnapStartAlias(
        stack, "Live", function=function, release=Release.canary(pre_traffic_hook=hook)
    )
    ProxyApi(stack, "Api", handler=live.alias)

    reason = "CodeDeploy invokes the hook and fails the release if it fails: no event is lost."
    assert acknowledged("Serverless-LambdaDLQ", "Shop/Hook/Resource", reason) in findings(app)
    assert unacknowledged(app) == []


def test_a_composite_alarm_has_its_reason(make_app: MakeApp, entry: Path) -> None:
    app = make_app()
    stack = cdk.Stack(app, "Shop")
    metric = cloudwatch.Metric(namespace="Shop", metric_name="Late")
    late = cloudwatch.Alarm(stack, "Late", metric=metric, threshold=1, evaluation_periods=1)
    any_of = cloudwatch.CompositeAlarm(stack, "Any", alarm_rule=cloudwatch.AlarmRule.any_of(late))
    function = PythonFunction(stack, "Worker", entry=entry)
    live = SnapStartAlias(stack, "Live", function=function, release=Release.canary(alarms=[any_of]))
    ProxyApi(stack, "Api", handler=live.alias)

    found = findings(app)
    role = "Shop/Live/Release/Role/Resource"
    assert acknowledged("AwsSolutions-IAM5[Resource::*]", role, ANY_ALARM) in found
    assert unacknowledged(app) == []


def test_a_caller_that_may_invoke_the_alias_breaks_no_rule(make_app: MakeApp, entry: Path) -> None:
    app = make_app()
    stack = cdk.Stack(app, "Shop")
    function = PythonFunction(stack, "Worker", entry=entry)
    live = SnapStartAlias(stack, "Live", function=function)
    ProxyApi(stack, "Api", handler=live.alias)
    live.grant_invoke(iam.Role(stack, "Caller", assumed_by=iam.AccountRootPrincipal()))

    assert unacknowledged(app) == []


def test_a_wildcard_that_a_user_grants_stays_the_users(make_app: MakeApp, entry: Path) -> None:
    app = make_app()
    stack = cdk.Stack(app, "Shop")
    function = PythonFunction(stack, "Worker", entry=entry)
    live = SnapStartAlias(stack, "Live", function=function)
    ProxyApi(stack, "Api", handler=live.alias)
    bucket: Any = s3.Bucket.from_bucket_name(stack, "Bucket", "uploads")
    bucket.grant_read(live.alias)

    broken = {finding.path for finding in unacknowledged(app)}
    assert broken == {"Shop/WorkerRole/DefaultPolicy/Resource"}


@pytest.mark.parametrize("endpoint", [Endpoint.HTTP_API, Endpoint.REST_API])
@pytest.mark.parametrize("nested_stacks", [True, False])
def test_units_of_an_application_break_no_rule_without_a_reason(
    make_app: MakeApp, entry: Path, endpoint: Endpoint, *, nested_stacks: bool
) -> None:
    app = make_app()
    (entry / "web.py").write_text("async def app(scope, receive, send): ...\n")
    api = ModularApi(
        cdk.Stack(app, "Shop"),
        "Api",
        app="web:app",
        entry=entry,
        routes=RouteTable([TableRoute("GET", "/books", "books")]),
        granularity="module",
        endpoint=endpoint,
        nested_stacks=nested_stacks,
        snap_start=True,
    )
    account_wide = "serverless-patterns:rest-api-log-role"  # the account's role, not an app's
    cdk.Annotations.of(api).acknowledge_warning(account_wide, "The account has it")

    assert unacknowledged(app) == []


@pytest.mark.parametrize("language", ["python", "java"])
def test_the_example_breaks_no_rule_without_a_reason(
    make_app: MakeApp, language: Literal["python", "java"]
) -> None:
    app = make_app()
    QuotesStack(app, "Quotes", language=language)

    assert unacknowledged(app) == []
