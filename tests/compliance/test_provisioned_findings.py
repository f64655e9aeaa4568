"""cdk-nag over provisioned concurrency: nothing broken, so nothing acknowledged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_applicationautoscaling as appscaling
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sns as sns

from serverless_patterns import ProvisionedConcurrency, ProxyApi, PythonFunction
from tests.compliance.test_findings import SYNCHRONOUS, acknowledged, findings, of_function

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    MakeApp = Callable[..., cdk.App]

MORNING = appscaling.ScalingSchedule(
    schedule=appscaling.Schedule.cron(hour="8", minute="0"), min_capacity=10, max_capacity=10
)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"schedules": {"Morning": MORNING}},
        {"schedules": {"Morning": MORNING}, "utilization_target": None},
    ],
    ids=["default", "schedules", "schedules alone"],
)
def test_provisioning_adds_nothing_to_what_a_function_breaks(
    make_app: MakeApp, entry: Path, options: dict[str, Any]
) -> None:
    app = make_app()
    stack = cdk.Stack(app, "Shop")
    function = PythonFunction(stack, "Worker", entry=entry)
    alias = lambda_.Alias(stack, "Live", alias_name="live", version=function.current_version)
    ProxyApi(stack, "Api", handler=alias)
    warm = ProvisionedConcurrency(
        stack, "Warm", alias=alias, min_capacity=1, max_capacity=20, **options
    )
    topic = sns.Topic.from_topic_arn(stack, "Topic", "arn:aws:sns:eu-west-1:111122223333:calls")
    warm.add_alarms(actions.SnsAction(topic))

    assert findings(app) == sorted(
        [
            *of_function("Shop/Worker"),
            acknowledged("Serverless-LambdaDLQ", "Shop/Worker/Resource", SYNCHRONOUS),
        ]
    )
