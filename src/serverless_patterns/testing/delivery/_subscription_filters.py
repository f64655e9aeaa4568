"""Filter policies of SNS subscriptions.

- Keys are ANDed, the values of one are ORed: D,
  https://docs.aws.amazon.com/sns/latest/dg/and-or-logic.html
- At most 5 keys, of which only the uppermost count, and 150 combinations of values; in the scope
  of the body, each number of values is multiplied by its depth: D,
  https://docs.aws.amazon.com/sns/latest/dg/subscription-filter-policy-constraints.html
- Attributes of the type Binary are as if not there, and a policy for attributes isn't nested: D,
  the same page.
- A body that is no JSON object is filtered: O.
- ``wildcard`` is refused: the pages list it for EventBridge only.
"""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

from serverless_patterns.testing.delivery._errors import DeliveryError
from serverless_patterns.testing.delivery._patterns import OPERATORS, check, matches

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_OPERATORS = OPERATORS - {"wildcard"}
_SCOPES = ("MessageAttributes", "MessageBody")
_MOST_KEYS = 5
_MOST_COMBINATIONS = 150
_OR = "$or"


class SubscriptionFilter:
    """What a subscription takes.

    Args:
        subscription: Its logical id.
        policy: Its filter policy, as an object or as JSON; ``None`` if it takes everything.
        scope: What the policy is compared with. Default - the attributes.

    Raises:
        DeliveryError: If SNS would refuse it.
    """

    def __init__(self, subscription: str, policy: Any, scope: str | None) -> None:
        self._policy = _parsed(policy) if isinstance(policy, str) else policy
        self._is_of_body = scope == "MessageBody"
        if scope not in (None, *_SCOPES):
            raise DeliveryError(
                f"{subscription}: FilterPolicyScope must be {' or '.join(_SCOPES)}, got {scope}; "
                "give one of these"
            )
        if self._policy is None and policy is None:
            return
        check(self._policy, subscription, operators=_OPERATORS, at="FilterPolicy")
        self._check_shape(subscription)

    def _check_shape(self, subscription: str) -> None:
        nested = [key for key, value in self._policy.items() if isinstance(value, dict)]
        if nested and not self._is_of_body:
            raise DeliveryError(
                f"{subscription}: FilterPolicy must not be nested in the scope MessageAttributes, "
                f"got {', '.join(nested)}; set FilterPolicyScope to MessageBody"
            )
        if len(self._policy) > _MOST_KEYS:
            raise DeliveryError(
                f"{subscription}: FilterPolicy must have at most {_MOST_KEYS} keys, "
                f"got {len(self._policy)}; filter in the function"
            )
        combinations = math.prod(_counts(self._policy, 1))
        if combinations > _MOST_COMBINATIONS:
            raise DeliveryError(
                f"{subscription}: FilterPolicy must have at most {_MOST_COMBINATIONS} "
                f"combinations of values, got {combinations}; filter in the function"
            )

    def takes(self, message: str, attributes: Mapping[str, Any]) -> bool:
        """Whether a message passes.

        Args:
            message: Its text.
            attributes: Its attributes.
        """
        if not self._policy:
            return True
        if not self._is_of_body:
            texts = {
                name: value for name, value in attributes.items() if not isinstance(value, bytes)
            }
            return matches(self._policy, texts)
        body = _parsed(message)
        return isinstance(body, dict) and matches(self._policy, body)


def _counts(policy: Mapping[str, Any], depth: int) -> Iterator[int]:
    """How many values each key adds to the combinations."""
    for key, value in policy.items():
        if isinstance(value, dict):
            yield from _counts(value, depth + 1)
        elif key == _OR:
            yield sum(math.prod(_counts(each, depth)) for each in value if isinstance(each, dict))
        else:
            yield len(value) * depth


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except (RecursionError, ValueError):
        return None
