"""Configuration that changes without a deployment of code and without a cold start."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import aws_cdk as cdk
import constructs
from aws_cdk import aws_appconfig as appconfig
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_

from serverless_patterns import _appconfig_rules as rules
from serverless_patterns import _deployment_strategy, _extension_layer
from serverless_patterns._appconfig_content import written
from serverless_patterns._errors import new_path, refusals_of
from serverless_patterns._extension_layer import ExtensionLayer
from serverless_patterns._invocation import environment_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_cdk import aws_cloudwatch as cloudwatch

    from serverless_patterns._appconfig_content import Source

_LAYER = ExtensionLayer(
    "AppConfigExtensionLayer",
    "AWS-AppConfig-Extension",
    "/aws/service/aws-appconfig/lambda-extension",
)
_PREFETCH_LIST = "AWS_APPCONFIG_EXTENSION_PREFETCH_LIST"
_POLL_INTERVAL = "AWS_APPCONFIG_EXTENSION_POLL_INTERVAL_SECONDS"


class AppConfigExtension(constructs.Construct):
    """Configuration or feature flags that running functions take up within the poll interval.

    Defines an AppConfig application with one environment, a configuration that AppConfig hosts
    as JSON, its deployment, and a deployment strategy. ``attach(function)`` gives a function
    AWS's extension, which polls AppConfig beside the handler and answers it on
    ``localhost:2772``; a function is given names and never content, so a change of content
    changes no function and no published version: nothing starts cold.

    The handler owes three things:

    - To ask the extension at each invocation and to keep nothing for longer: by
      ``serverless_patterns.runtime.appconfig``, or at the path of ``APPCONFIG_APPLICATION``,
      ``APPCONFIG_ENVIRONMENT`` and ``APPCONFIG_PROFILE`` of its environment.
    - To bear both what is deployed and what was before: in a rollout, two execution environments
      answer by different configurations.
    - An answer while there is none: a rollout reaches its first share of functions first. A
      function in a VPC needs a way to AppConfig's data plane, ``appconfigdata``.

    AppConfig publishes no metrics of its rollouts. Watch what a configuration does, by ``alarms``
    on the functions that read it; ``configuration.on_deployment_rolled_back`` tells of a rollback.

    Args:
        scope: The construct that the configuration belongs to.
        id: The construct id.
        content: The configuration: a dict, or the path of a JSON or YAML file. Either is hosted
            as JSON, which a handler reads without a parser of its own. Default - none, with
            ``feature_flags``.
        feature_flags: Feature flags instead: what each flag is, as
            ``{"sale": {"enabled": True, "percent": 20}}`` or ``{"sale": True}``, or a document
            of type ``AWS.AppConfig.FeatureFlags``; a dict, or the path of a JSON or YAML file.
            Default - none, with ``content``.
        schema: A JSON schema of draft 4 for ``content``, a dict or the path of a JSON or YAML
            file. Content is held to it at synthesis, and by AppConfig when anyone deploys
            another. Default - none; AppConfig has one of its own for feature flags.
        validator: A function that AppConfig invokes with a configuration before it is deployed,
            and that raises to refuse it. Default - none.
        alarms: What calls a rollout back when it rings, five at most: the errors of the functions
            that read the configuration, for example.
        rollout_strategy: How fast a rollout proceeds, and for how long alarms are watched after
            it. Until then, no other can start. Default - everybody at once; with ``alarms``, 20
            percent every 6 minutes and 30 minutes more, as AWS recommends for production.
        poll_interval: How long functions may go on with what was deployed before, from one
            second. Default - 45 seconds, the extension's own.
        layer: The layer with the extension, to pin one. Default - the newest for the function's
            architecture and region, which CloudFormation looks up at deployment.

    Attributes:
        application: The L2 of the application.
        environment: The L2 of its environment.
        configuration: The L2 of the configuration.
        deployment_strategy: The L2 of the deployment strategy.

    Raises:
        PatternError: If the configuration breaks its schema, or AppConfig would refuse an
            argument.

    See:
        https://docs.aws.amazon.com/appconfig/latest/userguide/appconfig-integration-lambda-extensions.html
    """

    def __init__(
        self,
        scope: constructs.Construct,
        id: str,  # noqa: A002 - CDK's own name
        *,
        content: Source | None = None,
        feature_flags: Source | None = None,
        schema: Source | None = None,
        validator: lambda_.Function | None = None,
        alarms: Sequence[cloudwatch.IAlarm] = (),
        rollout_strategy: appconfig.RolloutStrategy | None = None,
        poll_interval: cdk.Duration | None = None,
        layer: lambda_.ILayerVersion | None = None,
    ) -> None:
        path = new_path(scope, id)
        stack = cdk.Stack.of(scope)
        hosted = rules.checked_content(path, content, feature_flags, schema)
        rules.check_validator(path, validator, stack.region)
        _deployment_strategy.check_rollout(path, rollout_strategy, alarms, stack.region)
        self._poll_seconds = rules.checked_poll_seconds(path, poll_interval)
        _extension_layer.check_layer(path, layer)
        text = written(stack, path, hosted.keyword, hosted.value)
        super().__init__(scope, id)
        self._layer, self._validator, self._alarms = layer, validator, [*alarms]
        with refusals_of("appconfig.HostedConfiguration", path):
            self.application = appconfig.Application(self, "Application")
            self.environment = appconfig.Environment(
                self,
                "Environment",
                application=self.application,
                monitors=_deployment_strategy.define_monitors(self, alarms),
            )
            self.deployment_strategy = appconfig.DeploymentStrategy(
                self,
                "Strategy",
                rollout_strategy=_deployment_strategy.rollout_of(rollout_strategy, alarms),
            )
            self.configuration = appconfig.HostedConfiguration(
                self,
                "Configuration",
                application=self.application,
                content=appconfig.ConfigurationContent.from_inline_json(text),
                type=hosted.type,
                validators=rules.validators_of(hosted.schema, validator),
                deployment_strategy=self.deployment_strategy,
                deploy_to=[self.environment],
            )
        permission = validator and validator.node.try_find_child("AppConfigPermission")
        if permission:  # else a deployment may ask the validator before it is allowed to
            self.configuration.node.add_dependency(permission)

    def attach(self, function: lambda_.IFunction, *, prefix: str = "") -> iam.Grant:
        """Let a function read the configuration through AWS's extension.

        Its environment then names the configuration, in ``APPCONFIG_APPLICATION``,
        ``APPCONFIG_ENVIRONMENT`` and ``APPCONFIG_PROFILE``; the extension fetches it before the
        function starts.

        Args:
            function: The function. Its aliases and versions read it with it.
            prefix: What stands before the names of these variables, as ``LIMITS_``, for a
                function's second configuration.

        Returns:
            The grant to read the configuration.

        Raises:
            PatternError: If the function can't load the extension, or its environment says
                otherwise.
        """
        path = self.node.path
        defined = _extension_layer.defined_function(path, function)
        rules.check_readable(path, defined, self, self._alarms, self._validator)
        _LAYER.check(path, defined, self._layer)
        rules.check_prefix(path, defined, prefix)
        names = self._names(prefix)
        interval = {_POLL_INTERVAL: self._poll_seconds}
        _extension_layer.check_variables(
            path,
            defined,
            interval,
            remedy="give all configurations of a function one poll_interval",
        )
        prefetched = {_PREFETCH_LIST: self._prefetched_with(defined)}
        variables = {**names, **prefetched, **interval}
        _extension_layer.check_room(defined, variables)
        _LAYER.add(defined, self._layer)
        for variable, value in variables.items():
            defined.add_environment(variable, value)
        return self._grant_beside(defined, prefix)

    def grant_read(self, grantee: iam.IGrantable) -> iam.Grant:
        """Allow ``grantee`` to poll this configuration, and no other.

        Args:
            grantee: Who reads it without ``attach``: a container, or a function that is defined
                elsewhere.
        """
        return iam.Grant.add_to_principal(
            grantee=grantee,
            actions=["appconfig:StartConfigurationSession", "appconfig:GetLatestConfiguration"],
            resource_arns=[
                cdk.Stack.of(self).format_arn(
                    service="appconfig",
                    resource="application",
                    resource_name=f"{self.application.application_id}"
                    f"/environment/{self.environment.environment_id}"
                    f"/configuration/{self.configuration.configuration_profile_id}",
                )
            ],
        )

    def _names(self, prefix: str) -> dict[str, str]:
        return {
            f"{prefix}APPCONFIG_APPLICATION": str(self.application.name),
            f"{prefix}APPCONFIG_ENVIRONMENT": str(self.environment.name),
            f"{prefix}APPCONFIG_PROFILE": str(self.configuration.name),
        }

    def _prefetched_with(self, function: lambda_.Function) -> str:
        application, environment, profile = self._names("").values()
        own = f"/applications/{application}/environments/{environment}/configurations/{profile}"
        there = environment_of(function).get(_PREFETCH_LIST)
        if there and not isinstance(there, str):  # only the deployment knows it
            return f"{cdk.Token.as_string(there)},{own}"
        earlier = str(there).split(",") if there else ()
        return ",".join(dict.fromkeys([*earlier, own]))

    def _grant_beside(self, function: lambda_.Function, prefix: str) -> iam.Grant:
        """Grant it in a policy of its own, which the function needn't wait for.

        A function waits for the policy of its role, which would wait for the environment, which
        waits for its alarms: those on the function itself would close a circle.
        """
        policy = iam.Policy(function, rules.policy_id(prefix))
        grant = self.grant_read(policy)
        if function.role:
            policy.attach_to_role(function.role)
        if not self._alarms:
            resource = cast("lambda_.CfnFunction", function.node.default_child)
            resource.node.add_dependency(policy)
        return grant
