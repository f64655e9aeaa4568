"""A web application as a zip: its sources, what they require or build, and how it starts."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from importlib import metadata
from typing import TYPE_CHECKING

import aws_cdk as cdk
from aws_cdk import aws_lambda as lambda_

from serverless_patterns import _quotas
from serverless_patterns._bundle import Bundle
from serverless_patterns._cache import cached, fingerprint
from serverless_patterns._errors import PatternError
from serverless_patterns._sources import copy_sources, reading, source_parts
from serverless_patterns.bundling import target_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from constructs import Construct

EXCLUDE = (
    ".git",
    ".hg",
    ".svn",
    ".env",
    ".env.*",
    ".venv",
    "venv",
    ".idea",
    ".vscode",
    ".DS_Store",
    ".*_cache",
    "__pycache__",
    "*.py[co]",
    "*.egg-info",
    "cdk.out",
    "Dockerfile",
    ".dockerignore",
)
"""Names that are left out of a zip, as shell patterns for a file or a folder."""

_FORMAT = "1"  # raise it when what is written into a folder changes
_PYTHON = "#!/usr/bin/env python3"
_LAST_LINES = 5


class ZipPackage:
    """A folder of sources, made into the folder of an asset that the adapter can start.

    Args:
        scope: The construct whose context and stack decide what is bundled.
        path: The construct path of the function, for errors.
        entry: The folder with the sources.
        command: What starts the application.
        build: What is run in a copy of the sources before they are packaged.
        runtime: The runtime.
        architecture: The instruction set.
        exclude: What to leave out of the sources.

    Attributes:
        handler: What Lambda starts.

    Raises:
        PatternError: If it can't be packaged.
    """

    def __init__(
        self,
        scope: Construct,
        path: str,
        *,
        entry: Path,
        command: Sequence[str],
        build: Sequence[str],
        runtime: lambda_.Runtime,
        architecture: lambda_.Architecture,
        exclude: tuple[str, ...],
    ) -> None:
        self._path = path
        self._entry = entry
        self._command = tuple(command)
        self._build = tuple(build)
        self._exclude = (*exclude, "node_modules") if build else exclude
        self._is_python = runtime.family == lambda_.RuntimeFamily.PYTHON
        # Runtimes without a language know no wrapper: Lambda starts `bootstrap` by itself.
        is_bare = runtime.family == lambda_.RuntimeFamily.OTHER
        self.handler = "bootstrap" if is_bare else "run.sh"
        self.wrapper = {} if is_bare else {"AWS_LAMBDA_EXEC_WRAPPER": "/opt/bootstrap"}
        self._script = _start_script(command, is_python=self._is_python)
        self._check_entry()
        self._target = target_of(scope, path, runtime, architecture) if self._is_python else None
        with reading(path):
            self.hash = fingerprint(self._parts())
        self._is_needed = cdk.Stack.of(scope).bundling_required

    def code(self) -> lambda_.AssetCode:
        """The asset, built unless its stack is skipped."""
        if self._is_needed:
            with reading(self._path):
                folder = cached("web", self.hash, self._build_into)
            return lambda_.Code.from_asset(str(folder), asset_hash=self.hash)
        skipped = cdk.BundlingOptions(image=cdk.DockerImage.from_registry("none"))
        return lambda_.Code.from_asset(str(self._entry), asset_hash=self.hash, bundling=skipped)

    def _check_entry(self) -> None:
        entry = self._entry
        if not entry.is_dir():
            raise PatternError(
                self._path,
                "entry",
                rule="be a folder with the application's sources",
                got=f"{entry}, which {'is a file' if entry.exists() else 'does not exist'}",
                remedy="a path starts where the app is run: Path(__file__).parent makes it yours",
            )
        if (entry / self.handler).exists():
            raise PatternError(
                self._path,
                "entry",
                rule=f"leave the name {self.handler} to the script that is made of command",
                got=entry / self.handler,
                remedy="say in command what it starts, and remove it",
            )

    def _parts(self) -> Iterator[str | bytes]:
        yield from (_FORMAT, self.handler, self._script, *self._build)
        if self._target:
            yield self._bundle(self._entry, self._exclude).hash
        else:
            yield from source_parts(self._entry, self._exclude)

    def _bundle(self, entry: Path, exclude: tuple[str, ...]) -> Bundle:
        if self._target is None:
            raise AssertionError("only Python is bundled")
        return Bundle(self._path, entry, None, self._target, exclude)

    def _build_into(self, folder: Path) -> None:
        sources, exclude = self._entry, self._exclude
        if self._build:
            sources = folder.with_name("sources")
            copy_sources(self._entry, sources, exclude)
            self._run_build(sources)
            exclude = ()
        if self._target:
            shutil.copytree(self._bundle(sources, exclude).build(), folder, dirs_exist_ok=True)
            _write_console_script(folder, self._command[0])
        else:
            copy_sources(sources, folder, exclude)
        script = folder / self.handler
        script.write_bytes(self._script.encode())
        for made in folder.rglob("*"):
            made.chmod(0o755 if made.is_dir() or os.access(made, os.X_OK) else 0o644)
        script.chmod(0o755)
        self._check_size(folder)

    def _run_build(self, sources: Path) -> None:
        try:
            said = subprocess.run(
                self._build,
                cwd=sources,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
                check=False,
            )
        except OSError as error:
            raise self._unbuilt(str(error), "install it, or mend its name") from error
        if said.returncode:
            last = " / ".join(said.stdout.strip().splitlines()[-_LAST_LINES:])
            got = f"exit status {said.returncode} of {shlex.join(self._build)}: {last}"
            raise self._unbuilt(got, "run it there by hand")

    def _unbuilt(self, got: str, remedy: str) -> PatternError:
        return PatternError(
            self._path, "build", rule="succeed in a copy of entry", got=got, remedy=remedy
        )

    def _check_size(self, folder: Path) -> None:
        size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
        if size > _quotas.LAMBDA_UNZIPPED_BYTES:
            raise PatternError(
                self._path,
                "entry",
                rule=f"make an asset of at most {_quotas.LAMBDA_UNZIPPED_BYTES // 2**20} MB",
                got=f"{size // 2**20} MB",
                remedy="exclude what isn't needed to run, or give an image",
            )


def _start_script(command: Sequence[str], *, is_python: bool) -> str:
    lines = ["#!/bin/sh", 'cd "$LAMBDA_TASK_ROOT" || exit', 'PATH="$LAMBDA_TASK_ROOT/bin:$PATH"']
    if is_python:
        # Layers, and what Lambda's runtime brings, such as boto3.
        lines += [
            'PYTHONPATH="$LAMBDA_TASK_ROOT:/opt/python:$LAMBDA_RUNTIME_DIR"',
            "export PATH PYTHONPATH",
        ]
    else:
        lines += ["export PATH"]
    return "\n".join([*lines, f"exec {shlex.join(command)}", ""])


def _write_console_script(folder: Path, name: str) -> None:
    """Write the script of that name which a wheel would have been installed with, if one would."""
    for distribution in metadata.distributions(path=[str(folder)]):
        for point in distribution.entry_points:
            if point.group == "console_scripts" and point.name == name:
                script = folder / "bin" / name
                script.parent.mkdir(exist_ok=True)
                script.write_text(
                    f"{_PYTHON}\nimport sys\n\nfrom {point.module} import {point.attr}\n\n"
                    f"sys.exit({point.attr}())\n"
                )
                script.chmod(0o755)
