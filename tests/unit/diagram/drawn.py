"""What a picture shows, in words."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from serverless_patterns._diagram.edges import Line
from serverless_patterns._diagram.picture import picture_of
from serverless_patterns.local.assembly import Assembly, Stack, Template

if TYPE_CHECKING:
    import aws_cdk as cdk

    from serverless_patterns._diagram.picture import Arrow, Picture


def picture(app: cdk.App, *names: str) -> Picture:
    """The picture of stacks of an app."""
    with tempfile.TemporaryDirectory() as copy:
        return picture_of(Assembly(Path(app.synth().directory), Path(copy) / "it").stacks, names)


def arrows(app: cdk.App, *names: str) -> list[str]:
    """The arrows of the picture of stacks of an app."""
    return [_told(arrow) for arrow in picture(app, *names).arrows]


def boxes(app: cdk.App, *names: str) -> list[str]:
    """The boxes of the picture of stacks of an app."""
    return [each.path for each in picture(app, *names).resources]


def arrows_of(resources: dict[str, Any], **outputs: Any) -> list[str]:
    """The arrows of the picture of a template, its resources called by their logical ids."""
    template = Template("Shop", Path("none"), {"Resources": resources, "Outputs": outputs})
    stack = Stack("Shop", "Shop", None, None, "hnb659fds", template)
    return [_told(arrow).replace("Shop/", "") for arrow in picture_of([stack]).arrows]


def resource(kind: str, **properties: Any) -> dict[str, Any]:
    """A resource of a template."""
    return {"Type": kind, "Properties": properties}


def _told(arrow: Arrow) -> str:
    reads, writes = "reads " * arrow.reads, "writes " * arrow.writes
    verb = {
        Line.DELIVERS: "to ",
        Line.FAILS: "fails to ",
        Line.MAY: " and ".join(filter(None, [reads.strip(), writes.strip()])) + " ",
    }[arrow.line]
    labels = f" by {', '.join(sorted(arrow.labels))}" if arrow.labels else ""
    return f"{arrow.source.path} {verb}{arrow.target.path}{labels}"
