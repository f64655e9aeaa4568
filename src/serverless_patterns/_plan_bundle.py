"""The asset that all functions of an application share: its size, and how long it loads."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from serverless_patterns._bundle import Bundle
from serverless_patterns._plan_synthesis import PlanError
from serverless_patterns._requirements import Requirements
from serverless_patterns._sources import EXCLUDE
from serverless_patterns._wheels import Target, Wheels

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_INTERPRETERS = 5
_SECONDS = 60
_OF_THE_RUNTIME = "boto3"  # Lambda has it, whatever an application requires
_TIMED_IMPORT = """
import importlib, sys, time
start = time.perf_counter()
importlib.import_module(sys.argv[1])
print((time.perf_counter() - start) * 1000)
"""


@dataclass(frozen=True)
class BundleMeasures:
    """What an application's asset measures, bundled for this machine.

    Attributes:
        size_bytes: Its size, unzipped.
        init_milliseconds: How long it takes to import, or ``None`` if that wasn't measured.
        target: The Python version and the machine of the measurement.
    """

    size_bytes: int
    init_milliseconds: float | None
    target: str


def measure_bundle(path: str, description: Mapping[str, Any], *, init: bool) -> BundleMeasures:
    """Bundle an application for this machine and measure it.

    The import is timed in fresh interpreters that see the asset and what Lambda's runtime has,
    and no compiled bytecode: the median of five. The variables are those that routes are read
    with, so what a deployment knows only is a placeholder.

    Args:
        path: The construct path, for errors.
        description: What the ``ModularApi`` told the plan.
        init: Whether to time the import.

    Raises:
        PatternError: If it can't be bundled.
        PlanError: If it can't be imported.
    """
    target = Target.here()
    entry = Path(description["entry"])
    exclude = tuple(description.get("exclude", EXCLUDE))
    bundle = Bundle(path, entry, description["app"], target, exclude)
    asset = bundle.build()
    size = sum(file.stat().st_size for file in asset.rglob("*") if file.is_file())
    time = None
    if init:
        requirements = Requirements.of(path, entry) or Requirements.none(path, entry)
        runtime = Wheels(requirements, target, _OF_THE_RUNTIME).install()
        module = str(bundle.handler).rpartition(".")[0]
        environment = {
            name: value if isinstance(value, str) else json.dumps(value)
            for name, value in description.get("environment", {}).items()
        }
        time = statistics.median(
            _import_milliseconds(path, module, [asset, runtime], environment)
            for _ in range(_INTERPRETERS)
        )
    return BundleMeasures(size, time, str(target))


def _import_milliseconds(
    path: str, module: str, folders: Sequence[Path], environment: Mapping[str, str]
) -> float:
    kept = {name: os.environ[name] for name in ("HOME", "PATH", "TMPDIR") if name in os.environ}
    own = {"PYTHONPATH": os.pathsep.join(str(folder.resolve()) for folder in folders)}
    try:
        done = subprocess.run(
            # Without `site` none of this environment's packages stand in for what is forgotten.
            [sys.executable, "-S", "-P", "-c", _TIMED_IMPORT, module],
            env={**kept, "PYTHONDONTWRITEBYTECODE": "1", **environment, **own},
            capture_output=True,
            text=True,
            check=False,
            timeout=_SECONDS,
            stdin=subprocess.DEVNULL,
        )
    except subprocess.TimeoutExpired as error:
        raise PlanError(
            f"{path}: its application takes over {_SECONDS} s to import; add --no-init"
        ) from error
    if done.returncode:
        words = (done.stderr.strip().splitlines() or ["no reason"])[-1]
        raise PlanError(
            f"{path}: its application can't be imported from its asset: {words}; "
            "mend it, or add --no-init"
        )
    return float(done.stdout.splitlines()[-1])
