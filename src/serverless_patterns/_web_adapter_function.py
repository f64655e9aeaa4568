"""What a web function and its siblings have: a package, a role, a log group, the variables."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

import aws_cdk as cdk
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs

from serverless_patterns import _function_rules
from serverless_patterns._account_concurrency import check_reserved
from serverless_patterns._errors import PatternError, refusals_of
from serverless_patterns._execution_role import ExecutionRole
from serverless_patterns._function_options import trace
from serverless_patterns._web_adapter_variables import check_no_variables

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aws_cdk import aws_iam as iam
    from constructs import Construct

    from serverless_patterns._cdk_options import FunctionOptions
    from serverless_patterns._web_adapter_image import ImageRules

# What one function has and its sibling has not: its callers' affairs, and its versions.
_OF_ONE = {
    "current_version_options",
    "dead_letter_queue",
    "dead_letter_queue_enabled",
    "dead_letter_topic",
    "description",
    "events",
    "max_event_age",
    "on_failure",
    "on_success",
    "reserved_concurrent_executions",
    "retry_attempts",
    "snap_start",
}


@dataclass(frozen=True, kw_only=True)
class Package:
    """The code that functions share, and how it is started.

    Attributes:
        code: The image, or the asset.
        handler: What Lambda starts in it.
        runtime: The runtime.
        architecture: The instruction set.
        layers: What brings the adapter; an image has it.
        environment: What starts the adapter.
        image: What is known of the image's Dockerfile, if there is one.
    """

    code: lambda_.Code
    handler: str
    runtime: lambda_.Runtime
    architecture: lambda_.Architecture
    layers: tuple[lambda_.ILayerVersion, ...]
    environment: Mapping[str, str]
    image: ImageRules | None = None


@dataclass(frozen=True, kw_only=True)
class Configuration:
    """What a function is set to, beside its code and its variables."""

    memory_size: int
    timeout: cdk.Duration
    retention: logs.RetentionDays
    log_group: logs.ILogGroup | None
    role: iam.IRole | None
    logging_format: lambda_.LoggingFormat
    tracing: lambda_.Tracing
    recursive_loop: lambda_.RecursiveLoop
    options: FunctionOptions

    def check(self, path: str, package: Package, environment: Mapping[str, str]) -> None:
        """Refuse what Lambda would refuse.

        Raises:
            PatternError: If there is such.
        """
        options = {**self.options, "layers": [*package.layers, *self.options.get("layers", ())]}
        if package.runtime.name == lambda_.Runtime.FROM_IMAGE.name and "snap_start" in options:
            raise PatternError(
                path,
                "snap_start",
                rule="be left to a SnapStartAlias where the function is an image",
                got="a value",
                remedy="omit it, and publish the function by one",
            )
        _function_rules.check_size(path, self.memory_size, self.timeout)
        _function_rules.check_environment(path, environment)
        _function_rules.check_options(path, package.runtime, cast("FunctionOptions", options))

    def of_sibling(self, memory_size: int | None, timeout: cdk.Duration | None) -> Configuration:
        """What a function of the same code has that others invoke."""
        options = {name: value for name, value in self.options.items() if name not in _OF_ONE}
        return replace(
            self,
            memory_size=self.memory_size if memory_size is None else memory_size,
            timeout=timeout or self.timeout,
            options=cast("FunctionOptions", options),
        )


class AdaptedFunction(lambda_.Function):
    """A function that the Lambda Web Adapter starts.

    Args:
        scope: The construct that it belongs to.
        construct_id: The construct id.
        package: Its code.
        configuration: What it is set to.
        environment: Its variables.
        function_name: A physical name.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        package: Package,
        configuration: Configuration,
        environment: Mapping[str, str],
        *,
        function_name: str | None = None,
    ) -> None:
        options = configuration.options
        layers = [*package.layers, *options.get("layers", ())]
        self._environment = dict(environment)
        self._is_defined = False  # CDK's constructor adds the variables one by one
        log_group = configuration.log_group or logs.LogGroup(
            scope, f"{construct_id}LogGroup", retention=configuration.retention
        )
        role = configuration.role or ExecutionRole(
            scope, construct_id, log_group, configuration.tracing, options
        )
        with refusals_of("lambda_.Function", f"{scope.node.path}/{construct_id}".lstrip("/")):
            super().__init__(
                scope,
                construct_id,
                code=package.code,
                handler=package.handler,
                runtime=package.runtime,
                architecture=package.architecture,
                memory_size=configuration.memory_size,
                timeout=configuration.timeout,
                environment=dict(environment),
                function_name=function_name,
                log_group=log_group,
                role=role,
                logging_format=configuration.logging_format,
                recursive_loop=configuration.recursive_loop,
                **cast("FunctionOptions", {**options, **({"layers": layers} if layers else {})}),
            )
        self._is_defined = True
        trace(self, configuration.tracing)
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
            PatternError: If it is the adapter's, Lambda reserves the name, or all of them exceed
                4 KB.
        """
        if self._is_defined:
            check_no_variables(self.node.path, {key: value})
        environment = {**self._environment, key: value}
        _function_rules.check_environment(self.node.path, environment)
        self._environment = environment
        return super().add_environment(key, value, remove_in_edge=remove_in_edge)
