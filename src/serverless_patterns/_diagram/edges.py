"""What leads from one resource to another."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

from serverless_patterns._diagram.kinds import KINDS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from serverless_patterns._diagram.resources import Resource, Resources, Scope


class Line(Enum):
    """How an edge is drawn."""

    DELIVERS = "delivers"
    FAILS = "fails"
    MAY = "may"


@dataclass(frozen=True)
class Edge:
    """What leads from a resource to another.

    Attributes:
        source: Where it starts.
        target: Where it ends.
        line: How it is drawn.
        label: What it says, if anything.
        reads: Of a privilege, whether the source may read the target.
        writes: Of a privilege, whether the source may write to the target.
    """

    source: Resource
    target: Resource
    line: Line = Line.DELIVERS
    label: str = ""
    reads: bool = False
    writes: bool = False


class Drawn:
    """The resources that a picture shows, and how others lead to them.

    Args:
        resources: Every resource of the app.
    """

    def __init__(self, resources: Resources) -> None:
        self.resources = resources
        # What CDK runs for custom resources is none of the application.
        self._of_cdk = {
            function
            for each in resources
            for function in resources.mentioned(each.scope, each.get("ServiceToken"))
        }

    def __contains__(self, resource: object) -> bool:
        return getattr(resource, "type", "") in KINDS and resource not in self._of_cdk

    def of(self, scope: Scope, value: Any) -> list[Resource]:
        """What is drawn of the resources that a value in a template refers to, each once."""
        found = [self._of_version(each) for each in self.resources.mentioned(scope, value)]
        return [each for each in dict.fromkeys(found) if each in self]

    def within(self, resource: Resource, *properties: Any) -> list[Resource]:
        """What is drawn of the resources that values of a resource refer to, each once.

        Args:
            resource: The resource.
            properties: Values of its properties.
        """
        return self.of(resource.scope, list(properties))

    def _of_version(self, resource: Resource) -> Resource:
        if resource.type == "AWS::Lambda::Version":
            named = self.resources.mentioned(resource.scope, resource.get("FunctionName"))
            return named[0] if named else resource
        return resource

    def edges(
        self,
        resource: Resource,
        sources: Any,
        targets: Any,
        line: Line = Line.DELIVERS,
        label: str = "",
    ) -> Iterator[Edge]:
        """Edges from whatever one value refers to, to whatever another does.

        Args:
            resource: The resource that tells both, which is what a ``None`` stands for.
            sources: The value that names the sources.
            targets: The value that names the targets.
            line: How the edges are drawn.
            label: What they say.
        """
        starts = [resource] if sources is None else self.within(resource, sources)
        for source in starts:
            for target in self.within(resource, targets):
                yield Edge(source, target, line, label)
