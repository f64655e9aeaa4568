"""Insight over HTTP."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends

from shop.insight.model import Hour, Insight
from shop.insight.storage import insight

router = APIRouter()


@router.get("/sales/{day}")
def get_sales(insight: Annotated[Insight, Depends(insight)], day: date) -> list[Hour]:
    """Get the sales of a day, hour by hour in UTC."""
    return insight.day(day)
