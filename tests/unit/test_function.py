from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import assertions
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sqs as sqs

from serverless_patterns import PythonFunction

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

MATCH = assertions.Match


def template_of(stack: cdk.Stack) -> assertions.Template:
    return assertions.Template.from_stack(stack)


def test_a_function_is_safe_by_default(stack: cdk.Stack, entry: Path) -> None:
    PythonFunction(stack, "Worker", entry=entry)

    template_of(stack).has_resource_properties(
        "AWS::Lambda::Function",
        {
            "Architectures": ["arm64"],
            "Handler": "index.handler",
            "LoggingConfig": {"LogFormat": "JSON", "LogGroup": {"Ref": MATCH.any_value()}},
            "MemorySize": 1024,
            "RecursiveLoop": "Terminate",
            "Runtime": "python3.14",
            "Timeout": 29,
            "TracingConfig": {"Mode": "Active"},
        },
    )


def test_the_default_runtime_is_the_newest_python_that_snap_start_takes() -> None:
    names = [name for name in dir(lambda_.Runtime) if name.startswith("PYTHON_3_")]
    taking = [
        runtime for name in names if (runtime := getattr(lambda_.Runtime, name)).supports_snap_start
    ]
    newest = max(taking, key=lambda runtime: int(runtime.name.rpartition(".")[2]))

    assert lambda_.Runtime.PYTHON_3_14.name == newest.name


def test_a_function_costs_itself_a_role_and_a_log_group(stack: cdk.Stack, entry: Path) -> None:
    PythonFunction(stack, "Worker", entry=entry)

    types = sorted(each["Type"] for each in template_of(stack).to_json()["Resources"].values())
    assert types == ["AWS::IAM::Role", "AWS::Lambda::Function", "AWS::Logs::LogGroup"]


def test_the_role_may_write_to_its_own_log_group_and_trace_and_nothing_else(
    stack: cdk.Stack, entry: Path
) -> None:
    PythonFunction(stack, "Worker", entry=entry)

    [role] = template_of(stack).find_resources("AWS::IAM::Role").values()
    [log_group] = template_of(stack).find_resources("AWS::Logs::LogGroup")
    assert "ManagedPolicyArns" not in role["Properties"]
    assert [policy["PolicyDocument"]["Statement"] for policy in role["Properties"]["Policies"]] == [
        [
            {
                "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
                "Effect": "Allow",
                "Resource": {"Fn::GetAtt": [log_group, "Arn"]},
            },
            {
                "Action": ["xray:PutTelemetryRecords", "xray:PutTraceSegments"],
                "Effect": "Allow",
                "Resource": "*",
            },
        ]
    ]


def test_without_tracing_the_role_may_not_trace(stack: cdk.Stack, entry: Path) -> None:
    PythonFunction(stack, "Worker", entry=entry, tracing=lambda_.Tracing.DISABLED)

    template = template_of(stack)
    assert "xray" not in str(template.to_json())
    template.has_resource_properties("AWS::Lambda::Function", {"TracingConfig": MATCH.absent()})


def test_pass_through_tracing_is_passed_on(stack: cdk.Stack, entry: Path) -> None:
    PythonFunction(stack, "Worker", entry=entry, tracing=lambda_.Tracing.PASS_THROUGH)

    template_of(stack).has_resource_properties(
        "AWS::Lambda::Function", {"TracingConfig": {"Mode": "PassThrough"}}
    )


def test_in_a_vpc_the_role_may_make_network_interfaces(stack: cdk.Stack, entry: Path) -> None:
    vpc = ec2.Vpc(stack, "Vpc", max_azs=1, nat_gateways=0, restrict_default_security_group=False)
    PythonFunction(
        stack,
        "Worker",
        entry=entry,
        vpc=vpc,
        allow_public_subnet=True,
        vpc_subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PUBLIC),
    )

    template = template_of(stack)
    template.has_resource_properties("AWS::Lambda::Function", {"VpcConfig": MATCH.any_value()})
    assert "ec2:CreateNetworkInterface" in str(template.find_resources("AWS::IAM::Role"))


def test_what_is_granted_comes_in_a_policy_of_its_own(stack: cdk.Stack, entry: Path) -> None:
    queue = sqs.Queue(stack, "Queue")
    queue.grant_send_messages(PythonFunction(stack, "Worker", entry=entry))

    template_of(stack).has_resource_properties(
        "AWS::IAM::Policy",
        {
            "PolicyDocument": {
                "Statement": [MATCH.object_like({"Action": MATCH.array_with(["sqs:SendMessage"])})]
            }
        },
    )


def test_logs_are_kept_for_three_months_unless_said_otherwise(
    stack: cdk.Stack, entry: Path
) -> None:
    PythonFunction(stack, "Worker", entry=entry)
    PythonFunction(stack, "Short", entry=entry, retention=logs.RetentionDays.ONE_WEEK)

    groups = template_of(stack).find_resources("AWS::Logs::LogGroup").values()
    assert sorted(group["Properties"]["RetentionInDays"] for group in groups) == [7, 90]


def test_a_role_and_a_log_group_of_the_users_own_are_used_as_they_are(
    stack: cdk.Stack, entry: Path
) -> None:
    role = iam.Role.from_role_arn(stack, "Role", "arn:aws:iam::111122223333:role/shared")
    group = logs.LogGroup.from_log_group_name(stack, "Logs", "/shop/worker")
    PythonFunction(stack, "Worker", entry=entry, role=role, log_group=group)

    template = template_of(stack)
    template.resource_count_is("AWS::IAM::Role", 0)
    template.resource_count_is("AWS::Logs::LogGroup", 0)
    template.has_resource_properties(
        "AWS::Lambda::Function",
        {
            "Role": "arn:aws:iam::111122223333:role/shared",
            "LoggingConfig": MATCH.object_like({"LogGroup": "/shop/worker"}),
        },
    )


