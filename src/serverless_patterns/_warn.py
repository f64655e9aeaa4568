"""Warnings, of which each has an id by which it can be acknowledged."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk as cdk

if TYPE_CHECKING:
    from collections.abc import Mapping

    from constructs import Construct


def warn(scope: Construct, warnings: Mapping[str, str]) -> None:
    """Add warnings by their ids; each can be acknowledged."""
    for name, text in warnings.items():
        cdk.Annotations.of(scope).add_warning_v2(
            f"serverless-patterns:{name}", f"{scope.node.path}: {text}"
        )
