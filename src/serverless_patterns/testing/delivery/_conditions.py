"""Which conditions of a template hold, as far as the template tells.

The model is in one region, so that a condition on that, the partition or the URL suffix is decided
by it. One on a parameter or on the account is unknown: what depends on it is refused where it
matters.

See:
    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-conditions.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from serverless_patterns.testing.delivery._stamps import REGION

_PLACE = {"AWS::Partition": "aws", "AWS::Region": REGION, "AWS::URLSuffix": "amazonaws.com"}


class Conditions:
    """The conditions of a template.

    Args:
        stated: What the template has for them.
    """

    def __init__(self, stated: Any) -> None:
        self._stated: Mapping[Any, Any] = stated if isinstance(stated, Mapping) else {}
        self._decided: dict[str, bool | None] = {}

    def holds(self, name: Any) -> bool | None:
        """Whether a condition holds; ``None`` if that isn't known."""
        if not isinstance(name, str) or name not in self._stated:
            return None
        if name not in self._decided:
            self._decided[name] = None  # of one that asks for itself
            self._decided[name] = self._decide(self._stated[name])
        return self._decided[name]

    def _decide(self, condition: Any) -> bool | None:
        match condition:
            case {"Condition": name}:
                return self.holds(name)
            case {"Fn::Equals": [one, other]}:
                texts = _text(one), _text(other)
                return None if None in texts else texts[0] == texts[1]
            case {"Fn::Not": [inner]}:
                return _opposite(self._decide(inner))
            case {"Fn::And": list(several)}:
                return _all([self._decide(each) for each in several])
            case {"Fn::Or": list(several)}:
                return _opposite(_all([_opposite(self._decide(each)) for each in several]))
        return None


def _all(found: list[bool | None]) -> bool | None:
    if False in found:
        return False
    return None if None in found else True


def _opposite(found: bool | None) -> bool | None:  # noqa: FBT001 - one of three
    return None if found is None else not found


def _text(value: Any) -> str | None:
    match value:
        case str():
            return value
        case {"Ref": str(name)}:
            return _PLACE.get(name)
    return None
