"""Orders over HTTP: accepted at once, settled later."""

from typing import Annotated

from fastapi import APIRouter, Depends, Header, Path, Query, Response
from pydantic import BaseModel

from shop.orders.model import Desk, NewOrder, Order, Orders
from shop.orders.storage import desk
from shop.telemetry import count, new_correlation_id
from shop.web import correlation_id

router = APIRouter()
_ID = r"^[A-Za-z0-9_-]{1,64}$"
AtDesk = Annotated[Desk, Depends(desk)]
Followed = Annotated[str, Depends(correlation_id)]
Key = Annotated[str | None, Header(alias="Idempotency-Key", pattern=_ID)]


class Accepted(BaseModel):
    """An order that was accepted, and where to ask what became of it."""

    id: str
    state: str
    status_url: str


@router.post("/orders", status_code=202)
def place_order(
    at: AtDesk, new: NewOrder, response: Response, followed: Followed, key: Key = None
) -> Accepted:
    """Place an order; sent again under the same key, it is placed once."""
    order = at.place(new, key or new_correlation_id(), followed)
    count("OrdersAccepted")
    url = f"/api/orders/{order.id}"
    response.headers["Location"] = url
    return Accepted(id=order.id, state=order.state, status_url=url)


@router.get("/orders")
def list_orders(
    at: AtDesk,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    after: Annotated[str | None, Query(pattern=_ID)] = None,
) -> Orders:
    """List orders, a page at a time."""
    return at.page(limit, after)


@router.get("/orders/{order_id}")
def get_order(at: AtDesk, order_id: Annotated[str, Path(pattern=_ID)]) -> Order:
    """Get one order, as far as it is."""
    return at.get(order_id)
