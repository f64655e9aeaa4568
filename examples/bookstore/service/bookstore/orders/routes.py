"""Orders over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Depends, Header

from bookstore.books.model import Catalog
from bookstore.books.routes import catalog
from bookstore.orders.model import NewOrder, Order, OrderBook, OrderStorage
from bookstore.orders.storage import order_storage

router = APIRouter()


def order_book(
    storage: Annotated[OrderStorage, Depends(order_storage)],
    catalog: Annotated[Catalog, Depends(catalog)],
) -> OrderBook:
    """The orders of the store."""
    return OrderBook(storage, catalog)


@router.post("", status_code=201)
def place_order(
    orders: Annotated[OrderBook, Depends(order_book)],
    order: NewOrder,
    idempotency_key: Annotated[str | None, Header(pattern=r"^[\w-]{8,64}$")] = None,
) -> Order:
    """Place an order; sent again under the same Idempotency-Key it is placed once."""
    return orders.place(order, idempotency_key)


@router.get("/{order_id}")
def get_order(orders: Annotated[OrderBook, Depends(order_book)], order_id: str) -> Order:
    """Get one order."""
    return orders.get(order_id)
