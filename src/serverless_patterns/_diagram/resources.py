"""The resources of every stack of an app, and which of them a value refers to."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from serverless_patterns.local.assembly import Stack, Template

_VARIABLE = re.compile(r"\$\{([A-Za-z0-9]+)(?:\.([A-Za-z0-9.]+))?\}")
_NAMES = (
    "BucketName",
    "FunctionName",
    "Name",
    "QueueName",
    "StateMachineName",
    "TableName",
    "TopicName",
)


@dataclass(frozen=True, eq=False)
class Scope:
    """A template as it stands in an app.

    Attributes:
        path: The construct path of its stack.
        template: What it says.
        parent: The template that it is nested in.
        handed: What the parent hands it, by parameter.
        nested: The templates nested in it, by the logical ids of their stacks.
    """

    path: str
    template: Template
    parent: Scope | None = None
    handed: Mapping[str, Any] = field(default_factory=dict)
    nested: dict[str, Scope] = field(default_factory=dict)

    @property
    def root(self) -> Scope:
        """The stack that it is deployed with."""
        return self.parent.root if self.parent else self


@dataclass(frozen=True, eq=False)
class Resource:
    """A resource of a template.

    Attributes:
        scope: The template.
        logical_id: Its name in there.
        type: Its CloudFormation type.
        properties: What it is told.
        path: The path of its construct; its logical id where a template doesn't tell one.
    """

    scope: Scope
    logical_id: str
    type: str
    properties: Mapping[str, Any]
    path: str

    def get(self, *names: str) -> Any:
        """A property, or one within it; ``None`` if it isn't set."""
        value: Any = self.properties
        for name in names:
            value = value.get(name) if isinstance(value, dict) else None
        return value


class Resources:
    """The resources of an app.

    Args:
        stacks: Its stacks.

    Attributes:
        scopes: Every template, those nested in it after each.
    """

    def __init__(self, stacks: Sequence[Stack]) -> None:
        self._names = {stack.name: stack.display_name.split(" (")[0] for stack in stacks}
        self.scopes: list[Scope] = []
        for stack in stacks:
            self._add(Scope(self._names[stack.name], stack.template))
        self._by_id = {
            (id(scope), logical_id): _resource(scope, logical_id, resource)
            for scope in self.scopes
            for logical_id, resource in scope.template.resources.items()
        }
        self._exports = {
            json.dumps(output["Export"]["Name"], sort_keys=True): (scope, output["Value"])
            for scope in self.scopes
            for output in scope.template.content.get("Outputs", {}).values()
            if "Export" in output
        }
        self._named = {
            (_service(each.type), each.properties[name]): each
            for each in self
            for name in _NAMES
            if isinstance(each.properties.get(name), str)
        }

    def __iter__(self) -> Iterator[Resource]:
        return iter(self._by_id.values())

    def mentioned(self, scope: Scope, value: Any) -> list[Resource]:
        """The resources that a value in a template refers to, each once.

        Args:
            scope: The template.
            value: A reference or an ARN, or whatever holds some.
        """
        return list(dict.fromkeys(self._mentioned(scope, value)))

    def _mentioned(self, scope: Scope, value: Any) -> Iterator[Resource]:
        if isinstance(value, str):
            yield from self._of_arn(value)
        elif isinstance(value, list):
            for each in value:
                yield from self._mentioned(scope, each)
        elif isinstance(value, dict):
            yield from self._of_text(scope, value)
            yield from self._of_reference(scope, value)

    def _of_reference(self, scope: Scope, value: Mapping[str, Any]) -> Iterator[Resource]:
        match value:
            case {"Ref": str(name)}:
                yield from self._referred(scope, name, "")
            case {"Fn::GetAtt": [str(name), str(attribute)]}:
                yield from self._referred(scope, name, attribute)
            case {"Fn::GetAtt": str(text)}:
                name, _, attribute = text.partition(".")
                yield from self._referred(scope, name, attribute)
            case {"Fn::ImportValue": name}:
                if found := self._exports.get(json.dumps(name, sort_keys=True)):
                    yield from self._mentioned(*found)
            case {"Fn::GetStackOutput": {"StackName": str(stack), "OutputName": str(output)}}:
                yield from self._output(self._names.get(stack), output)
            case _:
                yield from self._mentioned(scope, list(value.values()))

    def _of_text(self, scope: Scope, value: Mapping[str, Any]) -> Iterator[Resource]:
        """What a joined or substituted text names, beside what its parts refer to."""
        match value:
            case {"Fn::Sub": str(text)} | {"Fn::Sub": [str(text), *_]}:
                for name, attribute in _VARIABLE.findall(text):
                    yield from self._referred(scope, name, attribute)
                yield from self._of_arn(_VARIABLE.sub("*", text))
            case {"Fn::Join": [str(between), list(parts)]}:
                texts = [each if isinstance(each, str) else "*" for each in parts]
                yield from self._of_arn(between.join(texts))

    def _referred(self, scope: Scope, name: str, attribute: str) -> Iterator[Resource]:
        found = self._by_id.get((id(scope), name))
        if name in scope.nested and attribute.startswith("Outputs."):
            yield from self._output(scope.nested[name].path, attribute.removeprefix("Outputs."))
        elif found:
            yield found
        elif scope.parent and name in scope.handed:
            yield from self._mentioned(scope.parent, scope.handed[name])

    def _output(self, path: str | None, name: str) -> Iterator[Resource]:
        for scope in self.scopes:
            if scope.path == path:
                output = scope.template.content.get("Outputs", {}).get(name, {})
                yield from self._mentioned(scope, output.get("Value"))

    def _of_arn(self, text: str) -> Iterator[Resource]:
        """What an ARN names in words, as where a physical name crosses from stack to stack."""
        start, *words = re.split(r"[:/]", text)
        for word in words[2:] if start == "arn" else ():
            if found := self._named.get((words[1], word)):
                yield found

    def _add(self, scope: Scope) -> None:
        self.scopes.append(scope)
        for logical_id, template in scope.template.nested.items():
            stack = _resource(scope, logical_id, scope.template.resources[logical_id])
            path = stack.path.split(".NestedStack/")[0]
            child = Scope(path, template, scope, stack.get("Parameters") or {})
            scope.nested[logical_id] = child
            self._add(child)


def listed(value: Any) -> list[Any]:
    """What may be one thing, several or nothing, as several."""
    if value is None:
        return []
    return list(value) if isinstance(value, list) else [value]


def _resource(scope: Scope, logical_id: str, resource: Mapping[str, Any]) -> Resource:
    path = str(resource.get("Metadata", {}).get("aws:cdk:path", f"{scope.path}/{logical_id}"))
    path = path.removesuffix("/Resource").removesuffix("/Default")
    return Resource(scope, logical_id, resource["Type"], resource.get("Properties", {}), path)


def _service(kind: str) -> str:
    words = kind.split("::")
    return words[1].lower() if len(words) > 1 else ""
