"""The functions of a modular application: one asset, one handler, one role each."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk

from serverless_patterns._api import ApiOptions
from serverless_patterns._snapstart_rules import check_not_bare
from serverless_patterns.bundling import PythonCode
from serverless_patterns.function import PythonFunction
from serverless_patterns.snapstart import SnapStartAlias

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aws_cdk import aws_ec2 as ec2
    from aws_cdk import aws_lambda as lambda_
    from aws_cdk.interfaces import aws_kms, aws_lambda
    from constructs import Construct


class ModularOptions(ApiOptions, total=False):
    """What ``ModularApi`` takes as ``**options``: those of the API, and of all its functions.

    The options of ``lambda_.Function`` and ``PythonFunction`` by their own names. ``retention``
    holds for the functions' logs as well.
    """

    adot_instrumentation: lambda_.AdotInstrumentationConfig
    allow_all_outbound: bool
    application_log_level_v2: lambda_.ApplicationLogLevel
    architecture: lambda_.Architecture
    code_signing_config: aws_lambda.ICodeSigningConfigRef
    environment_encryption: aws_kms.IKeyRef
    ephemeral_storage_size: cdk.Size
    exclude: Sequence[str]
    filesystem: lambda_.FileSystem
    insights_version: lambda_.LambdaInsightsVersion
    layers: Sequence[lambda_.ILayerVersion]
    logging_format: lambda_.LoggingFormat
    recursive_loop: lambda_.RecursiveLoop
    runtime: lambda_.Runtime
    security_groups: Sequence[ec2.ISecurityGroup]
    system_log_level_v2: lambda_.SystemLogLevel
    tracing: lambda_.Tracing
    vpc: ec2.IVpc
    vpc_subnets: ec2.SubnetSelection


@dataclass(frozen=True)
class UnitOptions:
    """What one unit of a ``ModularApi`` has for itself.

    Attributes:
        memory_size: Memory in MB. Default - the application's.
        timeout: The longest that one invocation may take. Default - the application's.
        reserved_concurrent_executions: The executions that are kept for this unit, and the most
            that it may have. Default - it shares those of the account.
        environment: Variables beside the application's, or in place of some.
        snap_start: Whether it starts from a snapshot. Default - the application's.
    """

    memory_size: int | None = None
    timeout: cdk.Duration | None = None
    reserved_concurrent_executions: int | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    snap_start: bool | None = None

    def over(self, broader: UnitOptions) -> UnitOptions:
        """These options, and for what they leave open those of the module that a route is of.

        Reserved executions aren't handed down: they would be reserved once for every route.
        """
        return replace(
            self,
            memory_size=self.memory_size or broader.memory_size,
            timeout=self.timeout or broader.timeout,
            environment={**broader.environment, **self.environment},
            snap_start=broader.snap_start if self.snap_start is None else self.snap_start,
        )


class ApplicationFunctions:
    """Makes the functions of one application; those of one stack share its asset.

    Args:
        app: ``package.module:attribute`` of the application.
        entry: The folder with its sources.
        common: What every function is given.
        options: What all of them are set to, where a unit has nothing of its own.
    """

    def __init__(
        self, app: str, entry: Any, common: Mapping[str, Any], options: UnitOptions
    ) -> None:
        self._app = app
        self._entry = entry
        self._common = common
        self._options = options
        self._codes: dict[cdk.Stack, PythonCode] = {}

    def define(self, scope: Construct, options: UnitOptions) -> PythonFunction:
        """The function of the unit whose scope this is."""
        chosen = options.over(self._options)
        sized: dict[str, Any] = {"timeout": chosen.timeout}
        if chosen.memory_size is not None:
            sized["memory_size"] = chosen.memory_size
        if options.reserved_concurrent_executions is not None:
            sized["reserved_concurrent_executions"] = options.reserved_concurrent_executions
        return PythonFunction(
            scope,
            "Function",
            entry=self._code(scope),
            environment=chosen.environment,
            **sized,
            **{name: value for name, value in self._common.items() if name not in _OF_THE_CODE},
        )

    def publish(
        self, path: str, scope: Construct, function: PythonFunction, options: UnitOptions
    ) -> SnapStartAlias | None:
        """The alias that leads to a unit's snapshot, if it is to start from one.

        Args:
            path: The construct path of the API.
            scope: The unit's scope.
            function: Its function.
            options: What the unit has for itself.

        Raises:
            PatternError: If SnapStart excludes the function.
        """
        if self.starts_from_snapshot(options):
            return SnapStartAlias(scope, "Live", function=function)
        check_not_bare(path, "functions", function, "leave that to the API: snap_start=True")
        return None

    def starts_from_snapshot(self, options: UnitOptions) -> bool:
        """Whether a unit with these options starts from a snapshot."""
        return bool(options.over(self._options).snap_start)

    def _code(self, scope: Construct) -> PythonCode:
        stack = cdk.Stack.of(scope)
        if stack not in self._codes:
            chosen = {name: self._common[name] for name in _OF_THE_CODE if name in self._common}
            self._codes[stack] = PythonCode(
                scope, "Function", entry=self._entry, handler=self._app, **chosen
            )
        return self._codes[stack]


_OF_THE_CODE = ("runtime", "architecture", "exclude")
