"""Uploads through S3 and SNS to two subscribers, and to one that fails and crashes.

Between SNS and a function the emulator tries once, so failures are shown where S3 invokes the
function itself: there it tries again and sends what is given up to the failure destination.
"""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from serverless_patterns.local import LocalCloud
    from tests.local.conftest import DeployApp

UPLOADS = 1_000
DIRECT = 200
POISON_EVERY = 20
WAVE = 20
"""How many uploads are on their way at most: the emulator starts a process for each at once."""

SETTLES = 180


@pytest.fixture(scope="module")
def outputs(deploy_app: DeployApp) -> Mapping[str, str]:
    return deploy_app("uploads").outputs["Uploads"]


def upload(cloud: LocalCloud, bucket: str, keys: Sequence[str], handled: Callable[[], int]) -> None:
    """Upload objects in waves, each when all but the last one are handled."""
    client = cloud.client("s3")
    for start in range(0, len(keys), WAVE):
        settled(lambda start=start: handled() >= start - WAVE, expected=True)  # type: ignore[misc]  # bound in the loop
        with ThreadPoolExecutor(4) as threads:
            wave = keys[start : start + WAVE]
            [*threads.map(lambda key: client.put_object(Bucket=bucket, Key=key, Body=b"1"), wave)]


def effects(cloud: LocalCloud, table: str, subscriber: str) -> dict[str, int]:
    """How many times each upload was counted."""
    pages = cloud.client("dynamodb").get_paginator("scan").paginate(TableName=table)
    items = [item for page in pages for item in page["Items"]]
    return {
        item["id"]["S"].removeprefix(f"{subscriber}/"): int(item["times"]["N"])
        for item in items
        if item["id"]["S"].startswith(f"{subscriber}/")
    }


def settled(look: Callable[[], Any], expected: Any) -> Any:
    """What is seen once it is what was expected, or when that takes too long."""
    end = time.monotonic() + SETTLES
    while (seen := look()) != expected and time.monotonic() < end:
        time.sleep(0.1)
    return seen


def test_1000_uploads_reach_both_subscribers_and_count_once_for_each(
    local_cloud: LocalCloud, outputs: Mapping[str, str]
) -> None:
    keys = [f"photos/{number} of {UPLOADS}.jpg" for number in range(UPLOADS)]
    table = outputs["EffectsTable"]

    def handled() -> int:
        return min(len(effects(local_cloud, table, name)) for name in ("Left", "Right"))

    upload(local_cloud, outputs["SharedName"], keys, handled)

    for subscriber in ("Left", "Right"):
        assert settled(
            lambda subscriber=subscriber: effects(  # type: ignore[misc]  # bound in the loop
                local_cloud, table, subscriber
            ),
            dict.fromkeys(keys, 1),
        ) == dict.fromkeys(keys, 1)


def test_what_crashes_is_tried_again_and_poison_is_held_with_its_error(
    local_cloud: LocalCloud, outputs: Mapping[str, str]
) -> None:
    poison = [f"poison-{number}" for number in range(0, DIRECT, POISON_EVERY)]
    good = [f"good-{number}" for number in range(DIRECT)]
    found: list[str] = []

    def handled() -> int:
        return len(effects(local_cloud, outputs["EffectsTable"], "tries"))

    # Poison last: it is counted nowhere.
    upload(local_cloud, outputs["DirectName"], [*good, *poison], handled)

    def look() -> tuple[dict[str, int], list[str]]:
        sqs = local_cloud.client("sqs")
        while batch := sqs.receive_message(
            QueueUrl=outputs["Failures"], MaxNumberOfMessages=10
        ).get("Messages"):
            for message in batch:
                body = json.loads(message["Body"])
                records = body["requestPayload"]["Records"]
                found.extend(record["s3"]["object"]["key"] for record in records)
                sqs.delete_message(
                    QueueUrl=outputs["Failures"], ReceiptHandle=message["ReceiptHandle"]
                )
        return effects(local_cloud, outputs["EffectsTable"], "Only"), sorted(found)

    expected = (dict.fromkeys(good, 1), sorted(poison))
    counted, held = settled(look, expected)
    assert held == sorted(poison)
    assert counted == dict.fromkeys(good, 1)
    tries = effects(local_cloud, outputs["EffectsTable"], "tries")
    assert sum(tries.values()) > len(good)  # something did crash
