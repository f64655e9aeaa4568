from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import assertions
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_lambda as lambda_

from serverless_patterns import PatternError, PythonFunction, Release, SnapStartAlias
from tests.messages import exactly

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    MakeApp = Callable[..., cdk.App]

MATCH = assertions.Match
MINUTES = cdk.Duration.minutes
GROUP = "AWS::CodeDeploy::DeploymentGroup"


def only(stack: cdk.Stack, kind: str) -> tuple[str, Mapping[str, Any]]:
    """The one resource of a type, by its logical id."""
    [found] = assertions.Template.from_stack(stack).find_resources(kind).items()
    return found


def group_of(stack: cdk.Stack) -> Mapping[str, Any]:
    group: Mapping[str, Any] = only(stack, GROUP)[1]["Properties"]
    return group


def allowed(stack: cdk.Stack) -> list[Mapping[str, Any]]:
    """What the role of CodeDeploy may do by its inline policy."""
    roles = assertions.Template.from_stack(stack).find_resources("AWS::IAM::Role").values()
    [role] = [role for role in roles if "codedeploy.amazonaws.com" in json.dumps(role)]
    assert "ManagedPolicyArns" not in role["Properties"]
    [policy] = role["Properties"]["Policies"]
    statements: list[Mapping[str, Any]] = policy["PolicyDocument"]["Statement"]
    return statements


def alarm_in(stack: cdk.Stack, name: str = "Late") -> cloudwatch.Alarm:
    metric = cloudwatch.Metric(namespace="Shop", metric_name=name)
    return cloudwatch.Alarm(stack, name, metric=metric, threshold=1, evaluation_periods=1)


