"""The role of a function: its own logs, its traces, and what is granted."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_

from serverless_patterns._acknowledge import acknowledge

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aws_cdk import aws_logs as logs
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
_INSIGHTS_POLICY = "iam::aws:policy/CloudWatchLambdaInsightsExecutionRolePolicy"
# https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html
_NOT_IN_A_DESCRIPTION = re.compile(r"[^\t\n\r\x20-\x7e\xa1-\xff]")


class ExecutionRole(iam.Role):
    """A role that may write to its function's log group and do what the options take.

    What is granted twice stands in its policy once: CDK would first split a policy that repeats
    itself into more managed policies than a role can have. What is granted to it can be granted
    to other roles as well.

    Args:
        scope: The construct that the function belongs to.
        function_id: The id of the function.
        log_group: Where it logs.
        tracing: Whether X-Ray traces.
        options: The function's other options.
    """

    def __init__(
        self,
        scope: Construct,
        function_id: str,
        log_group: logs.ILogGroup,
        tracing: lambda_.Tracing,
        options: FunctionOptions,
    ) -> None:
        log_actions = ["logs:CreateLogStream", "logs:PutLogEvents"]
        statements = [
            iam.PolicyStatement(actions=log_actions, resources=[log_group.log_group_arn]),
        ]
        wide = []
        if tracing != lambda_.Tracing.DISABLED:
            wide.append(("X-Ray takes traces on no particular resource", _TRACING_ACTIONS))
        if "vpc" in options:
            wide.append(
                ("Lambda makes network interfaces in the VPC as the role", _NETWORK_ACTIONS)
            )
        if "durable_config" in options:
            wide.append(
                ("A role is there before the function whose steps it keeps", _DURABLE_ACTIONS)
            )
        statements += [iam.PolicyStatement(actions=act, resources=["*"]) for _, act in wide]
        self._granted: dict[str, iam.AddToPrincipalPolicyResult] = {}
        self._sharing: list[ExecutionRole] = []
        super().__init__(
            scope,
            f"{function_id}Role",
            description=_NOT_IN_A_DESCRIPTION.sub(
                "?", f"What {scope.node.path}/{function_id} may do"
            ),
            assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"),
            # Inline, so that a function without grants needs no policy resource of its own.
            inline_policies={"Execution": iam.PolicyDocument(statements=statements)},
        )
        if wide:
            acknowledge(
                self,
                "AwsSolutions-IAM5[Resource::*]",
                "Serverless-LambdaStarPermissions",
                reason="; ".join(
                    f"{why}: {', '.join(actions)} have no narrower resource"
                    for why, actions in wide
                ),
            )
        if "insights_version" in options:
            acknowledge(
                self,
                f"AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:{_INSIGHTS_POLICY}]",
                reason="CDK lets Lambda Insights write its metrics by AWS's own policy for it.",
            )

    @property
    def granted(self) -> tuple[Mapping[str, Any], ...]:
        """The statements that were granted so far, as templates have them."""
        return tuple(json.loads(said) for said in self._granted)

    def share_grants_with(self, other: ExecutionRole) -> None:
        """Give ``other`` what will be granted to this role."""
        self._sharing.append(other)

    def add_to_principal_policy(
        self, statement: iam.PolicyStatement
    ) -> iam.AddToPrincipalPolicyResult:
        """Add a statement to the role's default policy, once.

        Args:
            statement: The statement.
        """
        for other in self._sharing:
            other.add_to_principal_policy(statement.copy())
        said = cdk.Stack.of(self).resolve(statement.to_statement_json())
        key = json.dumps(said, sort_keys=True)
        if key not in self._granted:
            self._granted[key] = super().add_to_principal_policy(statement)
        return self._granted[key]
