"""Counts uploads in a table, fails on poisoned ones, and crashes at random."""

import json
import os
import random
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote_plus

import boto3
from aws_lambda_powertools.utilities.idempotency import (
    DynamoDBPersistenceLayer,
    IdempotencyConfig,
    idempotent_function,
)
from aws_lambda_powertools.utilities.typing import LambdaContext

CRASHES = 1 / 10
subscriber = os.environ["SUBSCRIBER"]
effects = boto3.resource("dynamodb").Table(os.environ["EFFECTS_TABLE"])
config = IdempotencyConfig(
    event_key_jmespath="[bucket, key, version, sequencer, name]",
    raise_on_no_idempotency_key=False,  # an unversioned bucket has no version
    expires_after_seconds=24 * 3600,
)


def handler(event: dict[str, Any], context: LambdaContext) -> None:
    """Count each upload."""
    config.register_lambda_context(context)
    print("counting", len(event["Records"]))  # noqa: T201 - the emulator is slow without output
    for upload in uploads(event):
        count(upload, context.aws_request_id)


def uploads(event: dict[str, Any]) -> Iterator[dict[str, str]]:
    """The uploads that S3 tells of, by itself or through SNS."""
    for record in event["Records"]:
        if "Sns" in record:
            yield from uploads(json.loads(record["Sns"]["Message"]))
        else:
            told = record["s3"]["object"]
            yield {
                "bucket": record["s3"]["bucket"]["name"],
                "key": unquote_plus(told["key"]),
                "version": told.get("versionId", ""),
                "sequencer": told["sequencer"],
                "name": record["eventName"],
            }


def count(upload: dict[str, str], request: str) -> None:
    """Count an upload, in a process that may crash before and after that."""
    if upload["key"].startswith("poison"):
        raise ValueError("poisoned")
    # Through SNS the emulator invokes once, so nothing crashes there.
    crashes = subscriber == "Only" and first_try(upload["key"]) and luck(upload["key"]) < CRASHES
    if crashes and luck(request) < 1 / 2:
        os._exit(1)
    once(upload=upload)
    if crashes:
        os._exit(1)


def luck(seed: str) -> float:
    """A number from 0 to 1 that is the same for the same seed."""
    return random.Random(seed).random()


def first_try(key: str) -> bool:
    """Whether an upload is counted for the first time."""
    answer = effects.update_item(
        Key={"id": f"tries/{key}"},
        UpdateExpression="ADD times :one",
        ExpressionAttributeValues={":one": 1},
        ReturnValues="UPDATED_NEW",
    )
    return int(str(answer["Attributes"]["times"])) == 1


@idempotent_function(  # type: ignore[untyped-decorator]
    data_keyword_argument="upload",
    config=config,
    persistence_store=DynamoDBPersistenceLayer(os.environ["IDEMPOTENCY_TABLE"]),
    key_prefix=subscriber,
)
def once(*, upload: dict[str, str]) -> None:
    """Count an upload, unless a record says that it was counted."""
    effects.update_item(
        Key={"id": f"{subscriber}/{upload['key']}"},
        UpdateExpression="ADD times :one",
        ExpressionAttributeValues={":one": 1},
    )
