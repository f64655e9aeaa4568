"""A handler that counts orders in a table, fails on poisoned ones, and crashes at random."""

import os
import random
from typing import Any

import boto3
from aws_lambda_powertools.utilities.batch import (
    BatchProcessor,
    EventType,
    SqsFifoPartialProcessor,
    process_partial_response,
)
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.idempotency import (
    DynamoDBPersistenceLayer,
    IdempotencyConfig,
    idempotent_function,
)
from aws_lambda_powertools.utilities.typing import LambdaContext
from botocore.exceptions import ClientError

CRASHES = 1 / 500
"""How likely a message is to crash the process at one delivery."""

MOMENTS = ("before", "locked", "after")
"""Before its record is opened, before its effect, or after the record is closed."""

is_fifo = os.environ["FIFO"] == "yes"
processor = SqsFifoPartialProcessor() if is_fifo else BatchProcessor(EventType.SQS)
effects = boto3.resource("dynamodb").Table(os.environ["EFFECTS_TABLE"])
config = IdempotencyConfig(
    event_key_jmespath="messageId",
    raise_on_no_idempotency_key=True,
    expires_after_seconds=14 * 24 * 3600,
)


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Count each order, and answer with what failed."""
    config.register_lambda_context(context)
    print("counting", len(event["Records"]))  # noqa: T201 - the emulator is slow without output
    answer = process_partial_response(event, count, processor, context)
    return dict(answer)


def count(record: SQSRecord) -> None:
    """Count an order, in a process that may crash before and after that."""
    order = record.json_body
    moment = moment_of_crash(order, int(record.attributes.approximate_receive_count))
    if moment == "before":
        os._exit(1)
    if order.get("poison") and "FIXED" not in os.environ:
        raise ValueError("poisoned")
    once(record=record.raw_event, order=order, moment=moment)
    if moment == "after":
        os._exit(1)


def moment_of_crash(order: dict[str, Any], attempt: int) -> str | None:
    """When the process crashes: as the order says, at its first delivery, or at random."""
    if "crashes" in order:
        return str(order["crashes"]) if attempt == 1 else None
    luck = random.Random(f"{os.environ['SEED']}-{order['id']}-{attempt}")
    return luck.choice(MOMENTS) if luck.random() < CRASHES else None


@idempotent_function(  # type: ignore[untyped-decorator]
    data_keyword_argument="record",
    config=config,
    persistence_store=DynamoDBPersistenceLayer(os.environ["IDEMPOTENCY_TABLE"]),
)
def once(*, record: dict[str, Any], order: dict[str, Any], moment: str | None) -> None:  # noqa: ARG001
    """Count an order, unless a record says that it was counted."""
    if moment == "locked":
        os._exit(1)
    condition: Any = (
        {"ConditionExpression": "attribute_not_exists(id)"} if order.get("conditional") else {}
    )
    try:
        effects.update_item(
            Key={"id": order["id"]},
            UpdateExpression="ADD times :one",
            ExpressionAttributeValues={":one": 1},
            **condition,
        )
    except ClientError as error:
        if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise
    if moment == "between":
        os._exit(1)  # the effect is there, its record isn't
