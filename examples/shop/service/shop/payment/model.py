"""Payments, points and the rules about them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from pydantic import BaseModel

from shop.errors import Conflict, NotFound
from shop.payment.interface import Declined, Paid

if TYPE_CHECKING:
    from shop.payment.interface import Bill

PENDING, PAID, DECLINED = "pending", "paid", "declined"


class Payment(BaseModel):
    """A payment, and where it is asked for: a provider that was chosen stays the same.

    Were it changed between two attempts, each provider might make the charge.
    """

    order: str
    customer: str
    cents: int
    provider: str
    state: str = PENDING
    charge: str = ""
    points: int = 0
    reason: str = ""


class Balance(BaseModel):
    """The points that a customer has earned."""

    customer: str
    points: int


class PaymentStorage(Protocol):
    """Where payments and points are kept."""

    def open(self, payment: Payment) -> Payment:
        """Keep a new payment; that of the order that is there already, if one is."""

    def find(self, order: str) -> Payment | None:
        """The payment of an order."""

    def settle(self, payment: Payment) -> bool:
        """Keep what became of a pending payment, and its points; ``False`` if it isn't pending."""

    def points(self, customer: str) -> int:
        """The points of a customer."""


class Provider(Protocol):
    """Who makes charges: once for an order, however often it is asked."""

    def charge(self, bill: Bill) -> str | Declined:
        """Make a charge, and return its id.

        Raises:
            Unavailable: If there is no answer that tells.
        """


class Providers(Protocol):
    """The providers, one of which is in use right now."""

    def chosen(self) -> str:
        """The name of the one for new payments."""

    def named(self, name: str) -> Provider:
        """The provider of that name."""


class Points(Protocol):
    """Who says how many points a payment earns."""

    def earned(self, bill: Bill) -> int:
        """The points."""


class PaymentRecords:
    """What was paid, and what it earned."""

    def __init__(self, storage: PaymentStorage) -> None:
        self._storage = storage

    def payment(self, order: str) -> Payment:
        """The payment of an order."""
        found = self._storage.find(order)
        if found is None:
            raise NotFound(f"there is no payment of order {order}")
        return found

    def balance(self, customer: str) -> Balance:
        """The points of a customer."""
        return Balance(customer=customer, points=self._storage.points(customer))


class Cashier:
    """Who has customers pay."""

    def __init__(self, storage: PaymentStorage, providers: Providers, points: Points) -> None:
        self._storage = storage
        self._records = PaymentRecords(storage)
        self._providers = providers
        self._points = points

    def pay(self, bill: Bill) -> Paid | Declined:
        """Charge the customer, once for an order.

        The payment is kept before the provider is asked: whoever asks again, also in another
        process, knows which provider to ask, and asks it by the same key.

        Raises:
            Unavailable: If the provider doesn't say.
        """
        payment = self._storage.open(
            Payment(
                order=bill.order,
                customer=bill.customer,
                cents=bill.cents,
                provider=self._providers.chosen(),
            )
        )
        if (payment.customer, payment.cents) != (bill.customer, bill.cents):
            raise Conflict(f"order {bill.order} is billed already, for something else")
        if payment.state == PENDING:
            payment = self._charge(payment, bill)
        if payment.state == DECLINED:
            return Declined(payment.reason)
        return Paid(payment.charge, payment.points)

    def _charge(self, payment: Payment, bill: Bill) -> Payment:
        answer = self._providers.named(payment.provider).charge(bill)
        if isinstance(answer, Declined):
            done = payment.model_copy(update={"state": DECLINED, "reason": answer.reason})
        else:
            points = self._points.earned(bill)
            done = payment.model_copy(update={"state": PAID, "charge": answer, "points": points})
        return done if self._storage.settle(done) else self._records.payment(bill.order)
