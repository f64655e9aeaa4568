from __future__ import annotations

import datetime as dt
import math
import re
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_applicationautoscaling as appscaling
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sns as sns
from aws_cdk.assertions import Annotations, Match, Template

import serverless_patterns
from serverless_patterns import PatternError, ProvisionedConcurrency, PythonFunction
from tests.conftest import ROOT
from tests.messages import exactly

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    MakeApp = Callable[..., cdk.App]

SIZES: dict[str, Any] = {"min_capacity": 2, "max_capacity": 20}
EIGHT = appscaling.Schedule.cron(hour="8", minute="0")
TEN = appscaling.Schedule.cron(hour="22", minute="0")
ARN = "arn:aws:lambda:eu-west-1:111122223333:function:orders:3"
TARGET = "AWS::ApplicationAutoScaling::ScalableTarget"
POLICY = "AWS::ApplicationAutoScaling::ScalingPolicy"


def scheduled(**options: Any) -> appscaling.ScalingSchedule:
    return appscaling.ScalingSchedule(**{"schedule": EIGHT, **options})


def live(
    scope: cdk.Stack, version: lambda_.IVersion, name: str = "live", **options: Any
) -> lambda_.Alias:
    return lambda_.Alias(scope, name.title(), alias_name=name, version=version, **options)


@pytest.fixture
def alias(stack: cdk.Stack, handler: PythonFunction) -> lambda_.Alias:
    return live(stack, handler.current_version)


def properties(stack: cdk.Stack, kind: str) -> dict[str, Any]:
    [resource] = Template.from_stack(stack).find_resources(kind).values()
    found: dict[str, Any] = resource["Properties"]
    return found


def test_seven_tenths_of_the_environments_of_an_alias_are_kept_in_use(
    stack: cdk.Stack, alias: lambda_.Alias
) -> None:
    warm = ProvisionedConcurrency(stack, "Warm", alias=alias, **SIZES)

    target, policy = properties(stack, TARGET), properties(stack, POLICY)
    assert (target["MinCapacity"], target["MaxCapacity"]) == (2, 20)
    assert target["ScalableDimension"] == "lambda:function:ProvisionedConcurrency"
    assert "ScheduledActions" not in target
    assert policy["TargetTrackingScalingPolicyConfiguration"] == {
        "PredefinedMetricSpecification": {
            "PredefinedMetricType": "LambdaProvisionedConcurrencyUtilization"
        },
        "TargetValue": 0.7,
    }
    assert policy["ScalingTargetId"] == stack.resolve(warm.target.scalable_target_id)


def test_what_is_scaled_is_the_alias_by_its_name(stack: cdk.Stack, alias: lambda_.Alias) -> None:
    ProvisionedConcurrency(stack, "Warm", alias=alias, **SIZES)

    [logical_id] = Template.from_stack(stack).find_resources("AWS::Lambda::Alias")
    name = {"Fn::Select": [6, {"Fn::Split": [":", {"Ref": logical_id}]}]}
    assert properties(stack, TARGET)["ResourceId"] == {
        "Fn::Join": ["", ["function:", name, ":live"]]
    }


def test_the_role_is_the_one_that_aws_makes_for_it(stack: cdk.Stack, alias: lambda_.Alias) -> None:
    ProvisionedConcurrency(stack, "Warm", alias=alias, **SIZES)

    parts = properties(stack, TARGET)["RoleARN"]["Fn::Join"][1]
    assert parts[-1] == (
        ":role/aws-service-role/lambda.application-autoscaling.amazonaws.com/"
        "AWSServiceRoleForApplicationAutoScaling_LambdaConcurrency"
    )
    Template.from_stack(stack).resource_count_is("AWS::IAM::Role", 1)  # that of the function


def test_an_alias_that_is_imported_is_scaled_too(stack: cdk.Stack) -> None:
    version = lambda_.Version.from_version_arn(stack, "Version", ARN)
    imported = lambda_.Alias.from_alias_attributes(
        stack, "Imported", alias_name="live", alias_version=version
    )

    warm = ProvisionedConcurrency(stack, "Warm", alias=imported, **SIZES)

    assert properties(stack, TARGET)["ResourceId"] == "function:orders:live"
    assert warm.metric_utilization().dimensions == {
        "FunctionName": "orders",
        "Resource": "orders:live",
    }


