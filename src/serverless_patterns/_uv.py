"""uv, which resolves, builds and installs Python packages."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

import uv

if TYPE_CHECKING:
    from pathlib import Path


# Its words are read and shown, and the interpreter is always one that is there.
_ALWAYS = ("--color=never", "--no-python-downloads")
_SAYS_NOTHING = re.compile(r"$|Using |error: No solution found when resolving").match


def run_uv(
    command: str, *positional: Path, cwd: Path | None = None, **options: str | Path
) -> subprocess.CompletedProcess[str]:
    """Run a command of uv and keep what it prints.

    Args:
        command: The command with its plain flags, parted by spaces.
        positional: Its positional arguments.
        cwd: Where to run it. Default - the current folder.
        options: Its options that take a value, as ``--name=value``.
    """
    flags = [f"--{name.replace('_', '-')}={value}" for name, value in options.items()]
    return subprocess.run(
        [uv.find_uv_bin(), *_ALWAYS, *command.split(), *flags, *map(str, positional)],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
    )


def last_words(result: subprocess.CompletedProcess[str]) -> str:
    """Why uv failed, in a line."""
    lines = (line.strip() for line in result.stderr.splitlines())
    kept = [re.sub(r"^(?:error|cause): ", "", line) for line in lines if not _SAYS_NOTHING(line)]
    return " ".join(kept)[:600] or "no reason"
