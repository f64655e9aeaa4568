"""What a template says, by its references."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_SUB = re.compile(r"\$\{([A-Za-z0-9]+)(?:\.[A-Za-z0-9.]+)?\}")

_VARIABLE = re.compile(r"\$\{[^}]*\}")


class DeliveryError(ValueError):
    """What the model can't deliver, because it isn't there or AWS doesn't tell what would happen.

    The message names the resource, the reason and the remedy.
    """


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
        own: Mapping[str, Mapping[str, Any]] = _read(template)["Resources"]
        for logical_id in imported or {}:
            if logical_id in own:
                raise DeliveryError(
                    f"imported must hold what the template doesn't define, got {logical_id!r}; "
                    "choose another id"
                )
        self._imported = tuple(imported or ())
        self._resources: Mapping[str, Mapping[str, Any]] = {**own, **(imported or {})}
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

    def properties(self, logical_id: str) -> Mapping[str, Any]:
        """The properties of a resource."""
        properties: Mapping[str, Any] = self._resources[logical_id].get("Properties", {})
        return properties

    def of_kind(self, *kinds: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """The logical ids and properties of every resource of these types."""
        for logical_id, resource in self._resources.items():
            if resource["Type"] in kinds:
                yield logical_id, resource.get("Properties", {})

    def target(self, value: Any) -> str | None:
        """The logical id of what a value refers to, by reference or by physical name.

        Args:
            value: A ``Ref``, ``Fn::GetAtt``, ``Fn::Sub``, ``Fn::Join``, an ARN or a name; also what
                CDK exports of another stack, for what is imported by its logical id there.
        """
        match value:
            case {"Ref": str(name)} | {"Fn::GetAtt": [str(name), *_]}:
                found = {name}
            case {"Fn::GetAtt": str(text)}:
                found = {text.split(".")[0]}
            case {"Fn::Sub": str(text)} | {"Fn::Sub": [str(text), *_]}:
                found = set(_SUB.findall(text))
            case {"Fn::ImportValue": str(export)} | {
                "Fn::GetStackOutput": {"OutputName": str(export)}
            }:
                found = {name for name in self._imported if _is_exported(name, export)}
            case {"Fn::Select": [_, inner]} | {"Fn::Split": [_, inner]}:
                found = {self._reference(inner)}
            case {"Fn::Join": [str(between), list(parts)]}:
                found = {self._reference(part) for part in parts} - {""}
                texts = [part if isinstance(part, str) else "" for part in parts]
                found = found or {self._named(between.join(texts))}
            case str(text):
                found = {self._named(text)}
            case _:
                return None
        known = [name for name in found if name in self]
        return known[0] if len(known) == 1 else None

    def _reference(self, part: Any) -> str:
        """What a part of a joined text refers to: its texts name nothing by themselves."""
        return "" if isinstance(part, str) else self.target(part) or ""

    def function_of(self, value: Any) -> tuple[str, str | None] | None:
        """The function that a value leads to, and the alias or version on the way to it.

        Args:
            value: A reference to a function, an alias or a version.
        """
        found = self.target(value)
        if found is None:
            return None
        if self.kind(found) in ("AWS::Lambda::Alias", "AWS::Lambda::Version"):
            inner = self.target(self.properties(found)["FunctionName"])
            return (inner, found) if inner else None
        return (found, None) if self.kind(found) == "AWS::Lambda::Function" else None

    def _named(self, text: str) -> str:
        """The logical id of what a name, an ARN or a URL is of; empty if that is not there."""
        name = re.split(r"[:/]", re.sub(r"/stream/.*", "", text))[-1]  # of a table, its stream
        service = text.split(":")[2].lower() if text.startswith("arn:") else ""
        for logical_id, resource in self._resources.items():
            kind = str(resource["Type"])
            is_of_iam = kind.startswith("AWS::IAM::")  # which only ARNs refer to
            if (service or is_of_iam) and kind.split("::")[1].lower() != service:
                continue
            properties = resource.get("Properties", {})
            if name and any(properties.get(key) == name for key in _NAMES.get(kind, ())):
                return logical_id
        return ""


_NAMES = {
    "AWS::DynamoDB::GlobalTable": ("TableName",),
    "AWS::DynamoDB::Table": ("TableName",),
    "AWS::Events::EventBus": ("Name",),
    "AWS::IAM::ManagedPolicy": ("ManagedPolicyName",),
    "AWS::IAM::Role": ("RoleName",),
    "AWS::Kinesis::Stream": ("Name",),
    "AWS::Lambda::Function": ("FunctionName",),
    "AWS::S3::Bucket": ("BucketName",),
    "AWS::SNS::Topic": ("TopicName",),
    "AWS::SQS::Queue": ("QueueName",),
}


def _is_exported(name: str, export: str) -> bool:
    """Whether CDK exports something of a resource by a name."""
    of = rf"(?:FnGetAtt{re.escape(name)}[A-Za-z]+|Ref{re.escape(name)})"
    return re.search(rf"(?:Exports|Publish)Output{of}[0-9A-F]{{8}}\Z", export) is not None


def listed(value: Any) -> list[Any]:
    """What may be one thing, several or nothing, as several."""
    if value is None:
        return []
    return list(value) if isinstance(value, list) else [value]


def is_true(value: Any) -> bool:
    """Whether a property is set; a template may have it as a text."""
    return str(value).lower() == "true"


def text_with(value: Any, reference: str) -> str:
    """The text of a value, with something instead of what it refers to."""
    match value:
        case str(text):
            return text
        case {"Fn::Join": [str(separator), list(parts)]}:
            return separator.join(text_with(part, reference) for part in parts)
        case {"Fn::Sub": str(text)} | {"Fn::Sub": [str(text), *_]}:
            return _VARIABLE.sub(reference, text)
    return reference


def _read(template: Any) -> Mapping[str, Any]:
    if isinstance(template, str | Path):
        return dict(json.loads(Path(template).read_text()))
    if hasattr(template, "to_json"):
        return dict(template.to_json())
    if hasattr(template, "template_options"):  # a Stack, without importing CDK for a dictionary
        from aws_cdk import assertions  # noqa: PLC0415 - see above

        return dict(assertions.Template.from_stack(template).to_json())
    if isinstance(template, dict) and "Resources" in template:
        return template
    raise DeliveryError(
        f"template must be a synthesized template, got {type(template).__name__}; pass a "
        "dictionary with Resources, an assertions.Template, a Stack or the path of a file"
    )
