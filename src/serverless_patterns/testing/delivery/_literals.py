"""What a pattern of a template will say once it is deployed, in the names that the model uses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from serverless_patterns.testing.delivery._errors import DeliveryError
from serverless_patterns.testing.delivery._stamps import ACCOUNT, REGION

if TYPE_CHECKING:
    from serverless_patterns.testing.delivery._template import Resources

_PSEUDO = {"AWS::AccountId": ACCOUNT, "AWS::Region": REGION, "AWS::Partition": "aws"}


def resolved(resources: Resources, value: Any, owner: str, at: str) -> Any:
    """A pattern with its references replaced: a bucket's by the name that its events have.

    Args:
        resources: The template.
        value: The pattern, or a part of it.
        owner: The logical id of what has it.
        at: What the owner calls it.

    Raises:
        DeliveryError: If it isn't known what a reference will be.
    """
    match value:
        case {"Ref": str(name)} if name in _PSEUDO:
            return _PSEUDO[name]
        case {"Ref": str(name)} if resources.kind(name) == "AWS::S3::Bucket":
            return name
        case Mapping() if len(value) == 1 and next(iter(value)).startswith(("Ref", "Fn::")):
            raise DeliveryError(
                f"{owner}: {at} must be known before it is deployed, got {dict(value)}; deliver a "
                "template that says it in plain text"
            )
        case Mapping():
            return {key: resolved(resources, each, owner, at) for key, each in value.items()}
        case list():
            return [resolved(resources, each, owner, at) for each in value]
    return value
