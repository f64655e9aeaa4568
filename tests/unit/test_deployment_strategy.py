from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import assertions
from aws_cdk import aws_appconfig as appconfig
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_lambda as lambda_

from tests.configurations import errors_of, flags_of, flags_refusal, only, resources

if TYPE_CHECKING:
    from serverless_patterns import PythonFunction


MINUTES = cdk.Duration.minutes
LINEAR = appconfig.RolloutStrategy.linear
STRATEGY = "AWS::AppConfig::DeploymentStrategy"


def test_without_alarms_everybody_gets_it_at_once(stack: cdk.Stack) -> None:
    flags_of(stack)

    strategy = only(stack, "AppConfig::DeploymentStrategy")
    assert strategy["DeploymentDurationInMinutes"] == 0
    assert strategy.get("FinalBakeTimeInMinutes", 0) == 0
    assert strategy["GrowthFactor"] == 100
    assert "Monitors" not in only(stack, "AppConfig::Environment")
    assert resources(stack, "IAM::Role") == {}


def test_with_alarms_it_is_rolled_out_slowly_and_called_back(
    stack: cdk.Stack, handler: PythonFunction, other: PythonFunction
) -> None:
    alarms = [errors_of(handler), errors_of(other, "OtherErrors")]
    flags_of(stack, alarms=alarms)

    assert only(stack, "AppConfig::DeploymentStrategy") | {"Name": ""} == {
        "Name": "",
        "DeploymentDurationInMinutes": 30,
        "FinalBakeTimeInMinutes": 30,
        "GrowthFactor": 20,
        "GrowthType": "LINEAR",
        "ReplicateTo": "NONE",
    }
    monitors = only(stack, "AppConfig::Environment")["Monitors"]
    assert [each["AlarmArn"] for each in monitors] == [
        stack.resolve(alarm.alarm_arn) for alarm in alarms
    ]
    roles = {str(each["AlarmRoleArn"]) for each in monitors}
    assert len(roles) == 1


def test_appconfig_may_look_at_alarms_and_do_nothing_else(
    stack: cdk.Stack,
) -> None:
    function = lambda_.Function.from_function_name(stack, "Imported", "reader")
    alarm = function.metric_errors().create_alarm(stack, "E", threshold=1, evaluation_periods=1)
    flags_of(stack, alarms=[alarm])

    role = only(stack, "IAM::Role")
    [principal] = role["AssumeRolePolicyDocument"]["Statement"]
    assert principal["Principal"] == {"Service": "appconfig.amazonaws.com"}
    [policy] = role["Policies"]
    [statement] = policy["PolicyDocument"]["Statement"]
    assert statement["Action"] == "cloudwatch:DescribeAlarms"


@pytest.mark.parametrize(
    ("strategy", "emitted"),
    [
        (
            LINEAR(deployment_duration=MINUTES(10), growth_factor=25, final_bake_time=MINUTES(5)),
            {"DeploymentDurationInMinutes": 10, "GrowthFactor": 25, "GrowthType": "LINEAR"},
        ),
        (
            appconfig.RolloutStrategy.exponential(
                deployment_duration=MINUTES(1_440),
                growth_factor=2.5,
                final_bake_time=cdk.Duration.hours(24),
            ),
            {
                "DeploymentDurationInMinutes": 1_440,
                "GrowthFactor": 2.5,
                "GrowthType": "EXPONENTIAL",
            },
        ),
        (
            appconfig.RolloutStrategy.ALL_AT_ONCE,
            {"DeploymentDurationInMinutes": 0, "GrowthFactor": 100, "FinalBakeTimeInMinutes": 10},
        ),
    ],
)
def test_a_rollout_is_as_it_was_asked_for(
    stack: cdk.Stack,
    handler: PythonFunction,
    strategy: appconfig.RolloutStrategy,
    emitted: dict[str, Any],
) -> None:
    flags_of(stack, rollout_strategy=strategy, alarms=[errors_of(handler)])

    assertions.Template.from_stack(stack).has_resource_properties(STRATEGY, emitted)


@pytest.mark.parametrize(
    ("strategy", "message"),
    [
        (
            LINEAR(deployment_duration=cdk.Duration.seconds(90), growth_factor=25),
            "deployment_duration must be whole minutes from 0 to 1440, got 1.5 minutes; "
            "for example cdk.Duration.minutes(10)",
        ),
        (
            LINEAR(deployment_duration=cdk.Duration.days(2), growth_factor=25),
            "deployment_duration must be whole minutes from 0 to 1440, got 2880 minutes; "
            "for example cdk.Duration.minutes(10)",
        ),
        (
            LINEAR(
                deployment_duration=MINUTES(1), growth_factor=25, final_bake_time=MINUTES(1_441)
            ),
            "final_bake_time must be whole minutes from 0 to 1440, got 1441 minutes; "
            "for example cdk.Duration.minutes(10)",
        ),
        (
            LINEAR(deployment_duration=MINUTES(1), growth_factor=0.5),
            "growth_factor must be 1 to 100 percent, got 0.5; for example 20",
        ),
        (
            LINEAR(deployment_duration=MINUTES(1), growth_factor=101),
            "growth_factor must be 1 to 100 percent, got 101; for example 20",
        ),
        (
            "linear",
            "rollout_strategy must be a RolloutStrategy, got 'linear'; for example "
            "appconfig.RolloutStrategy.linear(deployment_duration=cdk.Duration.minutes(10), "
            "growth_factor=20)",
        ),
    ],
)
def test_a_rollout_that_appconfig_would_refuse_is_refused(
    stack: cdk.Stack, strategy: Any, message: str
) -> None:
    assert flags_refusal(stack, rollout_strategy=strategy) == f"Shop/Flags: {message}"


def test_alarms_need_time_to_ring(stack: cdk.Stack, handler: PythonFunction) -> None:
    strategy = LINEAR(deployment_duration=MINUTES(0), growth_factor=100)

    assert flags_refusal(stack, rollout_strategy=strategy, alarms=[errors_of(handler)]) == (
        "Shop/Flags: rollout_strategy must take time for alarms to call it back, "
        "got a deployment and a bake time of 0 minutes; "
        "omit it to get 30 minutes of each, or omit alarms"
    )


def test_six_alarms_are_refused(stack: cdk.Stack, handler: PythonFunction) -> None:
    alarms = [errors_of(handler, f"Errors{index}") for index in range(6)]
    flags_of(stack, "Five", alarms=alarms[:5])

    assert flags_refusal(stack, alarms=alarms) == (
        "Shop/Flags: alarms must be at most 5, got 6; put them into a cloudwatch.CompositeAlarm"
    )


def test_what_is_no_alarm_is_refused(stack: cdk.Stack, handler: PythonFunction) -> None:
    assert flags_refusal(stack, alarms=[handler.metric_errors()]) == (
        "Shop/Flags: alarms must be alarms of CloudWatch, got Metric; "
        "make one by create_alarm of a metric, such as function.metric_errors()"
    )
    assert flags_refusal(stack, alarms="errors") == (
        "Shop/Flags: alarms must be a list, got 'errors'; "
        "for example [function.metric_errors().create_alarm(...)]"
    )
    assert flags_refusal(stack, alarms=errors_of(handler)) == (
        "Shop/Flags: alarms must be a list, got Alarm; "
        "for example [function.metric_errors().create_alarm(...)]"
    )
    assert flags_refusal(stack, alarms=[cloudwatch.Alarm]) == (
        "Shop/Flags: alarms must be alarms of CloudWatch, got the class Alarm; "
        "make one by create_alarm of a metric, such as function.metric_errors()"
    )
