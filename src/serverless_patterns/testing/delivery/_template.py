"""What a template says, by its references."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from serverless_patterns.testing.delivery._errors import DeliveryError
from serverless_patterns.testing.delivery._physical_names import (
    NAMES,
    function_in,
    is_arn,
    is_export_of,
    is_of_service,
    name_in,
    service_in,
)
from serverless_patterns.testing.delivery._properties import Properties
from serverless_patterns.testing.delivery._reading import resources_of
from serverless_patterns.testing.delivery._references import (
    STACK,
    Reference,
    parts_of,
    text_of,
)
from serverless_patterns.testing.delivery._values import shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from serverless_patterns.testing.delivery._references import Part

_ALIASES = ("AWS::Lambda::Alias", "AWS::Lambda::Version")
_FUNCTION = "AWS::Lambda::Function"
_LATEST = ":$LATEST"
_ELSEWHERE = frozenset({"Fn::GetStackOutput", "Fn::ImportValue"})


def logical_id(named: Any) -> str:
    """The logical id of a construct; of an alias or a version, that of its function.

    Args:
        named: A logical id, or a construct with one resource of its own.

    Raises:
        DeliveryError: If it is neither.
    """
    if isinstance(named, str):
        return named
    construct = getattr(named, "lambda_", named)  # of an alias and of a version
    resource = getattr(getattr(construct, "node", None), "default_child", None)
    if resource is None:
        raise DeliveryError(
            f"a resource must be named by its logical id or be a construct of the stack, got "
            f"{named!r}; an imported resource is none of the template's"
        )
    from aws_cdk import Stack  # noqa: PLC0415 - not for a dictionary and logical ids

    return str(Stack.of(resource).resolve(resource.logical_id))


class Resources:
    """The resources of a template.

    Args:
        template: A synthesized template: a dictionary, a ``Template`` of ``aws_cdk.assertions``,
            a ``Stack`` or the path of a file.
        imported: Resources that it refers to by name or ARN alone, by ids of the caller's.

    Attributes:
        warnings: What of it could not be judged.

    Raises:
        DeliveryError: If it is no template, or has resources by those ids.
    """

    def __init__(
        self, template: Any, imported: Mapping[str, Mapping[str, Any]] | None = None
    ) -> None:
        self._resources = resources_of(template, imported)
        self._imported = tuple(imported or ())
        self._read: dict[str, Properties] = {}
        self.warnings: list[str] = []

    def warn(self, warning: str) -> None:
        """Tell the user what of the template could not be judged, once."""
        if warning not in self.warnings:
            self.warnings.append(warning)

    def __contains__(self, logical_id: object) -> bool:
        return logical_id in self._resources

    def kind(self, logical_id: str) -> str:
        """The type of a resource; empty if it is none of this template."""
        return str(self._resources.get(logical_id, {}).get("Type", ""))

    def properties(self, logical_id: str) -> Properties:
        """The properties of a resource.

        Raises:
            DeliveryError: If a condition decides whether it is there.
        """
        if logical_id not in self._read:
            resource = self._resources[logical_id]
            if "Condition" in resource:
                raise DeliveryError(
                    f"{logical_id}: Condition must be left out, got {shown(resource['Condition'])};"
                    " only deployment tells whether the resource is there, so deliver a template "
                    "with it and one without it"
                )
            kind = self.kind(logical_id)
            self._read[logical_id] = Properties(logical_id, kind, resource["Properties"])
        return self._read[logical_id]

    def of_kind(self, *kinds: str) -> Iterator[tuple[str, Properties]]:
        """The logical ids and properties of every resource of these types."""
        for logical_id, resource in self._resources.items():
            if resource["Type"] in kinds:
                yield logical_id, self.properties(logical_id)

    def target(self, value: Any) -> str | None:
        """The logical id of what a value refers to, by reference or by physical name.

        Args:
            value: A ``Ref``, ``Fn::GetAtt``, ``Fn::Sub``, ``Fn::Join``, an ARN or a name; also what
                CDK exports of another stack, for what is imported by its logical id there.
        """
        parts = self._parts(value)
        found = {part.logical_id for part in parts if isinstance(part, Reference)}
        if not found:
            return self._named(text_of(parts)) or None
        return found.pop() if len(found) == 1 else None

    def known(self, value: Any, owner: str, at: str) -> str | None:
        """The logical id of what a value leads to; ``None`` if that is outside the template.

        Args:
            value: What refers to it.
            owner: The logical id of what has the value.
            at: What the owner calls it.

        Raises:
            DeliveryError: If only deployment tells where it leads.
        """
        parts = self._parts(value)
        found = self.target(value)
        is_known = all(isinstance(part, str | Reference) for part in parts)
        if found is not None and (is_known or not _references(parts)):
            return found
        text = text_of(parts)
        if is_known and is_arn(text) and not _references(parts):
            return None
        raise DeliveryError(
            f"{owner}: {at} must lead to a resource of the template or be an ARN, got "
            f"{shown(value)}; write it out, or pass what it is as imported"
        )

    def known_or_exported(self, value: Any, owner: str, at: str) -> str | None:
        """As ``known``; what another stack exports is outside, unless the caller tells it."""
        return self.target(value) if _is_exported(value) else self.known(value, owner, at)

    def invoked(self, value: Any, owner: str, at: str) -> tuple[str, str | None] | None:
        """As ``function_of``, but refused as by ``known``."""
        found = self.function_of(value)
        if found is None:
            self.known(value, owner, at)
        return found

    def function_of(self, value: Any) -> tuple[str, str | None] | None:
        """The function that a value leads to, and the alias or version on the way to it.

        One that is written out and is none of the template's stays a text after a colon.

        Args:
            value: A reference to a function, an alias or a version, or its ARN or name.
        """
        parts = self._parts(value)
        found = _references(parts)
        for name in sorted(found):
            if self.kind(name) in _ALIASES:
                inner = self._behind(name)
                return (inner, name) if inner and found <= {name, inner} else None
        if not found:
            named, after = self._function_named(text_of(parts))
            return (named, self._qualifier(named, after)) if named else None
        name = next(iter(found))
        if len(found) > 1 or self.kind(name) != _FUNCTION:
            return None
        after = text_of(parts[parts.index(Reference(name)) + 1 :])
        return name, self._qualifier(name, after)

    def _behind(self, alias: str) -> str | None:
        """The function of an alias or a version."""
        found = self.target(self.properties(alias).get("FunctionName"))
        return found if found is not None and self.kind(found) == _FUNCTION else None

    def _function_named(self, text: str) -> tuple[str, str]:
        """The function of a name or an ARN, and what follows that; empty if it is not there."""
        wanted, after = function_in(text)
        for name, properties in self.of_kind(_FUNCTION) if wanted else ():
            if self.text(properties.get("FunctionName", "")) == wanted:
                return name, after
        return "", ""

    def _qualifier(self, function: str, text: str) -> str | None:
        """The alias that a text after a function is of, else that text; none for the latest."""
        if not text.startswith(":") or text == _LATEST:
            return None
        for name, properties in self.of_kind("AWS::Lambda::Alias"):
            is_named = f":{self.text(properties.get('Name'))}" == text
            if is_named and self._behind(name) == function:
                return name
        return text

    def plain(self, value: Any) -> str | None:
        """What a value says, if nothing of it is decided at deployment."""
        parts = self._parts(value)
        is_plain = all(isinstance(part, str) for part in parts) and STACK not in text_of(parts)
        return text_of(parts) if is_plain else None

    def is_known(self, value: Any) -> bool:
        """Whether all of a value is told before deployment, or by another stack."""
        parts = self._parts(value)
        return _is_exported(value) or all(isinstance(part, str | Reference) for part in parts)

    def text(self, value: Any) -> str:
        """What a value says, with names instead of what isn't known."""
        return text_of(self._parts(value))

    def _parts(self, value: Any) -> list[Part]:
        return parts_of(value, lambda name: name if name in self else None, self._exported)

    def _exported(self, export: str) -> str | None:
        """The id of what is imported by a name of CDK's, or by its own."""
        found = (name for name in self._imported if name == export or is_export_of(name, export))
        return next(found, None)

    def _named(self, text: str) -> str:
        """The logical id of what a name, an ARN or a URL is of; empty if that is not there."""
        if service_in(text) == "lambda":
            return self._function_named(text)[0]
        name, service = name_in(text), service_in(text)
        for logical_id, resource in self._resources.items():
            kind = str(resource["Type"])
            if not is_of_service(kind, service):
                continue
            for key in NAMES.get(kind, ()) if name else ():
                stated = resource["Properties"].get(key)
                if stated is not None and self.text(stated) == name:
                    return logical_id
        return ""


def _is_exported(value: Any) -> bool:
    return isinstance(value, dict) and not _ELSEWHERE.isdisjoint(value)


def _references(parts: list[Part]) -> set[str]:
    return {part.logical_id for part in parts if isinstance(part, Reference)}


def listed(value: Any) -> list[Any]:
    """What may be one thing, several or nothing, as several."""
    if value is None:
        return []
    return list(value) if isinstance(value, list) else [value]


def is_true(value: Any) -> bool:
    """Whether a property is set; a template may have it as a text."""
    return str(value).lower() == "true"
