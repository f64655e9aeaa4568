"""What lets a REST API invoke functions: those of its units and those of its authorizers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import Construct

from serverless_patterns._http_integration import permit_api
from serverless_patterns._invocation import acknowledge_synchronous
from serverless_patterns._nesting import UnitScopes

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from aws_cdk import aws_apigateway as apigateway
    from constructs import IConstruct

    from serverless_patterns._rest_authorization import SecurityScheme
    from serverless_patterns._units import Target


def permit_units(
    scope: Construct, path: str, api: apigateway.SpecRestApi, targets: Sequence[Target]
) -> list[IConstruct]:
    """Let the API invoke every function, by one permission each.

    It stands in the unit's scope, unless that is in a nested stack: the API refers to the function
    there, and a permission beside it would refer to the API, so that neither stack could be
    deployed before the other. Then it stands in a nested stack for permissions alone.

    Args:
        scope: The API's construct.
        path: Its path, for warnings.
        api: The API.
        targets: The units and their functions.
    """
    home = cdk.Stack.of(scope).node.path
    apart: UnitScopes | None = None
    permissions = []
    for target in targets:
        where = target.scope
        if cdk.Stack.of(where).node.path != home:
            apart = apart or UnitScopes(scope, "Permissions", nested=True, unit_resources=1)
            where = apart.define(target.unit.id)
        permissions.append(permit_api(path, target, where, api.rest_api_id))
    return [permission for permission in permissions if permission]


def permit_authorizers(
    scope: Construct, api: apigateway.SpecRestApi, authorizers: Collection[SecurityScheme]
) -> list[IConstruct]:
    """Let the API ask the functions of its authorizers, unless a role lets it already.

    Args:
        scope: The API's construct.
        api: The API.
        authorizers: Its authorizers.
    """
    handlers = {each.name: each.handler for each in authorizers if each.handler}
    acknowledge_synchronous(scope, [*handlers.values()])
    for each in authorizers:
        if each.has_role:
            del handlers[each.name]
    if not handlers:
        return []
    parent = Construct(scope, "Authorizers")
    for name, handler in handlers.items():
        handler.add_permission(
            name,
            scope=parent,
            principal=iam.ServicePrincipal("apigateway.amazonaws.com"),
            source_arn=cdk.Stack.of(scope).format_arn(
                service="execute-api", resource=api.rest_api_id, resource_name="authorizers/*"
            ),
        )
    return [*parent.node.children]
