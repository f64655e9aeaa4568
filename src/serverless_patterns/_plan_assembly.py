"""What an assembly says of each modular application in it, counted."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from serverless_patterns import _quotas
from serverless_patterns._cut import CATCH_ALL
from serverless_patterns._plan_policies import granted, policy_bytes, substituted
from serverless_patterns.local.assembly import Assembly

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from serverless_patterns.local.assembly import Template

_FUNCTION = "AWS::Lambda::Function"
_METADATA = "serverless-patterns:modular-api"  # modular_api.METADATA, which imports CDK


@dataclass(frozen=True)
class Connections:
    """What an endpoint has one of for each function or path, and the most that it can have.

    Attributes:
        name: What they are called.
        resource_type: The CloudFormation type.
        quota: The most of them, or ``None`` where AWS sets no limit.
    """

    name: str
    resource_type: str
    quota: int | None


CONNECTIONS = {
    "HTTP_API": Connections(
        "integrations", "AWS::ApiGatewayV2::Integration", _quotas.HTTP_API_INTEGRATIONS
    ),
    "REST_API": Connections("paths", "AWS::ApiGateway::Resource", _quotas.REST_API_RESOURCES),
    "FUNCTION_URL": Connections("function URLs", "AWS::Lambda::Url", None),
    "load_balancer": Connections(
        "target groups",
        "AWS::ElasticLoadBalancingV2::TargetGroup",
        _quotas.LOAD_BALANCER_TARGET_GROUPS,
    ),
}


class PlannedApi:
    """One ``ModularApi`` of a synthesized app.

    Args:
        path: Its construct path.
        description: What it told a plan.
        root: The template of its stack.

    Attributes:
        path: Its construct path.
        description: What it told a plan: its application, endpoint, routes and units.
        template_bytes: The size of the largest template that it stands in, as it is published.
    """

    def __init__(self, path: str, description: Mapping[str, Any], root: Template) -> None:
        self.path = path
        self.description = description
        self._root = root
        self._own = [
            template
            for template in root.tree()
            if any(self._holds(resource) for resource in template.resources.values())
        ]
        # Read now: the assembly is gone when a plan is made of several.
        files = [template.file for template in [root, *self._own]]
        self.template_bytes = max(file.stat().st_size for file in files)
        self._grants = dict(self._all_grants(root, {}))

    @property
    def functions(self) -> int:
        """Its functions."""
        return len(self._of_type(_FUNCTION))

    @property
    def resources(self) -> int:
        """The resources that it defines, nested stacks and what stands in them included."""
        return len(list(self._resources()))

    @property
    def stacks(self) -> int:
        """Its own stack and the nested ones that its units stand in."""
        return len({id(self._root), *map(id, self._own)})

    @property
    def largest_stack(self) -> int:
        """The resources of the fullest of those stacks, whatever else stands in it included."""
        return max(len(template.resources) for template in [self._root, *self._own])

    @property
    def connections(self) -> int:
        """What its endpoint counts: integrations, resources, function URLs or target groups."""
        kind = CONNECTIONS[self.description["endpoint"]]
        imported = [
            len(_resources_of(api["Properties"]["Body"].get("paths", {})))
            for api in self._of_type("AWS::ApiGateway::RestApi")
            if "Body" in api.get("Properties", {})
        ]
        return sum(imported) if imported else len(self._of_type(kind.resource_type))

    @property
    def policy_bytes(self) -> int:
        """The size of the largest resource policy of one of its functions."""
        sizes = [
            policy_bytes(permissions)
            for template in self._own
            for permissions in self._permissions(template).values()
        ]
        return max(sizes, default=0)

    def units(self) -> dict[str, list[str]]:
        """The routes of each unit, those that no other has for the catch-all."""
        units = {name: list(unit["routes"]) for name, unit in self.description["units"].items()}
        claimed = {route for routes in units.values() for route in routes}
        if CATCH_ALL in units:
            units[CATCH_ALL] = [
                route for route in self.description["routes"] if route not in claimed
            ]
        return units

    def grants(self) -> dict[str, frozenset[tuple[str, str]]]:
        """What each unit's function may do beyond its own logs and traces, by unit."""
        return {
            name: self._grants.get(unit["function"], frozenset())
            for name, unit in self.description["units"].items()
        }

    def _holds(self, resource: Mapping[str, Any]) -> bool:
        return _path(resource).startswith(f"{self.path}/")

    def _resources(self) -> Iterator[dict[str, Any]]:
        for template in self._own:
            yield from (each for each in template.resources.values() if self._holds(each))

    def _of_type(self, kind: str) -> list[dict[str, Any]]:
        return [resource for resource in self._resources() if resource["Type"] == kind]

    def _permissions(self, template: Template) -> dict[str, list[tuple[str, dict[str, Any]]]]:
        found = defaultdict(list)
        for logical_id, resource in template.resources.items():
            if resource["Type"] == "AWS::Lambda::Permission" and self._holds(resource):
                function = json.dumps(resource["Properties"]["FunctionName"], sort_keys=True)
                found[function].append((logical_id, resource["Properties"]))
        return found

    def _all_grants(
        self, template: Template, parameters: Mapping[str, Any]
    ) -> Iterator[tuple[str, frozenset[tuple[str, str]]]]:
        for resource in template.resources.values():
            if resource["Type"] == _FUNCTION and self._holds(resource):
                function = _path(resource).removesuffix("/Resource")
                yield function, granted(template.resources, resource, parameters)
        for logical_id, child in template.nested.items():
            given = template.resources[logical_id].get("Properties", {}).get("Parameters", {})
            yield from self._all_grants(child, substituted(given, parameters))


def planned_apis(output: Path, copy: Path) -> dict[str, PlannedApi]:
    """Every ``ModularApi`` of an assembly by its construct path.

    Args:
        output: The assembly.
        copy: Where a copy of it may be made.
    """
    stacks = Assembly(output, copy).stacks
    found = {}
    for path, description in _descriptions(output):
        for stack in stacks:
            api = PlannedApi(path, description, stack.template)
            if api.functions:
                found[path] = api
    return found


def _descriptions(output: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    for manifest in sorted(output.rglob("manifest.json")):
        for artifact in json.loads(manifest.read_text()).get("artifacts", {}).values():
            metadata = dict(artifact.get("metadata", {}))
            beside = artifact.get("additionalMetadataFile")
            if beside:
                metadata |= json.loads((manifest.parent / beside).read_text())
            for path, entries in metadata.items():
                for entry in entries:
                    if entry["type"] == _METADATA:
                        yield path.strip("/"), entry["data"]


def _path(resource: Mapping[str, Any]) -> str:
    return str(resource.get("Metadata", {}).get("aws:cdk:path", ""))


def _resources_of(paths: Iterable[str]) -> set[str]:
    """The resources that API Gateway makes of paths: each, and every one on the way to it."""
    segments = [path.strip("/").split("/") for path in paths]
    return {"/".join(each[:end]) for each in segments for end in range(len(each) + 1)}
