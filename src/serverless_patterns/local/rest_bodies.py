"""OpenAPI bodies of REST APIs, as the emulator's importer reads them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from serverless_patterns.local.assembly import Template

_ANY = "x-amazon-apigateway-any-method"
_METHODS = ("delete", "get", "head", "options", "patch", "post", "put")


def spell_out_methods(templates: Sequence[Template]) -> None:
    """Say in place in seven methods what stands for any method.

    The importer passes over that one, so that requests would find nothing there.
    """
    for template in templates:
        for resource in template.resources.values():
            body = resource.get("Properties", {}).get("Body")
            if resource["Type"] == "AWS::ApiGateway::RestApi" and isinstance(body, dict):
                paths = body.get("paths", {})
                body["paths"] = {path: _spelt_out(item) for path, item in paths.items()}


def _spelt_out(item: dict[str, Any]) -> dict[str, Any]:
    if _ANY not in item:
        return item
    others = {key: value for key, value in item.items() if key != _ANY}
    return {**dict.fromkeys(_METHODS, item[_ANY]), **others}
