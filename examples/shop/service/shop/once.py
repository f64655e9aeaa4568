"""What remembers what was handled, and by which key.

It spares work that was done. What may happen once is seen to by the conditions of the writes:
between an effect and its record a function may crash.
"""

from __future__ import annotations

import os
from datetime import timedelta
from typing import TYPE_CHECKING, ParamSpec, TypeVar, cast

from aws_lambda_powertools.utilities.idempotency import (
    DynamoDBPersistenceLayer,
    IdempotencyConfig,
    idempotent_function,
)

from shop.clients import client

if TYPE_CHECKING:
    from collections.abc import Callable

P = ParamSpec("P")
R = TypeVar("R")

ORDER = "id"
OBJECT = "[s3.bucket.name, s3.object.key, s3.object.versionId, s3.object.sequencer, eventName]"
RECORD = "eventID"
NOTIFICATION = "Sns.MessageId"

# A queue and its dead-letter queue keep a message for 14 days at most, a stream for less.
REMEMBERED = timedelta(days=15)


def remembered_by(key: str) -> IdempotencyConfig:
    """How a source's events are remembered. One without the key fails, rather than go unprotected.

    The handler registers its context with it: then an event whose handler crashed is free again
    when that handler's time is over.
    """
    return IdempotencyConfig(
        event_key_jmespath=key,
        raise_on_no_idempotency_key=True,
        expires_after_seconds=int(REMEMBERED.total_seconds()),
    )


def once(
    source: str, memory: IdempotencyConfig, argument: str = "record"
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Has a function handle each ``record`` of a source once.

    Args:
        source: What stands before the key in the table.
        memory: How its records are remembered.
        argument: The keyword that the record is given by.
    """
    # A store keeps the first key that it is given, so each source has its own.
    store = DynamoDBPersistenceLayer(
        os.environ["IDEMPOTENCY_TABLE"], boto3_client=client("dynamodb")
    )
    decorator = idempotent_function(
        data_keyword_argument=argument, persistence_store=store, config=memory, key_prefix=source
    )
    return cast("Callable[[Callable[P, R]], Callable[P, R]]", decorator)
