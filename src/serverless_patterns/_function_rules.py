"""What Lambda would refuse of a function at deployment, refused at construction."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import aws_cdk as cdk

from serverless_patterns import _quotas
from serverless_patterns._errors import PatternError, check_type

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aws_cdk import aws_lambda as lambda_

    from serverless_patterns._cdk_options import FunctionOptions


DEPRECATED = {
    "application_log_level",
    "log_format",
    "log_removal_policy",
    "log_retention",
    "log_retention_retry_options",
    "log_retention_role",
    "system_log_level",
}


def check_name(path: str, name: str | None) -> None:
    """Refuse a physical name that Lambda does not take."""
    if name is not None and not cdk.Token.is_unresolved(name):
        if re.fullmatch(_quotas.LAMBDA_FUNCTION_NAME, name):
            return
        raise PatternError(
            path,
            "function_name",
            rule="be 1 to 64 letters, digits, hyphens and underscores",
            got=repr(name),
            remedy="omit it to let CloudFormation make one",
        )


def check_size(path: str, memory_size: int, timeout: cdk.Duration) -> None:
    """Refuse memory or a timeout out of Lambda's range."""
    if not cdk.Token.is_unresolved(memory_size) and memory_size not in _quotas.LAMBDA_MEMORY_MB:
        raise PatternError(
            path,
            "memory_size",
            rule="be a whole number of MB from 128 to 10240",
            got=memory_size,
            remedy="omit it to get 1024",
        )
    if not timeout.is_unresolved():
        seconds = timeout.to_milliseconds() / 1000
        if seconds not in _quotas.LAMBDA_TIMEOUT_SECONDS:
            raise PatternError(
                path,
                "timeout",
                rule="be whole seconds from 1 to 900",
                got=f"{seconds:g} s",
                remedy="split longer work, or run it in a container or a state machine",
            )


def check_environment(path: str, environment: Mapping[str, str]) -> None:
    """Refuse environment variables that Lambda reserves, can't name or has no room for."""
    size = 0
    for name, value in environment.items():
        if name in _quotas.LAMBDA_RESERVED_ENVIRONMENT:
            raise PatternError(
                path,
                "environment",
                rule="leave alone the names that Lambda sets itself",
                got=repr(name),
                remedy="choose another name",
            )
        if not re.fullmatch(_quotas.LAMBDA_ENVIRONMENT_NAME, name):
            raise PatternError(
                path,
                "environment",
                rule="have names of two or more letters, digits and underscores, a letter first",
                got=repr(name),
                remedy="rename it",
            )
        check_type(path, f"environment[{name!r}]", value, str, repr(str(value)))
        if not cdk.Token.is_unresolved(value):
            size += len(name.encode()) + len(value.encode())
    if size > _quotas.LAMBDA_ENVIRONMENT_BYTES:
        raise PatternError(
            path,
            "environment",
            rule=f"be at most {_quotas.LAMBDA_ENVIRONMENT_BYTES} bytes, names and values together",
            got=f"{size} bytes",
            remedy="keep larger configuration in AppConfig, Parameter Store or a file in entry",
        )


def check_options(path: str, runtime: lambda_.Runtime, options: FunctionOptions) -> None:
    """Refuse options that CDK deprecates, or that Lambda takes in no such combination."""
    for deprecated in sorted({*options} & DEPRECATED):
        raise PatternError(
            path,
            deprecated,
            rule="be left out, as CDK deprecates it",
            got="a value",
            remedy="set retention, log_group, logging_format or the option ending in _v2",
        )
    layers = options.get("layers", ())
    if len(layers) > _quotas.LAMBDA_LAYERS:
        raise PatternError(
            path,
            "layers",
            rule=f"be at most {_quotas.LAMBDA_LAYERS}",
            got=len(layers),
            remedy="put the code into entry or merge layers",
        )
    reserved = options.get("reserved_concurrent_executions", 0)
    if not cdk.Token.is_unresolved(reserved) and (reserved < 0 or reserved != int(reserved)):
        raise PatternError(
            path,
            "reserved_concurrent_executions",
            rule="be a whole number from 0",
            got=reserved,
            remedy="0 stops the function; omit it to share the account's executions",
        )
    letters = options.get("dead_letter_queue")
    if letters is not None and letters.fifo:
        raise PatternError(
            path,
            "dead_letter_queue",
            rule="be a standard queue",
            got="a FIFO queue",
            remedy="Lambda sends to standard queues and topics only",
        )
    if options.get("snap_start"):
        _check_snap_start(path, runtime, options)


def _check_snap_start(path: str, runtime: lambda_.Runtime, options: FunctionOptions) -> None:
    storage = options.get("ephemeral_storage_size")
    limit = _quotas.SNAPSTART_EPHEMERAL_STORAGE_MB
    versions = options.get("current_version_options")
    if not runtime.supports_snap_start:
        rule, got = "be combined with a runtime from python3.12 on", runtime.name
        remedy = "omit runtime to get the newest that SnapStart takes"
    elif options.get("filesystem"):
        rule, got = "be combined with no file system", "filesystem"
        remedy = "read the files from S3, or do without SnapStart"
    elif options.get("durable_config"):
        rule, got = "be combined with no durable execution", "durable_config"
        remedy = "leave the steps to a durable function that does without SnapStart"
    elif versions and versions.provisioned_concurrent_executions:
        rule, got = (
            "be combined with no provisioned concurrency",
            "provisioned_concurrent_executions",
        )
        remedy = "choose one of the two ways to start fast"
    elif storage and not storage.is_unresolved() and storage.to_kibibytes() > limit * 1024:
        rule = f"be combined with at most {limit} MB of ephemeral storage"
        got, remedy = f"{storage.to_kibibytes() / 1024:g} MB", "omit ephemeral_storage_size"
    else:
        return
    raise PatternError(path, "snap_start", rule=rule, got=got, remedy=remedy)
