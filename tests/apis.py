"""What tests of APIs ask of a template, and an authorizer for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aws_cdk import assertions
from aws_cdk import aws_apigatewayv2_authorizers as authorizers

if TYPE_CHECKING:
    from collections.abc import Mapping

    import aws_cdk as cdk


def jwt() -> authorizers.HttpJwtAuthorizer:
    return authorizers.HttpJwtAuthorizer("Jwt", "https://id.example", jwt_audience=["shop"])


def routes(stack: cdk.Stack) -> dict[str, Mapping[str, Any]]:
    found = assertions.Template.from_stack(stack).find_resources("AWS::ApiGatewayV2::Route")
    return {each["Properties"]["RouteKey"]: each for each in found.values()}


def authorization(stack: cdk.Stack) -> dict[str, str]:
    found = routes(stack)
    return {key: route["Properties"]["AuthorizationType"] for key, route in found.items()}
