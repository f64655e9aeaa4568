"""What a REST API validates of a request: its parameters, and its body by a JSON schema."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from serverless_patterns._errors import PatternError

if TYPE_CHECKING:
    from serverless_patterns._units import UnitRoute

_PARAMETER = re.compile(
    r"method\.request\.(?P<place>querystring|header|path)\.(?P<name>[A-Za-z0-9._$-]+)"
)
_PLACES = {"querystring": "query", "header": "header"}
_DEFINITION = re.compile(r"#/(?:\$defs|definitions)/(?P<name>[^/]+)")
_BY_NAME = ("properties", "patternProperties", "dependencies")
_VALUES = ("default", "enum", "example", "examples")
_NEWER = frozenset(
    {
        *("const", "contains", "dependentRequired", "dependentSchemas", "else", "if"),
        *("prefixItems", "propertyNames", "then", "unevaluatedItems", "unevaluatedProperties"),
    }
)

VALIDATORS = {
    (parameters, body): (
        f"{'parameters' * parameters}{'-and-' * (parameters and body)}{'body' * body}",
        {"validateRequestParameters": parameters, "validateRequestBody": body},
    )
    for parameters, body in ((True, False), (False, True), (True, True))
}
"""Name and definition of each validator, by whether it looks at parameters and at the body."""


def check_request(path: str, route: UnitRoute) -> None:
    """Refuse parameters and a schema of a route's requests that API Gateway can't validate.

    Raises:
        PatternError: If there are such.
    """
    _check_parameters(path, route)
    if route.request_schema is None:
        return
    try:
        request_models(route)
    except (TypeError, ValueError) as error:
        raise PatternError(
            path,
            "request_schema",
            rule="be a JSON schema of draft 4, which API Gateway's models follow",
            got=f"{error} for {route.key}",
            remedy="write it so, or let the application validate",
        ) from None


def request_parameters(route: UnitRoute) -> list[dict[str, Any]]:
    """The parameters that the requests of a route may have, beside those in its path."""
    matches = {
        _PARAMETER.fullmatch(key): needed
        for key, needed in (route.request_parameters or {}).items()
    }
    return [
        {
            "name": match["name"],
            "in": _PLACES[match["place"]],
            "required": needed,
            "schema": {"type": "string"},
        }
        for match, needed in matches.items()
        if match and match["place"] != "path"
    ]


def request_models(route: UnitRoute) -> dict[str, Any]:
    """The models of a route's request body: its schema, then what that defines for itself.

    A body of OpenAPI has one place for all models, so a reference to a definition inside the
    schema is made one to a model of its own.

    Raises:
        TypeError: If the schema is no mapping, or holds what JSON doesn't.
        ValueError: If it is none that a model can have.
    """
    if route.request_schema is None:
        return {}
    if not isinstance(route.request_schema, Mapping):
        raise TypeError(repr(route.request_schema))
    json.dumps(route.request_schema)
    name = f"Body{hashlib.sha256(route.key.encode()).hexdigest()[:12]}"
    schema = dict(route.request_schema)
    schema.pop("$schema", None)
    definitions = {**schema.pop("definitions", {}), **schema.pop("$defs", {})}
    names = {key: f"{name}{number}" for number, key in enumerate(definitions, 1)}
    whole = {name: _model(schema, {"#": name, **names})}
    return whole | {
        names[key]: _model(definition, {"#": name, **names})
        for key, definition in definitions.items()
    }


def _model(schema: Any, names: Mapping[str, str]) -> Any:
    """A schema whose references lead to models."""
    if isinstance(schema, list | tuple):
        return [_model(item, names) for item in schema]
    if not isinstance(schema, Mapping):
        return schema
    newer = sorted(_NEWER & {*schema})
    newer += [
        f"a numeric {key}"
        for key in ("exclusiveMinimum", "exclusiveMaximum")
        if key in schema and not isinstance(schema[key], bool)
    ]
    if newer:
        raise ValueError(f"{newer[0]} of a later draft")
    model: dict[str, Any] = {}
    for key, value in schema.items():
        if key in _BY_NAME and isinstance(value, Mapping):
            model[key] = {name: _model(part, names) for name, part in value.items()}
        elif key == "$ref":
            model[key] = f"#/components/schemas/{_referred(value, names)}"
        else:
            model[key] = value if key in _VALUES else _model(value, names)
    return model


def _referred(reference: Any, names: Mapping[str, str]) -> str:
    match = _DEFINITION.fullmatch(str(reference))
    name = names.get(match["name"] if match else str(reference))
    if name is None:
        raise ValueError(f"the reference {reference!r} to no definition of its own")
    return name


def _is_in(parameter: str, path: str) -> bool:
    return f"{{{parameter}}}" in path or f"{{{parameter}+}}" in path


def _check_parameters(path: str, route: UnitRoute) -> None:
    if route.request_parameters is None:
        return
    example = '{"method.request.querystring.limit": True}'
    if not isinstance(route.request_parameters, Mapping):
        got = repr(route.request_parameters)
        rule = "say of each parameter whether a request must have it"
    else:
        for key, needed in route.request_parameters.items():
            match = _PARAMETER.fullmatch(str(key))
            if not match:
                rule = "name parameters as method.request.querystring.NAME or .header.NAME"
                got = repr(key)
            elif not isinstance(needed, bool):
                rule, got = "say of each parameter whether a request must have it", repr(needed)
            elif match["place"] == "path" and not _is_in(match["name"], route.path):
                rule, got = "name parameters of the path that it has", repr(key)
            else:
                continue
            break
        else:
            return
    raise PatternError(
        path,
        "request_parameters",
        rule=rule,
        got=f"{got} for {route.key}",
        remedy=f"for example {example}",
    )
