"""Inventory over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query

from shop.inventory.model import Alert, Goods, Shelf, Shelves, Sku, Stockroom
from shop.inventory.storage import stockroom
from shop.telemetry import count, new_correlation_id
from shop.web import correlation_id

router = APIRouter()
Room = Annotated[Stockroom, Depends(stockroom)]
Followed = Annotated[str, Depends(correlation_id)]
Key = Annotated[str | None, Header(alias="Idempotency-Key", pattern=r"^[A-Za-z0-9_-]{1,64}$")]


@router.post("/goods", status_code=201)
def receive_goods(room: Room, goods: Goods, followed: Followed, key: Key = None) -> Shelf:
    """Receive goods; sent again under the same key, they are received once."""
    received = room.receive(f"request/{key or new_correlation_id()}", goods, followed)
    count("GoodsReceived", goods.quantity if received else 0)
    return room.level(goods.sku)


@router.get("/stock")
def list_stock(
    room: Room, limit: Annotated[int, Query(ge=1, le=100)] = 20, after: Sku | None = None
) -> Shelves:
    """List stock, a page at a time."""
    return room.page(limit, after)


@router.get("/stock/{sku}")
def get_stock(room: Room, sku: Sku) -> Shelf:
    """Get the stock of one article."""
    return room.level(sku)


@router.get("/alerts")
def list_alerts(room: Room) -> list[Alert]:
    """List the articles that ran low."""
    return room.alerts()
