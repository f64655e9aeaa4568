"""Payment over HTTP: what was paid, and what it earned."""

import os
from typing import Annotated

from fastapi import APIRouter, Depends, Path

from shop.clients import client
from shop.payment.model import Balance, Payment, PaymentRecords
from shop.payment.storage import DynamoDbPayments

router = APIRouter()
Name = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{1,64}$")]


def records() -> PaymentRecords:
    """The payments in the table that the environment names."""
    return PaymentRecords(DynamoDbPayments(client("dynamodb"), os.environ["PAYMENTS_TABLE"]))


Records = Annotated[PaymentRecords, Depends(records)]


@router.get("/payments/{order}")
def get_payment(records: Records, order: Name) -> Payment:
    """Get the payment of an order."""
    return records.payment(order)


@router.get("/points/{customer}")
def get_points(records: Records, customer: Name) -> Balance:
    """Get the points of a customer."""
    return records.balance(customer)
