from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sqs as sqs

from serverless_patterns import PatternError, PythonFunction
from tests.messages import exactly

if TYPE_CHECKING:
    from pathlib import Path

SNAP_START = {"snap_start": lambda_.SnapStartConf.ON_PUBLISHED_VERSIONS}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"function_name": "my function"},
            "function_name must be 1 to 64 letters, digits, hyphens and underscores, "
            "got 'my function'; omit it to let CloudFormation make one",
        ),
        (
            {"memory_size": 64},
            "memory_size must be a whole number of MB from 128 to 10240, got 64; "
            "omit it to get 1024",
        ),
        (
            {"memory_size": 128.5},
            "memory_size must be a whole number of MB from 128 to 10240, got 128.5; "
            "omit it to get 1024",
        ),
        (
            {"timeout": cdk.Duration.minutes(20)},
            "timeout must be whole seconds from 1 to 900, got 1200 s; "
            "split longer work, or run it in a container or a state machine",
        ),
        (
            {"timeout": cdk.Duration.millis(1500)},
            "timeout must be whole seconds from 1 to 900, got 1.5 s; "
            "split longer work, or run it in a container or a state machine",
        ),
        (
            {"environment": {"AWS_REGION": "eu-west-1"}},
            "environment must leave alone the names that Lambda sets itself, got 'AWS_REGION'; "
            "choose another name",
        ),
        (
            {"environment": {"MY-TABLE": "books"}},
            "environment must have names of two or more letters, digits and underscores, a letter "
            "first, got 'MY-TABLE'; rename it",
        ),
        (
            {"environment": {"RULES": "x" * 4096}},
            "environment must be at most 4096 bytes, names and values together, got 4101 bytes; "
            "keep larger configuration in AppConfig, Parameter Store or a file in entry",
        ),
        (
            {"runtime": lambda_.Runtime.NODEJS_24_X},
            "runtime must be a Python 3 runtime, got nodejs24.x; "
            "for example lambda_.Runtime.PYTHON_3_14",
        ),
        (
            {"log_retention": logs.RetentionDays.ONE_DAY},
            "log_retention must be left out, as CDK deprecates it, got a value; "
            "set retention, log_group, logging_format or the option ending in _v2",
        ),
        (
            {**SNAP_START, "runtime": lambda_.Runtime.PYTHON_3_11},
            "snap_start must be combined with a runtime from python3.12 on, got python3.11; "
            "omit runtime to get the newest that SnapStart takes",
        ),
        (
            {**SNAP_START, "ephemeral_storage_size": cdk.Size.mebibytes(513)},
            "snap_start must be combined with at most 512 MB of ephemeral storage, got 513 MB; "
            "omit ephemeral_storage_size",
        ),
        (
            {
                **SNAP_START,
                "current_version_options": lambda_.VersionOptions(
                    provisioned_concurrent_executions=1
                ),
            },
            "snap_start must be combined with no provisioned concurrency, got "
            "provisioned_concurrent_executions; choose one of the two ways to start fast",
        ),
        (
            {
                **SNAP_START,
                "durable_config": lambda_.DurableConfig(execution_timeout=cdk.Duration.hours(1)),
            },
            "snap_start must be combined with no durable execution, got durable_config; leave the "
            "steps to a durable function that does without SnapStart",
        ),
        (
            {"function_name": ""},
            "function_name must be 1 to 64 letters, digits, hyphens and underscores, got ''; "
            "omit it to let CloudFormation make one",
        ),
        (
            {"reserved_concurrent_executions": -1},
            "reserved_concurrent_executions must be a whole number from 0, got -1; "
            "0 stops the function; omit it to share the account's executions",
        ),
    ],
)
def test_what_lambda_would_refuse_is_refused(
    stack: cdk.Stack, entry: Path, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(PatternError, match=exactly(f"Shop/Worker: {message}")):
        PythonFunction(stack, "Worker", entry=entry, **options)


def test_a_file_system_with_snap_start_is_refused(stack: cdk.Stack, entry: Path) -> None:
    message = (
        "Shop/Worker: snap_start must be combined with no file system, got filesystem; "
        "read the files from S3, or do without SnapStart"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        PythonFunction(stack, "Worker", entry=entry, filesystem=object(), **SNAP_START)  # type: ignore[arg-type]


def test_too_many_layers_are_refused(stack: cdk.Stack, entry: Path) -> None:
    arn = "arn:aws:lambda:eu-west-1:111122223333:layer:tools:1"
    layers = [lambda_.LayerVersion.from_layer_version_arn(stack, f"L{i}", arn) for i in range(6)]

    message = (
        "Shop/Worker: layers must be at most 5, got 6; put the code into entry or merge layers"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        PythonFunction(stack, "Worker", entry=entry, layers=layers)


def test_a_variable_that_breaks_a_rule_is_refused_later_too(stack: cdk.Stack, entry: Path) -> None:
    function = PythonFunction(stack, "Worker", entry=entry, environment={"RULES": "x" * 4000})

    with pytest.raises(PatternError, match="got 4109 bytes"):
        function.add_environment("MORE", "y" * 100)


def test_a_fifo_queue_for_dead_letters_is_refused(stack: cdk.Stack, entry: Path) -> None:
    message = (
        "Shop/Worker: dead_letter_queue must be a standard queue, got a FIFO queue; "
        "Lambda sends to standard queues and topics only"
    )
    queue = sqs.Queue(stack, "Letters", fifo=True)
    with pytest.raises(PatternError, match=exactly(message)):
        PythonFunction(stack, "Worker", entry=entry, dead_letter_queue=queue)


def test_a_sibling_in_the_way_of_the_role_is_refused(stack: cdk.Stack, entry: Path) -> None:
    iam.Role(stack, "WorkerRole", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))

    message = (
        "Shop/WorkerRole: id must be unique in Shop, got a second 'WorkerRole'; choose another id"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        PythonFunction(stack, "Worker", entry=entry)


def test_what_cdk_refuses_is_told_without_its_trace(stack: cdk.Stack, entry: Path) -> None:
    message = (
        "Shop/Worker: arguments must be what lambda_.Function takes, got CDK's refusal: "
        "`retryAttempts` must be between 0 and 2; change the argument that it names"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        PythonFunction(stack, "Worker", entry=entry, retry_attempts=9)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"timeout": 30},
            "timeout must be a Duration, got 30; for example cdk.Duration.seconds(29)",
        ),
        (
            {"runtime": "python3.14"},
            "runtime must be a Runtime, got 'python3.14'; for example lambda_.Runtime.PYTHON_3_14",
        ),
        (
            {"architecture": "arm64"},
            "architecture must be an Architecture, got 'arm64'; "
            "for example lambda_.Architecture.ARM_64",
        ),
        (
            {"tracing": "Active"},
            "tracing must be a Tracing, got 'Active'; for example lambda_.Tracing.ACTIVE",
        ),
        (
            {"environment": {"LIMIT": 5}},
            "environment['LIMIT'] must be a str, got 5; for example '5'",
        ),
        ({"handler": 5}, 'handler must be a str, got 5; for example "index.handler"'),
    ],
)
def test_a_value_of_another_type_is_refused(
    stack: cdk.Stack, entry: Path, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(PatternError, match=exactly(f"Shop/Worker: {message}")):
        PythonFunction(stack, "Worker", entry=entry, **options)
