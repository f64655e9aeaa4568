"""Whether a REST API's body fits into a template."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk

from serverless_patterns import _quotas
from serverless_patterns._errors import PatternError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from constructs import Construct

_CERTAINLY_SMALL = 400  # paths: half a kilobyte each, so that measuring them can be saved
_DEPTH = 4  # of the body in a template, which CDK indents by a space for each


def check_body_size(scope: Construct, path: str, body: Mapping[str, Any]) -> None:
    """Refuse a body that no template can hold, and warn of one that only a compact one can.

    Args:
        scope: The API's construct.
        path: Its path.
        body: The OpenAPI document.

    Raises:
        PatternError: If it can't be deployed.

    See:
        https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
    """
    if len(body["paths"]) <= _CERTAINLY_SMALL:
        return
    limit = _quotas.CLOUDFORMATION_TEMPLATE_BYTES
    resolved = cdk.Stack.of(scope).resolve(body)
    compact = len(json.dumps(resolved, separators=(",", ":")).encode())
    indented = json.dumps(resolved, indent=1)
    as_written = len(indented.encode()) + _DEPTH * indented.count("\n")
    if compact > limit:
        raise PatternError(
            path,
            "routes",
            rule=f"make an OpenAPI body that fits into a template of {limit} bytes",
            got=f"{compact} bytes for {len(body['paths'])} paths",
            remedy="do without a catch-all function, which stands at every path, let modules keep "
            "their routes together, or make two APIs of it",
        )
    if as_written > limit:
        cdk.Annotations.of(scope).add_warning_v2(
            "serverless-patterns:rest-api-template",
            f"{path}: the OpenAPI body alone makes a template of {as_written} bytes, over the "
            f"{limit} that CloudFormation takes, unless its stack is defined with "
            "suppress_template_indentation=True: acknowledge this if it is",
        )
