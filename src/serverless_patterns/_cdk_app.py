"""A CDK app as its folder describes it, synthesized without the CDK CLI."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from serverless_patterns.local.cdk_cli import reason

if TYPE_CHECKING:
    from collections.abc import Mapping

_CONFIGURATION = "cdk.json"
_LOOKUPS = "cdk.context.json"

WITHOUT_BUNDLES = {"aws:cdk:enable-path-metadata": True, "aws:cdk:bundling-stacks": []}
"""The context that has every resource tell its construct, and bundles nothing."""


class SynthesisError(Exception):
    """An app that there is none of, or that fails; the message says why."""


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
            SynthesisError: If there is neither.
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
            raise SynthesisError(
                f"{path} has no cdk.json that names an app; "
                'give the folder of one, a Python file, or --app "python app.py"'
            )
        found = {**configuration.get("context", {}), **_read(folder / _LOOKUPS)}
        return cls(folder, command, {**found, **context})

    def synthesize(self, output: Path, context: Mapping[str, Any]) -> None:
        """Write the assembly that the app makes.

        What rule packs find doesn't matter: they are asked when the assembly is there.

        Args:
            output: The folder of the assembly.
            context: The whole context that it gets.

        Raises:
            SynthesisError: If the app fails before the assembly is written.
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
                "CDK_CONTEXT_JSON": json.dumps(dict(context)),
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
            raise SynthesisError(why)


def _read(file: Path) -> dict[str, Any]:
    if not file.is_file():
        return {}
    try:
        document = json.loads(file.read_text())
    except ValueError as error:
        raise SynthesisError(f"{file} is no JSON: {error}") from error
    if not isinstance(document, dict):
        raise SynthesisError(f"{file} must hold a JSON object")
    return document
