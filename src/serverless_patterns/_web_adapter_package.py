"""The code of a web function: an image that holds the adapter, or a zip and its layer."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from aws_cdk import aws_ecr_assets as ecr_assets
from aws_cdk import aws_lambda as lambda_

from serverless_patterns._errors import PatternError, check_no_text, check_type, new_path
from serverless_patterns._web_adapter_function import Package
from serverless_patterns._web_adapter_image import ImageRules
from serverless_patterns._web_adapter_layer import adapter_layer
from serverless_patterns._web_adapter_variables import check_text
from serverless_patterns._web_adapter_zip import EXCLUDE, ZipPackage
from serverless_patterns.bundling import PythonCode, architecture_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from constructs import Construct

    from serverless_patterns._web_adapter_settings import AdapterSettings

_PLATFORMS = {
    "arm64": ecr_assets.Platform.LINUX_ARM64,
    "x86_64": ecr_assets.Platform.LINUX_AMD64,
}
_ZIP_ONLY = ("command", "build", "runtime", "layer")
_NOT_IN_IMAGES = ["cdk.out", ".git"]


@dataclass(frozen=True, kw_only=True)
class Sources:
    """What a web function is made of; see ``WebAdapterFunction`` for the meaning of each."""

    image: str | os.PathLike[str] | lambda_.EcrImageCode | None
    entry: str | os.PathLike[str] | None
    command: Sequence[str] | None
    build: Sequence[str] | None
    runtime: lambda_.Runtime | None
    architecture: lambda_.Architecture | None
    layer: lambda_.ILayerVersion | None
    exclude: Sequence[str]

    def check(self, path: str) -> None:
        """Refuse what is neither an image nor a zip, or some of both.

        Raises:
            PatternError: If it is that.
        """
        if (self.image is None) == (self.entry is None):
            raise PatternError(
                path,
                "image",
                rule="be given for an image, or entry for a zip",
                got="neither" if self.image is None else "both",
                remedy="give the folder of the Dockerfile, or that of the sources with a command",
            )
        for name in ("command", "build", "exclude"):
            given = getattr(self, name)
            check_no_text(path, name, given)
            for part in given or ():
                check_text(path, name, part, "'main.py'")
        check_type(path, "runtime", self.runtime, lambda_.Runtime, "lambda_.Runtime.NODEJS_24_X")
        check_type(
            path,
            "architecture",
            self.architecture,
            lambda_.Architecture,
            "lambda_.Architecture.ARM_64",
        )
        if self.image is not None:
            self._check_image(path)
        elif not isinstance(self.entry, str | os.PathLike):
            raise PatternError(
                path,
                "entry",
                rule="be a folder with the application's sources",
                got=repr(self.entry),
                remedy="for example Path(__file__).parent",
            )
        elif not self.command:
            raise PatternError(
                path,
                "command",
                rule="say what starts the application of a zip",
                got="nothing" if self.command is None else "an empty list",
                remedy='for example ["python", "-m", "uvicorn", "main:app", "--port", "8080"]',
            )

    def _check_image(self, path: str) -> None:
        for name in _ZIP_ONLY:
            if getattr(self, name) is not None:
                raise PatternError(
                    path,
                    name,
                    rule="be given for a zip alone",
                    got="one beside image",
                    remedy="say it in the Dockerfile",
                )
        if tuple(self.exclude) != EXCLUDE:
            raise PatternError(
                path,
                "exclude",
                rule="be given for a zip alone",
                got="one beside image",
                remedy="write a .dockerignore file",
            )


def package_of(
    scope: Construct, construct_id: str, sources: Sources, settings: AdapterSettings
) -> Package:
    """The code of a web function.

    Args:
        scope: The construct that the function belongs to.
        construct_id: Its id.
        sources: What it is made of.
        settings: What the adapter is told.

    Raises:
        PatternError: If it can't be made, or the adapter couldn't start it.
    """
    path = new_path(scope, construct_id)
    sources.check(path)
    architecture = sources.architecture or architecture_of(scope, path)
    if architecture.name not in _PLATFORMS:
        raise PatternError(
            path,
            "architecture",
            rule=f"be one of {', '.join(_PLATFORMS)}",
            got=architecture.name,
            remedy="omit it to get arm64",
        )
    if sources.image is not None:
        return _image(path, sources.image, architecture, settings)
    return _zip(scope, construct_id, path, sources, architecture)


def _image(
    path: str,
    image: str | os.PathLike[str] | lambda_.EcrImageCode,
    architecture: lambda_.Architecture,
    settings: AdapterSettings,
) -> Package:
    rules = None
    if isinstance(image, lambda_.EcrImageCode):
        code: lambda_.Code = image
    else:
        if not isinstance(image, str | os.PathLike):
            raise PatternError(
                path,
                "image",
                rule="be a folder with a Dockerfile, or a lambda_.EcrImageCode",
                got=repr(image),
                remedy='for example lambda_.Code.from_ecr_image(repository, tag_or_digest="1.4.2")',
            )
        rules = ImageRules(path, Path(image))
        rules.check(architecture.name, settings)
        code = lambda_.Code.from_asset_image(
            str(image), platform=_PLATFORMS[architecture.name], exclude=_NOT_IN_IMAGES
        )
    return Package(
        code=code,
        handler=lambda_.Handler.FROM_IMAGE,
        runtime=lambda_.Runtime.FROM_IMAGE,
        architecture=architecture,
        layers=(),
        environment={},
        image=rules,
    )


def _zip(
    scope: Construct,
    construct_id: str,
    path: str,
    sources: Sources,
    architecture: lambda_.Architecture,
) -> Package:
    runtime = sources.runtime or PythonCode.default_runtime()
    made = ZipPackage(
        scope,
        path,
        entry=Path(sources.entry or ""),
        command=sources.command or (),
        build=sources.build or (),
        runtime=runtime,
        architecture=architecture,
        exclude=tuple(sources.exclude),
    )
    if sources.layer is None:
        new_path(scope, f"{construct_id}Layer")
    layer = sources.layer or adapter_layer(scope, path, construct_id, architecture)
    return Package(
        code=made.code(),
        handler=made.handler,
        runtime=runtime,
        architecture=architecture,
        layers=(layer,),
        environment=made.wrapper,
    )
