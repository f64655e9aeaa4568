"""A Lambda function with this library's defaults."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs

from serverless_patterns import _function_rules
from serverless_patterns._account_concurrency import check_reserved
from serverless_patterns._errors import check_type, new_path, refusals_of
from serverless_patterns._execution_role import ExecutionRole
from serverless_patterns._function_options import given, trace
from serverless_patterns._sources import EXCLUDE
from serverless_patterns.bundling import PythonCode

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping, Sequence

    from constructs import Construct

    from serverless_patterns._cdk_options import FunctionOptions


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
        entry: The folder with the sources; see ``PythonCode`` for what goes into the asset. Or a
            ``PythonCode`` that was made of one, which functions of one stack share: it has its own
            handler, runtime and architecture, which are then not given here.
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
        entry: str | os.PathLike[str] | PythonCode,
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
        options = given(options)
        if role is None:
            new_path(scope, f"{id}Role")
        if log_group is None:
            new_path(scope, f"{id}LogGroup")
        check_type(path, "timeout", timeout, cdk.Duration, "cdk.Duration.seconds(29)")
        check_type(path, "tracing", tracing, lambda_.Tracing, "lambda_.Tracing.ACTIVE")
        resolved_timeout = timeout or cdk.Duration.seconds(29)
        if isinstance(entry, PythonCode):
            runtime, architecture, handler = (
                entry.runtime,
                entry.architecture,
                entry.handler or handler,
            )
        resolved_runtime = runtime or PythonCode.default_runtime()
        _function_rules.check_name(path, function_name)
        _function_rules.check_size(path, memory_size, resolved_timeout)
        _function_rules.check_environment(path, environment or {})
        _function_rules.check_options(path, resolved_runtime, options)
        code = (
            entry
            if isinstance(entry, PythonCode)
            else PythonCode(
                scope,
                id,
                entry=entry,
                handler=handler,
                runtime=resolved_runtime,
                architecture=architecture,
                exclude=exclude,
            )
        )
        self._environment = dict(environment or {})  # before CDK's constructor adds to it
        own_log_group = log_group or logs.LogGroup(scope, f"{id}LogGroup", retention=retention)
        with refusals_of("lambda_.Function", path):
            super().__init__(
                scope,
                id,
                code=code,
                handler=code.handler or handler,
                runtime=resolved_runtime,
                architecture=code.architecture,
                memory_size=memory_size,
                timeout=resolved_timeout,
                environment=dict(environment or {}),
                function_name=function_name,
                log_group=own_log_group,
                role=role or ExecutionRole(scope, id, own_log_group, tracing, options),
                logging_format=logging_format,
                recursive_loop=recursive_loop,
                **options,
            )
        trace(self, tracing)
        check_reserved(self)

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