@pytest.mark.parametrize(
    ("release", "known"),
    [
        (Release.all_at_once(), "LambdaAllAtOnce"),
        (Release.canary(), "LambdaCanary10Percent5Minutes"),
        (Release.canary(interval=MINUTES(30)), "LambdaCanary10Percent30Minutes"),
        (Release.linear(), "LambdaLinear10PercentEvery1Minute"),
        (Release.linear(interval=MINUTES(3)), "LambdaLinear10PercentEvery3Minutes"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_code_deploy_has_already_is_taken(
    stack: cdk.Stack, handler: PythonFunction, release: Release, known: str
) -> None:
    SnapStartAlias(stack, "Live", function=handler, release=release)

    assert group_of(stack)["DeploymentConfigName"] == f"CodeDeployDefault.{known}"
    configs = assertions.Template.from_stack(stack).find_resources(
        "AWS::CodeDeploy::DeploymentConfig"
    )
    assert not configs


@pytest.mark.parametrize(
    ("release", "routing"),
    [
        (
            Release.canary(percent=25, interval=MINUTES(5)),
            {
                "Type": "TimeBasedCanary",
                "TimeBasedCanary": {"CanaryInterval": 5, "CanaryPercentage": 25},
            },
        ),
        (
            Release.linear(percent=10, interval=MINUTES(7)),
            {
                "Type": "TimeBasedLinear",
                "TimeBasedLinear": {"LinearInterval": 7, "LinearPercentage": 10},
            },
        ),
    ],
    ids=["canary", "linear"],
)
def test_any_other_steps_are_defined(
    stack: cdk.Stack, handler: PythonFunction, release: Release, routing: Mapping[str, Any]
) -> None:
    SnapStartAlias(stack, "Live", function=handler, release=release)

    config, made = only(stack, "AWS::CodeDeploy::DeploymentConfig")
    assert made["Properties"] == {"ComputePlatform": "Lambda", "TrafficRoutingConfig": routing}
    assert group_of(stack)["DeploymentConfigName"] == {"Ref": config}


def test_cloud_formation_moves_the_alias_through_code_deploy(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    live = SnapStartAlias(stack, "Live", function=handler, release=Release.canary())

    application, _ = only(stack, "AWS::CodeDeploy::Application")
    group, _ = only(stack, GROUP)
    _, alias = only(stack, "AWS::Lambda::Alias")
    assert alias["UpdatePolicy"] == {
        "CodeDeployLambdaAliasUpdate": {
            "ApplicationName": {"Ref": application},
            "DeploymentGroupName": {"Ref": group},
        }
    }
    assert live.deployment_group
    assert stack.resolve(live.deployment_group.deployment_group_name) == {"Ref": group}


def test_an_error_of_the_new_version_rolls_it_back(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    SnapStartAlias(stack, "Live", function=handler, release=Release.canary())

    version, _ = only(stack, "AWS::Lambda::Version")
    function, _ = only(stack, "AWS::Lambda::Function")
    alarm, made = only(stack, "AWS::CloudWatch::Alarm")
    _, alias = only(stack, "AWS::Lambda::Alias")
    watched = {each["Name"]: each["Value"] for each in made["Properties"]["Dimensions"]}
    assert watched == {
        "ExecutedVersion": {"Fn::GetAtt": [version, "Version"]},
        "FunctionName": {"Ref": function},
        "Resource": {"Fn::Join": ["", [{"Ref": function}, ":live"]]},
    }
    said = made["Properties"]
    assert said["AlarmDescription"] == "Shop/Live: the version that is being released fails"
    assert (said["MetricName"], said["Statistic"], said["Period"]) == ("Errors", "Sum", 60)
    assert (said["Threshold"], said["EvaluationPeriods"]) == (1, 1)
    assert said["ComparisonOperator"] == "GreaterThanOrEqualToThreshold"
    assert said["TreatMissingData"] == "notBreaching"
    group = group_of(stack)
    assert group["AlarmConfiguration"] == {"Alarms": [{"Name": {"Ref": alarm}}], "Enabled": True}
    assert group["AutoRollbackConfiguration"] == {
        "Enabled": True,
        "Events": ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_REQUEST", "DEPLOYMENT_STOP_ON_ALARM"],
    }
    assert alias["DependsOn"] == [alarm], "it must watch the version before traffic moves"


def test_alarms_of_the_users_take_its_place(stack: cdk.Stack, handler: PythonFunction) -> None:
    alarms = [alarm_in(stack, "Late"), alarm_in(stack, "Unpaid")]
    SnapStartAlias(stack, "Live", function=handler, release=Release.linear(alarms=alarms))

    names = [{"Name": stack.resolve(alarm.alarm_name)} for alarm in alarms]
    assert group_of(stack)["AlarmConfiguration"]["Alarms"] == names
    found = assertions.Template.from_stack(stack).find_resources("AWS::CloudWatch::Alarm")
    assert len(found) == 2


@pytest.mark.parametrize("release", [Release.all_at_once(), Release.canary(alarms=[])])
def test_a_release_without_alarms_is_rolled_back_if_it_fails(
    stack: cdk.Stack, handler: PythonFunction, release: Release
) -> None:
    SnapStartAlias(stack, "Live", function=handler, release=release)

    assert group_of(stack)["AutoRollbackConfiguration"] == {
        "Enabled": True,
        "Events": ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_REQUEST"],
    }
    assert [statement["Action"] for statement in allowed(stack)] == [LAMBDA_ACTIONS]


LAMBDA_ACTIONS = ["lambda:GetAlias", "lambda:GetProvisionedConcurrencyConfig", "lambda:UpdateAlias"]


def test_code_deploy_may_move_this_alias_and_see_its_alarms_and_no_more(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    SnapStartAlias(stack, "Live", function=handler, release=Release.canary())

    function, _ = only(stack, "AWS::Lambda::Function")
    alarm, _ = only(stack, "AWS::CloudWatch::Alarm")
    arn = {"Fn::GetAtt": [function, "Arn"]}
    assert allowed(stack) == [
        {
            "Action": LAMBDA_ACTIONS,
            "Effect": "Allow",
            "Resource": [arn, {"Fn::Join": ["", [arn, ":live"]]}],
        },
        {
            "Action": "cloudwatch:DescribeAlarms",
            "Effect": "Allow",
            "Resource": {"Fn::GetAtt": [alarm, "Arn"]},
        },
    ]
    assert not assertions.Template.from_stack(stack).find_resources("AWS::IAM::Policy")


def test_a_composite_alarm_is_seen_by_whoever_may_see_any(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    rule = cloudwatch.AlarmRule.any_of(alarm_in(stack, "Late"), alarm_in(stack, "Unpaid"))
    both = cloudwatch.CompositeAlarm(stack, "Both", alarm_rule=rule)
    SnapStartAlias(stack, "Live", function=handler, release=Release.canary(alarms=[both]))

    assert allowed(stack)[1]["Resource"] == "*"


@pytest.mark.parametrize(
    ("keyword", "event"),
    [
        ("pre_traffic_hook", "BeforeAllowTrafficHook"),
        ("post_traffic_hook", "AfterAllowTrafficHook"),
    ],
)
def test_a_hook_is_invoked_and_may_answer(
    stack: cdk.Stack, handler: PythonFunction, other: PythonFunction, keyword: str, event: str
) -> None:
    hook: dict[str, Any] = {keyword: other}
    live = SnapStartAlias(stack, "Live", function=handler, release=Release.canary(**hook))
    live.version.grant_invoke(other)
    other.add_environment("VERSION", live.version.function_arn)

    template = assertions.Template.from_stack(stack)
    name = stack.resolve(other.function_name)
    arn = stack.resolve(other.function_arn)
    _, alias = only(stack, "AWS::Lambda::Alias")
    policies = template.find_resources("AWS::IAM::Policy")
    says = {
        logical_id: {
            statement["Action"]: statement["Resource"]
            for statement in policy["Properties"]["PolicyDocument"]["Statement"]
        }
        for logical_id, policy in policies.items()
    }
    [invokes] = [each for each, said in says.items() if said == {"lambda:InvokeFunction": arn}]
    [answers] = [said for each, said in says.items() if each != invokes]
    assert alias["UpdatePolicy"]["CodeDeployLambdaAliasUpdate"][event] == name
    assert invokes in alias["DependsOn"], "CodeDeploy must be let invoke it before traffic moves"
    assert {*answers} == {
        "codedeploy:PutLifecycleEventHookExecutionStatus",
        "lambda:InvokeFunction",
    }


def test_a_template_with_hooks_holds_no_circle(
    stack: cdk.Stack, handler: PythonFunction, other: PythonFunction
) -> None:
    release = Release.canary(pre_traffic_hook=other, post_traffic_hook=other)
    live = SnapStartAlias(stack, "Live", function=handler, release=release)
    live.version.grant_invoke(other)

    resources = assertions.Template.from_stack(stack).to_json()["Resources"]  # it refuses circles
    assert resources


def test_an_imported_hook_is_taken(stack: cdk.Stack, handler: PythonFunction) -> None:
    arn = "arn:aws:lambda:us-east-1:123456789012:function:CodeDeployHook_shop"
    hook = lambda_.Function.from_function_arn(stack, "Hook", arn)
    release = Release.canary(pre_traffic_hook=hook)
    SnapStartAlias(stack, "Live", function=handler, release=release)

    _, alias = only(stack, "AWS::Lambda::Alias")
    moved = alias["UpdatePolicy"]["CodeDeployLambdaAliasUpdate"]
    assert moved["BeforeAllowTrafficHook"] == "CodeDeployHook_shop"


@pytest.mark.parametrize(
    "refer",
    [
        lambda live, hook: live.grant_invoke(hook),
        lambda live, hook: hook.add_environment("ALIAS", live.alias.function_arn),
    ],
    ids=["grant", "environment"],
)
def test_a_hook_that_waits_for_the_alias_is_refused(
    make_app: MakeApp, entry: Path, refer: Callable[[SnapStartAlias, PythonFunction], object]
) -> None:
    app = make_app()
    stack = cdk.Stack(app, "Shop")
    hook = PythonFunction(stack, "Hook", entry=entry)
    live = SnapStartAlias(
        stack,
        "Live",
        function=PythonFunction(stack, "Handler", entry=entry),
        release=Release.canary(pre_traffic_hook=hook),
    )
    refer(live, hook)
    message = (
        "Shop/Live: pre_traffic_hook must not refer to the alias, which waits for it, got "
        "Shop/Hook, whose environment or role names the alias; give it function_arn and "
        "grant_invoke of version instead"
    )

    with pytest.raises(RuntimeError) as refused:
        app.synth()
    assert message in str(refused.value)


TWO_DAYS = cdk.Duration.hours(48)


@pytest.mark.parametrize(
    ("release", "message"),
    [
        (
            Release.canary(percent=100),
            "percent must be a whole number from 1 to 99, got 100; Release.all_at_once() moves "
            "all of the traffic in one step",
        ),
        (
            Release.linear(percent=0),
            "percent must be a whole number from 1 to 99, got 0; Release.all_at_once() moves all "
            "of the traffic in one step",
        ),
        (
            Release.linear(percent=2.5),  # type: ignore[arg-type]
            "percent must be a whole number from 1 to 99, got 2.5; Release.all_at_once() moves "
            "all of the traffic in one step",
        ),
        (
            Release.canary(percent=True),
            "percent must be a whole number from 1 to 99, got True; Release.all_at_once() moves "
            "all of the traffic in one step",
        ),
        (
            Release.canary(percent=math.nan),  # type: ignore[arg-type]
            "percent must be a whole number from 1 to 99, got nan; Release.all_at_once() moves "
            "all of the traffic in one step",
        ),
        (
            Release("blue", 10, MINUTES(5)),
            "release must be all at once, canary or linear, got 'blue'; for example "
            "Release.canary()",
        ),
        (
            Release.canary(interval=cdk.Duration.seconds(90)),
            "interval must be whole minutes, at least one, got 90 s; for example "
            "cdk.Duration.minutes(5)",
        ),
        (
            Release.linear(interval=cdk.Duration.seconds(0)),
            "interval must be whole minutes, at least one, got 0 s; for example "
            "cdk.Duration.minutes(5)",
        ),
        (
            Release.canary(interval=5),  # type: ignore[arg-type]
            "interval must be a Duration, got 5; for example cdk.Duration.minutes(5)",
        ),
        (
            Release.canary(interval=TWO_DAYS.plus(MINUTES(60))),
            "interval must leave 48 hours at most from the first step to the last, got 49 h; "
            "shorten it, or move more in each step",
        ),
        (
            Release.linear(percent=30, interval=cdk.Duration.hours(17)),
            "interval must leave 48 hours at most from the first step to the last, got 51 h; "
            "shorten it, or move more in each step",
        ),
        (
            Release.canary(alarms=["Late"]),  # type: ignore[list-item]
            "alarms must be alarms, got str; make one with cloudwatch.Alarm",
        ),
        (
            Release.canary(pre_traffic_hook="hook"),  # type: ignore[arg-type]
            "pre_traffic_hook must be a function, an alias or a version, got str; make one with "
            "PythonFunction",
        ),
        (
            "canary",
            "release must be a Release, got 'canary'; for example Release.canary()",
        ),
    ],
)
def test_what_code_deploy_would_refuse_is_refused(
    stack: cdk.Stack, handler: PythonFunction, release: Any, message: str
) -> None:
    with pytest.raises(PatternError, match=exactly(f"Shop/Live: {message}")):
        SnapStartAlias(stack, "Live", function=handler, release=release)


@pytest.mark.parametrize(
    "release",
    [
        Release.canary(percent=99, interval=TWO_DAYS),
        Release.linear(percent=50, interval=TWO_DAYS),
        Release.linear(percent=1, interval=MINUTES(29)),
    ],
)
def test_two_days_are_taken(stack: cdk.Stack, handler: PythonFunction, release: Release) -> None:
    SnapStartAlias(stack, "Live", function=handler, release=release)


def test_tokens_are_not_guessed(stack: cdk.Stack, handler: PythonFunction) -> None:
    number = cdk.CfnParameter(stack, "Percent", type="Number").value_as_number
    percent: Any = number
    release = Release.canary(percent=percent, interval=MINUTES(5))
    SnapStartAlias(stack, "Live", function=handler, release=release)

    assertions.Template.from_stack(stack).has_resource_properties(
        "AWS::CodeDeploy::DeploymentConfig",
        {"TrafficRoutingConfig": {"TimeBasedCanary": {"CanaryPercentage": {"Ref": "Percent"}}}},
    )


def test_more_alarms_than_a_group_takes_are_refused(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    alarms: Sequence[cloudwatch.IAlarm] = [alarm_in(stack)] * 51
    message = (
        "Shop/Live: alarms must be at most 50, got 51; put them together in a "
        "cloudwatch.CompositeAlarm"
    )

    with pytest.raises(PatternError, match=exactly(message)):
        SnapStartAlias(stack, "Live", function=handler, release=Release.canary(alarms=alarms))


def test_one_alarm_is_no_list_of_them(stack: cdk.Stack, handler: PythonFunction) -> None:
    alarms: Any = alarm_in(stack)
    message = "Shop/Live: alarms must be a list of alarms, got Alarm; write [alarm]"

    with pytest.raises(PatternError, match=exactly(message)):
        SnapStartAlias(stack, "Live", function=handler, release=Release.canary(alarms=alarms))


def test_an_alarm_is_named_once(stack: cdk.Stack, handler: PythonFunction) -> None:
    alarm = alarm_in(stack)
    message = (
        "Shop/Live: alarms must name each alarm once, got Shop/Late twice; leave one of them out"
    )

    with pytest.raises(PatternError, match=exactly(message)):
        SnapStartAlias(
            stack, "Live", function=handler, release=Release.canary(alarms=[alarm, alarm])
        )


HERE = cdk.Environment(account="123456789012", region="us-east-1")


@pytest.mark.parametrize(
    ("what", "own", "its"),
    [("region", "us-east-1", "eu-west-1"), ("account", "123456789012", "210987654321")],
)
@pytest.mark.parametrize("imported", [True, False])
def test_an_alarm_that_code_deploy_would_not_find_is_refused(
    make_app: MakeApp, entry: Path, what: str, own: str, its: str, *, imported: bool
) -> None:
    app = make_app()
    stack = cdk.Stack(app, "Shop", env=HERE)
    elsewhere = {"account": HERE.account, "region": HERE.region, what: its}
    if imported:
        arn = f"arn:aws:cloudwatch:{elsewhere['region']}:{elsewhere['account']}:alarm:late"
        alarm = cloudwatch.Alarm.from_alarm_arn(stack, "Late", arn)
    else:
        there = cdk.Stack(app, "There", env=cdk.Environment(**elsewhere))
        alarm = alarm_in(there)
    function = PythonFunction(stack, "Handler", entry=entry)
    message = (
        f"Shop/Live: alarms must be in the {what} {own}, where CodeDeploy looks for them, got "
        f"{alarm.node.path} in {its}; watch its metric by an alarm beside the alias"
    )

    with pytest.raises(PatternError, match=exactly(message)):
        SnapStartAlias(stack, "Live", function=function, release=Release.canary(alarms=[alarm]))


def test_the_function_is_no_hook_of_its_own(stack: cdk.Stack, handler: PythonFunction) -> None:
    message = (
        "Shop/Live: post_traffic_hook must be another function than the one that is released, got "
        "Shop/Handler; write one that invokes its new version and tells CodeDeploy"
    )

    with pytest.raises(PatternError, match=exactly(message)):
        SnapStartAlias(
            stack,
            "Live",
            function=handler,
            release=Release.all_at_once(post_traffic_hook=handler),
        )


def test_a_hook_of_another_stack_is_refused(make_app: MakeApp, entry: Path) -> None:
    app = make_app()
    stack = cdk.Stack(app, "Shop")
    hook = PythonFunction(cdk.Stack(app, "Hooks"), "Hook", entry=entry)
    function = PythonFunction(stack, "Handler", entry=entry)
    message = (
        "Shop/Live: pre_traffic_hook must be defined in the stack of the alias, or imported: each "
        "waits for the other, got a function in Hooks; define it beside the alias"
    )

    with pytest.raises(PatternError, match=exactly(message)):
        SnapStartAlias(
            stack, "Live", function=function, release=Release.canary(pre_traffic_hook=hook)
        )


def test_a_hook_of_another_region_is_refused(make_app: MakeApp, entry: Path) -> None:
    here = cdk.Environment(account="123456789012", region="us-east-1")
    stack = cdk.Stack(make_app(), "Shop", env=here)
    arn = "arn:aws:lambda:eu-west-1:123456789012:function:hook"
    hook = lambda_.Function.from_function_arn(stack, "Hook", arn)
    function = PythonFunction(stack, "Handler", entry=entry)
    message = (
        "Shop/Live: pre_traffic_hook must be in us-east-1 as the alias is, got a function in "
        "eu-west-1; define both in stacks of one region"
    )

    with pytest.raises(PatternError, match=exactly(message)):
        SnapStartAlias(
            stack, "Live", function=function, release=Release.canary(pre_traffic_hook=hook)
        )
