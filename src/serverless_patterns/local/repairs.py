"""What the emulator drops from a template, set through its API after the deployment.

Its CloudFormation ignores these properties although its services honour them.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from serverless_patterns.local._errors import LocalCloudError
from serverless_patterns.local.dropped import REPAIRS, RepairTarget
from serverless_patterns.local.server import OUTPUT_PREFIX

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from serverless_patterns.local.assembly import Stack, Template
    from serverless_patterns.local.dropped import Repair
    from serverless_patterns.local.server import LocalCloud


@dataclass
class _Plan:
    """What to repair of one template, and the outputs that say what its references mean."""

    wanted: list[tuple[Repair, str, dict[str, Any]]] = field(default_factory=list)
    outputs: dict[str, Any] = field(default_factory=dict)


class Repairs:
    """The repairs that the stacks of an app need.

    Planning adds outputs to their templates, through which the emulator itself resolves the
    references in what is to be set.

    Args:
        cloud: Where the stacks are deployed.
        stacks: Every stack of the app.
    """

    def __init__(self, cloud: LocalCloud, stacks: Sequence[Stack]) -> None:
        self._cloud = cloud
        self._plans = {
            template: _plan(template) for stack in stacks for template in stack.template.tree()
        }
        self._had: dict[tuple[str, str], set[str]] = {}

    def before(self, stack: Stack) -> None:
        """Remember what is deployed of ``stack``, to unset what its template no longer says."""
        for _, stack_id, resources in self._deployed(stack):
            body = self._client(stack, "cloudformation").get_template(StackName=stack_id)
            template = body["TemplateBody"]
            document = json.loads(template) if isinstance(template, str) else template
            for logical_id, resource in document.get("Resources", {}).items():
                if logical_id in resources:
                    had = {*resource.get("Properties", {})}
                    self._had[stack_id, logical_id] = had

    def after(self, stack: Stack) -> list[str]:
        """Repair ``stack``, which is deployed.

        Returns:
            What was set, as ``Stack.LogicalId.Property``.
        """
        repaired = []
        validators: dict[str, str] = {}
        for template, stack_id, resources in self._deployed(stack):
            described = self._client(stack, "cloudformation").describe_stacks(StackName=stack_id)
            values = {
                output["OutputKey"]: output["OutputValue"]
                for output in described["Stacks"][0].get("Outputs", ())
            }
            for repair, logical_id, raw in self._plans[template].wanted:
                properties = _resolved(raw, values)
                repair.apply(self._target(stack, resources[logical_id], properties, validators))
                repaired.append(f"{template.name}.{logical_id}.{repair.asks_for[0]}")
            for repair, logical_id in _undone(template, stack_id, self._had):
                if repair.undo:
                    repair.undo(self._target(stack, resources[logical_id], {}, validators))
        return repaired

    def _target(
        self, stack: Stack, physical_id: str, properties: dict[str, Any], made: dict[str, str]
    ) -> RepairTarget:
        return RepairTarget(lambda name: self._client(stack, name), physical_id, properties, made)

    def _client(self, stack: Stack, service: str) -> Any:
        return self._cloud.client(service, stack.region)

    def _deployed(self, stack: Stack) -> Iterator[tuple[Template, str, dict[str, str]]]:
        """Each deployed template of a stack, with its stack and its resources' physical ids."""
        client = self._client(stack, "cloudformation")
        waiting = [(stack.template, stack.name)]
        while waiting:
            template, stack_id = waiting.pop()
            try:
                listed = client.describe_stack_resources(StackName=stack_id)["StackResources"]
            except client.exceptions.ClientError:
                continue  # it isn't deployed
            else:
                ids = {part["LogicalResourceId"]: part["PhysicalResourceId"] for part in listed}
                waiting += [
                    (child, ids[name]) for name, child in template.nested.items() if name in ids
                ]
                yield template, stack_id, ids


def _plan(template: Template) -> _Plan:
    plan = _Plan()
    for repair in REPAIRS:
        for logical_id, resource in template.resources.items():
            properties = resource.get("Properties", {})
            if resource["Type"] == repair.type and repair.asks_for[0] in properties:
                wanted = {name: properties[name] for name in repair.asks_for if name in properties}
                plan.wanted.append((repair, logical_id, _published(wanted, plan.outputs)))
    if plan.outputs:
        template.content.setdefault("Outputs", {}).update(plan.outputs)
    return plan


def _undone(
    template: Template, stack_id: str, had: dict[tuple[str, str], set[str]]
) -> Iterator[tuple[Repair, str]]:
    for repair in REPAIRS:
        for logical_id, resource in template.resources.items():
            name = repair.asks_for[0]
            was_there = name in had.get((stack_id, logical_id), ())
            is_there = name in resource.get("Properties", {})
            if resource["Type"] == repair.type and was_there and not is_there:
                yield repair, logical_id


def _published(value: Any, outputs: dict[str, Any]) -> Any:
    """``value`` with every reference replaced by the name of an output that resolves it."""
    if isinstance(value, list):
        return [_published(part, outputs) for part in value]
    if not isinstance(value, dict):
        return value
    if len(value) == 1 and next(iter(value)).startswith(("Ref", "Fn::")):
        name = f"{OUTPUT_PREFIX}{len(outputs)}"
        outputs[name] = {"Value": value}
        return {OUTPUT_PREFIX: name}
    return {key: _published(part, outputs) for key, part in value.items()}


def _resolved(value: Any, outputs: dict[str, str]) -> Any:
    if isinstance(value, list):
        return [_resolved(part, outputs) for part in value]
    if isinstance(value, dict):
        if OUTPUT_PREFIX in value:
            name = value[OUTPUT_PREFIX]
            if name not in outputs:
                raise LocalCloudError(
                    f"the stack was deployed without {name}, through which a reference is known; "
                    "deploy it again, or empty the local cloud with `reset` first"
                )
            return outputs[name]
        return {key: _resolved(part, outputs) for key, part in value.items()}
    return value
