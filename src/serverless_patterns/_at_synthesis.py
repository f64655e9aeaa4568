"""What is asked at synthesis, when everything is granted and configured."""

from __future__ import annotations

from typing import TYPE_CHECKING

import constructs
import jsii

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from serverless_patterns._errors import PatternError


def check_at_synthesis(
    construct: constructs.Construct, broken_rules: Callable[[], Iterable[PatternError]]
) -> None:
    """Refuse a tree that breaks rules which only the finished one tells.

    Args:
        construct: What synthesis names as broken.
        broken_rules: What is wrong with it by then.
    """
    construct.node.add_validation(_HoldsRules(broken_rules))


@jsii.implements(constructs.IValidation)
class _HoldsRules:
    def __init__(self, broken_rules: Callable[[], Iterable[PatternError]]) -> None:
        self._broken_rules = broken_rules

    def validate(self) -> list[str]:
        return [str(each) for each in self._broken_rules()]
