"""Python applications as Lambda assets, without Docker."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import aws_cdk as cdk
from aws_cdk import aws_lambda as lambda_

from serverless_patterns import _quotas
from serverless_patterns._cache import cached, fingerprint
from serverless_patterns._context import (
    CONTEXT_ARCHITECTURE,
    CONTEXT_PLATFORM,
    CONTEXT_PYTHON_VERSION,
)
from serverless_patterns._errors import PatternError, new_path
from serverless_patterns._handler import Handler
from serverless_patterns._requirements import Requirements
from serverless_patterns._sources import EXCLUDE, copy_sources, source_parts, source_root
from serverless_patterns._wheels import Target, Wheels

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from constructs import Construct

_ADAPTER = Path(__file__).with_name("_adapter.py").read_text()
_ENTRY_MODULE = "serverless_patterns_entry"
_MACHINES = {"arm64": "aarch64", "x86_64": "x86_64"}


class PythonCode(lambda_.AssetCode):
    """A folder of Python sources and what it requires, as a Lambda asset made without Docker.

    Defines no resource: it is the ``code`` of a function or of a layer, and ``PythonFunction``
    makes one from its ``entry``. Wheels for the function's platform and Python version are
    installed by uv beside the sources; a ``uv.lock`` is followed before a ``requirements.txt``,
    that before the dependencies of a ``pyproject.toml``. Local projects named by path are built
    first. In a project with a ``src`` folder the sources are those in it.

    The asset's hash is made of the sources, the requirements and the target, so equal input gives
    an equal hash on every machine. Installed wheels and finished assets are kept in the user's
    cache (``SERVERLESS_PATTERNS_CACHE_DIR`` moves it): an unchanged application installs nothing.
    Pin what you require (``uv pip compile --generate-hashes``): a range is resolved once, and that
    answer stays in the cache. When a stack is not bundled (``cdk list``, ``cdk destroy``, another
    stack's ``cdk deploy --exclusively``), nothing is installed at all.

    Context overrides the target, which is how a local deployment gets wheels for the machine it
    runs on: ``serverless-patterns:architecture`` (``arm64`` or ``x86_64``),
    ``serverless-patterns:python-platform`` (a platform of uv's) and
    ``serverless-patterns:python-version`` (``3.11``).

    A handler ``module:attribute`` names an ASGI or WSGI application (FastAPI, Starlette, Django,
    Flask ...). It stays unmodified: a module that wraps it with Mangum or apig-wsgi is written
    into the asset. An ASGI application's lifespan starts once for each execution environment
    and is never ended, as Lambda has no moment for that.

    Args:
        scope: The construct whose context and stack decide what is bundled.
        id: The id of the function or layer that the code is for; errors name it.
        entry: The folder with the sources.
        handler: ``module.function``, or ``module:attribute`` for an ASGI or WSGI application.
            Default - nothing is checked or wrapped, as for a layer.
        runtime: The Python runtime. Default - ``PythonCode.default_runtime()``.
        architecture: The instruction set. Default - from context, else ``ARM_64``.
        exclude: Shell patterns of file and folder names to leave out: version control,
            environments, caches and tests.

    Attributes:
        EXCLUDE: What ``exclude`` leaves out unless it is given.
        handler: What to give a ``lambda_.Function`` as its ``handler``, or ``None``.
        runtime: The runtime to give it.
        architecture: The architecture to give it.

    Raises:
        PatternError: If the entry, the handler in it, or a wheel for the target is missing, or
            the asset is over 250 MB.

    See:
        https://docs.aws.amazon.com/lambda/latest/dg/python-package.html
    """

    EXCLUDE = EXCLUDE

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002 - CDK's own name
        *,
        entry: str | os.PathLike[str],
        handler: str | None = None,
        runtime: lambda_.Runtime | None = None,
        architecture: lambda_.Architecture | None = None,
        exclude: Sequence[str] = EXCLUDE,
    ) -> None:
        path = new_path(scope, id)
        chosen_runtime = runtime or self.default_runtime()
        chosen_architecture = architecture or _architecture(scope, path)
        target = _target(scope, path, chosen_runtime, chosen_architecture)
        bundle = _Bundle(path, Path(entry), handler, target, tuple(exclude))
        if cdk.Stack.of(scope).bundling_required:
            super().__init__(str(bundle.build()), asset_hash=bundle.hash)
        else:
            skipped = cdk.BundlingOptions(image=chosen_runtime.bundling_image)
            super().__init__(str(bundle.root), asset_hash=bundle.hash, bundling=skipped)
        self.handler = bundle.handler
        self.runtime = chosen_runtime
        self.architecture = chosen_architecture

    @staticmethod
    def default_runtime() -> lambda_.Runtime:
        """The newest Python runtime that SnapStart takes, as far as this release knows."""
        return lambda_.Runtime.PYTHON_3_14


class _Bundle:
    """One application for one target."""

    def __init__(
        self, path: str, entry: Path, handler: str | None, target: Target, exclude: tuple[str, ...]
    ) -> None:
        if not entry.is_dir():
            raise PatternError(
                path,
                "entry",
                rule="be a folder with Python sources",
                got=f"{entry}, which {'is a file' if entry.exists() else 'does not exist'}",
                remedy="a path starts where the app is run: Path(__file__).parent makes it yours",
            )
        self.path = path
        self.root = source_root(entry)
        self.exclude = exclude
        self._named = Handler.parse(path, handler) if handler else None
        if self._named:
            self._named.check(path, self.root)
        requirements = Requirements.of(path, entry)
        adapters = self._named is not None and self._named.is_application
        if requirements is None and adapters:
            requirements = Requirements.none(path, entry)
        self._wheels = Wheels(requirements, target, adapters=adapters) if requirements else None
        self.hash = fingerprint(self._parts())

    @property
    def handler(self) -> str | None:
        """The handler as Lambda takes it."""
        if self._named and self._named.is_application:
            return f"{_ENTRY_MODULE}.handler"
        return self._named.text if self._named else None

    def build(self) -> Path:
        """The folder of the finished asset."""
        return cached("assets", self.hash, self._build_into)

    def _parts(self) -> Iterator[str | bytes]:
        yield self._entry_module()
        if self._wheels:
            yield from self._wheels.parts()
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
        if self._entry_module():
            (folder / f"{_ENTRY_MODULE}.py").write_text(self._entry_module())
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


def _architecture(scope: Construct, path: str) -> lambda_.Architecture:
    name = scope.node.try_get_context(CONTEXT_ARCHITECTURE) or "arm64"
    if name not in _MACHINES:
        raise PatternError(
            path,
            f"context {CONTEXT_ARCHITECTURE}",
            rule=f"be one of {', '.join(_MACHINES)}",
            got=repr(name),
            remedy="omit it to get arm64",
        )
    return lambda_.Architecture.ARM_64 if name == "arm64" else lambda_.Architecture.X86_64


def _target(
    scope: Construct, path: str, runtime: lambda_.Runtime, architecture: lambda_.Architecture
) -> Target:
    named = re.fullmatch(r"python(3\.(\d+))", runtime.name)
    if not named:
        raise PatternError(
            path,
            "runtime",
            rule="be a Python 3 runtime",
            got=runtime.name,
            remedy="for example lambda_.Runtime.PYTHON_3_14",
        )
    # Amazon Linux 2023 (glibc 2.34) from Python 3.12 on, Amazon Linux 2 (glibc 2.26) before.
    glibc = "2_34" if int(named[2]) >= _quotas.FIRST_PYTHON_ON_AL2023 else "2_17"
    platform = scope.node.try_get_context(CONTEXT_PLATFORM)
    version = scope.node.try_get_context(CONTEXT_PYTHON_VERSION)
    if version and not re.fullmatch(r"3\.\d+", str(version)):
        raise PatternError(
            path,
            f"context {CONTEXT_PYTHON_VERSION}",
            rule="be a Python version such as 3.11",
            got=repr(version),
            remedy="omit it to get the runtime's",
        )
    return Target(
        str(version or named[1]),
        platform or f"{_MACHINES[architecture.name]}-manylinux_{glibc}",
    )
