"""A Lambda function with this library's defaults."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Unpack, cast

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs

from serverless_patterns import _function_rules
from serverless_patterns._acknowledge import acknowledge
from serverless_patterns._errors import check_type, new_path, refusals_of
from serverless_patterns._sources import EXCLUDE
from serverless_patterns.bundling import PythonCode

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping, Sequence

    from constructs import Construct

    from serverless_patterns._cdk_options import FunctionOptions

_NETWORK_ACTIONS = [
    "ec2:CreateNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:DeleteNetworkInterface",
    "ec2:AssignPrivateIpAddresses",
    "ec2:UnassignPrivateIpAddresses",
]
_DURABLE_ACTIONS = ["lambda:CheckpointDurableExecution", "lambda:GetDurableExecutionState"]
_TRACING_ACTIONS = ["xray:PutTraceSegments", "xray:PutTelemetryRecords"]
_TRACING_MODES = {
    lambda_.Tracing.ACTIVE: "Active",
    lambda_.Tracing.PASS_THROUGH: "PassThrough",
    lambda_.Tracing.DISABLED: None,
}
_INSIGHTS_POLICY = "iam::aws:policy/CloudWatchLambdaInsightsExecutionRolePolicy"
# https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html
_NOT_IN_A_DESCRIPTION = re.compile(r"[^\t\n\r\x20-\x7e\xa1-\xff]")


class PythonFunction(lambda_.Function):
    """A Python function, bundled without Docker and safe by default.

    Defines the function, a role of its own and a log group of its own. The role follows no AWS
    managed policy: it may write to that log group, send traces, and what is granted to it. The
    role and the log group stand beside the function as ``<id>Role`` and ``<id>LogGroup``. Logs
    are JSON, tracing is active, and an invocation loop is stopped by Lambda.

    The handler owes an answer within ``timeout``, and every answer to anyone who calls twice.

    Args:
        scope: The construct that the function belongs to.
        id: The construct id.
        entry: The folder with the sources; see ``PythonCode`` for what goes into the asset.
        handler: ``module.function``, or ``module:attribute`` for an ASGI or WSGI application.
        runtime: A Python runtime. Default - the newest that SnapStart takes.
        architecture: The instruction set. Default - from context, else ``ARM_64``.
        memory_size: Memory in MB, 128 to 10,240; CPU comes in proportion, one core at 1,769.
        timeout: The longest that one invocation may take, 1 to 900 s. Default - 29 seconds, the
            least that any HTTP endpoint waits.
        environment: Environment variables, 4 KB together. Default - none.
        function_name: A physical name; it forbids replacement. Default - made by CloudFormation.
        retention: How long the log group keeps events.
        log_group: A log group that exists. Default - one of the function's own.
        role: A role that exists; it is used as it is, so grant it what writing logs and traces
            takes. Default - one of the function's own.
        logging_format: The format of Lambda's own and Python's log records.
        tracing: Whether X-Ray traces.
        recursive_loop: What Lambda does when it sees the function invoking itself.
        exclude: Names to leave out of the asset.
        **options: Any other option of ``lambda_.Function`` that CDK doesn't deprecate. With
            ``insights_version``, CDK attaches AWS's policy for Lambda Insights to the role.

    Raises:
        PatternError: If an argument breaks a rule that Lambda would refuse at deployment, or
            the application can't be bundled.

    See:
        https://docs.aws.amazon.com/lambda/latest/dg/lambda-python.html
    """

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002 - CDK's own name
        *,
        entry: str | os.PathLike[str],
        handler: str = "index.handler",
        runtime: lambda_.Runtime | None = None,
        architecture: lambda_.Architecture | None = None,
        memory_size: int = 1024,
        timeout: cdk.Duration | None = None,
        environment: Mapping[str, str] | None = None,
        function_name: str | None = None,
        retention: logs.RetentionDays = logs.RetentionDays.THREE_MONTHS,
        log_group: logs.ILogGroup | None = None,
        role: iam.IRole | None = None,
        logging_format: lambda_.LoggingFormat = lambda_.LoggingFormat.JSON,
        tracing: lambda_.Tracing = lambda_.Tracing.ACTIVE,
        recursive_loop: lambda_.RecursiveLoop = lambda_.RecursiveLoop.TERMINATE,
        exclude: Sequence[str] = EXCLUDE,
        **options: Unpack[FunctionOptions],
    ) -> None:
        path = new_path(scope, id)
        options = _given(options)
        if role is None:
            new_path(scope, f"{id}Role")
        if log_group is None:
            new_path(scope, f"{id}LogGroup")
        check_type(path, "timeout", timeout, cdk.Duration, "cdk.Duration.seconds(29)")
        check_type(path, "tracing", tracing, lambda_.Tracing, "lambda_.Tracing.ACTIVE")
        resolved_timeout = timeout or cdk.Duration.seconds(29)
        resolved_runtime = runtime or PythonCode.default_runtime()
        _function_rules.check_name(path, function_name)
        _function_rules.check_size(path, memory_size, resolved_timeout)
        _function_rules.check_environment(path, environment or {})
        _function_rules.check_options(path, resolved_runtime, options)
        code = PythonCode(
            scope,
            id,
            entry=entry,
            handler=handler,
            runtime=resolved_runtime,
            architecture=architecture,
            exclude=exclude,
        )
        self._environment = dict(environment or {})  # before CDK's constructor adds to it
        own_log_group = log_group or logs.LogGroup(scope, f"{id}LogGroup", retention=retention)
        with refusals_of("lambda_.Function", path):
            super().__init__(
                scope,
                id,
                code=code,
                handler=cast("str", code.handler),
                runtime=resolved_runtime,
                architecture=code.architecture,
                memory_size=memory_size,
                timeout=resolved_timeout,
                environment=dict(environment or {}),
                function_name=function_name,
                log_group=own_log_group,
                role=role or _role(scope, id, own_log_group, tracing, options),
                logging_format=logging_format,
                recursive_loop=recursive_loop,
                **options,
            )
        # Set here, the L2's own `tracing` would add a policy resource for what _role has inline.
        function = cast("lambda_.CfnFunction", self.node.default_child)
        mode = _TRACING_MODES[tracing]
        if mode:
            function.tracing_config = lambda_.CfnFunction.TracingConfigProperty(mode=mode)

    def add_environment(
        self, key: str, value: str, *, remove_in_edge: bool | None = None
    ) -> lambda_.Function:
        """Add an environment variable.

        Args:
            key: Its name.
            value: Its value.
            remove_in_edge: Whether to leave it out when Lambda@Edge uses the function.

        Raises:
            PatternError: If Lambda reserves the name, or all of them exceed 4 KB.
        """
        environment = {**self._environment, key: value}
        _function_rules.check_environment(self.node.path, environment)
        self._environment = environment
        return super().add_environment(key, value, remove_in_edge=remove_in_edge)


def _given(options: FunctionOptions) -> FunctionOptions:
    """The options that have a value, sequences as the lists that jsii takes."""
    given = {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in options.items()
        if value is not None
    }
    return cast("FunctionOptions", given)


def _role(
    scope: Construct,
    function_id: str,
    log_group: logs.ILogGroup,
    tracing: lambda_.Tracing,
    options: FunctionOptions,
) -> iam.Role:
    """A role that may write to ``log_group`` and do what the options take."""
    log_actions = ["logs:CreateLogStream", "logs:PutLogEvents"]
    statements = [
        iam.PolicyStatement(actions=log_actions, resources=[log_group.log_group_arn]),
    ]
    wide = []
    if _TRACING_MODES[tracing]:
        wide.append(("X-Ray takes traces on no particular resource", _TRACING_ACTIONS))
    if "vpc" in options:
        wide.append(("Lambda makes network interfaces in the VPC as the role", _NETWORK_ACTIONS))
    if "durable_config" in options:
        wide.append(("A role is there before the function whose steps it keeps", _DURABLE_ACTIONS))
    statements += [iam.PolicyStatement(actions=act, resources=["*"]) for _, act in wide]
    role = iam.Role(
        scope,
        f"{function_id}Role",
        description=_NOT_IN_A_DESCRIPTION.sub("?", f"What {scope.node.path}/{function_id} may do"),
        assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"),
        # Inline, so that a function without grants needs no policy resource of its own.
        inline_policies={"Execution": iam.PolicyDocument(statements=statements)},
    )
    if wide:
        acknowledge(
            role,
            "AwsSolutions-IAM5[Resource::*]",
            "Serverless-LambdaStarPermissions",
            reason="; ".join(
                f"{why}: {', '.join(actions)} have no narrower resource" for why, actions in wide
            ),
        )
    if "insights_version" in options:
        acknowledge(
            role,
            f"AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:{_INSIGHTS_POLICY}]",
            reason="CDK lets Lambda Insights write its metrics by AWS's own policy for it.",
        )
    return role
