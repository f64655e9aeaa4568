"""What other domains may ask of Payment: in this process, or by a call.

``PAYMENT_FUNCTION`` of the environment names the function that answers, once Payment has left.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Protocol

from shop.clients import client

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Bill:
    """What a customer is to pay for an order."""

    order: str
    customer: str
    cents: int
    correlation_id: str


@dataclass(frozen=True)
class Paid:
    """A charge that was made, and the points that it earned."""

    charge: str
    points: int


@dataclass(frozen=True)
class Declined:
    """A charge that the provider refused, for good."""

    reason: str


class Unavailable(Exception):  # noqa: N818 - the domain's word
    """It isn't known whether the charge was made: ask again, by the same order."""


class Payments(Protocol):
    """Payment, which may be asked to let the same order be paid again and again."""

    def pay(self, bill: Bill) -> Paid | Declined:
        """Charge the customer, once for an order.

        Raises:
            Unavailable: If the provider doesn't say.
        """


class CalledPayments:
    """Payment, in a function of its own.

    Args:
        client: The client of Lambda.
        function: The function.
    """

    def __init__(self, client: Any, function: str) -> None:
        self._client = client
        self._function = function

    def pay(self, bill: Bill) -> Paid | Declined:
        """Charge the customer, once for an order.

        Raises:
            Unavailable: If the provider doesn't say, or the function fails.
        """
        answer = self._client.invoke(
            FunctionName=self._function, Payload=json.dumps(asdict(bill)).encode()
        )
        document = json.load(answer["Payload"])
        if "FunctionError" in answer:
            raise Unavailable(f"payment failed: {document.get('errorMessage')}")
        return outcome(document)


def document(outcome: Paid | Declined | Unavailable) -> dict[str, Any]:
    """An outcome as the call answers it."""
    if isinstance(outcome, Unavailable):
        return {"unavailable": str(outcome)}
    return {"paid" if isinstance(outcome, Paid) else "declined": asdict(outcome)}


def outcome(document: Mapping[str, Any]) -> Paid | Declined:
    """The outcome that an answer tells.

    Raises:
        Unavailable: If it tells that the provider doesn't say.
    """
    match document:
        case {"paid": paid}:
            return Paid(**paid)
        case {"declined": declined}:
            return Declined(**declined)
    raise Unavailable(str(document.get("unavailable", "payment gave no answer")))


def payments() -> Payments:
    """Payment, wherever it is."""
    function = os.environ.get("PAYMENT_FUNCTION")
    if function:
        return CalledPayments(client("lambda"), function)
    from shop.payment.cashier import cashier  # noqa: PLC0415 - a caller has none of it

    return cashier()
