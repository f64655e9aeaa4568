from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import assertions
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_

from serverless_patterns import AppConfigExtension, PatternError, PythonFunction
from tests.configurations import errors_of, flags_of, only, resources, statements
from tests.extensions import plain_function, variables_of
from tests.messages import exactly

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    MakeApp = Callable[..., cdk.App]

ACTIONS = ["appconfig:GetLatestConfiguration", "appconfig:StartConfigurationSession"]


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


def test_a_function_of_another_stack_is_deployed_after_its_configuration(
    make_app: MakeApp,
) -> None:
    app = make_app()
    configuration, shop = cdk.Stack(app, "Configuration"), cdk.Stack(app, "Shop")
    flags_of(configuration).attach(plain_function(shop, "Reader"))
    app.synth()

    assert configuration in shop.dependencies
    assert len(statements(shop)) == 1


def test_nothing_is_deployed_before_the_validator_may_be_asked(stack: cdk.Stack) -> None:
    flags_of(stack, validator=plain_function(stack, "Validator"))

    [permission] = resources(stack, "Lambda::Permission")
    [deployment] = resources(stack, "AppConfig::Deployment").values()
    assert permission in deployment["DependsOn"]


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


def test_who_is_no_function_may_be_granted_to_read(stack: cdk.Stack) -> None:
    role = iam.Role(stack, "Task", assumed_by=iam.ServicePrincipal("ecs-tasks.amazonaws.com"))

    assert flags_of(stack).grant_read(role).success

    [statement] = statements(stack)
    assert sorted(statement["Action"]) == ACTIONS
