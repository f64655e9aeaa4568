"""What a load balancer's rules for one function share: a target group and a permission."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import aws_cdk as cdk
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk import aws_iam as iam

from serverless_patterns import _quotas
from serverless_patterns._errors import PatternError
from serverless_patterns._invocation import check_answers_within, check_same_region
from serverless_patterns._streaming import check_answers

if TYPE_CHECKING:
    from constructs import IConstruct

    from serverless_patterns._units import Target


@dataclass(frozen=True)
class TargetGroup:
    """What rules that lead to one function need.

    The L2 would put the permission beside the function and leave it open to every account's load
    balancers.

    Attributes:
        arn: The target group's ARN.
        permission: What lets load balancers of this account and region invoke the function,
            unless CDK can't say so.
    """

    arn: str
    permission: IConstruct | None

    @classmethod
    def of(
        cls, path: str, target: Target, limit: int = _quotas.LOAD_BALANCER_IDLE_SECONDS
    ) -> TargetGroup:
        """Define it in the scope of the target's unit.

        Args:
            path: The construct path of the API's construct, for errors.
            target: The unit and its function.
            limit: The seconds that the load balancer waits for an answer.

        Raises:
            PatternError: If the function may outlast the load balancer, or stands in another
                region or account.
        """
        handler, scope = target.handler, target.scope
        check_answers_within(path, handler, limit, "a load balancer")
        check_answers(path, handler, "a load balancer", streaming=None)
        check_same_region(path, handler, scope)
        _check_same_account(path, target)
        permission = _permit(path, target)
        group = elbv2.CfnTargetGroup(
            scope,
            "TargetGroup",
            target_type="lambda",
            targets=[elbv2.CfnTargetGroup.TargetDescriptionProperty(id=handler.function_arn)],
            target_group_attributes=[
                elbv2.CfnTargetGroup.TargetGroupAttributeProperty(
                    key="lambda.multi_value_headers.enabled", value="true"
                )
            ],
        )
        if permission:
            # A function is registered only where the load balancer may invoke it already.
            group.node.add_dependency(permission)
        return cls(group.ref, permission)


def _permit(path: str, target: Target) -> IConstruct | None:
    stack = cdk.Stack.of(target.scope)
    target.handler.add_permission(
        "Permission",
        scope=target.scope,
        principal=iam.ServicePrincipal("elasticloadbalancing.amazonaws.com"),
        # The ARN of the group itself would be known only after the function is registered in it.
        source_arn=stack.format_arn(
            service="elasticloadbalancing", resource="targetgroup", resource_name="*"
        ),
        source_account=stack.account,
    )
    permission = target.scope.node.try_find_child("Permission")
    if permission is None:
        cdk.Annotations.of(target.scope).add_warning_v2(
            "serverless-patterns:permission",
            f"{path}: CDK can't let the load balancer invoke {target.handler.node.path}: unless "
            "its owner did, it can't be registered and the deployment fails. An imported function "
            "of this account takes same_environment=True; $LATEST takes the function itself",
        )
    return permission


def _check_same_account(path: str, target: Target) -> None:
    here, there = cdk.Stack.of(target.scope).account, target.handler.env.account
    if here != there and not cdk.Token.is_unresolved(here) and not cdk.Token.is_unresolved(there):
        raise PatternError(
            path,
            "handler",
            rule=f"be in the account {here} as the load balancer is",
            got=f"a function in {there}",
            remedy="define both in stacks of one account, or choose Endpoint.HTTP_API",
        )
