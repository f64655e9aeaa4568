"""What a picture of some stacks shows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from serverless_patterns._diagram.edges import Drawn, Line
from serverless_patterns._diagram.events import event_edges
from serverless_patterns._diagram.front_doors import request_edges
from serverless_patterns._diagram.privileges import privilege_edges
from serverless_patterns._diagram.resources import Resources

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from serverless_patterns._diagram.edges import Edge
    from serverless_patterns._diagram.resources import Resource
    from serverless_patterns.local.assembly import Stack

_ALARMS = ("AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm")
_ACTIONS = ("AlarmActions", "InsufficientDataActions", "OKActions")


class DiagramError(Exception):
    """A picture that can't be made; the message says why, and what to do about it."""


@dataclass
class Arrow:
    """Every edge of one line between two resources, as one.

    Attributes:
        source: Where it starts.
        target: Where it ends.
        line: How it is drawn.
        labels: What the edges say.
        reads: Of a privilege, whether the source may read the target.
        writes: Of a privilege, whether the source may write to the target.
        is_back: Whether the target leads to the source by what is delivered.
    """

    source: Resource
    target: Resource
    line: Line
    labels: set[str] = field(default_factory=set)
    reads: bool = False
    writes: bool = False
    is_back: bool = False

    def add(self, edge: Edge) -> None:
        """Have it stand for an edge as well."""
        self.labels |= {edge.label} - {""}
        self.reads = self.reads or edge.reads
        self.writes = self.writes or edge.writes


@dataclass(frozen=True)
class Picture:
    """What a picture shows, in an order that doesn't change.

    Attributes:
        stacks: The construct paths of the stacks that it is of.
        resources: Its boxes, of those stacks and of others that these lead to.
        arrows: What leads from one to another.
    """

    stacks: tuple[str, ...]
    resources: tuple[Resource, ...]
    arrows: tuple[Arrow, ...]


def picture_of(stacks: Sequence[Stack], names: Collection[str] = ()) -> Picture:
    """What a picture of some stacks of an app shows.

    Args:
        stacks: Every stack of the app.
        names: Which of them, by the names that the CDK CLI takes. Default - all.

    Raises:
        DiagramError: If one isn't there, or there is nothing to draw.
    """
    if not stacks:
        raise DiagramError("the app has no stack")
    there = sorted(stack.display_name.split(" (")[0] for stack in stacks)
    unknown = sorted({*names} - {*there})
    if unknown:
        raise DiagramError(f"no stack is called {', '.join(unknown)}; there are {', '.join(there)}")
    chosen = tuple(sorted({*names} or there))
    drawn = Drawn(Resources(stacks))
    arrows = _arrows(drawn, _edges(drawn, chosen))
    ends = {end for arrow in arrows for end in (arrow.source, arrow.target)}
    own = {each for each in drawn.resources if each in drawn and _is_of(each, chosen)}
    boxes = ends | (own - _told_by_alarms(drawn))
    if not boxes:
        raise DiagramError(f"nothing that a picture shows stands in {', '.join(chosen)}")
    return Picture(chosen, tuple(sorted(boxes, key=place)), arrows)


def place(resource: Resource) -> tuple[str, str]:
    """What the boxes of a picture are sorted by, and known by."""
    return resource.path, resource.type


def _edges(drawn: Drawn, chosen: Collection[str]) -> Iterator[Edge]:
    """The edges that the templates of some stacks tell of."""
    for resource in drawn.resources:
        if _is_of(resource, chosen):
            yield from event_edges(drawn, resource)
            yield from request_edges(drawn, resource)
    for edge in privilege_edges(drawn):
        if _is_of(edge.source, chosen):
            yield edge


def _arrows(drawn: Drawn, edges: Iterable[Edge]) -> tuple[Arrow, ...]:
    found: dict[tuple[Resource, Resource, Line], Arrow] = {}
    for edge in edges:
        key = edge.source, edge.target, edge.line
        found.setdefault(key, Arrow(*key)).add(edge)
    led = {
        (source, target)
        for arrow in found.values()
        if arrow.line is not Line.MAY
        for source in _itself_and_its_function(drawn, arrow.source)
        for target in _itself_and_its_function(drawn, arrow.target)
    }
    for arrow in found.values():
        if arrow.line is Line.MAY:  # what it is led to, or given by, it need not be said to use
            arrow.writes = arrow.writes and (arrow.source, arrow.target) not in led
            arrow.reads = arrow.reads and (arrow.target, arrow.source) not in led
            arrow.is_back = arrow.source in _reached(led, arrow.target)
    kept = [
        each for each in found.values() if each.line is not Line.MAY or each.reads or each.writes
    ]
    return tuple(
        sorted(kept, key=lambda each: (place(each.source), place(each.target), each.line.value))
    )


def _itself_and_its_function(drawn: Drawn, resource: Resource) -> list[Resource]:
    if resource.type == "AWS::Lambda::Alias":
        return [resource, *drawn.within(resource, resource.get("FunctionName"))]
    return [resource]


def _reached(led: Collection[tuple[Resource, Resource]], start: Resource) -> set[Resource]:
    """What a resource leads to, by however many steps."""
    reached: set[Resource] = set()
    ahead = [start]
    while ahead:
        here = ahead.pop()
        further = {target for source, target in led if source is here} - reached
        reached |= further
        ahead += further
    return reached


def _told_by_alarms(drawn: Drawn) -> set[Resource]:
    """What alarms tell, which is left out with them where nothing else concerns it."""
    return {
        told
        for alarm in drawn.resources
        if alarm.type in _ALARMS
        for told in drawn.within(alarm, *(alarm.get(actions) for actions in _ACTIONS))
    }


def _is_of(resource: Resource, stacks: Collection[str]) -> bool:
    return resource.scope.root.path in stacks
