"""What AppConfig, its extension or Lambda would refuse or punish of a configuration."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
from aws_cdk import aws_appconfig as appconfig
from aws_cdk import aws_lambda as lambda_

from serverless_patterns import _quotas
from serverless_patterns._appconfig_content import read
from serverless_patterns._at_synthesis import check_at_synthesis
from serverless_patterns._configuration_schema import check_against, checked_schema
from serverless_patterns._errors import PatternError, check_type, kind_of
from serverless_patterns._feature_flags import checked_flags
from serverless_patterns._function_rules import check_environment
from serverless_patterns._invocation import environment_of
from serverless_patterns._numbers import later_text
from serverless_patterns._snapstart_rules import starts_from_snapshot

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from aws_cdk import aws_cloudwatch as cloudwatch
    from constructs import Construct, IConstruct

    from serverless_patterns._appconfig_content import Source

# What the extension does when it isn't told.
_POLL_SECONDS = 45


@dataclass(frozen=True)
class HostedContent:
    """What AppConfig is to host.

    Attributes:
        keyword: The keyword that it was given as.
        value: The configuration.
        type: Of which type it is.
        schema: What AppConfig validates it by.
    """

    keyword: str
    value: Any
    type: appconfig.ConfigurationType
    schema: dict[str, Any] | None = None


def checked_content(
    path: str, content: Source | None, feature_flags: Source | None, schema: Source | None
) -> HostedContent:
    """The one configuration that was given, if it holds to its schema.

    Raises:
        PatternError: If there is none, or two, or AppConfig would refuse it.
    """
    if (content is None) == (feature_flags is None):
        raise PatternError(
            path,
            "content",
            rule="be given, or feature_flags, one of the two",
            got="neither" if content is None else "both",
            remedy="flags are read one by one, content is read as a whole",
        )
    if feature_flags is not None:
        if schema is not None:
            raise PatternError(
                path,
                "schema",
                rule="be left out for feature_flags, which AppConfig has a schema for",
                got="one",
                remedy="constrain attributes in the flags' own document, or give a validator",
            )
        flags = checked_flags(path, read(path, "feature_flags", feature_flags))
        return HostedContent("feature_flags", flags, appconfig.ConfigurationType.FEATURE_FLAGS)
    assert content is not None  # noqa: S101 - one of the two is
    value = read(path, "content", content)
    rules = None if schema is None else checked_schema(path, schema)
    if rules is not None:
        check_against(path, "content", value, rules)
    return HostedContent("content", value, appconfig.ConfigurationType.FREEFORM, rules)


def validators_of(
    schema: dict[str, Any] | None, validator: lambda_.Function | None
) -> list[appconfig.IValidator] | None:
    """What AppConfig asks before it deploys anything."""
    validators: list[appconfig.IValidator] = []
    if schema is not None:
        validators.append(appconfig.JsonSchemaValidator.from_inline(json.dumps(schema)))
    if validator is not None:
        validators.append(appconfig.LambdaValidator.from_function(validator))
    return validators or None


def check_validator(path: str, validator: object, region: str) -> None:
    """Refuse a validator that AppConfig can't invoke.

    Raises:
        PatternError: If it is no function, or one of another region.
    """
    if validator is None:
        return
    if not isinstance(validator, lambda_.Function):
        raise PatternError(
            path,
            "validator",
            rule="be a function of this app, which AppConfig is allowed to invoke",
            got=kind_of(validator),
            remedy="make one with PythonFunction, or give a JSON schema as schema",
        )
    for broken in _from_snapshot(path, validator):
        raise broken
    check_at_synthesis(validator, lambda: _from_snapshot(path, validator))
    there = validator.env.region
    if there != region and not any(map(cdk.Token.is_unresolved, (there, region))):
        raise PatternError(
            path,
            "validator",
            rule=f"be in {region} as the configuration is",
            got=f"a function in {there}",
            remedy="define one in its region",
        )


def _from_snapshot(path: str, validator: lambda_.Function) -> Iterator[PatternError]:
    """Why AppConfig, which invokes ``$LATEST``, would start it without its snapshot."""
    if starts_from_snapshot(validator):
        yield PatternError(
            path,
            "validator",
            rule="be a function without SnapStart, as AppConfig invokes its $LATEST",
            got=validator.node.path,
            remedy="validate by a function of its own",
        )


def checked_poll_seconds(path: str, poll_interval: cdk.Duration | None) -> str:
    """How often the extension polls, in the whole seconds that it takes.

    Raises:
        PatternError: If it doesn't take them.
    """
    check_type(path, "poll_interval", poll_interval, cdk.Duration, "cdk.Duration.seconds(45)")
    if poll_interval is None:
        return str(_POLL_SECONDS)
    if poll_interval.is_unresolved():
        return later_text(path, "poll_interval", poll_interval, "seconds")
    seconds = poll_interval.to_milliseconds(integral=False) / 1000
    if seconds not in _quotas.APPCONFIG_POLL_SECONDS:
        raise PatternError(
            path,
            "poll_interval",
            rule="be whole seconds from 1 to 86400",
            got=f"{seconds:g} s",
            remedy="omit it to get 45 s",
        )
    return str(int(seconds))


def check_readable(
    path: str,
    function: lambda_.Function,
    scope: Construct,
    alarms: Sequence[cloudwatch.IAlarm],
    validator: lambda_.Function | None,
) -> None:
    """Refuse a function that would look elsewhere, or that couldn't be deployed with it.

    Args:
        path: The construct path of the configuration.
        function: Who is to read it.
        scope: The configuration.
        alarms: What calls its rollouts back.
        validator: What AppConfig asks before it deploys anything.

    Raises:
        PatternError: If the function can't read it.
    """
    stack = cdk.Stack.of(scope)
    for what in ("region", "account"):
        here, there = getattr(stack, what), getattr(function.env, what)
        if here != there and not any(map(cdk.Token.is_unresolved, (here, there))):
            raise PatternError(
                path,
                "function",
                rule=f"be in {what} {here} as the configuration is",
                got=f"a function in {there}",
                remedy=f"define an AppConfigExtension in its {what}",
            )
    if validator is not None and function.node.path == validator.node.path:
        raise PatternError(
            path,
            "function",
            rule="be another than the validator, which the configuration waits for",
            got=function.node.path,
            remedy="validate by a function of its own",
        )
    own = cdk.Stack.of(function)
    awaited: list[tuple[str, IConstruct]] = [("one of its alarms", alarm) for alarm in alarms]
    if validator is not None:
        awaited.append(("its validator", validator))
    for what, construct in awaited:
        if own is not stack and cdk.Stack.of(construct) is own:
            raise PatternError(
                path,
                "function",
                rule=f"be of the configuration's stack, as {what} is of the function's",
                got=function.node.path,
                remedy="define the configuration in the function's stack: either stack would wait "
                "for the other",
            )


def policy_id(prefix: str) -> str:
    """The id of the policy that lets a function read the configuration of a prefix."""
    return f"{prefix.title().replace('_', '')}ConfigurationPolicy"


def check_prefix(path: str, function: lambda_.Function, prefix: str) -> None:
    """Refuse a prefix that Lambda can't name variables by, or that tells another configuration.

    Raises:
        PatternError: If it can't be used.
    """
    if not isinstance(prefix, str):
        raise PatternError(
            path, "prefix", rule="be a str", got=repr(prefix), remedy="for example 'FLAGS_'"
        )
    variable = f"{prefix}APPCONFIG_APPLICATION"
    check_environment(function.node.path, {variable: ""})
    if variable in environment_of(function):
        raise PatternError(
            path,
            "prefix",
            rule=f"be one for each configuration of {function.node.path}",
            got=f"a second {prefix!r}",
            remedy="choose another, for example 'FLAGS_'",
        )
    if function.node.try_find_child(policy_id(prefix)) is not None:
        raise PatternError(
            path,
            "prefix",
            rule=f"differ by its letters from the others of {function.node.path}",
            got=repr(prefix),
            remedy="choose another, for example 'FLAGS_'",
        )
