"""What AppConfig's JSON-schema validator would say, said at synthesis."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import jsonschema
import referencing
import referencing.exceptions

from serverless_patterns import _quotas
from serverless_patterns._appconfig_content import has_token, is_token, read, shortened
from serverless_patterns._errors import PatternError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from serverless_patterns._appconfig_content import Source

_DRAFT = "http://json-schema.org/draft-04/schema"
# Keywords of later drafts, which a validator of draft 4 passes over in silence.
_LATER = {
    "$anchor": "id",
    "$defs": "definitions",
    "$id": "id",
    "const": "enum",
    "contains": "items",
    "dependentRequired": "dependencies",
    "dependentSchemas": "dependencies",
    "else": "oneOf",
    "if": "oneOf",
    "maxContains": "maxItems",
    "minContains": "minItems",
    "prefixItems": "items",
    "propertyNames": "patternProperties",
    "then": "oneOf",
    "unevaluatedItems": "additionalItems",
    "unevaluatedProperties": "additionalProperties",
}
# What these say of an object or a list doesn't depend on the values in it.
_OF_SHAPE = {
    "additionalProperties",
    "dependencies",
    "maxItems",
    "maxProperties",
    "minItems",
    "minProperties",
    "required",
    "type",
}


def checked_schema(path: str, source: Source) -> dict[str, Any]:
    """The schema, if AppConfig's validator takes it.

    Args:
        path: The construct path.
        source: A dict, or the path of a JSON or YAML file.

    Raises:
        PatternError: If it is no JSON schema of draft 4, or too long.
    """
    schema = read(path, "schema", source)
    if not isinstance(schema, dict) or has_token(schema):
        raise PatternError(
            path,
            "schema",
            rule="be an object that is known before the deployment",
            got="a token" if isinstance(schema, dict) else type(schema).__name__,
            remedy="write it out",
        )
    _check_draft(path, schema)
    try:
        jsonschema.Draft4Validator.check_schema(schema)
    except jsonschema.SchemaError as error:
        raise PatternError(
            path,
            "schema",
            rule="be a JSON schema of draft 4",
            got=f"at {error.json_path}: {shortened(error.message)}",
            remedy="correct it there",
        ) from error
    if len(json.dumps(schema)) > _quotas.APPCONFIG_SCHEMA_LENGTH:
        raise PatternError(
            path,
            "schema",
            rule=f"be at most {_quotas.APPCONFIG_SCHEMA_LENGTH} characters of JSON",
            got=len(json.dumps(schema)),
            remedy="check the rest by validator, a function",
        )
    return schema


def check_against(path: str, name: str, value: Any, schema: Mapping[str, Any]) -> None:
    """Refuse a configuration that breaks its schema.

    What only the deployment knows is left to AppConfig's own validator.

    Args:
        path: The construct path.
        name: The keyword that it was given as.
        value: The configuration.
        schema: What ``checked_schema`` returned.

    Raises:
        PatternError: If AppConfig would refuse to deploy it.
    """
    validator = jsonschema.Draft4Validator(schema, registry=referencing.Registry())
    try:
        error = jsonschema.exceptions.best_match(known_errors(validator.iter_errors(value)))
    except referencing.exceptions.Unresolvable as unresolvable:
        raise PatternError(
            path,
            "schema",
            rule="hold all that it refers to",
            got=f"$ref {str(unresolvable.ref)!r}",
            remedy="put it under definitions",
        ) from unresolvable
    except RecursionError as recursion:
        raise PatternError(
            path,
            "schema",
            rule="come to an end",
            got="a $ref that leads back to itself",
            remedy="let it lead to another part of the schema, or below a property",
        ) from recursion
    except re.error as invalid:
        raise PatternError(
            path,
            "schema",
            rule="be a JSON schema of draft 4",
            got=f"{invalid.pattern!r}, which is no regular expression: {invalid.msg}",
            remedy="correct it there",
        ) from invalid
    if error is not None:
        raise PatternError(
            path,
            name,
            rule="hold to its schema",
            got=f"at {error.json_path}: {shortened(error.message)}",
            remedy="correct the one or the other: AppConfig would refuse to deploy it",
        )


def known_errors(
    errors: Iterable[jsonschema.ValidationError],
) -> Iterator[jsonschema.ValidationError]:
    """Those that don't depend on what only the deployment knows."""
    for error in errors:
        is_shaped = error.validator in _OF_SHAPE and _has_known_shape(error.instance)
        if is_shaped or not has_token(error.instance):
            yield error


def _has_known_shape(value: object) -> bool:
    """Whether the names of an object are known, or how many items a list has."""
    if isinstance(value, dict):
        return not any(map(is_token, value))
    return isinstance(value, list) and not any(
        isinstance(each, str) and each.startswith("#{Token[") for each in value
    )


def _check_draft(path: str, schema: Mapping[str, Any]) -> None:
    named = schema.get("$schema", _DRAFT)
    if not isinstance(named, str) or named.rstrip("#") != _DRAFT:
        raise PatternError(
            path,
            "schema",
            rule=f"be of draft 4, the one that AppConfig knows: {_DRAFT}#",
            got=repr(named),
            remedy="rewrite it, or check by validator, a function",
        )
    for at, keyword, value in _keywords(schema):
        if keyword in _LATER:
            raise PatternError(
                path,
                "schema",
                rule="be of draft 4: AppConfig would pass over any later keyword",
                got=f"{keyword!r} at {at}",
                remedy=f"say it by {_LATER[keyword]}, or check by validator, a function",
            )
        if keyword == "$ref" and not isinstance(value, str):
            raise PatternError(
                path,
                "schema",
                rule="be a JSON schema of draft 4",
                got=f"at {at}.$ref: {shortened(repr(value))} is not of type 'string'",
                remedy="correct it there",
            )


def _keywords(schema: object, at: str = "$") -> Iterator[tuple[str, str, object]]:
    """The keywords, where they stand and what they say; names of properties are none."""
    if isinstance(schema, list):
        for index, each in enumerate(schema):
            yield from _keywords(each, f"{at}[{index}]")
    if not isinstance(schema, dict):
        return
    for keyword, value in schema.items():
        yield at, keyword, value
        if keyword in {"properties", "patternProperties", "definitions", "dependencies"}:
            named = value.items() if isinstance(value, dict) else ()
            for name, each in named:
                yield from _keywords(each, f"{at}.{keyword}.{name}")
        elif keyword not in {"default", "enum"}:
            yield from _keywords(value, f"{at}.{keyword}")
