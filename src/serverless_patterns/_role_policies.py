"""Whether a role takes policies: CDK says that it granted something either way."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import aws_cdk as cdk
from aws_cdk import aws_iam as iam

if TYPE_CHECKING:
    from constructs import Construct


def attached(policy: iam.Policy, role: iam.IRole) -> bool:
    """Attach a policy to a role, if the role lets itself be changed.

    One that was imported with ``mutable=False`` or from another account doesn't, nor what
    ``without_policy_updates`` returns; a policy that is told its ``roles`` is attached to them
    all the same.
    """
    role.attach_inline_policy(policy)
    resource = cast("iam.CfnPolicy", policy.node.default_child)
    return bool(cdk.Stack.of(policy).resolve(resource.roles))


def takes_policies(scope: Construct, role: iam.IRole) -> bool:
    """Whether a role lets itself be changed.

    Args:
        scope: Where a policy is tried on, which is gone afterwards.
        role: The role.
    """
    trial = iam.Policy(scope, "Trial")
    taken = attached(trial, role)
    scope.node.try_remove_child("Trial")
    return taken
