"""OpenAPI bodies of REST APIs, as the emulator's importer reads them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from serverless_patterns.local.assembly import Template

_ANY = "x-amazon-apigateway-any-method"
_METHODS = ("delete", "get", "head", "options", "patch", "post", "put")


def spell_out_bodies(templates: Iterable[Template]) -> None:
    """Write the bodies of REST APIs so that the emulator reads all of them."""
    for template in templates:
        for resource in template.resources.values():
            properties = resource.get("Properties", {})
            if resource["Type"] == "AWS::ApiGateway::RestApi" and "paths" in properties.get(
                "Body", {}
            ):
                properties["Body"] = spelled_out(properties["Body"])


def spelled_out(body: dict[str, Any]) -> dict[str, Any]:
    """A body that says in seven methods what stands for any method.

    The importer passes over that one, so that requests would find nothing there.

    Args:
        body: The body, which stays as it is.
    """
    paths = {path: _spelled_out(item) for path, item in body.get("paths", {}).items()}
    return {**body, "paths": paths}


def _spelled_out(item: dict[str, Any]) -> dict[str, Any]:
    if _ANY not in item:
        return item
    others = {key: value for key, value in item.items() if key != _ANY}
    return {**dict.fromkeys(_METHODS, item[_ANY]), **others}
