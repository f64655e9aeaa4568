"""The one image of a web service, in the form that each compute takes it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_ecr_assets as ecr_assets
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_lambda as lambda_

from serverless_patterns._errors import PatternError, check_type, refusals_of
from serverless_patterns._web_adapter_image import ImageRules
from serverless_patterns._web_adapter_settings import AdapterSettings

if TYPE_CHECKING:
    from constructs import Construct

_NOT_IN_IMAGES = ["cdk.out", ".git"]


@dataclass(frozen=True)
class Image:
    """An image by its repository, and the tag or the digest that names it there."""

    repository: ecr.IRepository
    tag_or_digest: str

    @property
    def for_function(self) -> lambda_.EcrImageCode:
        """As a function takes it."""
        return lambda_.EcrImageCode(self.repository, tag_or_digest=self.tag_or_digest)

    @property
    def for_tasks(self) -> ecs.EcrImage:
        """As a task takes it."""
        return ecs.EcrImage(self.repository, self.tag_or_digest)


def check_image(path: str, image: Any, tag_or_digest: Any) -> None:
    """Refuse what is no image, or may name another one tomorrow.

    Raises:
        PatternError: If it is that.
    """
    check_type(path, "tag_or_digest", tag_or_digest, str, "'sha256:...'")
    is_folder = isinstance(image, str | os.PathLike)
    if is_folder and not (Path(image) / "Dockerfile").is_file():
        raise PatternError(
            path,
            "image",
            rule="be a folder with a Dockerfile",
            got=f"{image}, which {'has none' if Path(image).is_dir() else 'is no folder'}",
            remedy="a path starts where the app is run: Path(__file__).parent makes it yours",
        )
    if not is_folder and (
        isinstance(image, type) or not (_is_asset(image) or _is_repository(image))
    ):
        raise PatternError(
            path,
            "image",
            rule="be a folder with a Dockerfile, a DockerImageAsset or a repository",
            got=repr(image),
            remedy="for a repository, give tag_or_digest as well",
        )
    if _is_repository(image) and not _is_asset(image):
        _check_named(path, tag_or_digest)
    elif tag_or_digest is not None:
        raise PatternError(
            path,
            "tag_or_digest",
            rule="be given with a repository",
            got=repr(tag_or_digest),
            remedy="omit it: what is built has a tag of its content",
        )


def check_adapter(
    path: str, image: Any, architecture: lambda_.Architecture, settings: AdapterSettings
) -> dict[str, str]:
    """Refuse a folder of whose image Lambda couldn't start the adapter.

    Returns:
        What is no error, by the ids of warnings.

    Raises:
        PatternError: If it is one.
    """
    if not isinstance(image, str | os.PathLike):
        return {}
    rules = ImageRules(path, Path(image))
    rules.check(architecture.name, settings)
    return rules.warnings()


def adapter_settings(port: int, readiness_path: str) -> AdapterSettings:
    """What the adapter is told."""
    return AdapterSettings(
        port=port,
        readiness_path=readiness_path,
        readiness_port=None,
        readiness_protocol="http",
        readiness_healthy_status=None,
        readiness_timeout=None,
        async_init=False,
        remove_base_path=None,
        enable_compression=False,
        invoke_mode=lambda_.InvokeMode.BUFFERED,
        authorization_source=None,
        snapstart_before_checkpoint_path=None,
        snapstart_after_restore_path=None,
    )


def resolve_image(
    scope: Construct,
    path: str,
    image: Any,
    tag_or_digest: str | None,
    architecture: lambda_.Architecture,
) -> Image:
    """The image as it stands in its repository; one of a folder is built.

    Args:
        scope: The service's construct.
        path: Its path.
        image: What was given.
        tag_or_digest: What names it in a repository.
        architecture: The one instruction set of what is built.

    Raises:
        PatternError: If CDK refuses the folder.
    """
    if isinstance(image, str | os.PathLike):
        with refusals_of("ecr_assets.DockerImageAsset", path):
            image = ecr_assets.DockerImageAsset(
                scope,
                "Image",
                directory=str(Path(image).resolve()),
                platform=ecr_assets.Platform.custom(architecture.docker_platform),
                exclude=_NOT_IN_IMAGES,
            )
    if _is_asset(image):
        return Image(image.repository, image.image_tag)
    return Image(image, str(tag_or_digest))


def _is_asset(image: Any) -> bool:
    return isinstance(image, ecr_assets.DockerImageAsset)


def _is_repository(image: Any) -> bool:
    return hasattr(image, "repository_uri_for_tag_or_digest")


def _check_named(path: str, tag_or_digest: str | None) -> None:
    if tag_or_digest is not None and cdk.Token.is_unresolved(tag_or_digest):
        return
    if (tag_or_digest or "").strip() in {"", "latest"}:
        raise PatternError(
            path,
            "tag_or_digest",
            rule="name one image, which each compute pulls at a time of its own",
            got=repr(tag_or_digest),
            remedy="give a digest, or a tag that isn't moved",
        )