def test_a_schedule_moves_the_bounds_within_which_utilization_is_tracked(
    stack: cdk.Stack, alias: lambda_.Alias
) -> None:
    zone = cdk.TimeZone.EUROPE_BERLIN
    end = dt.datetime(2027, 1, 1, tzinfo=dt.UTC)
    ProvisionedConcurrency(
        stack,
        "Warm",
        alias=alias,
        **SIZES,
        schedules={"Morning": scheduled(min_capacity=10, time_zone=zone, end_time=end)},
    )

    assert properties(stack, TARGET)["ScheduledActions"] == [
        {
            "ScalableTargetAction": {"MinCapacity": 10},
            "Schedule": "cron(0 8 * * ? *)",
            "ScheduledActionName": "Morning",
            "Timezone": "Europe/Berlin",
            "EndTime": "2027-01-01T00:00:00Z",
        }
    ]
    assert properties(stack, POLICY)


def test_schedules_alone_may_provision_by_day_and_nothing_by_night(
    stack: cdk.Stack, alias: lambda_.Alias
) -> None:
    warm = ProvisionedConcurrency(
        stack,
        "Warm",
        alias=alias,
        min_capacity=0,
        max_capacity=1,
        utilization_target=None,
        schedules={
            "Morning": scheduled(min_capacity=10, max_capacity=10),
            "Night": scheduled(schedule=TEN, min_capacity=0, max_capacity=0),
        },
    )

    assert warm.policy is None
    Template.from_stack(stack).resource_count_is(POLICY, 0)
    moved = [each["ScalableTargetAction"] for each in properties(stack, TARGET)["ScheduledActions"]]
    assert moved == [
        {"MinCapacity": 10, "MaxCapacity": 10},
        {"MinCapacity": 0, "MaxCapacity": 0},
    ]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"min_capacity": 21},
            "min_capacity must be at most the 20 of max_capacity, got 21; "
            "lower it, or raise the other",
        ),
        (
            {"min_capacity": 0},
            "min_capacity must be a whole number from 1, got 0; "
            "a schedule alone starts from 0; target tracking measures nothing there",
        ),
        (
            {"min_capacity": 1.5},
            "min_capacity must be a whole number from 1, got 1.5; "
            "a schedule alone starts from 0; target tracking measures nothing there",
        ),
        (
            {"min_capacity": -1, "utilization_target": None},
            "min_capacity must be a whole number from 0, got -1; 0 provisions none",
        ),
        (
            {"max_capacity": 0},
            "max_capacity must be a whole number from 1, got 0; 0 provisions none: "
            "omit the construct",
        ),
        (
            {"min_capacity": None},
            "min_capacity must be a number, got None; say how many environments",
        ),
        (
            {"max_capacity": None},
            "max_capacity must be a number, got None; say how many environments",
        ),
        (
            {"max_capacity": math.nan},
            "max_capacity must be a whole number from 1, got nan; 0 provisions none: "
            "omit the construct",
        ),
        (
            {"utilization_target": math.inf},
            "utilization_target must be a share from 0.1 to 0.9, got inf; omit it to get 0.7",
        ),
        (
            {"utilization_target": 0.95},
            "utilization_target must be a share from 0.1 to 0.9, got 0.95; omit it to get 0.7",
        ),
        (
            {"utilization_target": 70},
            "utilization_target must be a share from 0.1 to 0.9, got 70; omit it to get 0.7",
        ),
        (
            {"utilization_target": "0.7"},
            "utilization_target must be a share from 0.1 to 0.9, got '0.7'; omit it to get 0.7",
        ),
        (
            {"utilization_target": None},
            "schedules must have an action with a min_capacity where utilization_target is None, "
            "because nothing else raises what is provisioned, got none; give one of them a "
            "min_capacity, or a utilization_target",
        ),
        (
            {
                "utilization_target": None,
                "schedules": {"Morning": scheduled(min_capacity=10)},
            },
            "schedules must have an action with a max_capacity where utilization_target is None, "
            "because nothing else lowers what is provisioned, got 'Morning'; give one of them a "
            "max_capacity, or a utilization_target",
        ),
        (
            {"schedules": {"At 8:00": scheduled(min_capacity=10)}},
            "schedules must have names of 1 to 256 characters without : / and |, and no space at "
            "an end, got 'At 8:00'; rename it",
        ),
        (
            {"schedules": {"": scheduled(min_capacity=10)}},
            "schedules must have names of 1 to 256 characters without : / and |, and no space at "
            "an end, got ''; rename it",
        ),
        (
            {"schedules": {"Morning": 10}},
            "schedules['Morning'] must be a ScalingSchedule, got 10; for example "
            "appscaling.ScalingSchedule(schedule=..., min_capacity=10)",
        ),
        (
            {"schedules": {"Night": scheduled(min_capacity=0, max_capacity=1)}},
            "schedules['Night'].min_capacity must be a whole number from 1, got 0; raise it",
        ),
        (
            {"schedules": {"Morning": scheduled(min_capacity=10, max_capacity=5)}},
            "schedules['Morning'].min_capacity must be at most the 5 of "
            "schedules['Morning'].max_capacity, got 10; lower it, or raise the other",
        ),
        (
            {"schedules": {"Morning": scheduled(min_capacity=30)}},
            "schedules['Morning'].min_capacity must be at most the 20 of "
            "schedules['Morning'].max_capacity, got 30; lower it, or raise the other",
        ),
        (
            {"schedules": {"Night": scheduled(max_capacity=1)}},
            "schedules['Night'].min_capacity must be at most the 1 of "
            "schedules['Night'].max_capacity, got 2; lower it, or raise the other",
        ),
        (
            {
                "schedules": {
                    "Sale": scheduled(
                        min_capacity=10,
                        start_time=dt.datetime(2027, 1, 2, tzinfo=dt.UTC),
                        end_time=dt.datetime(2027, 1, 1, tzinfo=dt.UTC),
                    )
                }
            },
            "schedules['Sale'].end_time must be after the start_time 2027-01-02T00:00:00+00:00, "
            "got 2027-01-01T00:00:00+00:00; change either",
        ),
        (
            {"schedules": {"Morning": scheduled()}},
            "arguments must be what appscaling.ScalableTarget takes, got CDK's refusal: "
            "SupplyLeastOneMinCapacity: You must supply at least one of minCapacity or "
            'maxCapacity, got {"schedule":{"expressionString":"cron(0 8 * * ? *)"}}; '
            "change the argument that it names",
        ),
    ],
)
def test_what_application_auto_scaling_would_refuse_is_refused(
    stack: cdk.Stack, alias: lambda_.Alias, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(PatternError, match=exactly(f"Shop/Warm: {message}")):
        ProvisionedConcurrency(stack, "Warm", alias=alias, **{**SIZES, **options})


def test_numbers_that_are_known_at_deployment_alone_are_taken(
    stack: cdk.Stack, alias: lambda_.Alias
) -> None:
    most = cdk.CfnParameter(stack, "Most", type="Number").value_as_number

    ProvisionedConcurrency(stack, "Warm", alias=alias, min_capacity=2, max_capacity=most)  # type: ignore[arg-type]

    assert properties(stack, TARGET)["MaxCapacity"] == {"Ref": "Most"}


@pytest.mark.parametrize("what", ["function", "version", "class"])
def test_what_is_no_alias_is_refused(stack: cdk.Stack, handler: PythonFunction, what: str) -> None:
    given: Any = {
        "function": handler,
        "version": handler.current_version,
        "class": lambda_.Alias,
    }[what]
    got = {"function": "PythonFunction", "version": "Version", "class": "the class Alias"}[what]

    message = (
        "Shop/Warm: alias must be an alias, because only what is published can be provisioned, "
        f'got {got}; for example lambda_.Alias(self, "Live", alias_name="live", '
        "version=function.current_version)"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        ProvisionedConcurrency(stack, "Warm", alias=given, **SIZES)


def test_an_alias_of_latest_is_refused(stack: cdk.Stack, handler: PythonFunction) -> None:
    message = (
        "Shop/Warm: alias must point to a published version, got $LATEST; "
        "make it of function.current_version"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        ProvisionedConcurrency(stack, "Warm", alias=live(stack, handler.latest_version), **SIZES)


EXCLUDED = {
    "snap_start": (
        lambda_.CfnFunction.SnapStartProperty(apply_on="PublishedVersions"),
        "Shop/Warm: alias must be one of a function without SnapStart, got snap_start of "
        "Shop/Handler; choose one of the two ways to start fast",
    ),
    "durable_config": (
        lambda_.CfnFunction.DurableConfigProperty(execution_timeout=3600),
        "Shop/Warm: alias must be one of a function without durable execution, got durable_config "
        "of Shop/Handler; leave durable_config out, or do without",
    ),
    "tenancy_config": (
        lambda_.CfnFunction.TenancyConfigProperty(tenant_isolation_mode="PER_TENANT"),
        "Shop/Warm: alias must be one of a function without tenant isolation, got tenancy_config "
        "of Shop/Handler; leave tenancy_config out, or do without",
    ),
}


@pytest.mark.parametrize("name", EXCLUDED)
def test_what_excludes_provisioned_concurrency_is_refused(
    stack: cdk.Stack, handler: PythonFunction, alias: lambda_.Alias, name: str
) -> None:
    value, message = EXCLUDED[name]
    setattr(handler.node.default_child, name, value)

    with pytest.raises(PatternError, match=exactly(message)):
        ProvisionedConcurrency(stack, "Warm", alias=alias, **SIZES)


@pytest.mark.parametrize("name", EXCLUDED)
def test_what_excludes_it_afterwards_is_refused_at_synthesis(
    stack: cdk.Stack, handler: PythonFunction, alias: lambda_.Alias, name: str
) -> None:
    value, message = EXCLUDED[name]
    warm = ProvisionedConcurrency(stack, "Warm", alias=alias, **SIZES)
    assert warm.node.validate() == []

    setattr(handler.node.default_child, name, value)

    assert warm.node.validate() == [message]


def test_a_function_that_says_it_has_no_snapshots_may_be_provisioned(
    stack: cdk.Stack, handler: PythonFunction, alias: lambda_.Alias
) -> None:
    none = lambda_.CfnFunction.SnapStartProperty(apply_on="None")
    handler.node.default_child.snap_start = none  # type: ignore[union-attr]

    ProvisionedConcurrency(stack, "Warm", alias=alias, **SIZES)


@pytest.mark.parametrize("what", ["alias", "version"])
def test_an_alias_that_is_provisioned_twice_is_refused(
    stack: cdk.Stack, entry: Path, what: str
) -> None:
    options: dict[str, Any] = {"provisioned_concurrent_executions": 5}
    of_version: dict[str, Any] = {"current_version_options": lambda_.VersionOptions(**options)}
    function = PythonFunction(
        stack, "Worker", entry=entry, **(of_version if what == "version" else {})
    )
    given = live(stack, function.current_version, **(options if what == "alias" else {}))

    message = (
        "Shop/Warm: alias must be provisioned here alone, got provisioned_concurrent_executions "
        f"of the {what} as well; leave those of the {what} out"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        ProvisionedConcurrency(stack, "Warm", alias=given, **SIZES)


def test_an_alias_that_scales_itself_is_refused(stack: cdk.Stack, alias: lambda_.Alias) -> None:
    alias.add_auto_scaling(max_capacity=5)

    message = (
        "Shop/Warm: alias must be scaled by one target alone, got "
        "Shop/Live/AliasScaling/Target/Resource as well; remove either"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        ProvisionedConcurrency(stack, "Warm", alias=alias, **SIZES)


def test_an_alias_that_is_scaled_afterwards_is_refused_at_synthesis(
    stack: cdk.Stack, alias: lambda_.Alias
) -> None:
    warm = ProvisionedConcurrency(stack, "Warm", alias=alias, **SIZES)
    alias.add_auto_scaling(max_capacity=5)

    assert warm.node.validate() == [
        "Shop/Warm: alias must be scaled by one target alone, got "
        "Shop/Live/AliasScaling/Target/Resource as well; remove either"
    ]


def test_a_second_construct_for_one_alias_is_refused(
    stack: cdk.Stack, alias: lambda_.Alias
) -> None:
    ProvisionedConcurrency(stack, "First", alias=alias, **SIZES)

    message = (
        "Shop/Second: alias must be scaled by one target alone, got Shop/First/Target/Resource "
        "as well; remove either"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        ProvisionedConcurrency(stack, "Second", alias=alias, **SIZES)


def test_more_than_is_reserved_is_refused(stack: cdk.Stack, entry: Path) -> None:
    function = PythonFunction(stack, "Worker", entry=entry, reserved_concurrent_executions=10)

    message = (
        "Shop/Warm: max_capacity must be at most the 10 executions that are reserved for the "
        "function, got 20; reserve more, or lower it"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        ProvisionedConcurrency(stack, "Warm", alias=live(stack, function.current_version), **SIZES)


def test_what_a_schedule_allows_counts_against_what_is_reserved(
    stack: cdk.Stack, entry: Path
) -> None:
    function = PythonFunction(stack, "Worker", entry=entry, reserved_concurrent_executions=20)

    with pytest.raises(PatternError, match=r"at most the 20 executions .* got 21"):
        ProvisionedConcurrency(
            stack,
            "Warm",
            alias=live(stack, function.current_version),
            **SIZES,
            schedules={"Sale": scheduled(max_capacity=21)},
        )


def test_two_aliases_that_together_exceed_what_is_reserved_are_refused_at_synthesis(
    stack: cdk.Stack, entry: Path
) -> None:
    function = PythonFunction(stack, "Worker", entry=entry, reserved_concurrent_executions=30)
    blue = ProvisionedConcurrency(
        stack, "BlueWarm", alias=live(stack, function.current_version, "blue"), **SIZES
    )
    assert blue.node.validate() == []
    ProvisionedConcurrency(
        stack, "GreenWarm", alias=live(stack, function.current_version, "green"), **SIZES
    )

    assert blue.node.validate() == [
        "Shop/BlueWarm: max_capacity must be at most the 30 executions that are reserved for the "
        "function, together with that of Shop/GreenWarm, got 40; reserve more, or lower them"
    ]


def test_aliases_of_two_functions_do_not_share_what_is_reserved(
    stack: cdk.Stack, entry: Path, handler: PythonFunction
) -> None:
    function = PythonFunction(stack, "Worker", entry=entry, reserved_concurrent_executions=20)
    warm = ProvisionedConcurrency(
        stack, "Warm", alias=live(stack, function.current_version, "blue"), **SIZES
    )
    ProvisionedConcurrency(
        stack, "Other", alias=live(stack, handler.current_version, "green"), **SIZES
    )

    assert warm.node.validate() == []


@pytest.mark.parametrize(
    ("what", "own", "its"),
    [("region", "eu-west-1", "us-east-1"), ("account", "111122223333", "444455556666")],
)
def test_an_alias_elsewhere_is_refused(
    make_app: MakeApp, entry: Path, what: str, own: str, its: str
) -> None:
    app = make_app()
    here = {"region": "eu-west-1", "account": "111122223333"}
    stack = cdk.Stack(app, "Shop", env=cdk.Environment(**here))
    there = cdk.Stack(app, "There", env=cdk.Environment(**{**here, what: its}))
    function = PythonFunction(there, "Worker", entry=entry)

    message = (
        f"Shop/Warm: alias must be in the {what} {own}, as what scales it is, got {its}; "
        "define both in one stack"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        ProvisionedConcurrency(stack, "Warm", alias=live(there, function.current_version), **SIZES)


def test_more_than_a_new_account_has_is_warned_of(stack: cdk.Stack, alias: lambda_.Alias) -> None:
    ProvisionedConcurrency(stack, "Warm", alias=alias, min_capacity=1, max_capacity=901)

    Annotations.from_stack(stack).has_warning(
        "/Shop/Warm",
        Match.string_like_regexp(
            "^Shop/Warm: max_capacity is 901, more than the 900 of an account whose limit AWS did "
            "not raise: of its 1000, 100 stay unreserved. Say what yours is by the context key "
            r"serverless-patterns:account-concurrency \[ack: "
            r"serverless-patterns:account-concurrency\]$"
        ),
    )


def test_nine_hundred_are_not_warned_of(stack: cdk.Stack, alias: lambda_.Alias) -> None:
    ProvisionedConcurrency(stack, "Warm", alias=alias, min_capacity=1, max_capacity=900)

    Annotations.from_stack(stack).has_no_warning("*", Match.any_value())


def test_an_account_that_context_tells_of_is_held_to(make_app: MakeApp, entry: Path) -> None:
    stack = cdk.Stack(make_app(**{"serverless-patterns:account-concurrency": "110"}), "Shop")
    function = PythonFunction(stack, "Worker", entry=entry)

    message = (
        "Shop/Warm: max_capacity must be at most 10, because 100 of the account's 110 stay "
        "unreserved, got 20; lower it, or have AWS raise the limit and change the context key "
        "serverless-patterns:account-concurrency"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        ProvisionedConcurrency(stack, "Warm", alias=live(stack, function.current_version), **SIZES)


def test_its_metrics_are_those_of_the_alias(stack: cdk.Stack, alias: lambda_.Alias) -> None:
    warm = ProvisionedConcurrency(stack, "Warm", alias=alias, **SIZES)
    metrics = [
        warm.metric_spillover_invocations(),
        warm.metric_invocations(),
        warm.metric_utilization(),
        warm.metric_concurrent_executions(period=cdk.Duration.minutes(1)),
    ]

    assert [(each.metric_name, each.statistic) for each in metrics] == [
        ("ProvisionedConcurrencySpilloverInvocations", "Sum"),
        ("ProvisionedConcurrencyInvocations", "Sum"),
        ("ProvisionedConcurrencyUtilization", "Maximum"),
        ("ProvisionedConcurrentExecutions", "Maximum"),
    ]
    assert metrics[-1].period.to_seconds() == 60
    assert {each.namespace for each in metrics} == {"AWS/Lambda"}
    name = alias.lambda_.function_name
    for each in metrics:
        assert each.dimensions == {"FunctionName": name, "Resource": f"{name}:live"}


def test_its_alarm_calls_when_requests_spill_over_for_five_minutes(
    stack: cdk.Stack, alias: lambda_.Alias
) -> None:
    warm = ProvisionedConcurrency(stack, "Warm", alias=alias, **SIZES)
    topic = sns.Topic(stack, "Topic")

    [alarm] = warm.add_alarms(actions.SnsAction(topic))

    assert alarm.node.id == "SpilloverAlarm"
    found = properties(stack, "AWS::CloudWatch::Alarm")
    assert (found["MetricName"], found["Threshold"], found["EvaluationPeriods"]) == (
        "ProvisionedConcurrencySpilloverInvocations",
        1,
        5,
    )
    assert (found["Period"], found["TreatMissingData"]) == (60, "notBreaching")
    assert found["AlarmDescription"] == (
        "Shop/Warm is too small: requests spill over to environments that start cold"
    )
    assert found["AlarmActions"] == [stack.resolve(topic.topic_arn)]


def test_alarms_that_are_there_are_refused(stack: cdk.Stack, alias: lambda_.Alias) -> None:
    warm = ProvisionedConcurrency(stack, "Warm", alias=alias, **SIZES)
    action = actions.SnsAction(sns.Topic(stack, "Topic"))
    warm.add_alarms(action)

    message = (
        "Shop/Warm: add_alarms must be called once, got a second call; "
        "add further actions to the alarms that the first call returned"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        warm.add_alarms(action)


def test_its_widgets_show_requests_and_environments(stack: cdk.Stack, alias: lambda_.Alias) -> None:
    warm = ProvisionedConcurrency(stack, "Warm", alias=alias, **SIZES)
    cloudwatch.Dashboard(stack, "Board", widgets=[warm.dashboard_widgets()])

    body = str(properties(stack, "AWS::CloudWatch::Dashboard")["DashboardBody"])
    for shown in ("Shop/Warm: requests", "Shop/Warm: environments", "Spillover", "Utilization"):
        assert shown in body


@pytest.mark.parametrize("page", ["concurrency", "memory"])
def test_the_code_in_the_docs_synthesizes(
    stack: cdk.Stack, entry: Path, page: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    text = (ROOT / "docs" / f"{page}.md").read_text()
    function = PythonFunction(stack, "Worker", entry=entry)
    names = {
        **{name: getattr(serverless_patterns, name) for name in serverless_patterns.__all__},
        "appscaling": appscaling,
        "cdk": cdk,
        "lambda_": lambda_,
        "stack": stack,
        "function": function,
        "alias": live(stack, function.current_version, "tuned"),
        "action": actions.SnsAction(sns.Topic(stack, "Topic")),
    }

    for code in re.findall(r"```python\n(.*?)```", text, re.DOTALL):
        exec(code, names)

    assert Template.from_stack(stack).find_resources(
        TARGET if page == "concurrency" else "AWS::Serverless::Application"
    )
