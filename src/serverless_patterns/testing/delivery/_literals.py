"""What a pattern of a template will say once it is deployed, in the names that the model uses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from serverless_patterns.testing.delivery._errors import DeliveryError
from serverless_patterns.testing.delivery._values import is_intrinsic

if TYPE_CHECKING:
    from serverless_patterns.testing.delivery._template import Resources


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
        case {"Ref": str(name)} if resources.kind(name) == "AWS::S3::Bucket":
            return name
        case Mapping() if is_intrinsic(value):
            plain = resources.plain(value)
            if plain is not None:
                return plain
            raise DeliveryError(
                f"{owner}: {at} must be known before it is deployed, got {dict(value)}; deliver a "
                "template that says it in plain text"
            )
        case Mapping():
            return {key: resolved(resources, each, owner, at) for key, each in value.items()}
        case list():
            return [resolved(resources, each, owner, at) for each in value]
    return value
