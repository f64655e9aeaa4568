"""Images with the Lambda Web Adapter, whose command this machine runs: no image is built here.

What starts in such an image is a program beside an extension. So a function of one becomes a zip of
the folder that the image would be built from, in which the bootstrap starts the image's command
and the adapter. What the image would have installed must be on this machine.
"""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING, Any

from serverless_patterns._dockerfile import Dockerfile
from serverless_patterns.local.limits import construct_path
from serverless_patterns.local.web_adapter import RUNTIME, bring_bootstrap, require_binary

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from serverless_patterns.local.assembly import Assembly, Template

BUILDS = "what an image builds: its command runs in the folder that it is built from"
"""What doesn't happen."""

_COMMAND = "image-command"
_EXTENSION = "/opt/extensions"


def run_images(assembly: Assembly, templates: Sequence[Template]) -> list[str]:
    """Have functions of images with the adapter run the image's command on this machine.

    Args:
        assembly: The copy that is deployed: it builds such an image no more.
        templates: Its templates, which change too.

    Returns:
        The constructs of these functions.

    Raises:
        LocalCloudError: If there is such a function and no adapter.
    """
    run: list[str] = []
    for assets in assembly.folder.rglob("*.assets.json"):
        document = json.loads(assets.read_text())
        images: dict[str, Any] = document.get("dockerImages", {})
        for name, image in [*images.items()]:
            functions = [*_functions_of(name, templates)]
            read = _dockerfile(assets.parent, image["source"])
            if not functions or read is None:
                continue
            folder, dockerfile = read
            template, function, _ = functions[0]
            binary = require_binary(construct_path(template, function))
            _write_command(folder, dockerfile)
            key = bring_bootstrap(folder, name, binary)
            place = _publish_as_zip(document, key, folder.name)
            del images[name]
            for template, function, properties in functions:
                _make_zip(properties, place, dockerfile)
                run.append(construct_path(template, function))
        assets.write_text(json.dumps(document, indent=1))
    return run


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
    dockerfile = Dockerfile(file.read_text())
    if not any(_EXTENSION in each.text for each in dockerfile.instructions):
        return None
    return context, dockerfile


def _write_command(folder: Path, dockerfile: Dockerfile) -> None:
    command: list[str] = []
    for name in ("ENTRYPOINT", "CMD"):
        found = [each for each in dockerfile.instructions if each.name == name]
        if found:
            is_list = found[-1].text.startswith("[")
            command += found[-1].words if is_list else ["/bin/sh", "-c", found[-1].text]
    script = folder / _COMMAND
    script.write_text(f"#!/bin/sh\nexec {shlex.join(command)}\n")
    script.chmod(0o755)


def _publish_as_zip(document: dict[str, Any], key: str, folder: str) -> dict[str, str]:
    """Publish a folder where the stack's template goes; the bucket and the key."""
    files = document.setdefault("files", {})
    destinations = {
        name: {**destination, "objectKey": f"{key}.zip"}
        for file in [*files.values()][:1]
        for name, destination in file["destinations"].items()
    }
    files[key] = {
        "displayName": folder,
        "source": {"path": folder, "packaging": "zip"},
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
