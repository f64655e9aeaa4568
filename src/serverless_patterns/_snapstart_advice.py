"""What to know of a function that starts from snapshots, which is no error."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import aws_lambda as lambda_

from serverless_patterns._snapstart_rules import properties_of
from serverless_patterns._versions import asset_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

# Restoring took a function without imports 622 ms where it initialized in 93. In the half second
# between, Python imports 7 to 10 MB of packages (Starlette's 2 MB took 100 ms, Flask's 3 MB 220,
# FastAPI's 10 MB 510): what is smaller starts as fast without a snapshot.
SMALL_ASSET_BYTES = 8 * 2**20


def advice(function: lambda_.Function) -> Mapping[str, str]:
    """Warnings about a function that starts from snapshots, by their ids."""
    folder = asset_of(function)
    if folder is None or function.runtime.family != lambda_.RuntimeFamily.PYTHON:
        return {}
    warnings = {}
    if next(folder.rglob("__pycache__"), None):
        warnings["snap-start-caches"] = (
            f"the asset of {function.node.path} holds __pycache__, which changes whenever Python "
            "compiles something, and each time a version and a snapshot are made: exclude "
            '["__pycache__", "**/__pycache__", "*.pyc"] from it, or let PythonCode make it'
        )
    size = _size(folder)
    # What a layer brings isn't known here.
    if size < SMALL_ASSET_BYTES and not properties_of(function).get("layers"):
        warnings["snap-start-gains-little"] = (
            f"{function.node.path} is {size / 2**20:.1f} MB of Python, which initializes in less "
            "time than a snapshot of it is restored in: do without SnapStart, or acknowledge this "
            "if it computes or downloads something for long before its first event"
        )
    return warnings


def _size(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
