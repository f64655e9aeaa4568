"""A cache of folders, each named by a hash of everything that went into it."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import platformdirs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_UNUSED_DAYS = 30


def cache_folder() -> Path:
    """The folder of everything cached: ``SERVERLESS_PATTERNS_CACHE_DIR``, or the user's cache."""
    chosen = os.environ.get("SERVERLESS_PATTERNS_CACHE_DIR")
    return Path(chosen) if chosen else platformdirs.user_cache_path("serverless-patterns")


def fingerprint(parts: Iterable[str | bytes]) -> str:
    """The SHA-256 of ``parts``, each told from the next."""
    digest = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        digest.update(len(data).to_bytes(8, "big") + data)
    return digest.hexdigest()


def cached(kind: str, key: str, build: Callable[[Path], None]) -> Path:
    """The folder ``kind/key`` of the cache, made by ``build`` if it is not there yet.

    Safe among processes: each builds in a folder of its own and the first to finish wins.
    """
    shelf = cache_folder() / kind
    folder = shelf / key
    if not folder.is_dir() or not any(folder.iterdir()):  # cleaners of caches empty folders
        shelf.mkdir(parents=True, exist_ok=True)
        _forget_unused(shelf)
        with tempfile.TemporaryDirectory(dir=shelf, prefix=".building-") as scratch:
            made = Path(scratch) / key
            made.mkdir()
            build(made)
            with contextlib.suppress(OSError):  # another process was first
                made.rename(folder)
    with contextlib.suppress(OSError):  # it may be another user's
        os.utime(folder)
    return folder


def _forget_unused(shelf: Path) -> None:
    limit = time.time() - _UNUSED_DAYS * 86_400
    for folder in shelf.iterdir():
        with contextlib.suppress(OSError):
            if folder.stat().st_mtime < limit:
                shutil.rmtree(folder, ignore_errors=True)
