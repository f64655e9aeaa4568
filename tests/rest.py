"""What tests of REST APIs ask of a template."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aws_cdk import assertions

from serverless_patterns import Endpoint, ProxyApi

if TYPE_CHECKING:
    from collections.abc import Mapping

    import aws_cdk as cdk
    from aws_cdk import aws_lambda as lambda_

ANY = "x-amazon-apigateway-any-method"
INTEGRATION = "x-amazon-apigateway-integration"
METHODS = (ANY, "delete", "get", "head", "options", "patch", "post", "put")


def rest_api(stack: cdk.Stack, handler: lambda_.IFunction, **options: Any) -> ProxyApi:
    """A REST API that sends everything to one function."""
    return ProxyApi(stack, "Api", handler=handler, endpoint=Endpoint.REST_API, **options)


def resource(stack: cdk.Stack, kind: str) -> Mapping[str, Any]:
    """The properties of the only resource of ``AWS::ApiGateway``'s ``kind``."""
    template = assertions.Template.from_stack(stack)
    [found] = template.find_resources(f"AWS::ApiGateway::{kind}").values()
    properties: Mapping[str, Any] = found["Properties"]
    return properties


def body(stack: cdk.Stack) -> Mapping[str, Any]:
    """The body of the only REST API."""
    found: Mapping[str, Any] = resource(stack, "RestApi")["Body"]
    return found


def operations(stack: cdk.Stack) -> dict[str, Mapping[str, Any]]:
    """The operations of its body, by method and path; ``ANY`` for any method."""
    return {
        f"{'ANY' if method == ANY else method.upper()} {path}": operation
        for path, item in body(stack)["paths"].items()
        for method, operation in item.items()
        if method in METHODS
    }


def security(stack: cdk.Stack) -> dict[str, list[Mapping[str, Any]]]:
    """What each operation asks of a caller; nothing where anyone may call."""
    return {key: each.get("security", []) for key, each in operations(stack).items()}


def functions(stack: cdk.Stack) -> dict[str, str]:
    """The logical id of the function, or alias, that each operation invokes."""
    return {
        key: invoked(operation[INTEGRATION]["uri"]) for key, operation in operations(stack).items()
    }


def invoked(uri: Mapping[str, Any]) -> str:
    """The logical id in an invocation URI."""
    [_, variables] = uri["Fn::Sub"]
    [reference] = variables["Function"].values()
    return str(reference if isinstance(reference, str) else reference[0])
