"""Who may be granted what a trigger has."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import aws_cdk as cdk

from serverless_patterns._errors import PatternError

if TYPE_CHECKING:
    from aws_cdk import aws_iam as iam
    from aws_cdk import aws_lambda as lambda_
    from constructs import Construct


def check_grantee(
    trigger: Construct,
    handler: lambda_.IFunction,
    resource: cdk.IResource,
    grantee: iam.IGrantable,
    *,
    kind: str,
) -> None:
    """Refuse to grant anything to what can't be granted it, or whose stack the trigger's waits for.

    Args:
        trigger: The trigger.
        handler: What it invokes.
        resource: What is granted.
        grantee: Who is to be granted it.
        kind: What ``resource`` is.

    Raises:
        PatternError: If nobody can be, or CDK would, by a trace of stacks that wait for each other.
    """
    if isinstance(grantee, type) or not hasattr(grantee, "grant_principal"):
        raise PatternError(
            trigger.node.path,
            "grantee",
            rule="be a function, a role or a principal",
            got=f"the class {grantee.__name__}"
            if isinstance(grantee, type)
            else type(grantee).__name__,
            remedy="for example the handler",
        )
    principal = grantee.grant_principal
    here, there = cdk.Stack.of(trigger), cdk.Stack.of(handler)
    stands_here = resource.node.default_child is not None and resource.stack is here
    if there is here or not stands_here or not hasattr(principal, "node"):
        return
    role = cast("Construct", principal)
    if cdk.Stack.of(role) is there:
        raise PatternError(
            trigger.node.path,
            "grantee",
            rule=f"stand in another stack than the handler, {there.node.path}, as that of the "
            f"trigger, {here.node.path}, waits for it",
            got=role.node.path,
            remedy=f"define the trigger in {there.node.path}, or give it a {kind} of that stack",
        )
