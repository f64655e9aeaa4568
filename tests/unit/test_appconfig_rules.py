from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import assertions
from aws_cdk import aws_lambda as lambda_

from serverless_patterns import PatternError, PythonFunction, SnapStartAlias
from tests.configurations import errors_of, flags_of, flags_refusal
from tests.extensions import plain_function, variables_of
from tests.messages import exactly

if TYPE_CHECKING:
    from collections.abc import Callable

    MakeApp = Callable[..., cdk.App]


def in_region(app: cdk.App, name: str, region: str, account: str = "123456789012") -> cdk.Stack:
    return cdk.Stack(app, name, env=cdk.Environment(account=account, region=region))


def test_what_is_in_another_region_is_refused(make_app: MakeApp) -> None:
    app = make_app()
    here, there = in_region(app, "Here", "eu-west-1"), in_region(app, "There", "us-east-1")
    function = plain_function(there, "Reader")

    assert flags_refusal(here, alarms=[errors_of(function)]) == (
        "Here/Flags: alarms must be in eu-west-1 as the configuration is, "
        "got an alarm in us-east-1; define one in its region"
    )
    assert flags_refusal(here, validator=function) == (
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
        assert flags_refusal(stack, validator=validator) == told
    else:
        flags_of(stack, validator=validator)
        SnapStartAlias(stack, "Live", function=validator)
        with pytest.raises(RuntimeError, match=re.escape(told)):
            assertions.Template.from_stack(stack)


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
    assert flags_refusal(stack, poll_interval=interval) == told


def test_a_poll_interval_without_a_unit_is_refused(stack: cdk.Stack) -> None:
    assert flags_refusal(stack, poll_interval=45) == (
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


def test_a_validator_that_can_not_be_permitted_is_refused(
    stack: cdk.Stack, handler: PythonFunction
) -> None:
    alias = lambda_.Alias(stack, "Live", alias_name="live", version=handler.current_version)

    assert flags_refusal(stack, validator=alias) == (
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


def test_an_id_that_is_taken_is_refused(stack: cdk.Stack) -> None:
    flags_of(stack)

    assert flags_refusal(stack) == (
        "Shop/Flags: id must be unique in Shop, got a second 'Flags'; choose another id"
    )
