"""The files of an application that belong into its asset."""

from __future__ import annotations

import os
import shutil
from fnmatch import fnmatch
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

EXCLUDE = (
    ".*",  # version control, environments, caches, `.env`
    "__pycache__",
    "*.py[co]",
    "*.egg-info",
    "cdk.out",
    "node_modules",
    "venv",
    "requirements*.in",
    "requirements*.txt",
    "uv.lock",
    "test",
    "tests",
    "test_*.py",
    "*_test.py",
    "conftest.py",
)
"""Names that are left out of an asset, as shell patterns for a file or a folder."""


def source_root(entry: Path) -> Path:
    """The folder that imports start from: ``entry``, or its ``src`` in a project laid out so."""
    src = entry / "src"
    is_src_layout = (entry / "pyproject.toml").is_file() and src.is_dir()
    return src if is_src_layout and not (src / "__init__.py").exists() else entry


def source_files(root: Path, exclude: Sequence[str] = EXCLUDE) -> Iterator[Path]:
    """The files under ``root`` without the excluded, sorted; links are followed."""
    seen = set()
    found = []
    for folder, folders, files in os.walk(root, followlinks=True):
        real = os.path.realpath(folder)
        folders[:] = [] if real in seen else [name for name in folders if _kept(name, exclude)]
        if real not in seen:
            found += [Path(folder, name) for name in files if _kept(name, exclude)]
        seen.add(real)
    yield from sorted(found, key=lambda file: file.relative_to(root).as_posix())


def source_parts(root: Path, exclude: Sequence[str] = EXCLUDE) -> Iterator[str | bytes]:
    """What tells one tree of sources from another: names, contents and the executable bit."""
    for file in source_files(root, exclude):
        yield file.relative_to(root).as_posix()
        yield "executable" if os.access(file, os.X_OK) else "plain"
        yield file.read_bytes()


def copy_sources(root: Path, folder: Path, exclude: Sequence[str] = EXCLUDE) -> None:
    """Copy the files under ``root`` into ``folder``, over what stands there."""
    for file in source_files(root, exclude):
        copy = folder / file.relative_to(root)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.unlink(missing_ok=True)  # it may be a hard link into the cache of wheels
        shutil.copy2(file, copy)


def _kept(name: str, exclude: Sequence[str]) -> bool:
    return not any(fnmatch(name, pattern) for pattern in exclude)
