"""Acknowledgments of cdk-nag rules, made by the library where it knows the reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk as cdk

if TYPE_CHECKING:
    from constructs import IConstruct


def acknowledge(construct: IConstruct, *rules: str, reason: str) -> None:
    """Acknowledge ``rules`` (``AwsSolutions-IAM4``) at the one resource behind ``construct``.

    Not at the construct itself: that would excuse everything defined under it later, such as
    the policy of a role to which a user grants more.
    """
    resource = construct.node.default_child or construct
    for rule in rules:
        qualified = f"{rule.split('-', maxsplit=1)[0]}::{rule}"
        cdk.Validations.of(resource).acknowledge(cdk.Acknowledgment(id=qualified, reason=reason))
