"""Python applications as Lambda assets, without Docker."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import aws_cdk as cdk
from aws_cdk import aws_lambda as lambda_

from serverless_patterns import _quotas
from serverless_patterns._bundle import Bundle
from serverless_patterns._context import (
    CONTEXT_ARCHITECTURE,
    CONTEXT_PLATFORM,
    CONTEXT_PYTHON_VERSION,
)
from serverless_patterns._errors import PatternError, check_no_text, check_type, new_path
from serverless_patterns._sources import EXCLUDE
from serverless_patterns._wheels import Target

if TYPE_CHECKING:
    import os
    from collections.abc import Sequence

    from constructs import Construct

_MACHINES = {"arm64": "aarch64", "x86_64": "x86_64"}


class PythonCode(lambda_.AssetCode):
    """A folder of Python sources and what it requires, as a Lambda asset made without Docker.

    Defines no resource: it is the ``code`` of a function, and ``PythonFunction`` makes one from
    its ``entry``. Wheels for the function's platform and Python version are
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

    An application whose sources import ``serverless_patterns.runtime`` gets that package, 30 KB,
    into its asset. Don't require ``serverless-patterns`` for it: that brings ``aws_cdk`` too.

    Args:
        scope: The construct whose context and stack decide what is bundled.
        id: The id of the function that the code is for; errors name it.
        entry: The folder with the sources.
        handler: ``module.function``, or ``module:attribute`` for an ASGI or WSGI application.
            Default - nothing is checked or wrapped.
        runtime: The Python runtime. Default - ``PythonCode.default_runtime()``.
        architecture: The instruction set. Default - from context, else ``ARM_64``.
        exclude: Shell patterns of file and folder names to leave out: version control,
            environments, caches and tests. One that starts with a slash counts from the folder
            that imports start from.

    Attributes:
        EXCLUDE: What ``exclude`` leaves out unless it is given.
        handler: What to give a ``lambda_.Function`` as its ``handler``, or ``None``.
        runtime: The runtime to give it.
        architecture: The architecture to give it.

    Raises:
        PatternError: If the entry, the handler in it, or a wheel for the target is missing, what
            is required can't be followed, or the asset is over 250 MB.

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
        check_no_text(path, "exclude", exclude)
        check_type(path, "handler", handler, str, '"index.handler"')
        check_type(path, "runtime", runtime, lambda_.Runtime, "lambda_.Runtime.PYTHON_3_14")
        check_type(
            path, "architecture", architecture, lambda_.Architecture, "lambda_.Architecture.ARM_64"
        )
        chosen_runtime = runtime or self.default_runtime()
        chosen_architecture = architecture or architecture_of(scope, path)
        target = target_of(scope, path, chosen_runtime, chosen_architecture)
        bundle = Bundle(path, Path(entry), handler, target, tuple(exclude))
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


def architecture_of(scope: Construct, path: str) -> lambda_.Architecture:
    """The architecture that context asks for, else arm64.

    Raises:
        PatternError: If context asks for one that Lambda hasn't.
    """
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


def target_of(
    scope: Construct, path: str, runtime: lambda_.Runtime, architecture: lambda_.Architecture
) -> Target:
    """What wheels are chosen for: the runtime on the architecture, unless context says otherwise.

    Raises:
        PatternError: If the runtime is not Python's, or context can't be followed.
    """
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
    if architecture.name not in _MACHINES:
        raise PatternError(
            path,
            "architecture",
            rule=f"be one of {', '.join(_MACHINES)}",
            got=architecture.name,
            remedy="omit it to get arm64",
        )
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
