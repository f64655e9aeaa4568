from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import assertions
from aws_cdk import aws_appconfig as appconfig
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_

from serverless_patterns import AppConfigExtension, PatternError, PythonFunction, SnapStartAlias
from tests.extensions import plain_function, variables_of
from tests.messages import exactly

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    MakeApp = Callable[..., cdk.App]

MINUTES = cdk.Duration.minutes
LINEAR = appconfig.RolloutStrategy.linear
STRATEGY = "AWS::AppConfig::DeploymentStrategy"
ACTIONS = ["appconfig:GetLatestConfiguration", "appconfig:StartConfigurationSession"]


def flags_of(stack: cdk.Stack, name: str = "Flags", **options: Any) -> AppConfigExtension:
    return AppConfigExtension(stack, name, feature_flags={"sale": True}, **options)


def errors_of(function: lambda_.Function, name: str = "Errors") -> cloudwatch.Alarm:
    stack = cdk.Stack.of(function)
    return function.metric_errors().create_alarm(stack, name, threshold=1, evaluation_periods=1)


def resources(stack: cdk.Stack, kind: str) -> Mapping[str, Mapping[str, Any]]:
    return assertions.Template.from_stack(stack).find_resources(f"AWS::{kind}")


def only(stack: cdk.Stack, kind: str) -> dict[str, Any]:
    [resource] = resources(stack, kind).values()
    properties: dict[str, Any] = resource["Properties"]
    return properties


def statements(stack: cdk.Stack) -> list[dict[str, Any]]:
    return [
        statement
        for policy in resources(stack, "IAM::Policy").values()
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]
    ]


def refusal(stack: cdk.Stack, **options: Any) -> str:
    with pytest.raises(PatternError) as refused:
        flags_of(stack, **options)
    return str(refused.value)


def test_a_configuration_is_deployed_to_its_one_environment(stack: cdk.Stack) -> None:
    flags = flags_of(stack)

    deployment = only(stack, "AppConfig::Deployment")
    [version] = resources(stack, "AppConfig::HostedConfigurationVersion")
    assert deployment == {
        "ApplicationId": stack.resolve(flags.application.application_id),
        "EnvironmentId": stack.resolve(flags.environment.environment_id),
        "ConfigurationProfileId": stack.resolve(flags.configuration.configuration_profile_id),
        "ConfigurationVersion": {"Ref": version},
        "DeploymentStrategyId": stack.resolve(flags.deployment_strategy.deployment_strategy_id),
    }
    assert only(stack, "AppConfig::ConfigurationProfile")["LocationUri"] == "hosted"


def test_a_version_that_was_deployed_stays_for_a_rollback(stack: cdk.Stack) -> None:
    flags_of(stack)

    [version] = resources(stack, "AppConfig::HostedConfigurationVersion").values()
    assert version["UpdateReplacePolicy"] == "Retain"


