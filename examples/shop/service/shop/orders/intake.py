"""Orders from the queue: each is settled or refused, however often it comes."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools.utilities.batch import EventType, process_partial_response

from shop.clients import client
from shop.once import ORDER, once, remembered_by
from shop.orders.model import Order
from shop.orders.storage import clerk
from shop.telemetry import batches_of, count, follow, log_failure, logger, metrics, tracer

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
    from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
    from aws_lambda_powertools.utilities.typing import LambdaContext

_LONGEST = 900  # seconds that a message is hidden before it is tried again
batches = batches_of(EventType.SQS)
memory = remembered_by(ORDER)


@tracer.capture_method
@once("orders", memory, "order")
def settle(order: dict[str, Any]) -> str:
    """Settle one order, and return the state that it came to."""
    settled = clerk().settle(Order.model_validate(order))
    count(f"Orders{settled.state.capitalize()}")
    logger.info("handled an order", extra={"order": settled.id, "state": settled.state})
    return settled.state


def take(record: SQSRecord) -> None:
    """Handle one message; one that fails comes back after a pause, longer each time."""
    try:
        order = Order.model_validate_json(record.body)
        follow(order.correlation_id)
        settle(order=order.model_dump(mode="json"))
    except Exception as error:
        received = int(record.attributes.approximate_receive_count)
        pause = min(int(os.environ["RETRY_SECONDS"]) * 2 ** (received - 1), _LONGEST)
        log_failure("an order failed", error, message_id=record.message_id, again_after=pause)
        client("sqs").change_message_visibility(
            QueueUrl=os.environ["ORDERS_QUEUE"],
            ReceiptHandle=record.receipt_handle,
            VisibilityTimeout=pause,
        )
        raise


@logger.inject_lambda_context
@tracer.capture_lambda_handler
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    """Handle a batch, and name the messages that failed: the others are done."""
    memory.register_lambda_context(context)
    count("Messages", len(event["Records"]))
    return process_partial_response(event, take, batches, context)