def test_any_other_option_of_a_function_is_passed_on(stack: cdk.Stack, entry: Path) -> None:
    function = PythonFunction(
        stack,
        "Worker",
        entry=entry,
        description="Packs parcels",
        ephemeral_storage_size=cdk.Size.gibibytes(1),
        reserved_concurrent_executions=5,
    )

    assert isinstance(function, lambda_.Function)
    template_of(stack).has_resource_properties(
        "AWS::Lambda::Function",
        {
            "Description": "Packs parcels",
            "EphemeralStorage": {"Size": 1024},
            "ReservedConcurrentExecutions": 5,
        },
    )


def test_an_option_that_does_not_exist_is_a_type_error(stack: cdk.Stack, entry: Path) -> None:
    with pytest.raises(TypeError, match="memmory_size"):
        PythonFunction(stack, "Worker", entry=entry, memmory_size=1)  # type: ignore[call-arg]


def test_context_chooses_the_architecture(make_app: Callable[..., cdk.App], entry: Path) -> None:
    stack = cdk.Stack(make_app(**{"serverless-patterns:architecture": "x86_64"}), "Shop")
    PythonFunction(stack, "Worker", entry=entry)
    PythonFunction(stack, "Fixed", entry=entry, architecture=lambda_.Architecture.ARM_64)

    functions = template_of(stack).find_resources("AWS::Lambda::Function").values()
    found = sorted(function["Properties"]["Architectures"] for function in functions)
    assert found == [["arm64"], ["x86_64"]]


def test_a_variable_can_be_added_later(stack: cdk.Stack, entry: Path) -> None:
    function = PythonFunction(stack, "Worker", entry=entry, environment={"STAGE": "live"})
    function.add_environment("TABLE", "books")

    template_of(stack).has_resource_properties(
        "AWS::Lambda::Function", {"Environment": {"Variables": {"STAGE": "live", "TABLE": "books"}}}
    )


def test_snap_start_is_passed_on(stack: cdk.Stack, entry: Path) -> None:
    function = PythonFunction(
        stack, "Worker", entry=entry, snap_start=lambda_.SnapStartConf.ON_PUBLISHED_VERSIONS
    )
    cdk.Annotations.of(function).acknowledge_warning("@aws-cdk/aws-lambda:snapStartRequirePublish")

    template_of(stack).has_resource_properties(
        "AWS::Lambda::Function", {"SnapStart": {"ApplyOn": "PublishedVersions"}}
    )


def test_tokens_are_skipped_and_not_guessed(stack: cdk.Stack, entry: Path) -> None:
    size = cdk.Token.as_number(cdk.Fn.ref("Memory"))
    seconds = cdk.Duration.seconds(cdk.Token.as_number(cdk.Fn.ref("Timeout")))
    variables = {"QUEUE": sqs.Queue(stack, "Queue").queue_url}

    PythonFunction(
        stack,
        "Worker",
        entry=entry,
        memory_size=size,  # type: ignore[arg-type]
        timeout=seconds,
        environment=variables,
        function_name=cdk.Fn.ref("Name"),
    )


def test_a_description_of_iams_holds_what_iam_takes(stack: cdk.Stack, entry: Path) -> None:
    PythonFunction(stack, "Bücher→1", entry=entry)

    template_of(stack).has_resource_properties(
        "AWS::IAM::Role", {"Description": "What Shop/Bücher?1 may do"}
    )


def test_a_durable_function_may_keep_its_steps(stack: cdk.Stack, entry: Path) -> None:
    durable = lambda_.DurableConfig(execution_timeout=cdk.Duration.hours(1))
    PythonFunction(stack, "Worker", entry=entry, durable_config=durable)

    [role] = template_of(stack).find_resources("AWS::IAM::Role").values()
    [policy] = role["Properties"]["Policies"]
    allowed = {
        action
        for statement in policy["PolicyDocument"]["Statement"]
        for action in statement["Action"]
    }
    assert {"lambda:CheckpointDurableExecution", "lambda:GetDurableExecutionState"} <= allowed


def test_an_option_that_is_none_is_none(stack: cdk.Stack, entry: Path) -> None:
    nothing: dict[str, Any] = dict.fromkeys(
        ("layers", "vpc", "durable_config", "insights_version", "reserved_concurrent_executions")
    )
    PythonFunction(stack, "Worker", entry=entry, **nothing)
    PythonFunction(stack, "Plain", entry=entry)

    roles = template_of(stack).find_resources("AWS::IAM::Role").values()
    statements = [
        len(role["Properties"]["Policies"][0]["PolicyDocument"]["Statement"]) for role in roles
    ]
    assert statements == [2, 2]


def test_any_sequence_and_any_mapping_will_do(stack: cdk.Stack, entry: Path) -> None:
    arn = "arn:aws:lambda:eu-west-1:111122223333:layer:tools:1"
    layer = lambda_.LayerVersion.from_layer_version_arn(stack, "Layer", arn)
    environment = MappingProxyType({"TABLE": "books"})
    PythonFunction(stack, "Worker", entry=entry, layers=(layer,), environment=environment)

    template_of(stack).has_resource_properties(
        "AWS::Lambda::Function",
        {"Layers": [arn], "Environment": {"Variables": {"TABLE": "books"}}},
    )
