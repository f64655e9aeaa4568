"""Templates without the resources that the emulator can't deploy.

One of them fails a whole stack, so it is left out, and with it whatever refers to it:
dependencies, outputs, list items, properties. What is lost is told.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from serverless_patterns.local.assembly import NESTED_STACK

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from serverless_patterns.local.assembly import Template

_CODE_DEPLOY = "CodeDeployLambdaAliasUpdate"
_REFERENCE = re.compile(r"\$\{([A-Za-z0-9]+)(?:\.([A-Za-z0-9.]+))?\}")


class _Gone:
    """What a value becomes that can't be without a resource that was left out."""


_GONE: Final = _Gone()


@dataclass(frozen=True)
class LeftOut:
    """A resource that was left out.

    Attributes:
        stack: Its stack's name.
        logical_id: Its logical id.
        type: Its type.
    """

    stack: str
    logical_id: str
    type: str


@dataclass
class _Losses:
    """What one template lost: the names that dangle wherever they still stand."""

    names: set[str] = field(default_factory=set)
    outputs: set[str] = field(default_factory=set)


class Pruning:
    """The templates of an app, pruned in place.

    Args:
        roots: The template of every stack.
        can_deploy: Whether a resource of a template can be deployed.

    Attributes:
        left_out: The resources that were left out.
        lost: The properties that lost a reference, as ``Stack.LogicalId.Path.To.It``, and the
            outputs that had nothing else to say, as ``Stack.Outputs.Name``.
    """

    def __init__(
        self, roots: Sequence[Template], can_deploy: Callable[[Template, str], bool]
    ) -> None:
        self.left_out: list[LeftOut] = []
        self.lost: list[str] = []
        self._templates = [template for root in roots for template in root.tree()]
        self._losses = {template: _Losses() for template in self._templates}
        self._exports: set[str] = set()
        for template in self._templates:
            unworkable = [each for each in template.resources if not can_deploy(template, each)]
            for logical_id in unworkable:
                self._leave_out(template, logical_id)
        settled = not self.left_out
        while not settled:  # what dangles now may have been referred to in turn
            settled = not sum(self._settle(template) for template in self._templates)

    def _settle(self, template: Template) -> bool:
        """Follow every dangling reference of a template one step; whether there was any."""
        resources = [*template.resources.items()]
        mended = [self._mend(template, logical_id, resource) for logical_id, resource in resources]
        outputs = template.content.get("Outputs", {})
        dangling = [name for name in outputs if self._dangles(template, outputs[name]["Value"])]
        for name in dangling:
            export = outputs.pop(name).get("Export", {}).get("Name")
            self._losses[template].outputs.add(name)
            self._exports |= {f"{template.name}.{name}", str(export)}
            self.lost.append(f"{template.name}.Outputs.{name}")
        return any(mended) or bool(dangling)

    def _mend(self, template: Template, logical_id: str, resource: dict[str, Any]) -> bool:
        waits_for = resource.pop("DependsOn", [])
        names = waits_for if isinstance(waits_for, list) else [waits_for]
        left = [name for name in names if name not in self._losses[template].names]
        if left:
            resource["DependsOn"] = left
        lost: list[str] = []
        if _CODE_DEPLOY in resource.get("UpdatePolicy", {}):
            del resource["UpdatePolicy"][_CODE_DEPLOY]
            lost.append(f"UpdatePolicy.{_CODE_DEPLOY}")
        properties = resource.get("Properties", {})
        dangling: list[str] = []
        mended = self._without_dangling(template, properties, dangling)
        if dangling:
            properties = {} if isinstance(mended, _Gone) else mended
            resource["Properties"] = properties
            if resource["Type"] == NESTED_STACK:
                self._lose_parameters(template.nested.get(logical_id), dangling)
            if resource["Type"] == "AWS::IAM::Policy" and "PolicyDocument" not in properties:
                self._leave_out(template, logical_id)  # it allowed nothing else
        self.lost += [f"{template.name}.{logical_id}.{path}" for path in lost + dangling]
        return bool(lost or dangling)

    def _leave_out(self, template: Template, logical_id: str) -> None:
        resource = template.resources.pop(logical_id)
        self.left_out.append(LeftOut(template.name, logical_id, resource["Type"]))
        self._losses[template].names.add(logical_id)

    def _lose_parameters(self, child: Template | None, lost: list[str]) -> None:
        for path in lost:
            name = path.removeprefix("Parameters.")
            if child and child.content.get("Parameters", {}).pop(name, None):
                self._losses[child].names.add(name)

    def _is_dangling(self, template: Template, name: str, attribute: str = "") -> bool:
        if name in self._losses[template].names:
            return True
        child = template.nested.get(name)
        return child is not None and (
            attribute.removeprefix("Outputs.") in self._losses[child].outputs
        )

    def _without_dangling(
        self, template: Template, value: Any, lost: list[str], path: tuple[str, ...] = ()
    ) -> Any:
        """``value`` without what dangles in it; the paths of that are added to ``lost``."""
        if _is_intrinsic(value):
            if not self._dangles(template, value):
                return value
            lost.append(".".join(path))
            return _GONE
        if isinstance(value, dict | list):
            items = value.items() if isinstance(value, dict) else enumerate(value)
            parts = [
                (key, self._without_dangling(template, part, lost, (*path, str(key))))
                for key, part in items
            ]
            left = [(key, part) for key, part in parts if not isinstance(part, _Gone)]
            value = dict(left) if isinstance(value, dict) else [part for _, part in left]
            gone = len(left) < len(parts) and (not left or _says_nothing(value))
            return _GONE if gone else value
        return value

    def _dangles(self, template: Template, value: Any) -> bool:
        """Whether anything that ``value`` refers to was left out."""
        match value:
            case {"Ref": str(name)}:
                dangles = self._is_dangling(template, name)
            case {"Fn::GetAtt": [str(name), str(attribute)]}:
                dangles = self._is_dangling(template, name, attribute)
            case {"Fn::GetAtt": str(both)}:
                dangles = self._is_dangling(template, *both.split(".", maxsplit=1))
            case {"Fn::ImportValue": str(export)}:
                dangles = export in self._exports
            case {"Fn::GetStackOutput": {"StackName": str(stack), "OutputName": str(output)}}:
                dangles = f"{stack}.{output}" in self._exports
            case {"Fn::Sub": str(text)}:
                dangles = self._substitutes_dangling(template, text, {})
            case {"Fn::Sub": [str(text), dict(own)]}:
                dangles = self._substitutes_dangling(template, text, own)
            case dict():
                dangles = any(self._dangles(template, part) for part in value.values())
            case list():
                dangles = any(self._dangles(template, part) for part in value)
            case _:
                dangles = False
        return dangles

    def _substitutes_dangling(self, template: Template, text: str, own: dict[str, Any]) -> bool:
        return self._dangles(template, [*own.values()]) or any(
            name not in own and self._is_dangling(template, name, attribute)
            for name, attribute in _REFERENCE.findall(text)
        )


def _is_intrinsic(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and len(value) == 1
        and all(key == "Ref" or key.startswith("Fn::") for key in value)
    )


def _says_nothing(value: Any) -> bool:
    """Whether an IAM statement lost what it spoke of, or a policy document its statements."""
    if not isinstance(value, dict):
        return False
    speaks_of = value.keys() & {"Resource", "NotResource", "Principal", "NotPrincipal"}
    is_statement = {"Effect", "Action"} <= value.keys()
    return (is_statement and not speaks_of) or value.keys() == {"Version"}
