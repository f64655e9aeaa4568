"""Functions that AWS's Lambda Web Adapter starts from its layer, for an emulator without layers.

The emulator runs no exec wrapper and has no ``/opt``. A function with the layer becomes one of a
custom runtime, whose ``bootstrap`` starts the application and the real adapter beside it.
"""

from __future__ import annotations

import copy
import hashlib
import json
import os
import re
import shlex
import shutil
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from serverless_patterns._cache import cache_folder
from serverless_patterns.local._errors import LocalCloudError
from serverless_patterns.local.emulator import emulator_python
from serverless_patterns.local.limits import construct_path

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from serverless_patterns.local.assembly import Assembly, Template

ADAPTER_VERSION = "0.9.1"
"""The newest adapter that is published as a crate; the newer ones come as image or layer only."""

RUNTIME = "provided.al2023"
"""The runtime of a function whose bootstrap is its own."""

HEALTHY_STATUS = "a healthy status of a web application that is no range from 100 on"
"""What an adapter before 1.0 can't be told."""

_LAYER = "LambdaAdapterLayer"
APPLICATION = "application"  # where the sources go: some have a bootstrap of their own
_BOOTSTRAP = Path(__file__).with_name("web_adapter_bootstrap.py")
_STATUS = "AWS_LWA_READINESS_CHECK_HEALTHY_STATUS"  # the adapter knows it from 1.0 on
_UNHEALTHY = "AWS_LWA_READINESS_CHECK_MIN_UNHEALTHY_STATUS"  # what an older one knows instead


def adapter_binary() -> Path:
    """The adapter that functions are started with.

    ``SERVERLESS_PATTERNS_ADAPTER``, or what is installed in the library's cache.
    """
    chosen = os.environ.get("SERVERLESS_PATTERNS_ADAPTER")
    return Path(chosen) if chosen else cache_folder() / "adapter" / "bin" / "lambda-adapter"


def require_binary(function: str) -> Path:
    """The adapter of this machine, which a function needs.

    Args:
        function: The path of its construct.

    Raises:
        LocalCloudError: If there is none.
    """
    binary = adapter_binary()
    if not os.access(binary, os.X_OK):
        raise LocalCloudError(
            f"{function} needs the Lambda Web Adapter, and there is no program {binary}; install "
            f"it: cargo install --locked --version {ADAPTER_VERSION} --root {binary.parent.parent} "
            "lambda_web_adapter"
        )
    return binary


def start_adapters(assembly: Assembly, templates: Sequence[Template]) -> list[str]:
    """Have functions with the adapter's layer start the adapter of this machine.

    Args:
        assembly: The copy that is deployed; it gets the assets of such functions.
        templates: Those of its templates that are deployed, which change too.

    Returns:
        The constructs whose healthy status the adapter of this machine can't be told.

    Raises:
        LocalCloudError: If there is such a function and no adapter.
    """
    untold: list[str] = []
    keys: dict[str, str] = {}
    for template, name, properties in _web_functions(templates):
        code = template.asset(name)
        if code is None:
            continue
        binary = require_binary(construct_path(template, name))
        old = str(properties["Code"]["S3Key"]).removesuffix(".zip")
        if old not in keys:
            keys[old], _ = bring_bootstrap(code, old, binary)
        properties["Code"]["S3Key"] = f"{keys[old]}.zip"
        properties["Runtime"] = RUNTIME
        properties.pop("Layers", None)
        if not _translate_status(properties["Environment"]["Variables"]):
            untold.append(construct_path(template, name))
    _publish(assembly, templates, keys)
    return untold


def _web_functions(
    templates: Sequence[Template],
) -> Iterator[tuple[Template, str, dict[str, Any]]]:
    for template in templates:
        for name, resource in template.resources.items():
            properties = resource.get("Properties", {})
            if resource["Type"] == "AWS::Lambda::Function" and _LAYER in str(
                properties.get("Layers")
            ):
                properties.setdefault("Environment", {}).setdefault("Variables", {})
                yield template, name, properties


def bring_bootstrap(code: Path, key: str, binary: Path) -> tuple[str, Path]:
    """Copy an asset's folder and put ``bootstrap`` beside it: what else uses it finds it as it was.

    Returns:
        The key of the copy, and the copy with the application in a folder of its own.
    """
    arguments = [str(emulator_python()), "-I", str(_BOOTSTRAP), str(binary), APPLICATION]
    text = f"#!/bin/sh\nexec {shlex.join(arguments)}\n"
    new = hashlib.sha256(f"{key} {text}".encode()).hexdigest()
    folder = code.with_name(f"asset.{new}")
    shutil.copytree(code, folder / APPLICATION, symlinks=True)
    bootstrap = folder / "bootstrap"
    bootstrap.write_text(text)
    bootstrap.chmod(0o755)
    return new, folder


def _translate_status(variables: dict[str, Any]) -> bool:
    """Say in an older adapter's words what is healthy; whether it could be said."""
    status = variables.pop(_STATUS, None)
    if status is None:
        return True
    match = re.fullmatch(r"\s*(\d+)\s*-\s*(\d+)\s*", str(status))
    if match is None or int(match[1]) > 100:  # noqa: PLR2004 - the least status there is
        return False
    variables[_UNHEALTHY] = str(int(match[2]) + 1)
    return True


def _publish(assembly: Assembly, templates: Sequence[Template], keys: Mapping[str, str]) -> None:
    """Publish the changed assets under keys of their own, and what they were made of if need be."""
    said = "".join(json.dumps(each.content) for each in templates)
    needed = {old for old in keys if re.search(rf"(?<!asset\.){re.escape(old)}", said)}
    for file in assembly.folder.rglob("*.assets.json"):
        document = json.loads(file.read_text())
        files = document.get("files", {})
        for old in [each for each in files if each in keys]:
            new = keys[old]
            made = copy.deepcopy(files[old]) if old in needed else files.pop(old)
            place = PurePosixPath(made["source"]["path"])
            made["source"]["path"] = str(place.with_name(f"asset.{new}"))
            for destination in made["destinations"].values():
                destination["objectKey"] = destination["objectKey"].replace(old, new)
            files[new] = made
        file.write_text(json.dumps(document, indent=1))
