"""The versions that a function publishes, and how long each is kept."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, cast

import aws_cdk as cdk

from serverless_patterns._errors import PatternError
from serverless_patterns._published import provisioned
from serverless_patterns._snapstart_rules import properties_of

if TYPE_CHECKING:
    from aws_cdk import aws_lambda as lambda_

_ASSET = re.compile(r"(?:^|/)([0-9a-f]{64})\.zip$")


def publish(path: str, function: lambda_.Function, *, keep: bool) -> lambda_.Version:
    """Publish a version of the function for each of its changes.

    CloudFormation makes the new version, moves what points to the old one, in a release of
    CodeDeploy's as slowly as it says, and deletes the old one last, unless it is to be kept.

    Args:
        path: The construct path of what publishes it.
        function: The function.
        keep: Whether a version stays when the next one has replaced it.

    Raises:
        PatternError: If the function says otherwise of it, or provisions concurrency for it.
    """
    version = function.current_version
    for broken in provisioned(path, function, version):
        raise broken
    resource = cast("lambda_.CfnVersion", version.node.default_child)
    kept = resource.cfn_options.deletion_policy
    if kept is not None and keep != (kept != cdk.CfnDeletionPolicy.DELETE):
        raise PatternError(
            path,
            "keep_versions",
            rule="be what the function's current_version_options say",
            got=f"{keep}, where the removal policy there is {kept.name}",
            remedy="omit removal_policy there",
        )
    version.apply_removal_policy(cdk.RemovalPolicy.RETAIN if keep else cdk.RemovalPolicy.DESTROY)
    return version


def asset_of(function: lambda_.Function) -> Path | None:
    """The folder of a function's asset, if it is staged: what isn't bundled is not."""
    key = properties_of(function)["code"].get("s3Key")
    staged = _ASSET.search(key) if isinstance(key, str) else None
    if staged is None:
        return None
    assembly = cdk.Stage.of(function)
    folder = Path(cast("cdk.Stage", assembly).asset_outdir) / f"asset.{staged[1]}"
    return folder if folder.is_dir() else None
