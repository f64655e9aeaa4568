"""Delivery notes, which come by a bucket and a topic."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.messages import exactly
from tests.unit.warehouse.fakes import (
    HANDLED,
    LEDGER,
    CrashError,
    Objects,
    batch,
    crash_at,
    handle,
    level,
    source,
)

if TYPE_CHECKING:
    from tests.dynamodb import InMemoryDynamoDb


def uploaded(
    key: str,
    sequencer: str = "0055AED6DCD90281E5",
    version: str | None = None,
    bucket: str = "notes",
    by: str = "Put",
) -> dict[str, Any]:
    thing = {"key": key, "sequencer": sequencer, "size": 60}
    return {
        "eventName": f"ObjectCreated:{by}",
        "s3": {
            "bucket": {"name": bucket},
            "object": thing | ({"versionId": version} if version else {}),
        },
    }


def notification(*records: dict[str, Any]) -> dict[str, Any]:
    return batch({"Sns": {"MessageId": "n", "Message": json.dumps({"Records": [*records]})}})


def note(number: str, *lines: tuple[str, int]) -> str:
    return json.dumps(
        {"note": number, "lines": [{"sku": sku, "quantity": each} for sku, each in lines]}
    )


def test_a_delivery_note_fills_the_shelves(database: InMemoryDynamoDb, objects: Objects) -> None:
    objects.objects["notes", "n-1.json"] = note("n-1", ("BOLT", 50), ("NUT", 20))
    handle("delivery_notes", notification(uploaded("n-1.json")))

    assert (level(database), level(database, "NUT")) == (150, 20)


def test_keys_are_decoded_and_versions_are_kept(objects: Objects) -> None:
    objects.objects["notes", "march 2026/ü+1.json"] = note("n-1")
    event = notification(uploaded("march+2026/%C3%BC%2B1.json", version="v-1"))
    handle("delivery_notes", event)

    assert objects.requests == [
        {"Bucket": "notes", "Key": "march 2026/ü+1.json", "VersionId": "v-1"}
    ]


@pytest.mark.parametrize(
    ("change", "times"),
    [
        ({}, 1),
        ({"sequencer": "0055AED6DCD90281E6"}, 2),
        ({"version": "v-2"}, 2),
        ({"key": "n-2.json"}, 2),
        ({"bucket": "archive"}, 2),
        ({"by": "Copy"}, 2),
    ],
    ids=["same", "sequencer", "version", "key", "bucket", "event"],
)
def test_an_upload_is_told_by_its_bucket_key_version_sequencer_and_event(
    objects: Objects, change: dict[str, str], times: int
) -> None:
    for found in (("notes", "n-1.json"), ("notes", "n-2.json"), ("archive", "n-1.json")):
        objects.objects[found] = note("n-1")
    first: dict[str, Any] = {"key": "n-1.json", "version": "v-1"}
    handle("delivery_notes", notification(uploaded(**first)))
    handle("delivery_notes", notification(uploaded(**first | change)))

    assert len(objects.requests) == times


def test_a_note_that_is_uploaded_again_counts_once(
    database: InMemoryDynamoDb, objects: Objects
) -> None:
    objects.objects["notes", "n-1.json"] = note("n-1", ("BOLT", 50))
    for sequencer in ("01", "02"):
        handle("delivery_notes", notification(uploaded("n-1.json", sequencer)))

    assert level(database) == 150


def test_a_note_that_failed_half_way_goes_on_where_it_was(
    database: InMemoryDynamoDb, objects: Objects
) -> None:
    # given a crash after the first of two lines
    objects.objects["notes", "n-1.json"] = note("n-1", ("BOLT", 50), ("NUT", 20))
    database.before = crash_at("transact_write_items", time=2)
    with pytest.raises(CrashError):
        handle("delivery_notes", notification(uploaded("n-1.json")), left=-1)
    assert level(database) == 150

    # when the event is retried
    database.before = lambda _: None
    handle("delivery_notes", notification(uploaded("n-1.json")))

    assert (level(database), level(database, "NUT")) == (150, 20)


def test_both_subscribers_handle_an_upload_though_they_share_a_table(
    database: InMemoryDynamoDb, objects: Objects
) -> None:
    objects.objects["notes", "n-1.json"] = note("n-1", ("BOLT", 50))
    for subscriber in ("delivery_notes", "dock_log"):
        handle(subscriber, notification(uploaded("n-1.json")))

    assert {*database.items(LEDGER)} == {"note/n-1/1", "arrival/n-1.json/0055AED6DCD90281E5"}
    assert len(database.items(HANDLED)) == 2


@pytest.mark.parametrize("subscriber", ["delivery_notes", "dock_log"])
def test_the_message_by_which_s3_tries_a_topic_is_no_upload(
    database: InMemoryDynamoDb, subscriber: str
) -> None:
    trial = {"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "notes"}
    handle(subscriber, batch({"Sns": {"MessageId": "n", "Message": json.dumps(trial)}}))

    assert database.items(LEDGER) == {}


@pytest.mark.parametrize("lines", ["null", "{}", "[1]"])
def test_a_delivery_note_without_lines_is_refused(lines: str) -> None:
    refusal = f"lines must be a list of objects, got {json.loads(lines)!r}"
    with pytest.raises(ValueError, match=exactly(refusal)):
        source("domain.stock").delivery(f'{{"note": "n-1", "lines": {lines}}}')
