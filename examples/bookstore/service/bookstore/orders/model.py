"""Orders and the rules about them."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Annotated, Protocol

from pydantic import BaseModel, Field

from bookstore.books.model import Isbn
from bookstore.errors import Conflict, NotFound

if TYPE_CHECKING:
    from bookstore.books.model import Catalog


class NewOrder(BaseModel):
    """An order to be placed."""

    book_id: Isbn
    quantity: Annotated[int, Field(ge=1, le=100)]


class Order(NewOrder):
    """An order that was placed, at the price of that moment."""

    id: str
    total_cents: int


class OrderStorage(Protocol):
    """Where orders are kept."""

    def place(self, order: Order) -> bool:
        """Keep an order and take its books off the shelf, both or neither.

        An order of the same id that is there already counts as placed.
        ``False`` if there are too few books.
        """

    def find(self, order_id: str) -> Order | None:
        """The order, if it is there."""


class OrderBook:
    """The orders of the store."""

    def __init__(self, storage: OrderStorage, catalog: Catalog) -> None:
        self._storage = storage
        self._catalog = catalog

    def place(self, new: NewOrder, key: str | None) -> Order:
        """Place an order; one sent again under the same ``key`` is placed once."""
        book = self._catalog.get(new.book_id)
        total = book.price_cents * new.quantity
        order = Order(id=key or uuid.uuid4().hex, total_cents=total, **new.model_dump())
        if not self._storage.place(order):
            raise Conflict(f"there are fewer than {new.quantity} copies of book {new.book_id}")
        placed = self.get(order.id)
        if (placed.book_id, placed.quantity) != (new.book_id, new.quantity):
            raise Conflict(f"order {order.id} is there already, for something else")
        return placed

    def get(self, order_id: str) -> Order:
        """The order of that id."""
        order = self._storage.find(order_id)
        if order is None:
            raise NotFound(f"there is no order {order_id}")
        return order
