"""Edges of requests: which route of an API, a URL or a load balancer leads where."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from serverless_patterns._diagram.edges import Edge
from serverless_patterns._diagram.resources import listed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from serverless_patterns._diagram.edges import Drawn
    from serverless_patterns._diagram.resources import Resource

_INTEGRATION = "x-amazon-apigateway-integration"
_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


def request_edges(drawn: Drawn, resource: Resource) -> Iterator[Edge]:
    """The edges that a resource tells of, from a front door to what answers its requests."""
    told = _TOLD.get(resource.type)
    if told:
        yield from told(drawn, resource)


def _api(drawn: Drawn, api: Resource) -> Iterator[Edge]:
    """The routes of an API that is told as an OpenAPI document."""
    body = api.get("Body")
    for path, methods in (body if isinstance(body, dict) else {}).get("paths", {}).items():
        for method, operation in methods.items():
            if isinstance(operation, dict) and _INTEGRATION in operation:
                verb = method.upper() if method in _METHODS else "ANY"
                yield from drawn.edges(api, None, operation[_INTEGRATION], label=f"{verb} {path}")


def _http_route(drawn: Drawn, route: Resource) -> Iterator[Edge]:
    api, key = route.get("ApiId"), str(route.get("RouteKey"))
    for each in drawn.resources.mentioned(route.scope, route.get("Target")):
        for source in drawn.within(route, api):
            for target in drawn.within(each, each.get("IntegrationUri")):
                yield Edge(source, target, label=key)


def _rest_method(drawn: Drawn, method: Resource) -> Iterator[Edge]:
    path = _rest_path(drawn, method, method.get("ResourceId"))
    api, verb = method.get("RestApiId"), str(method.get("HttpMethod"))
    label = f"{verb} {path}"
    yield from drawn.edges(method, api, method.get("Integration") or {}, label=label)


def _rest_path(drawn: Drawn, resource: Resource, value: Any) -> str:
    """The path of a resource of a REST API; what is the API itself is the root."""
    for each in drawn.resources.mentioned(resource.scope, value):
        if each.type == "AWS::ApiGateway::Resource":
            above = _rest_path(drawn, each, each.get("ParentId"))
            return f"{above.rstrip('/')}/{each.get('PathPart')}"
    return "/"


def _function_url(drawn: Drawn, url: Resource) -> Iterator[Edge]:
    yield from drawn.edges(url, None, url.get("TargetFunctionArn"))


def _listener(drawn: Drawn, listener: Resource) -> Iterator[Edge]:
    actions = listener.get("DefaultActions")
    for target in _behind(drawn, listener, actions):
        for source in drawn.within(listener, listener.get("LoadBalancerArn")):
            yield Edge(source, target)


def _listener_rule(drawn: Drawn, rule: Resource) -> Iterator[Edge]:
    paths = " ".join(
        str(value)
        for condition in listed(rule.get("Conditions"))
        for value in condition.get("PathPatternConfig", condition).get("Values", ())
        if condition.get("Field") == "path-pattern"
    )
    for listener in drawn.resources.mentioned(rule.scope, rule.get("ListenerArn")):
        for source in drawn.within(listener, listener.get("LoadBalancerArn")):
            for target in _behind(drawn, rule, rule.get("Actions")):
                yield Edge(source, target, label=paths)


def _behind(drawn: Drawn, resource: Resource, actions: Any) -> Iterator[Resource]:
    """What stands in the target groups that actions forward to."""
    for group in drawn.resources.mentioned(resource.scope, actions):
        yield from drawn.within(group, group.get("Targets"))
        for service in drawn.resources:
            if service.type == "AWS::ECS::Service" and group in drawn.resources.mentioned(
                service.scope, service.get("LoadBalancers")
            ):
                yield service


_TOLD: dict[str, Callable[[Drawn, Resource], Iterator[Edge]]] = {
    "AWS::ApiGateway::Method": _rest_method,
    "AWS::ApiGateway::RestApi": _api,
    "AWS::ApiGatewayV2::Api": _api,
    "AWS::ApiGatewayV2::Route": _http_route,
    "AWS::ElasticLoadBalancingV2::Listener": _listener,
    "AWS::ElasticLoadBalancingV2::ListenerRule": _listener_rule,
    "AWS::Lambda::Url": _function_url,
}
