"""The OpenAPI body of a REST API."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from serverless_patterns._rest_authorization import API_KEY, API_KEY_SCHEME, scheme_of
from serverless_patterns._rest_requests import VALIDATORS, request_models, request_parameters
from serverless_patterns._units import UnitRoute

if TYPE_CHECKING:
    from collections.abc import Iterable

    from serverless_patterns._rest_authorization import SecurityScheme
    from serverless_patterns._units import Access

ANY = "x-amazon-apigateway-any-method"


class RestBody:
    """A body that operations are added to.

    Security stands at every operation: API Gateway passes over what OpenAPI lets stand at the
    root for all of them.

    Args:
        title: The name of the API.
        description: What it is for.
        api_key_required: Whether every operation asks for an API key.
        response_streaming: Whether answers are streamed.

    See:
        https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions.html
    """

    def __init__(
        self,
        title: str,
        description: str | None,
        *,
        api_key_required: bool,
        response_streaming: bool,
    ) -> None:
        self._info = {"title": title, "version": "1.0"}
        if description:
            self._info["description"] = description
        self._api_key_required = api_key_required
        self._response_streaming = response_streaming
        self._paths: dict[str, dict[str, Any]] = {}
        self._schemes: dict[str, Any] = {API_KEY: API_KEY_SCHEME} if api_key_required else {}
        self._models: dict[str, Any] = {}
        self._validators: dict[str, Any] = {}
        self.authorizers: dict[str, SecurityScheme] = {}

    def serve(self, routes: Iterable[UnitRoute], uri: str) -> None:
        """Let the function that is invoked by ``uri`` answer routes."""
        for route in routes:
            item = self._paths.setdefault(route.path, _item(route.path))
            item[_key(route.method)] = self._operation(route, uri)

    def catch(self, paths: Iterable[str], access: Access, uri: str) -> None:
        """Let a function answer whatever no route matches, at each of ``paths``."""
        for path in paths:
            item = self._paths.setdefault(path, {})
            if ANY not in item:
                item[ANY] = self._operation(UnitRoute("ANY", path, access), uri)

    def definition(self) -> dict[str, Any]:
        """The body; the order in which it was put together is not seen in it."""
        components = {"securitySchemes": self._schemes, "schemas": self._models}
        filled = {name: _sorted(part) for name, part in components.items() if part}
        body: dict[str, Any] = {
            "openapi": "3.0.1",
            "info": self._info,
            "paths": {path: _sorted(item) for path, item in sorted(self._paths.items())},
            # Here as well as at the API, because an update of the body unsets what it leaves out.
            "x-amazon-apigateway-binary-media-types": ["*/*"],
        }
        if filled:
            body["components"] = filled
        if self._validators:
            body["x-amazon-apigateway-request-validators"] = _sorted(self._validators)
        return body

    def _operation(self, route: UnitRoute, uri: str) -> dict[str, Any]:
        integration = {"type": "aws_proxy", "httpMethod": "POST", "uri": uri}
        if self._response_streaming:
            integration["responseTransferMode"] = "STREAM"
        operation: dict[str, Any] = {"x-amazon-apigateway-integration": integration}
        security = self._security(route.access)
        if security:
            operation["security"] = security
        parameters = request_parameters(route)
        if parameters:
            operation["parameters"] = parameters
        models = request_models(route)
        if models:
            self._models |= models
            schema = {"$ref": f"#/components/schemas/{next(iter(models))}"}
            content = {"application/json": {"schema": schema}}
            operation["requestBody"] = {"required": True, "content": content}
        if route.request_parameters or models:
            name, validator = VALIDATORS[bool(route.request_parameters), bool(models)]
            self._validators[name] = validator
            operation["x-amazon-apigateway-request-validator"] = name
        return operation

    def _security(self, access: Access) -> list[dict[str, list[str]]]:
        scheme = scheme_of(access)
        security = []
        if scheme:
            self._schemes[scheme.name] = scheme.definition
            self.authorizers[scheme.name] = scheme
            security.append({scheme.name: list(access.scopes)})
        if self._api_key_required:  # as an API Gateway export says it: both hold
            security.append({API_KEY: []})
        return security


def _item(path: str) -> dict[str, Any]:
    """What operations share of a path: its parameters."""
    declared = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in re.findall(r"\{([^}+]+)\+?\}", path)
    ]
    return {"parameters": declared} if declared else {}


def _key(method: str) -> str:
    return ANY if method == "ANY" else method.lower()


def _sorted(part: dict[str, Any]) -> dict[str, Any]:
    return dict(sorted(part.items()))
