"""Every Dockerfile of the repository, held against hadolint."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from tests.conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path


def dockerfiles() -> list[str]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*Dockerfile*"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [line for line in listed.stdout.splitlines() if not line.endswith(".py")]


def lint(*files: Path | str) -> subprocess.CompletedProcess[str]:
    command = ["hadolint", "--no-color", "--failure-threshold", "style", *map(str, files)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_hadolint_finds_nothing() -> None:
    found = dockerfiles()

    linted = lint(*found)

    assert (linted.returncode, linted.stdout) == (0, "")
    assert len(found) >= 7


def test_hadolint_would_find_something(tmp_path: Path) -> None:
    file = tmp_path / "Dockerfile"
    file.write_text("FROM debian\nUSER 1000\n")

    assert "DL3006" in lint(file).stdout
