"""What tests of load balancers ask of a template, and who guards one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
from aws_cdk import assertions
from aws_cdk import aws_elasticloadbalancingv2 as elbv2

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    MakeApp = Callable[..., cdk.App]

MATCH = assertions.Match
OPEN = "The catalogue is for everyone"
NAME = "api.shop.example"
ELB = "AWS::ElasticLoadBalancingV2"


def oidc(**options: Any) -> elbv2.ListenerAction:
    return elbv2.ListenerAction.authenticate_oidc(
        authorization_endpoint="https://id.example/authorize",
        client_id="shop",
        client_secret=cdk.SecretValue.secrets_manager("secret"),
        issuer="https://id.example",
        token_endpoint="https://id.example/token",
        user_info_endpoint="https://id.example/user",
        next=elbv2.ListenerAction.fixed_response(500),
        **options,
    )


def resources(stack: cdk.Stack, resource_type: str) -> Mapping[str, Mapping[str, Any]]:
    return assertions.Template.from_stack(stack).find_resources(resource_type)


def one(stack: cdk.Stack, resource_type: str) -> Mapping[str, Any]:
    [found] = resources(stack, resource_type).values()
    of_it: Mapping[str, Any] = found.get("Properties", {})
    return of_it


def rules(stack: cdk.Stack) -> dict[str, Mapping[str, Any]]:
    """The rules by what a request must be."""
    found = {}
    for each in resources(stack, f"{ELB}::ListenerRule").values():
        path, *method = each["Properties"]["Conditions"]
        [[pattern]] = path["PathPatternConfig"].values()
        [verb] = method[0]["HttpRequestMethodConfig"]["Values"] if method else ["ANY"]
        found[f"{verb} {pattern}"] = each
    return found


def attributes(properties: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {each["Key"]: each["Value"] for each in properties[name]}
