"""How large Lambda's policy of who may invoke a handler grows, a statement for each source."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk as cdk
import jsii
from aws_cdk import aws_lambda as lambda_

from serverless_patterns import _quotas
from serverless_patterns._plan_policies import policy_bytes
from serverless_patterns._streams.readers import identity
from serverless_patterns._warn import warn

if TYPE_CHECKING:
    from constructs import Construct, IConstruct


def warn_of_policy_size(scope: Construct, handler: lambda_.IFunction) -> None:
    """Warn at synthesis of more sources than a policy has room for, which Lambda refuses.

    A warning, as names that a deployment generates are taken at their longest.

    Args:
        scope: What stands for the handler.
        handler: The handler; an alias has a policy of its own.
    """
    cdk.Aspects.of(scope).add(_WarnsOfPolicySize(scope, handler))


@jsii.implements(cdk.IAspect)
class _WarnsOfPolicySize:
    def __init__(self, scope: Construct, handler: lambda_.IFunction) -> None:
        self._scope = scope
        self._handler = handler

    def visit(self, node: IConstruct) -> None:
        if node is not self._scope:  # an aspect visits everything under what it is added to
            return
        mine = identity(self._scope, self._handler.function_arn)
        permissions = []
        for each in node.node.root.node.find_all():
            if isinstance(each, lambda_.CfnPermission) and (
                identity(each, each.function_name) == mine
            ):
                stack = cdk.Stack.of(each)
                said = stack.resolve(each._cfn_properties)  # noqa: SLF001 - all of them together
                properties = {key[0].upper() + key[1:]: value for key, value in said.items()}
                permissions.append((str(stack.resolve(each.logical_id)), properties))
        size = policy_bytes(permissions)
        if size > _quotas.LAMBDA_POLICY_BYTES:
            warn(
                self._scope,
                {
                    "resource-policy-size": f"{len(permissions)} permissions to invoke "
                    f"{self._handler.node.path} take about {size} bytes of a policy, of the "
                    f"{_quotas.LAMBDA_POLICY_BYTES} that Lambda takes: let sources share a topic "
                    "or a queue, or give some of them an alias, which has a policy of its own"
                },
            )
