"""Feature flags in the form that AppConfig documents: `AWS.AppConfig.FeatureFlags`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import jsonschema

from serverless_patterns._appconfig_content import is_token, shortened
from serverless_patterns._configuration_schema import known_errors
from serverless_patterns._errors import PatternError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_TEXT = {"type": "string", "maxLength": 1024}
_NAME = {"type": "string", "pattern": r"^[^\n]{1,64}\Z"}
_DATES = {"_createdAt": {"type": "string"}, "_updatedAt": {"type": "string"}}
_ATTRIBUTE_VALUE = {
    "anyOf": [
        _TEXT,
        {"type": "number"},
        {"type": "boolean"},
        {"type": "array", "items": _TEXT},
        {"type": "array", "items": {"type": "number"}},
    ]
}


def _closed(properties: Mapping[str, Any], *required: str) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {**properties},
        "required": [*required],
        "additionalProperties": False,
    }


def _keyed(value: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    """An object whose names are those that flags and attributes may have."""
    pattern = r"^[a-z][a-zA-Z0-9_-]{0,63}\Z"
    return {
        "type": "object",
        "patternProperties": {pattern: {**value}},
        "additionalProperties": False,
        **more,
    }


def _constraints(kind: str, **more: Any) -> dict[str, Any]:
    return _closed({"type": {"enum": [kind]}, "required": {"type": "boolean"}, **more}, "type")


_NUMBER = _constraints("number", minimum={"type": "integer"}, maximum={"type": "integer"})
_STRING = {
    **_constraints(
        "string",
        pattern={**_TEXT, "format": "regex"},
        enum={"type": "array", "maxItems": 100, "items": {"anyOf": [_TEXT, {"type": "integer"}]}},
    ),
    "not": {"required": ["pattern", "enum"]},
}
_ARRAY = _constraints("array", elements={"anyOf": [_NUMBER, _STRING]})
_ATTRIBUTE = _closed(
    {
        "description": _TEXT,
        "constraints": {"anyOf": [_NUMBER, _STRING, _ARRAY, _constraints("boolean")]},
    }
)
_FLAG = _closed(
    {
        "name": _NAME,
        "description": _TEXT,
        **_DATES,
        "_deprecation": _closed({"status": {"enum": ["planned"]}, "date": {"type": "string"}}),
        "attributes": _keyed(_ATTRIBUTE, maxProperties=25),
    }
)
_VARIANT = _closed(
    {
        "name": _NAME,
        "enabled": {"type": "boolean"},
        "rule": {"type": "string", "maxLength": 16_384},
        "attributeValues": _keyed(_ATTRIBUTE_VALUE, maxProperties=25),
    },
    "name",
    "enabled",
)
_VALUE = _keyed(
    _ATTRIBUTE_VALUE,
    properties={
        "enabled": {"type": "boolean"},
        **_DATES,
        "_variants": {"type": "array", "maxItems": 32, "items": _VARIANT},
    },
)
# https://docs.aws.amazon.com/appconfig/latest/userguide/appconfig-type-reference-feature-flags.html
_SCHEMA = _closed(
    {"version": {"enum": ["1"]}, "flags": _keyed(_FLAG), "values": _keyed(_VALUE)}, "version"
)


def checked_flags(path: str, flags: Any) -> dict[str, Any]:
    """The document of feature flags that AppConfig hosts.

    Args:
        path: The construct path.
        flags: That document, or what each flag is: whether it is enabled, or a dict of that and
            its attributes, as a handler reads it.

    Raises:
        PatternError: If AppConfig would refuse it.
    """
    if not isinstance(flags, dict):
        raise PatternError(
            path,
            "feature_flags",
            rule="be an object of flags",
            got=type(flags).__name__,
            remedy="name each: {'sale': {'enabled': True, 'percent': 20}}",
        )
    document = flags if isinstance(flags.get("version"), str) else _document(path, flags)
    kind = jsonschema.Draft7Validator
    found = kind(_SCHEMA, format_checker=kind.FORMAT_CHECKER).iter_errors(document)
    error = jsonschema.exceptions.best_match(known_errors(found))
    if error is not None:
        raise _refusal(path, error.json_path, error.message)
    for at, message in _broken_constraints(document):
        raise _refusal(path, at, message)
    return document


def _document(path: str, flags: Mapping[str, Any]) -> dict[str, Any]:
    """Flags as handlers read them, in the form in which AppConfig stores them."""
    values = {}
    for name, flag in flags.items():
        value = {"enabled": flag} if _may_be_switch(flag) else flag
        if not isinstance(value, dict) or not _may_be_switch(value.get("enabled")):
            raise PatternError(
                path,
                "feature_flags",
                rule="say of each flag whether it is enabled",
                got=f"{shortened(repr(flag))} of {name!r}",
                remedy=f"write {{{name!r}: {{'enabled': True}}}}",
            )
        values[name] = value
    return {
        "version": "1",
        "flags": {name: _definition(name, value) for name, value in values.items()},
        "values": values,
    }


def _may_be_switch(value: Any) -> bool:
    """Whether it is on or off, or the deployment may make it so."""
    is_text_or_number = isinstance(value, str | float)
    return isinstance(value, bool) or (is_token(value) and not is_text_or_number)


def _definition(name: str, value: Mapping[str, Any]) -> dict[str, Any]:
    attributes = {
        attribute: {"constraints": constraints} if (constraints := _constraints_of(each)) else {}
        for attribute, each in value.items()
        if attribute != "enabled"
    }
    return {"name": name, **({"attributes": attributes} if attributes else {})}


def _constraints_of(value: Any) -> dict[str, Any]:
    if isinstance(value, list):
        elements = _constraints_of(value[0]) if value else {}
        return {"type": "array", **({"elements": elements} if elements else {})}
    if isinstance(value, bool):
        return {"type": "boolean"}
    if not isinstance(value, int | float | str):  # of no type that is known before the deployment
        return {}
    return {"type": "number" if isinstance(value, int | float) else "string"}


def _broken_constraints(document: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Where values and their definitions disagree, which the schema of the document can't say."""
    flags = document.get("flags", {})
    for name, value in document.get("values", {}).items():
        at = f"$.values.{name}"
        if name not in flags:
            yield at, f"{name!r} is not one of flags"
            continue
        attributes = flags[name].get("attributes", {})
        own = {key: each for key, each in value.items() if not key.startswith("_")}
        own.pop("enabled", None)
        variants = value.get("_variants")
        if variants is None:
            yield from _broken_attributes(at, attributes, own)
        for index, variant in enumerate(variants or ()):
            given = variant.get("attributeValues", {})
            yield from _broken_attributes(f"{at}._variants[{index}]", attributes, given)


def _broken_attributes(
    at: str, attributes: Mapping[str, Any], values: Mapping[str, Any]
) -> Iterator[tuple[str, str]]:
    for name in values:
        if name not in attributes:
            yield f"{at}.{name}", f"{name!r} is not one of the flag's attributes"
    for name, attribute in attributes.items():
        constraints = dict(attribute.get("constraints", {}))
        required = constraints.pop("required", False)
        if name not in values:
            if required:
                yield at, f"{name!r} is a required attribute"
            continue
        if "elements" in constraints:
            elements = dict(constraints.pop("elements"))
            elements.pop("required", None)
            constraints["items"] = elements
        found = jsonschema.Draft7Validator(constraints).iter_errors(values[name])
        for error in known_errors(found):
            yield f"{at}.{name}", error.message


def _refusal(path: str, at: str, message: str) -> PatternError:
    return PatternError(
        path,
        "feature_flags",
        rule="be what AWS.AppConfig.FeatureFlags takes",
        got=f"at {at}: {shortened(message)}",
        remedy="correct it there: AppConfig would refuse to host it",
    )
