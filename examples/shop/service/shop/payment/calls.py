"""Payment, called by other domains: the function behind the interface once Payment has left."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shop.payment.cashier import cashier
from shop.payment.interface import Bill, Unavailable, document
from shop.telemetry import count, follow, log_failure, logger, metrics, tracer

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext


@logger.inject_lambda_context
@tracer.capture_lambda_handler
@metrics.log_metrics
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Answer how a bill was paid, and also that it isn't known."""
    bill = Bill(**event)
    follow(bill.correlation_id)
    try:
        answer = document(cashier().pay(bill))
    except Unavailable as error:
        log_failure("the provider gave no answer", error, order=bill.order)
        answer = document(error)
    [told] = answer
    count(f"Calls{told.capitalize()}")
    logger.info("answered a call", extra={"order": bill.order, "told": told})
    return answer
