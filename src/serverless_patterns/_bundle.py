"""One application for one target, made into the folder of an asset."""

from __future__ import annotations

import contextlib
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from serverless_patterns import _quotas
from serverless_patterns._cache import cache_folder, cached, fingerprint
from serverless_patterns._errors import PatternError
from serverless_patterns._handler import Handler
from serverless_patterns._requirements import Requirements
from serverless_patterns._runtime_client import client_parts, copy_client, imports_client
from serverless_patterns._sources import (
    check_entry,
    copy_sources,
    reading,
    source_parts,
    source_root,
)
from serverless_patterns._wheels import ADAPTERS, Wheels

if TYPE_CHECKING:
    from collections.abc import Iterator

    from serverless_patterns._wheels import Target

_ADAPTER = Path(__file__).with_name("_adapter.py").read_text()
_ENTRY_MODULE = "serverless_patterns_entry"
_OLDEST_ADAPTED_PYTHON = 10  # 3.10, as mangum and apig-wsgi ask


class Bundle:
    """One application for one target.

    Args:
        path: The construct path, for errors.
        entry: The folder with its sources.
        handler: What names its handler, if that is known.
        target: What it will run on.
        exclude: What to leave out of its sources.

    Attributes:
        root: Where its imports start from.
        hash: The hash of everything that goes into the asset.

    Raises:
        PatternError: If it can't be bundled.
    """

    def __init__(
        self, path: str, entry: Path, handler: str | None, target: Target, exclude: tuple[str, ...]
    ) -> None:
        check_entry(path, entry)
        self.path = path
        self.root = source_root(entry)
        self.exclude = exclude
        self._named = None if handler is None else Handler.parse(path, handler)
        if self._named:
            self._named.check(path, self.root, exclude, target.python_version)
        requirements = Requirements.of(path, entry)
        adapters = self._named is not None and self._named.is_application
        if requirements is None and adapters:
            requirements = Requirements.none(path, entry)
        if adapters and int(target.python_version.partition(".")[2]) < _OLDEST_ADAPTED_PYTHON:
            raise PatternError(
                path,
                "runtime",
                rule=f"be python3.{_OLDEST_ADAPTED_PYTHON} or newer to run an application",
                got=f"python{target.python_version}",
                remedy="omit it to get the newest",
            )
        if cache_folder().resolve().is_relative_to(self.root.resolve()):
            raise PatternError(
                path,
                "entry",
                rule="not hold the cache that assets are made in",
                got=cache_folder(),
                remedy="set SERVERLESS_PATTERNS_CACHE_DIR to a folder elsewhere",
            )
        beside = ADAPTERS if adapters else ""
        self._wheels = Wheels(requirements, target, beside) if requirements else None
        with reading(path):
            self._brings_client = imports_client(self.root, exclude)
            self.hash = fingerprint(self._parts())

    @property
    def handler(self) -> str | None:
        """The handler as Lambda takes it."""
        if self._named and self._named.is_application:
            return f"{_ENTRY_MODULE}.handler"
        return self._named.text if self._named else None

    def build(self) -> Path:
        """The folder of the finished asset."""
        with reading(self.path):
            return cached("assets", self.hash, self._build_into)

    def _parts(self) -> Iterator[str | bytes]:
        yield self._entry_module()
        if self._wheels:
            yield from self._wheels.parts()
        if self._brings_client:
            yield from client_parts()
        yield from source_parts(self.root, self.exclude)

    def _entry_module(self) -> str:
        if not self._named or not self._named.is_application:
            return ""
        application = f'importlib.import_module("{self._named.module}").{self._named.attribute}'
        return f"{_ADAPTER}\n\nimport importlib\n\nhandler = adapt({application})\n"

    def _build_into(self, folder: Path) -> None:
        if self._wheels:
            shutil.copytree(self._wheels.install(), folder, copy_function=_link, dirs_exist_ok=True)
        copy_sources(self.root, folder, self.exclude)
        if self._brings_client:
            copy_client(folder)
        if self._entry_module():
            (folder / f"{_ENTRY_MODULE}.py").write_text(self._entry_module())
        for made in folder.rglob("*"):
            _make_readable(made)
        size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
        if size > _quotas.LAMBDA_UNZIPPED_BYTES:
            raise PatternError(
                self.path,
                "entry",
                rule=f"make an asset of at most {_quotas.LAMBDA_UNZIPPED_BYTES // 2**20} MB",
                got=f"{size // 2**20} MB with its wheels",
                remedy="require less (boto3 is part of the runtime), or use a container image",
            )


def _link(source: str, copy: str) -> None:
    with contextlib.suppress(OSError):
        os.link(source, copy)
        return
    shutil.copy2(source, copy)


def _make_readable(made: Path) -> None:
    """Let Lambda's user read what a user's umask may have closed."""
    mode = made.stat().st_mode
    wanted = 0o755 if mode & 0o100 else 0o644
    if mode & wanted == wanted:
        return
    if made.is_file():  # it may be a hard link into a cache
        content = made.read_bytes()
        made.unlink()
        made.write_bytes(content)
    made.chmod(wanted)
