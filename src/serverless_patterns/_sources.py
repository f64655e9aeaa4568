"""The files of an application that belong into its asset."""

from __future__ import annotations

import os
import shutil
from contextlib import contextmanager
from fnmatch import fnmatch
from typing import TYPE_CHECKING

from serverless_patterns._errors import PatternError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

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


def check_entry(path: str, entry: Path) -> None:
    """Refuse what is no folder.

    Raises:
        PatternError: If ``entry`` is none.
    """
    if not entry.is_dir():
        raise PatternError(
            path,
            "entry",
            rule="be a folder with Python sources",
            got=f"{entry}, which {'is a file' if entry.exists() else 'does not exist'}",
            remedy="a path starts where the app is run: Path(__file__).parent makes it yours",
        )


@contextmanager
def reading(path: str) -> Iterator[None]:
    """Tell in a line what can't be read of an entry, or not be copied into the cache.

    Raises:
        PatternError: If there is such.
    """
    try:
        yield
    except (OSError, UnicodeError) as error:
        raise PatternError(
            path,
            "entry",
            rule="hold files that can be read, and copied beside what they require",
            got=error,
            remedy="mend or exclude them; SERVERLESS_PATTERNS_CACHE_DIR names another place "
            "for copies",
        ) from error


def source_root(entry: Path) -> Path:
    """The folder that imports start from: ``entry``, or its ``src`` in a project laid out so."""
    src = entry / "src"
    is_src_layout = (entry / "pyproject.toml").is_file() and src.is_dir()
    return src if is_src_layout and not (src / "__init__.py").exists() else entry


def source_files(root: Path, exclude: Sequence[str]) -> Iterator[Path]:
    """The files under ``root`` without the excluded, sorted; links are followed.

    Raises:
        OSError: If something there is neither a file nor a folder, or can't be read.
    """
    found = [*_files(root, root, exclude, above=())]
    yield from sorted(found, key=lambda file: file.relative_to(root).as_posix())


def source_parts(root: Path, exclude: Sequence[str]) -> Iterator[str | bytes]:
    """What tells one tree of sources from another: names, contents and the executable bit."""
    for file in source_files(root, exclude):
        yield file.relative_to(root).as_posix()
        yield "executable" if os.access(file, os.X_OK) else "plain"
        yield file.read_bytes()


def copy_sources(root: Path, folder: Path, exclude: Sequence[str]) -> None:
    """Copy the files under ``root`` into ``folder``, over what stands there."""
    for file in source_files(root, exclude):
        copy = folder / file.relative_to(root)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.unlink(missing_ok=True)  # it may be a hard link into the cache of wheels
        shutil.copy2(file, copy)


def excluding(path: str, exclude: Sequence[str]) -> str | None:
    """The pattern that leaves out ``path``, of itself or of a folder above it."""
    parts = path.split("/")
    for end in range(1, len(parts) + 1):
        pattern = _pattern("/".join(parts[:end]), exclude)
        if pattern:
            return pattern
    return None


def _files(
    root: Path, folder: Path, exclude: Sequence[str], above: tuple[str, ...]
) -> Iterator[Path]:
    real = os.path.realpath(folder)
    if real in above:  # a link to a folder that it stands in
        return
    for path in folder.iterdir():
        relative = path.relative_to(root).as_posix()
        if _pattern(relative, exclude):
            continue
        if path.is_dir():
            yield from _files(root, path, exclude, (*above, real))
        elif path.is_file():
            relative.encode()  # names that are no text would differ between machines
            yield path
        else:
            raise OSError(f"{path} is neither a file nor a folder, or leads nowhere")


def _pattern(relative: str, exclude: Sequence[str]) -> str | None:
    """The pattern that leaves out a path; one that starts with a slash counts from the root."""
    name = relative.rpartition("/")[2]
    return next((p for p in exclude if fnmatch(name, p) or fnmatch(f"/{relative}", p)), None)
