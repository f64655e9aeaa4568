"""An app, synthesized once for each granularity without the CDK CLI."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from serverless_patterns._context import CONTEXT_GRANULARITY, CONTEXT_PLAN
from serverless_patterns.local.cdk_cli import reason

if TYPE_CHECKING:
    from collections.abc import Mapping

_CONFIGURATION = "cdk.json"
_LOOKUPS = "cdk.context.json"


class PlanError(Exception):
    """A plan that can't be made; the message says why, and what to do about it."""


def plan_context(context: Mapping[str, Any], granularity: str) -> dict[str, Any]:
    """The context that has an app cut otherwise, tell its units and bundle nothing."""
    return {
        **context,
        CONTEXT_GRANULARITY: granularity,
        CONTEXT_PLAN: True,
        "aws:cdk:enable-path-metadata": True,
        "aws:cdk:bundling-stacks": [],
    }


@dataclass(frozen=True)
class CdkApp:
    """A CDK app as its folder describes it.

    Attributes:
        folder: Where it runs.
        command: The shell line that runs it.
        context: The context of ``cdk.json`` and ``cdk.context.json``, and what is given beside.
    """

    folder: Path
    command: str
    context: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def at(cls, path: Path, command: str | None, context: Mapping[str, Any]) -> CdkApp:
        """The app in a folder, or the one that a Python file is.

        Args:
            path: A folder with a ``cdk.json``, or a Python file.
            command: What runs it. Default - what ``cdk.json`` says, or Python runs the file.
            context: Context values beside those of ``cdk.json``.

        Raises:
            PlanError: If there is neither.
        """
        if path.is_file():
            above = [each for each in path.resolve().parents if (each / _CONFIGURATION).is_file()]
            folder = above[0] if above else path.resolve().parent
            command = command or subprocess.list2cmdline([sys.executable, str(path.resolve())])
        else:
            folder = path.resolve()
        configuration = _read(folder / _CONFIGURATION)
        command = command or configuration.get("app")
        if not command:
            raise PlanError(
                f"{path} has no cdk.json that names an app; "
                'give the folder of one, a Python file, or --app "python app.py"'
            )
        found = {**configuration.get("context", {}), **_read(folder / _LOOKUPS)}
        return cls(folder, command, {**found, **context})

    def synthesize(self, granularity: str, output: Path) -> None:
        """Write the assembly that the app makes at a granularity.

        What rule packs find doesn't matter: they are asked when the assembly is there.

        Args:
            granularity: The cut of each ``ModularApi``.
            output: The folder of the assembly.

        Raises:
            PlanError: If the app fails before the assembly is written.
        """
        done = subprocess.run(  # noqa: S602 - a shell line is what cdk.json holds
            self.command,
            shell=True,
            cwd=self.folder,
            env={
                **os.environ,
                # `python app.py` means this environment's Python, as for a local deployment.
                "PATH": os.pathsep.join(
                    [str(Path(sys.executable).parent), os.environ.get("PATH", "")]
                ),
                "CDK_OUTDIR": str(output),
                "CDK_CONTEXT_JSON": json.dumps(plan_context(self.context, granularity)),
                "CDK_VALIDATION": "false",
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
        )
        if not (output / "manifest.json").is_file():
            why = (
                reason(done.stdout)
                if done.returncode
                else "the app wrote no cloud assembly; end it with `app.synth()`"
            )
            raise PlanError(f"the app can't be cut by {granularity}: {why}")


def _read(file: Path) -> dict[str, Any]:
    if not file.is_file():
        return {}
    try:
        document = json.loads(file.read_text())
    except ValueError as error:
        raise PlanError(f"{file} is no JSON: {error}") from error
    if not isinstance(document, dict):
        raise PlanError(f"{file} must hold a JSON object")
    return document
