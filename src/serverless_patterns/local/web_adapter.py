"""Functions that AWS's Lambda Web Adapter starts from its layer, for an emulator without layers.

The emulator runs no exec wrapper and has no ``/opt``. A function with the layer becomes one of a
custom runtime, whose ``bootstrap`` starts the application and the real adapter beside it.
"""

from __future__ import annotations

import hashlib
import os
import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

from serverless_patterns._cache import cache_folder
from serverless_patterns.local._errors import LocalCloudError
from serverless_patterns.local.emulator import emulator_python
from serverless_patterns.local.limits import construct_path

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from serverless_patterns.local.assembly import Assembly, Template

ADAPTER_VERSION = "0.9.1"
"""The newest adapter that is published as a crate; the newer ones come as image or layer only."""

RUNTIME = "provided.al2023"
"""The runtime of a function whose bootstrap is its own."""

HEALTHY_STATUS = "a healthy status of a web application that is no range from 100 on"
"""What an adapter before 1.0 can't be told."""

_LAYER = "LambdaAdapterLayer"
_APPLICATION = "application"  # where the sources go: some have a bootstrap of their own
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
        assembly: The copy that is deployed; the assets of such functions change in it.
        templates: Its templates, which change too.

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
            keys[old] = bring_bootstrap(code, old, binary)
        properties["Runtime"] = RUNTIME
        properties.pop("Layers", None)
        if not _translate_status(properties["Environment"]["Variables"]):
            untold.append(construct_path(template, name))
    _rename(assembly, templates, keys)
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


def bring_bootstrap(code: Path, key: str, binary: Path) -> str:
    """Put ``bootstrap`` into an asset's folder; the key that the asset gets."""
    arguments = [str(emulator_python()), "-I", str(_BOOTSTRAP), str(binary), _APPLICATION]
    text = f"#!/bin/sh\nexec {shlex.join(arguments)}\n"
    sources = code.rename(code.with_name(f"{code.name}-sources"))
    code.mkdir()
    sources.rename(code / _APPLICATION)
    bootstrap = code / "bootstrap"
    bootstrap.write_text(text)
    bootstrap.chmod(0o755)
    return hashlib.sha256(f"{key} {text}".encode()).hexdigest()


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


def _rename(assembly: Assembly, templates: Sequence[Template], keys: dict[str, str]) -> None:
    """Give changed assets their new keys: one that is published is never replaced."""
    for template in templates:
        for resource in template.resources.values():
            code = resource.get("Properties", {}).get("Code", {})
            key = str(code.get("S3Key", "")) if isinstance(code, dict) else ""
            if key.removesuffix(".zip") in keys:
                code["S3Key"] = f"{keys[key.removesuffix('.zip')]}.zip"
    for document in assembly.folder.rglob("*.assets.json"):
        text = document.read_text()
        for old, new in keys.items():
            text = re.sub(rf"(?<!asset\.){old}", new, text)  # its folder keeps its name
        document.write_text(text)