def test_a_function_may_poll_this_configuration_and_no_other(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    flags = flags_of(stack)
    flags_of(stack, "Others")

    assert flags.attach(handler).success

    [statement] = statements(stack)
    assert sorted(statement["Action"]) == ACTIONS
    arn = stack.format_arn(
        service="appconfig",
        resource="application",
        resource_name=f"{flags.application.application_id}/environment/"
        f"{flags.environment.environment_id}/configuration/"
        f"{flags.configuration.configuration_profile_id}",
    )
    assert statement["Resource"] == stack.resolve(arn)
    assert only(stack, "IAM::Policy")["Roles"] == [stack.resolve(handler.role.role_name)]  # type: ignore[union-attr] # a function has one


def test_a_function_is_told_where_its_configuration_is(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    flags_of(stack).attach(handler)

    names = {
        kind: only(stack, f"AppConfig::{kind}")["Name"]
        for kind in ("Application", "Environment", "ConfigurationProfile")
    }
    assert variables_of(stack) == {
        "APPCONFIG_APPLICATION": names["Application"],
        "APPCONFIG_ENVIRONMENT": names["Environment"],
        "APPCONFIG_PROFILE": names["ConfigurationProfile"],
        "AWS_APPCONFIG_EXTENSION_POLL_INTERVAL_SECONDS": "45",
        "AWS_APPCONFIG_EXTENSION_PREFETCH_LIST": f"/applications/{names['Application']}"
        f"/environments/{names['Environment']}/configurations/{names['ConfigurationProfile']}",
    }


def test_a_second_configuration_is_told_by_a_prefix_and_prefetched_as_well(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    flags, limits = flags_of(stack), AppConfigExtension(stack, "Limits", content={"max": 1})
    flags.attach(handler)
    limits.attach(handler, prefix="LIMITS_")

    variables = variables_of(stack)
    assert variables["APPCONFIG_PROFILE"] == flags.configuration.name
    assert variables["LIMITS_APPCONFIG_APPLICATION"] == limits.application.name
    assert variables["LIMITS_APPCONFIG_ENVIRONMENT"] == limits.environment.name
    assert variables["LIMITS_APPCONFIG_PROFILE"] == limits.configuration.name
    prefetched = variables["AWS_APPCONFIG_EXTENSION_PREFETCH_LIST"].split(",")
    assert [path.rpartition("/")[2] for path in prefetched] == [
        flags.configuration.name,
        limits.configuration.name,
    ]
    assert len(statements(stack)) == 2


def test_what_a_function_prefetches_already_is_still_prefetched(
    stack: cdk.Stack, entry: Path
) -> None:
    name = "AWS_APPCONFIG_EXTENSION_PREFETCH_LIST"
    path = "/applications/a/environments/b/configurations/c"
    flags_of(stack).attach(PythonFunction(stack, "Reader", entry=entry, environment={name: path}))

    prefetched = variables_of(stack)[name].split(",")
    assert prefetched[0] == path
    assert len(prefetched) == 2


def test_what_is_prefetched_may_be_known_to_the_deployment_alone(
    stack: cdk.Stack, entry: Path
) -> None:
    name = "AWS_APPCONFIG_EXTENSION_PREFETCH_LIST"
    path = f"/applications/{cdk.Aws.REGION}/environments/b/configurations/c"
    flags = flags_of(stack)
    flags.attach(PythonFunction(stack, "Reader", entry=entry, environment={name: path}))

    first, region, rest = variables_of(stack)[name]["Fn::Join"][1]
    assert (first, region) == ("/applications/", {"Ref": "AWS::Region"})
    own, prefetched = rest.split(",")
    assert own == "/environments/b/configurations/c"
    assert prefetched.endswith(f"/configurations/{flags.configuration.name}")


def test_one_configuration_is_read_by_many_functions(
    stack: cdk.Stack, handler: PythonFunction, other: PythonFunction
) -> None:
    flags = flags_of(stack)
    flags.attach(handler)
    flags.attach(other)

    functions = resources(stack, "Lambda::Function").values()
    read = {
        each["Properties"]["Environment"]["Variables"]["APPCONFIG_PROFILE"] for each in functions
    }
    assert read == {flags.configuration.name}
    assert len(resources(stack, "AppConfig::Application")) == 1
    assert len(statements(stack)) == 2


def published(make_app: MakeApp, entry: Path, percent: int) -> dict[str, Any]:
    """What of a stack is a function's: its resource, its versions, its alias, its role."""
    stack = cdk.Stack(make_app(), "Shop")
    function = PythonFunction(stack, "Reader", entry=entry)
    content = {"percent": percent, "reasons": ["sale"] * percent}
    AppConfigExtension(stack, "Limits", content=content).attach(function)
    flags = {"sale": {"enabled": percent > 1, "percent": percent}}
    AppConfigExtension(stack, "Flags", feature_flags=flags).attach(function, prefix="FLAGS_")
    lambda_.Alias(stack, "Live", alias_name="live", version=function.current_version)
    template: dict[str, Any] = dict(assertions.Template.from_stack(stack).to_json())
    return template


def test_a_change_of_content_changes_no_function_and_no_published_version(
    make_app: MakeApp, entry: Path
) -> None:
    before, after = (published(make_app, entry, percent) for percent in (1, 20))

    changed = {
        resource["Type"]
        for name, resource in {**before["Resources"], **after["Resources"]}.items()
        if before["Resources"].get(name) != after["Resources"].get(name)
    }
    assert changed == {"AWS::AppConfig::HostedConfigurationVersion"}
    assert before["Parameters"] == after["Parameters"]


def test_a_function_reads_no_content_from_its_own_configuration(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    AppConfigExtension(stack, "Limits", content={"unmistakable": "content"}).attach(handler)

    assert "unmistakable" not in str(resources(stack, "Lambda::Function"))


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


def test_alarms_on_the_function_itself_make_no_circle(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    flags_of(stack, alarms=[errors_of(handler)]).attach(handler)

    # Template.from_stack refuses circles, which CloudFormation would.
    assertions.Template.from_stack(stack).resource_count_is("AWS::AppConfig::Environment", 1)


def test_without_alarms_a_function_waits_for_its_privileges(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    flags_of(stack).attach(handler)

    [function] = resources(stack, "Lambda::Function").values()
    [policy] = resources(stack, "IAM::Policy")
    assert policy in function["DependsOn"]


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
    assert refusal(stack, rollout_strategy=strategy) == f"Shop/Flags: {message}"


def test_alarms_need_time_to_ring(stack: cdk.Stack, handler: PythonFunction) -> None:
    strategy = LINEAR(deployment_duration=MINUTES(0), growth_factor=100)

    assert refusal(stack, rollout_strategy=strategy, alarms=[errors_of(handler)]) == (
        "Shop/Flags: rollout_strategy must take time for alarms to call it back, "
        "got a deployment and a bake time of 0 minutes; "
        "omit it to get 30 minutes of each, or omit alarms"
    )


def test_six_alarms_are_refused(stack: cdk.Stack, handler: PythonFunction) -> None:
    alarms = [errors_of(handler, f"Errors{index}") for index in range(6)]
    flags_of(stack, "Five", alarms=alarms[:5])

    assert refusal(stack, alarms=alarms) == (
        "Shop/Flags: alarms must be at most 5, got 6; put them into a cloudwatch.CompositeAlarm"
    )


def test_what_is_no_alarm_is_refused(stack: cdk.Stack, handler: PythonFunction) -> None:
    assert refusal(stack, alarms=[handler.metric_errors()]) == (
        "Shop/Flags: alarms must be alarms of CloudWatch, got Metric; "
        "make one by create_alarm of a metric, such as function.metric_errors()"
    )
    assert refusal(stack, alarms="errors") == (
        "Shop/Flags: alarms must be a list, got 'errors'; "
        "for example [function.metric_errors().create_alarm(...)]"
    )
    assert refusal(stack, alarms=errors_of(handler)) == (
        "Shop/Flags: alarms must be a list, got Alarm; "
        "for example [function.metric_errors().create_alarm(...)]"
    )
    assert refusal(stack, alarms=[cloudwatch.Alarm]) == (
        "Shop/Flags: alarms must be alarms of CloudWatch, got the class Alarm; "
        "make one by create_alarm of a metric, such as function.metric_errors()"
    )


def in_region(app: cdk.App, name: str, region: str, account: str = "123456789012") -> cdk.Stack:
    return cdk.Stack(app, name, env=cdk.Environment(account=account, region=region))


def test_what_is_in_another_region_is_refused(make_app: MakeApp) -> None:
    app = make_app()
    here, there = in_region(app, "Here", "eu-west-1"), in_region(app, "There", "us-east-1")
    function = plain_function(there, "Reader")

    assert refusal(here, alarms=[errors_of(function)]) == (
        "Here/Flags: alarms must be in eu-west-1 as the configuration is, "
        "got an alarm in us-east-1; define one in its region"
    )
    assert refusal(here, validator=function) == (
        "Here/Flags: validator must be in eu-west-1 as the configuration is, "
        "got a function in us-east-1; define one in its region"
    )
    told = (
        "Here/Flags: function must be in region eu-west-1 as the configuration is, "
        "got a function in us-east-1; define an AppConfigExtension in its region"
    )
    with pytest.raises(PatternError, match=exactly(told)):
        flags_of(here).attach(function)


def test_a_function_of_another_account_is_refused(make_app: MakeApp) -> None:
    app = make_app()
    here = in_region(app, "Here", "eu-west-1")
    there = in_region(app, "There", "eu-west-1", "210987654321")

    told = (
        "Here/Flags: function must be in account 123456789012 as the configuration is, "
        "got a function in 210987654321; define an AppConfigExtension in its account"
    )
    with pytest.raises(PatternError, match=exactly(told)):
        flags_of(here).attach(plain_function(there, "Reader"))


def test_a_function_of_another_stack_is_deployed_after_its_configuration(
    make_app: MakeApp,
) -> None:
    app = make_app()
    configuration, shop = cdk.Stack(app, "Configuration"), cdk.Stack(app, "Shop")
    flags_of(configuration).attach(plain_function(shop, "Reader"))
    app.synth()

    assert configuration in shop.dependencies
    assert len(statements(shop)) == 1


def test_stacks_that_would_wait_for_each_other_are_refused(make_app: MakeApp) -> None:
    app = make_app()
    configuration, shop = cdk.Stack(app, "Configuration"), cdk.Stack(app, "Shop")
    function = plain_function(shop, "Reader")
    flags = flags_of(configuration, alarms=[errors_of(function)])

    told = (
        "Configuration/Flags: function must be of the configuration's stack, as one of its alarms "
        "is of the function's, got Shop/Reader; define the configuration in the function's stack: "
        "either stack would wait for the other"
    )
    with pytest.raises(PatternError, match=exactly(told)):
        flags.attach(function)


def test_a_stack_that_waits_for_the_validator_of_another_is_refused(make_app: MakeApp) -> None:
    app = make_app()
    configuration, shop = cdk.Stack(app, "Configuration"), cdk.Stack(app, "Shop")
    flags = flags_of(configuration, validator=plain_function(shop, "Validator"))

    told = (
        "Configuration/Flags: function must be of the configuration's stack, as its validator "
        "is of the function's, got Shop/Reader; define the configuration in the function's stack: "
        "either stack would wait for the other"
    )
    with pytest.raises(PatternError, match=exactly(told)):
        flags.attach(plain_function(shop, "Reader"))


def test_nothing_is_deployed_before_the_validator_may_be_asked(stack: cdk.Stack) -> None:
    flags_of(stack, validator=plain_function(stack, "Validator"))

    [permission] = resources(stack, "Lambda::Permission")
    [deployment] = resources(stack, "AppConfig::Deployment").values()
    assert permission in deployment["DependsOn"]


@pytest.mark.parametrize("is_published_first", [True, False])
def test_a_validator_that_starts_from_snapshots_is_refused(
    stack: cdk.Stack, *, is_published_first: bool
) -> None:
    validator = plain_function(stack, "Validator")
    told = (
        "Shop/Flags: validator must be a function without SnapStart, as AppConfig invokes its "
        "$LATEST, got Shop/Validator; validate by a function of its own"
    )
    if is_published_first:
        SnapStartAlias(stack, "Live", function=validator)
        assert refusal(stack, validator=validator) == told
    else:
        flags_of(stack, validator=validator)
        SnapStartAlias(stack, "Live", function=validator)
        with pytest.raises(RuntimeError, match=re.escape(told)):
            assertions.Template.from_stack(stack)


def test_a_poll_interval_may_be_known_to_the_deployment_alone(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    seconds = cdk.CfnParameter(stack, "Seconds", type="Number").value_as_number
    interval = cdk.Duration.seconds(seconds)
    flags_of(stack, poll_interval=interval).attach(handler)
    flags_of(stack, "Others", poll_interval=interval).attach(handler, prefix="OTHERS_")

    variables = variables_of(stack)
    assert variables["AWS_APPCONFIG_EXTENSION_POLL_INTERVAL_SECONDS"] == {"Ref": "Seconds"}
    told = (
        "Shop/Third: poll_interval must be in seconds if only the deployment knows it, "
        "got minutes; give cdk.Duration.seconds(...)"
    )
    with pytest.raises(PatternError, match=exactly(told)):
        flags_of(stack, "Third", poll_interval=cdk.Duration.minutes(seconds))


@pytest.mark.parametrize(("seconds", "variable"), [(1, "1"), (86_400, "86400")])
def test_the_poll_interval_is_the_functions(
    stack: cdk.Stack, handler: PythonFunction, seconds: int, variable: str
) -> None:
    flags_of(stack, poll_interval=cdk.Duration.seconds(seconds)).attach(handler)

    assert variables_of(stack)["AWS_APPCONFIG_EXTENSION_POLL_INTERVAL_SECONDS"] == variable


@pytest.mark.parametrize(
    ("interval", "message"),
    [
        (cdk.Duration.millis(500), "be whole seconds from 1 to 86400, got 0.5 s"),
        (cdk.Duration.seconds(0), "be whole seconds from 1 to 86400, got 0 s"),
        (cdk.Duration.days(2), "be whole seconds from 1 to 86400, got 172800 s"),
    ],
)
def test_a_poll_interval_that_the_extension_does_not_take_is_refused(
    stack: cdk.Stack, interval: cdk.Duration, message: str
) -> None:
    told = f"Shop/Flags: poll_interval must {message}; omit it to get 45 s"
    assert refusal(stack, poll_interval=interval) == told


def test_a_poll_interval_without_a_unit_is_refused(stack: cdk.Stack) -> None:
    assert refusal(stack, poll_interval=45) == (
        "Shop/Flags: poll_interval must be a Duration, got 45; for example cdk.Duration.seconds(45)"
    )


def test_two_poll_intervals_of_one_function_are_refused(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    flags_of(stack).attach(handler)
    limits = flags_of(stack, "Limits", poll_interval=cdk.Duration.seconds(10))

    told = (
        "Shop/Limits: function must have 10 in AWS_APPCONFIG_EXTENSION_POLL_INTERVAL_SECONDS, "
        "got '45' in Shop/Handler; give all configurations of a function one poll_interval"
    )
    with pytest.raises(PatternError, match=exactly(told)):
        limits.attach(handler, prefix="LIMITS_")


def test_a_second_configuration_without_a_prefix_is_refused(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    flags_of(stack).attach(handler)

    told = (
        "Shop/Limits: prefix must be one for each configuration of Shop/Handler, "
        "got a second ''; choose another, for example 'FLAGS_'"
    )
    with pytest.raises(PatternError, match=exactly(told)):
        flags_of(stack, "Limits").attach(handler)


def test_prefixes_that_differ_by_underscores_alone_are_refused(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    flags_of(stack).attach(handler, prefix="MY_")

    told = (
        "Shop/Others: prefix must differ by its letters from the others of Shop/Handler, "
        "got 'MY'; choose another, for example 'FLAGS_'"
    )
    with pytest.raises(PatternError, match=exactly(told)):
        flags_of(stack, "Others").attach(handler, prefix="MY")


@pytest.mark.parametrize(
    ("prefix", "message"),
    [
        (
            "2_",
            "Shop/Handler: environment must have names of two or more letters, digits and "
            "underscores, a letter first, got '2_APPCONFIG_APPLICATION'; rename it",
        ),
        (2, "Shop/Flags: prefix must be a str, got 2; for example 'FLAGS_'"),
        (None, "Shop/Flags: prefix must be a str, got None; for example 'FLAGS_'"),
    ],
)
def test_a_prefix_that_is_no_name_is_refused(
    stack: cdk.Stack, handler: PythonFunction, prefix: Any, message: str
) -> None:
    with pytest.raises(PatternError, match=exactly(message)):
        flags_of(stack).attach(handler, prefix=prefix)


def test_an_environment_without_room_is_refused(stack: cdk.Stack) -> None:
    function = plain_function(stack, "Reader", environment={"FULL": "x" * 4_000})

    with pytest.raises(PatternError) as refused:
        flags_of(stack).attach(function)

    assert str(refused.value).startswith(
        "Shop/Reader: environment must be at most 4096 bytes, names and values together, got 4"
    )


def test_a_function_validates_before_a_deployment(stack: cdk.Stack, other: PythonFunction) -> None:
    flags_of(stack, validator=other)

    [validator] = only(stack, "AppConfig::ConfigurationProfile")["Validators"]
    assert validator == {"Type": "LAMBDA", "Content": stack.resolve(other.function_arn)}
    permission = only(stack, "Lambda::Permission")
    assert permission["Principal"] == "appconfig.amazonaws.com"


def test_a_schema_and_a_function_validate_together(stack: cdk.Stack, other: PythonFunction) -> None:
    AppConfigExtension(
        stack, "Limits", content={"a": 1}, schema={"type": "object"}, validator=other
    )

    validators = only(stack, "AppConfig::ConfigurationProfile")["Validators"]
    assert [each["Type"] for each in validators] == ["JSON_SCHEMA", "LAMBDA"]


def test_a_validator_that_can_not_be_permitted_is_refused(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    alias = lambda_.Alias(stack, "Live", alias_name="live", version=handler.current_version)

    assert refusal(stack, validator=alias) == (
        "Shop/Flags: validator must be a function of this app, which AppConfig is allowed to "
        "invoke, got Alias; make one with PythonFunction, or give a JSON schema as schema"
    )


def test_a_function_does_not_validate_what_it_reads(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    told = (
        "Shop/Flags: function must be another than the validator, which the configuration waits "
        "for, got Shop/Handler; validate by a function of its own"
    )
    with pytest.raises(PatternError, match=exactly(told)):
        flags_of(stack, validator=handler).attach(handler)


def test_who_is_no_function_may_be_granted_to_read(stack: cdk.Stack) -> None:
    role = iam.Role(stack, "Task", assumed_by=iam.ServicePrincipal("ecs-tasks.amazonaws.com"))

    assert flags_of(stack).grant_read(role).success

    [statement] = statements(stack)
    assert sorted(statement["Action"]) == ACTIONS


def test_an_id_that_is_taken_is_refused(stack: cdk.Stack) -> None:
    flags_of(stack)

    assert refusal(stack) == (
        "Shop/Flags: id must be unique in Shop, got a second 'Flags'; choose another id"
    )
