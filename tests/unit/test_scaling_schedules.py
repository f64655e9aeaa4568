from __future__ import annotations

import datetime as dt
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_applicationautoscaling as appscaling
from aws_cdk import aws_lambda as lambda_

from serverless_patterns import PatternError, ProvisionedConcurrency, PythonFunction
from tests.messages import exactly

EIGHT = appscaling.Schedule.cron(hour="8", minute="0")
EXAMPLE = "for example appscaling.ScalingSchedule(schedule=..., min_capacity=10)"
NAMES = (
    "schedules must have names of 1 to 256 characters without : / and |, and no space at an end, "
    "got 8; rename it"
)


@pytest.fixture
def alias(stack: cdk.Stack, handler: PythonFunction) -> lambda_.Alias:
    return lambda_.Alias(stack, "Alias", alias_name="live", version=handler.current_version)


def scheduled(**options: Any) -> appscaling.ScalingSchedule:
    return appscaling.ScalingSchedule(**{"schedule": EIGHT, "min_capacity": 3, **options})


def provision(alias: lambda_.Alias, schedules: Any) -> ProvisionedConcurrency:
    return ProvisionedConcurrency(
        alias.stack, "Warm", alias=alias, min_capacity=2, max_capacity=20, schedules=schedules
    )


@pytest.mark.parametrize(
    "expression",
    [
        "every morning",
        "",
        "0 8 * * ? *",
        "cron(0 8 * * ?)",
        "cron(0 8 * * ? * *)",
        "cron(60 8 * * ? *)",
        "cron(0 24 * * ? *)",
        "cron(0 8 0 * ? *)",
        "cron(0 8 32 * ? *)",
        "cron(0 8 * 13 ? *)",
        "cron(0 8 ? * 8 *)",
        "cron(0 8 * * ? 1969)",
        "cron(0 8 * * ? MON)",
        "cron(0-61 8 * * ? *)",
        "rate(0 minutes)",
        "rate(5)",
        "rate(5 seconds)",
        "at(2027-02-30T08:00:00)",
        "at(2027-02-01)",
    ],
)
def test_a_time_that_application_auto_scaling_would_not_read_is_refused(
    alias: lambda_.Alias, expression: str
) -> None:
    schedule = appscaling.Schedule.expression(expression)
    message = (
        "Shop/Warm: schedules['Morning'].schedule must be an at, a rate or a cron expression of "
        f"six fields, got {expression!r}; for example "
        'appscaling.Schedule.cron(hour="8", minute="0")'
    )

    with pytest.raises(PatternError, match=exactly(message)):
        provision(alias, {"Morning": scheduled(schedule=schedule)})


def test_every_form_of_a_time_is_taken(stack: cdk.Stack, alias: lambda_.Alias) -> None:
    expressions = [
        "cron(0/5 8-17,22 ? JAN-MAR,12 mon-FRI 2027-2030)",
        "cron(0 8 LW * ? *)",
        "cron(0 8 15W * ? *)",
        "cron(0 8 ? * 6#3 *)",
        "cron(0 8 ? * 5L *)",
        "cron(30 6 * * 2 *)",
        "cron(*/100 8 * * ? *)",
        "rate(1 minute)",
        "rate(36 hours)",
        "at(2028-02-29T08:00:00)",
        cdk.CfnParameter(stack, "When").value_as_string,
    ]
    warm = provision(
        alias,
        {
            f"Number {number}": scheduled(schedule=appscaling.Schedule.expression(each))
            for number, each in enumerate(expressions)
        },
    )

    target = warm.target.node.default_child
    assert isinstance(target, appscaling.CfnScalableTarget)
    actions = stack.resolve(target._cfn_properties)["scheduledActions"]
    assert [each["schedule"] for each in actions] == [*expressions[:-1], {"Ref": "When"}]


def test_a_time_zone_that_there_is_not_is_refused(alias: lambda_.Alias) -> None:
    message = (
        "Shop/Warm: schedules['Morning'].time_zone must be a time zone of the IANA's, got "
        "'Europe/Berlni'; for example cdk.TimeZone.EUROPE_BERLIN"
    )

    with pytest.raises(PatternError, match=exactly(message)):
        provision(alias, {"Morning": scheduled(time_zone=cdk.TimeZone.of("Europe/Berlni"))})


def test_a_time_zone_that_cdk_alone_knows_is_taken(
    alias: lambda_.Alias, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("zoneinfo.available_timezones", set)  # as on a machine without them

    provision(alias, {"Morning": scheduled(time_zone=cdk.TimeZone.AMERICA_NEW_YORK)})


def test_a_time_zone_that_this_machine_alone_knows_is_taken(
    alias: lambda_.Alias, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("zoneinfo.available_timezones", lambda: {"Moon/Tycho"})

    provision(alias, {"Morning": scheduled(time_zone=cdk.TimeZone.of("Moon/Tycho"))})


@pytest.mark.parametrize("bound", ["start_time", "end_time"])
def test_a_moment_without_a_time_zone_is_refused(alias: lambda_.Alias, bound: str) -> None:
    moment = dt.datetime(2027, 1, 1)  # noqa: DTZ001 - what is refused
    message = (
        f"Shop/Warm: schedules['Morning'].{bound} must have a time zone, got 2027-01-01T00:00:00; "
        "give it tzinfo=datetime.UTC"
    )

    with pytest.raises(PatternError, match=exactly(message)):
        provision(alias, {"Morning": scheduled(**{bound: moment})})


@pytest.mark.parametrize(
    ("schedules", "message"),
    [
        (
            ["Morning"],
            "schedules must be a Mapping, got ['Morning']; for example "
            '{"Morning": appscaling.ScalingSchedule(schedule=..., min_capacity=10)}',
        ),
        ({"Morning": None}, f"schedules['Morning'] must be a ScalingSchedule, got None; {EXAMPLE}"),
        ({8: scheduled()}, NAMES),
    ],
)
def test_schedules_are_named(alias: lambda_.Alias, schedules: Any, message: str) -> None:
    with pytest.raises(PatternError, match=exactly(f"Shop/Warm: {message}")):
        provision(alias, schedules)
