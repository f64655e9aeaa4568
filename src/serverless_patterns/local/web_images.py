"""Images with the Lambda Web Adapter, whose command this machine runs: no image is built here.

What starts in such an image is a program beside an extension. So a function of one becomes a zip of
the folder that the image would be built from, in which the bootstrap starts the image's command
and the adapter. What the image would have installed must be on this machine.
"""

from __future__ import annotations

import json
import shlex
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from serverless_patterns._dockerfile import Dockerfile
from serverless_patterns.local._errors import LocalCloudError
from serverless_patterns.local.limits import construct_path
from serverless_patterns.local.web_adapter import (
    APPLICATION,
    RUNTIME,
    bring_bootstrap,
    require_binary,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from serverless_patterns._dockerfile import Instruction
    from serverless_patterns.local.assembly import Stack, Template

BUILDS = "what an image builds: its command runs in the folder that it is built from"
"""What doesn't happen."""

_COMMAND = "image-command"
_EXTENSION = "/opt/extensions"


def run_images(stacks: Sequence[Stack]) -> list[str]:
    """Have functions of images with the adapter run the image's command on this machine.

    Args:
        stacks: What is deployed, in a copy of the assembly: it builds such an image no more, and
            the templates change too.

    Returns:
        The constructs of these functions.

    Raises:
        LocalCloudError: If there is such a function and no adapter, or nothing that it could run.
    """
    run: list[str] = []
    made: dict[str, tuple[str, Path]] = {}  # stacks may share an image
    for stack in stacks:
        assets = _assets_of(stack)
        document = json.loads(assets.read_text()) if assets.is_file() else {}
        images: dict[str, Any] = document.get("dockerImages", {})
        for name, image in [*images.items()]:
            functions = [*_functions_of(name, [*stack.template.tree()])]
            read = _dockerfile(assets.parent, image["source"])
            if not functions or read is None:
                continue
            folder, dockerfile = read
            paths = [construct_path(template, function) for template, function, _ in functions]
            if name not in made:
                command = _command(dockerfile, paths[0])
                made[name] = bring_bootstrap(folder, name, require_binary(paths[0]))
                _write_command(made[name][1], command)
            key, copied = made[name]
            path = PurePosixPath(str(image["source"]["directory"])).with_name(copied.name)
            place = _publish_as_zip(document, key, str(path))
            del images[name]
            for _, _, properties in functions:
                _make_zip(properties, place, dockerfile)
            run += paths
        if document:
            assets.write_text(json.dumps(document, indent=1))
    return run


def _assets_of(stack: Stack) -> Path:
    """Where the assets of a stack are named, those of stacks nested in it too."""
    file = stack.template.file
    return file.with_name(f"{file.name.removesuffix('.template.json')}.assets.json")


def forget_capacity_providers(templates: Sequence[Template]) -> None:
    """Leave out where containers would run: the emulator runs none, and refuses a strategy."""
    for template in templates:
        for resource in template.resources.values():
            if resource["Type"] == "AWS::ECS::Service":
                resource.get("Properties", {}).pop("CapacityProviderStrategy", None)


def _functions_of(
    image: str, templates: Sequence[Template]
) -> Iterator[tuple[Template, str, dict[str, Any]]]:
    for template in templates:
        for name, resource in template.resources.items():
            properties = resource.get("Properties", {})
            uri = json.dumps(properties.get("Code", {}).get("ImageUri", ""))
            if resource["Type"] == "AWS::Lambda::Function" and image in uri:
                yield template, name, properties


def _dockerfile(folder: Path, source: Mapping[str, Any]) -> tuple[Path, Dockerfile] | None:
    """The folder that an image is built from and its Dockerfile, if it brings the adapter."""
    context = folder / str(source.get("directory", ""))
    file = context / str(source.get("dockerFile", "Dockerfile"))
    if not file.is_file():
        return None
    dockerfile = Dockerfile(file.read_text(encoding="utf-8"))
    if not any(_EXTENSION in each.text for each in dockerfile.instructions):
        return None
    return context, dockerfile


def _command(dockerfile: Dockerfile, function: str) -> list[str]:
    """What the image starts: its entry point, and the command that this one is given."""
    entry: Instruction | None = None
    command: Instruction | None = None
    for stage in dockerfile.image:
        last = {each.name: each for each in stage.instructions}
        if "ENTRYPOINT" in last:
            entry, command = last["ENTRYPOINT"], None
        command = last.get("CMD", command)
    if entry and not _is_list(entry):
        command = None  # a shell is given no arguments
    words = [word for each in (entry, command) if each for word in _words(each)]
    if not words:
        raise LocalCloudError(
            f"{function} can't run here: its Dockerfile has neither ENTRYPOINT nor CMD, and its "
            "base isn't pulled; write what it starts in a CMD"
        )
    return words


def _is_list(instruction: Instruction) -> bool:
    try:
        return isinstance(json.loads(instruction.text), list)
    except ValueError:
        return False


def _words(instruction: Instruction) -> list[str]:
    is_list = _is_list(instruction)
    return instruction.words if is_list else ["/bin/sh", "-c", instruction.text]


def _write_command(folder: Path, command: Sequence[str]) -> None:
    script = folder / APPLICATION / _COMMAND
    script.write_text(f"#!/bin/sh\nexec {shlex.join(command)}\n")
    script.chmod(0o755)


def _publish_as_zip(document: dict[str, Any], key: str, path: str) -> dict[str, str]:
    """Publish a folder where the stack's template goes; the bucket and the key."""
    files = document.setdefault("files", {})
    destinations = {
        name: {**destination, "objectKey": f"{key}.zip"}
        for file in [*files.values()][:1]
        for name, destination in file["destinations"].items()
    }
    files[key] = {
        "displayName": path,
        "source": {"path": path, "packaging": "zip"},
        "destinations": destinations,
    }
    [bucket, *_] = [each["bucketName"] for each in destinations.values()]
    return {"bucket": bucket, "key": f"{key}.zip"}


def _make_zip(properties: dict[str, Any], place: dict[str, str], dockerfile: Dockerfile) -> None:
    properties.pop("PackageType", None)
    properties.pop("ImageConfig", None)
    properties["Code"] = {"S3Bucket": {"Fn::Sub": place["bucket"]}, "S3Key": place["key"]}
    properties["Runtime"], properties["Handler"] = RUNTIME, _COMMAND
    variables = properties.setdefault("Environment", {}).setdefault("Variables", {})
    said = dockerfile.stages[-1].environment
    variables |= {name: said[name] for name in said if name not in {"PATH", *variables}}
