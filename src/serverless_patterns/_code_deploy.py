"""The CodeDeploy resources that move the traffic of an alias."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, cast

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_codedeploy as codedeploy
from aws_cdk import aws_iam as iam
from constructs import Construct

from serverless_patterns._acknowledge import acknowledge
from serverless_patterns._errors import PatternError
from serverless_patterns._invocation import acknowledge_polled, environment_of, function_behind
from serverless_patterns._release import ALL_AT_ONCE, CANARY, Release

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aws_cdk import aws_lambda as lambda_

_ROLLS_BACK = "A release is rolled back by any alarm"
_HOOK_FAILS = "CodeDeploy invokes the hook and fails the release if it fails: no event is lost."


class CodeDeployment(Construct):
    """What CodeDeploy knows of an alias, and what it may do with it.

    Args:
        scope: The ``SnapStartAlias``.
        construct_id: The construct id.
        release: How traffic moves.
        alias: What it moves on.

    Attributes:
        group: The deployment group.
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, release: Release, alias: lambda_.Alias
    ) -> None:
        super().__init__(scope, construct_id)
        self._release = release
        self._alias = alias
        alarms = self._alarms()
        self.group = codedeploy.LambdaDeploymentGroup(
            self,
            "Group",
            alias=alias,
            # CDK would add AWS's managed policy, which lets it move any alias of the account.
            role=self._role(alarms).without_policy_updates(),
            alarms=alarms,
            deployment_config=self._config(),
            auto_rollback=codedeploy.AutoRollbackConfig(
                failed_deployment=True, stopped_deployment=True, deployment_in_alarm=bool(alarms)
            ),
        )
        self._set_hooks()

    def broken_rules(self) -> Iterator[PatternError]:
        """Hooks that wait for the alias, which waits for them."""
        stack = cdk.Stack.of(self)
        resource = cast("cdk.CfnElement", self._alias.node.default_child)
        logical_id = json.dumps(stack.resolve(resource.logical_id))
        for name, hook in self._release.hooks.items():
            function = function_behind(hook)
            if function is None:
                continue
            policy = function.role and function.role.node.try_find_child("DefaultPolicy")
            said = [dict(environment_of(function))]
            if isinstance(policy, iam.Policy):
                said.append(stack.resolve(policy.document.to_json()))
            if logical_id in json.dumps(said):
                yield PatternError(
                    cast("Construct", self.node.scope).node.path,
                    name,
                    rule="not refer to the alias, which waits for it",
                    got=f"{function.node.path}, whose environment or role names the alias",
                    remedy="give it function_arn and grant_invoke of version instead",
                )

    def _alarms(self) -> list[cloudwatch.IAlarm]:
        if self._release.alarms is not None:
            return [*self._release.alarms]
        errors = self._alias.metric_errors(period=cdk.Duration.minutes(1))
        # Of the new version alone: errors of the old one are no reason to keep it.
        executed = {**(errors.dimensions or {}), "ExecutedVersion": self._alias.version.version}
        alarm = cloudwatch.Alarm(
            self,
            "ErrorAlarm",
            alarm_description=f"{self._path}: the version that is being released fails",
            metric=errors.with_(dimensions_map=executed),
            threshold=1,
            evaluation_periods=1,
            comparison_operator=(cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD),
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )
        self._alias.node.add_dependency(alarm)  # it must watch the version before traffic moves
        return [alarm]

    def _role(self, alarms: list[cloudwatch.IAlarm]) -> iam.Role:
        arn = self._alias.lambda_.function_arn
        actions = [
            "lambda:GetAlias",
            "lambda:UpdateAlias",
            "lambda:GetProvisionedConcurrencyConfig",
        ]
        statements = [
            iam.PolicyStatement(actions=actions, resources=[arn, f"{arn}:{self._alias.alias_name}"])
        ]
        # Composite alarms are described to those alone who may describe any.
        described = [
            each.alarm_arn if isinstance(each, cloudwatch.Alarm) else "*" for each in alarms
        ]
        if described:
            statements.append(
                iam.PolicyStatement(actions=["cloudwatch:DescribeAlarms"], resources=described)
            )
        role = iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal("codedeploy.amazonaws.com"),
            inline_policies={"Release": iam.PolicyDocument(statements=statements)},
        )
        if "*" in described:
            acknowledge(
                role,
                "AwsSolutions-IAM5[Resource::*]",
                reason=f"{_ROLLS_BACK}, and CloudWatch describes a composite one to those alone "
                "who may describe every alarm.",
            )
        self._let_invoke_hooks(role)
        return role

    def _let_invoke_hooks(self, role: iam.Role) -> None:
        """By a policy of its own: a hook may tell this group, which is made with the role."""
        hooks = [*self._release.hooks.values()]
        if hooks:
            policy = iam.Policy(
                self,
                "HookPolicy",
                roles=[role],
                statements=[
                    iam.PolicyStatement(
                        actions=["lambda:InvokeFunction"],
                        resources=[hook.function_arn for hook in hooks],
                    )
                ],
            )
            self._alias.node.add_dependency(policy)

    def _set_hooks(self) -> None:
        """Set them here: the L2 would change the permissions of a hook, refusing imported ones."""
        for hook in self._release.hooks.values():
            self.group.grant_put_lifecycle_event_hook_execution_status(hook)
            acknowledge_polled(self, hook, _HOOK_FAILS)
        before, after = self._release.pre_traffic_hook, self._release.post_traffic_hook
        cast(
            "lambda_.CfnAlias", self._alias.node.default_child
        ).cfn_options.update_policy = cdk.CfnUpdatePolicy(
            code_deploy_lambda_alias_update=cdk.CfnCodeDeployLambdaAliasUpdate(
                application_name=self.group.application.application_name,
                deployment_group_name=self.group.deployment_group_name,
                before_allow_traffic_hook=before.function_name if before else None,
                after_allow_traffic_hook=after.function_name if after else None,
            )
        )

    def _config(self) -> codedeploy.ILambdaDeploymentConfig:
        release = self._release
        if release.strategy == ALL_AT_ONCE:
            return codedeploy.LambdaDeploymentConfig.ALL_AT_ONCE
        percent, interval = release.percent, release.interval
        kind = (
            codedeploy.TimeBasedCanaryTrafficRouting
            if release.strategy == CANARY
            else codedeploy.TimeBasedLinearTrafficRouting
        )
        known = None if interval.is_unresolved() else _known(release)
        return known or codedeploy.LambdaDeploymentConfig(
            self, "Config", traffic_routing=kind(interval=interval, percentage=percent)
        )

    @property
    def _path(self) -> str:
        return cast("Construct", self.node.scope).node.path


def _known(release: Release) -> codedeploy.ILambdaDeploymentConfig | None:
    """The configuration that CodeDeploy has already, if it has this one."""
    minutes = int(release.interval.to_minutes())
    name = (
        f"CANARY_{release.percent}_PERCENT_{minutes}_MINUTES"
        if release.strategy == CANARY
        else f"LINEAR_{release.percent}_PERCENT_EVERY_{minutes}_MINUTE{'S' if minutes > 1 else ''}"
    )
    return getattr(codedeploy.LambdaDeploymentConfig, name, None)
