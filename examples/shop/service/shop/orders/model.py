"""Orders and the rules about them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Protocol

from pydantic import BaseModel, Field

from shop.errors import Conflict, NotFound
from shop.inventory.interface import Line, Short
from shop.orders.interface import Sale
from shop.payment.interface import Bill, Declined, Unavailable

if TYPE_CHECKING:
    from shop.inventory.interface import Inventory
    from shop.payment.interface import Payments

ACCEPTED, RESERVED, SETTLED, REFUSED = "accepted", "reserved", "settled", "refused"
FINAL = (SETTLED, REFUSED)
_LINES = 20
_WAITS = "it waits for the payment provider"


class OrderLine(BaseModel):
    """A number of one article."""

    sku: Annotated[str, Field(pattern=r"^[A-Z0-9][A-Z0-9-]{0,31}$", examples=["TEA-GREEN"])]
    quantity: Annotated[int, Field(ge=1, le=1000)]


class NewOrder(BaseModel):
    """An order to be placed."""

    customer: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$", examples=["ada"])]
    lines: Annotated[list[OrderLine], Field(min_length=1, max_length=_LINES)]


class Order(NewOrder):
    """An order, and what became of it so far.

    Attributes:
        id: What tells it from every other.
        correlation_id: The id by which it is followed.
        at: When it was placed.
        state: ``accepted``, ``reserved``, ``settled`` or ``refused``.
        total_cents: What it costs, once its goods are reserved.
        charge: The charge, once it is paid.
        points: The points that it earned.
        reason: Why it was refused, or what it waits for.
    """

    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
    correlation_id: str
    at: str
    state: str = ACCEPTED
    total_cents: int = 0
    charge: str = ""
    points: int = 0
    reason: str = ""

    @property
    def wanted(self) -> list[Line]:
        """Its lines, one for each article."""
        pieces: dict[str, int] = {}
        for line in self.lines:
            pieces[line.sku] = pieces.get(line.sku, 0) + line.quantity
        return [Line(sku, quantity) for sku, quantity in pieces.items()]


class Orders(BaseModel):
    """Some orders, and where the next page starts, if there is one."""

    orders: list[Order]
    next: str | None = None


class OrderStorage(Protocol):
    """Where orders are kept."""

    def add(self, order: Order) -> Order:
        """Keep a new order; the one of its id that is there already, if one is."""

    def find(self, order_id: str) -> Order | None:
        """The order, if it is there."""

    def page(self, limit: int, after: str | None) -> Orders:
        """At most ``limit`` orders after the one named."""

    def advance(self, order: Order) -> bool:
        """Keep how far an order is; ``False`` if it is settled or refused already."""


class OrderQueue(Protocol):
    """Where accepted orders wait."""

    def send(self, order: Order) -> None:
        """Have an order handled."""


class Sales(Protocol):
    """Who is told of sales."""

    def tell(self, sale: Sale) -> None:
        """Tell of a sale, at least once."""


class Desk:
    """Where customers place orders and ask for them."""

    def __init__(self, storage: OrderStorage, queue: OrderQueue) -> None:
        self._storage = storage
        self._queue = queue

    def place(self, new: NewOrder, order_id: str, correlation_id: str) -> Order:
        """Accept an order; one that is sent again under the same id is accepted once.

        It is sent first and kept then, by whoever comes first: were it the other way round, an
        order could be kept that nobody ever handles.
        """
        at = datetime.now(UTC).isoformat(timespec="seconds")
        order = Order(
            id=order_id, correlation_id=correlation_id, at=at, **new.model_dump(mode="json")
        )
        known = self._storage.find(order_id)
        if known is None:
            self._queue.send(order)
            known = self._storage.add(order)
        if (known.customer, known.lines) != (new.customer, new.lines):
            raise Conflict(f"order {order_id} is there already, for something else")
        return known

    def get(self, order_id: str) -> Order:
        """The order of that id."""
        order = self._storage.find(order_id)
        if order is None:
            raise NotFound(f"there is no order {order_id}")
        return order

    def page(self, limit: int, after: str | None) -> Orders:
        """At most ``limit`` orders after the one named."""
        return self._storage.page(limit, after)


class Clerk:
    """Who settles orders: reserves their goods, has them paid, ships them or puts them back."""

    def __init__(
        self, storage: OrderStorage, inventory: Inventory, payments: Payments, sales: Sales
    ) -> None:
        self._storage = storage
        self._inventory = inventory
        self._payments = payments
        self._sales = sales

    def settle(self, order: Order) -> Order:
        """Settle an order or refuse it, from wherever an earlier attempt came to.

        Each step says the same when it is asked again, so the whole may be done again and again.

        Raises:
            Unavailable: If it isn't known whether it is paid: its goods stay reserved.
        """
        order = self._storage.add(order)
        if order.state in FINAL:
            return order
        kept = self._inventory.reserve(order.id, order.wanted, order.correlation_id)
        if isinstance(kept, Short):
            return self._advance(order, state=REFUSED, reason=kept.reason)
        order = self._advance(order, state=RESERVED, total_cents=kept.total_cents)
        bill = Bill(order.id, order.customer, kept.total_cents, order.correlation_id)
        try:
            paid = self._payments.pay(bill)
        except Unavailable:
            self._advance(order, reason=_WAITS)
            raise
        if isinstance(paid, Declined):
            self._inventory.release(order.id, order.correlation_id)
            return self._advance(order, state=REFUSED, reason=paid.reason)
        self._inventory.ship(order.id, order.correlation_id)
        pieces = sum(line.quantity for line in order.lines)
        self._sales.tell(Sale(order.id, order.at, order.total_cents, pieces, order.correlation_id))
        return self._advance(
            order, state=SETTLED, charge=paid.charge, points=paid.points, reason=""
        )

    def _advance(self, order: Order, **changes: str | int) -> Order:
        """Keep how far an order is; what another has settled meanwhile stays."""
        changed = order.model_copy(update=changes)
        return changed if self._storage.advance(changed) else self._storage.add(order)
