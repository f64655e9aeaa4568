"""Templates as a test wants them: synthesized like the CLI's, and the same on every machine."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aws_cdk import assertions

if TYPE_CHECKING:
    import aws_cdk as cdk

_ASSET_HASH = re.compile(r"\b[0-9a-f]{64}\b")
_CURRENT_VERSION = re.compile(r"(CurrentVersion[0-9A-F]{8})[0-9a-f]{32}")  # as CDK names it


def cdk_context(folder: Path | str = ".", *, bundle: bool = False) -> dict[str, Any]:
    """The context that the CDK CLI gives an app, to be passed to ``App(context=...)``.

    An app made in a test does not read ``cdk.json``: without its feature flags it synthesizes
    other resources than are deployed.

    Args:
        folder: The folder of ``cdk.json``.
        bundle: Whether to bundle assets. A test of templates needs none.
    """
    context: dict[str, Any] = json.loads((Path(folder) / "cdk.json").read_text()).get("context", {})
    return context if bundle else {**context, "aws:cdk:bundling-stacks": []}


def stable_template(stack: cdk.Stack) -> dict[str, Any]:
    """The template of ``stack``, without what differs from machine to machine.

    Asset hashes are masked, and in the logical id of a function's current version the hash that
    asset hashes go into; the bootstrap version's rule and parameter, which are CDK's own
    and the same in every stack, are left out.
    """
    template = {**assertions.Template.from_stack(stack).to_json()}
    template.pop("Rules", None)
    parameters = template.get("Parameters", {})
    parameters.pop("BootstrapVersion", None)
    if not parameters:
        template.pop("Parameters", None)
    text = _CURRENT_VERSION.sub(r"\1<version>", json.dumps(template))
    masked: dict[str, Any] = json.loads(_ASSET_HASH.sub("<asset>", text))
    return masked
