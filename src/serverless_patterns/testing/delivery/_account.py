"""The concurrency of an account, which its functions share.

- D: 1,000 invocations run at once in a region, which a quota can raise
  (``Assumptions.account_concurrency``); what a function reserves is its own, and 100 must stay
  unreserved for the others: https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html
- Not modelled: that a function gets 1,000 environments more each 10 seconds only, which makes no
  difference up to 1,000 at once: https://docs.aws.amazon.com/lambda/latest/dg/lambda-concurrency.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from serverless_patterns.testing.delivery._errors import DeliveryError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from serverless_patterns.testing.delivery._template import Resources

_UNRESERVED = 100


class Account:
    """What functions without a reserved concurrency have together.

    Args:
        resources: The template.
        concurrency: How many invocations run at once in the account.

    Attributes:
        unreserved: How many of those no function reserves.
        running: How many of the unreserved are in use.

    Raises:
        DeliveryError: If the functions reserve more than Lambda lets them.
    """

    def __init__(self, resources: Resources, concurrency: int) -> None:
        reserved = {
            logical_id: found
            for logical_id, properties in resources.of_kind("AWS::Lambda::Function")
            if (found := reserved_of(logical_id, properties)) is not None
        }
        self.running = 0
        self.unreserved = concurrency - sum(reserved.values())
        if reserved and self.unreserved < _UNRESERVED:
            raise DeliveryError(
                f"{', '.join(sorted(reserved))}: ReservedConcurrentExecutions must leave "
                f"{_UNRESERVED} of the account's {concurrency} unreserved, got "
                f"{sum(reserved.values())} reserved; reserve less, or raise "
                "Assumptions.account_concurrency if your quota is higher"
            )


def reserved_of(function: str, properties: Mapping[str, Any]) -> int | None:
    """The concurrency that a function reserves."""
    value: int | None = properties.get("ReservedConcurrentExecutions")
    if value is not None and value < 0:
        raise DeliveryError(
            f"{function}: ReservedConcurrentExecutions must be 0 or more, got {value}; correct it"
        )
    return value
