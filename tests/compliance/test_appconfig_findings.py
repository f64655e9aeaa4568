"""cdk-nag over configuration, parameters and secrets: one rule is broken, for alarms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk import aws_ssm as ssm

from serverless_patterns import AppConfigExtension, ParametersExtension, ProxyApi, PythonFunction
from tests.compliance.test_findings import SYNCHRONOUS, acknowledged, findings, of_function

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    MakeApp = Callable[..., cdk.App]

MONITORS = (
    "AppConfig looks at an alarm by cloudwatch:DescribeAlarms, which AWS documents for its "
    "rollback on no narrower resource: composite alarms have none"
)


@pytest.mark.parametrize(
    "options",
    [{"content": {"a": 1}, "schema": {"type": "object"}}, {"feature_flags": {"sale": True}}],
    ids=["content", "feature_flags"],
)
def test_a_configuration_breaks_no_rule(make_app: MakeApp, options: dict[str, Any]) -> None:
    app = make_app()
    AppConfigExtension(cdk.Stack(app, "Shop"), "Flags", **options)

    assert findings(app) == []


def test_a_role_that_looks_at_alarms_is_acknowledged_and_no_other_resource(
    make_app: MakeApp,
) -> None:
    app = make_app()
    stack = cdk.Stack(app, "Shop")
    function = lambda_.Function.from_function_name(stack, "Reader", "reader")
    alarm = function.metric_errors().create_alarm(stack, "E", threshold=1, evaluation_periods=1)
    AppConfigExtension(stack, "Flags", feature_flags={"sale": True}, alarms=[alarm])

    role = "Shop/Flags/MonitorRole/Resource"
    assert findings(app) == [acknowledged("AwsSolutions-IAM5[Resource::*]", role, MONITORS)]


def test_attaching_a_function_adds_nothing_to_what_it_breaks(
    make_app: MakeApp, entry: Path
) -> None:
    app = make_app()
    stack = cdk.Stack(app, "Shop")
    function = PythonFunction(stack, "Worker", entry=entry)
    ProxyApi(stack, "Api", handler=function)
    alarm = function.metric_errors().create_alarm(stack, "E", threshold=1, evaluation_periods=1)
    AppConfigExtension(stack, "Flags", feature_flags={"sale": True}).attach(function)
    AppConfigExtension(stack, "Limits", content={"a": 1}, alarms=[alarm]).attach(
        function, prefix="LIMITS_"
    )
    secret = secretsmanager.Secret.from_secret_complete_arn(
        stack, "Secret", "arn:aws:secretsmanager:us-east-1:123456789012:secret:db-AbCdEf"
    )
    parameter = ssm.StringParameter(stack, "Parameter", string_value="blue")
    ParametersExtension(stack, "Values", parameters=[parameter], secrets=[secret]).attach(function)

    worker = [finding for finding in findings(app) if finding.path.startswith("Shop/Worker")]
    assert worker == sorted(
        [
            *of_function("Shop/Worker"),
            acknowledged("Serverless-LambdaDLQ", "Shop/Worker/Resource", SYNCHRONOUS),
        ]
    )
