"""``GET /quotes/{sku}``: FastAPI and pydantic take half a second to import."""

from __future__ import annotations

import os
import uuid

from fastapi import FastAPI, HTTPException
from pydantic import BaseModel

from quotes.own_state import own

app = FastAPI()


class Quote(BaseModel):
    """A price that holds for a minute.

    Attributes:
        id: Unique among all quotes: it is made here, and not before the snapshot.
        cents: The price.
        discount_percent: What was taken off.
    """

    id: uuid.UUID
    cents: int
    discount_percent: int


@app.get("/quotes/{sku}")
def quote(sku: str) -> Quote:
    """Quote a price, a little below the one in the table."""
    found = own.dynamodb.get_item(TableName=os.environ["PRICES_TABLE"], Key={"sku": {"S": sku}})
    if "Item" not in found:
        raise HTTPException(404, "No price")
    percent = own.discounts.randrange(6)
    cents = int(found["Item"]["cents"]["N"]) * (100 - percent) // 100
    return Quote(id=uuid.uuid4(), cents=cents, discount_percent=percent)
