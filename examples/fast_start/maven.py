"""Java applications as Lambda assets, built by Maven without Docker."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import jsii
from aws_cdk import aws_lambda as lambda_

from serverless_patterns import PatternError

if TYPE_CHECKING:
    from pathlib import Path

    from constructs import Construct

JAR = "build/quotes.jar"


def maven_code(scope: Construct, folder: Path, runtime: lambda_.Runtime) -> lambda_.AssetCode:
    """The jar that Maven makes of a folder, if the stack is bundled.

    The asset's hash is that of the sources: equal sources publish no other version.

    Args:
        scope: The stack whose function it is.
        folder: The folder with ``pom.xml``.
        runtime: The function's runtime.

    Raises:
        PatternError: If Maven isn't installed.
    """
    if cdk.Stack.of(scope).bundling_required and shutil.which("mvn") is None:
        raise PatternError(
            scope.node.path,
            "code",
            rule="be built by Maven",
            got="no mvn on PATH",
            remedy="install Maven 3.8 or newer and a JDK of 17 or newer (apt-get install maven)",
        )
    return lambda_.Code.from_asset(
        str(folder),
        exclude=["build"],
        asset_hash_type=cdk.AssetHashType.SOURCE,
        bundling=cdk.BundlingOptions(
            image=runtime.bundling_image,  # required, and never pulled
            local=_Maven(folder),
            output_type=cdk.BundlingOutput.ARCHIVED,
        ),
    )


@jsii.implements(cdk.ILocalBundling)
class _Maven:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def try_bundle(self, output_dir: str, options: Any = None, **_: Any) -> bool:  # noqa: ARG002 - CDK's signature
        """Build the jar into CDK's folder.

        Raises:
            RuntimeError: If Maven can't, with what it said.
        """
        done = subprocess.run(
            ["mvn", "--batch-mode", "--quiet", "package"],
            cwd=self._folder,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"mvn package failed in {self._folder}: {done.stdout.strip()}")
        shutil.copy(self._folder / JAR, output_dir)
        return True
