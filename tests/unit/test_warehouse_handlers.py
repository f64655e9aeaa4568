"""The warehouse's handlers, run in-process with the real Powertools and DynamoDB in memory."""

from __future__ import annotations

import base64
import importlib
import io
import json
import sys
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from aws_lambda_powertools.utilities.batch.exceptions import BatchProcessingError
from aws_lambda_powertools.utilities.idempotency.exceptions import (
    IdempotencyAlreadyInProgressError,
    IdempotencyKeyError,
)

from examples.warehouse.stacks import HANDLERS
from tests.dynamodb import InMemoryDynamoDb
from tests.messages import exactly

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import ModuleType

    Handle = Callable[..., Any]

LEDGER, STOCK, HANDLED = "Ledger", "Stock", "Handled"


class Context:
    """What Lambda tells a handler about its invocation."""

    function_name = "warehouse"
    memory_limit_in_mb = 1024
    invoked_function_arn = "arn:aws:lambda:us-east-1:111122223333:function:warehouse"
    aws_request_id = "6f1e6f0e-0000-4000-8000-000000000000"

    def __init__(self, left: int = 10_000) -> None:
        self.left = left

    def get_remaining_time_in_millis(self) -> int:
        return self.left


class Objects:
    """S3, with its objects by bucket and key."""

    def __init__(self) -> None:
        self.objects: dict[tuple[str, str], str] = {}
        self.requests: list[dict[str, str]] = []

    def get_object(self, **request: str) -> dict[str, Any]:
        self.requests.append(request)
        return {"Body": io.BytesIO(self.objects[request["Bucket"], request["Key"]].encode())}


class CrashError(BaseException):
    """The end of an execution environment: nothing in it catches this."""


@pytest.fixture
def database() -> InMemoryDynamoDb:
    database = InMemoryDynamoDb()
    database.put(STOCK, {"sku": {"S": "BOLT"}, "level": {"N": "100"}})
    return database


@pytest.fixture
def objects() -> Objects:
    return Objects()


@pytest.fixture(autouse=True)
def environment(
    monkeypatch: pytest.MonkeyPatch, database: InMemoryDynamoDb, objects: Objects
) -> Iterator[None]:
    """What a function has around it: its variables, its folder, its clients, no modules yet."""
    for name, value in {
        "IDEMPOTENCY_TABLE": HANDLED,
        "LEDGER_TABLE": LEDGER,
        "STOCK_TABLE": STOCK,
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.syspath_prepend(str(HANDLERS))
    clients = {"dynamodb": database, "s3": objects}
    monkeypatch.setattr(boto3, "client", clients.__getitem__)
    _forget()
    yield
    _forget()


def _forget() -> None:
    for name in [name for name in sys.modules if name.split(".")[0] == "warehouse"]:
        del sys.modules[name]


def source(name: str) -> ModuleType:
    return importlib.import_module(f"warehouse.{name}")


def handle(name: str, event: dict[str, Any], **context: int) -> Any:
    return source(name).handler(event, Context(**context))


def level(database: InMemoryDynamoDb, sku: str = "BOLT") -> int:
    return int(database.items(STOCK)[sku]["level"]["N"])


def message(name: str, body: object, group: str | None = None) -> dict[str, Any]:
    return {
        "messageId": name,
        "receiptHandle": f"handle of {name}",
        "body": body if isinstance(body, str) else json.dumps(body),
        "attributes": {"MessageGroupId": group} if group else {},
        "eventSource": "aws:sqs",
    }


def pick(number: int, sku: str = "BOLT", quantity: int = 1) -> dict[str, Any]:
    return {"pick": f"p-{number}", "sku": sku, "quantity": quantity}


def batch(*records: dict[str, Any]) -> dict[str, Any]:
    return {"Records": [*records]}


def failed(answer: dict[str, Any]) -> list[str]:
    return [item["itemIdentifier"] for item in answer["batchItemFailures"]]


# Picks, from a standard queue


def test_a_pick_takes_articles_off_the_shelf(database: InMemoryDynamoDb) -> None:
    answer = handle("picks", batch(message("m-1", pick(1, quantity=3))))

    assert failed(answer) == []
    assert level(database) == 97
    assert database.items(LEDGER)["pick/p-1"]["quantity"] == {"N": "-3"}


def test_a_message_that_is_delivered_twice_is_handled_once(database: InMemoryDynamoDb) -> None:
    effects: list[str] = []
    database.before = effects.append
    for _ in range(2):
        assert failed(handle("picks", batch(message("m-1", pick(1))))) == []

    assert level(database) == 99
    assert effects.count("transact_write_items") == 1


def test_a_message_that_is_twice_in_a_batch_is_handled_once(database: InMemoryDynamoDb) -> None:
    again = message("m-1", pick(1))

    assert failed(handle("picks", batch(again, again))) == []
    assert level(database) == 99


def test_one_bad_message_fails_alone(database: InMemoryDynamoDb) -> None:
    answer = handle(
        "picks", batch(message("m-1", pick(1)), message("m-2", "poison"), message("m-3", pick(3)))
    )

    assert failed(answer) == ["m-2"]
    assert level(database) == 98


def test_why_a_message_failed_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    handle("picks", batch(message("m-1", pick(1)), message("m-2", "poison")))

    [said] = [record for record in caplog.records if record.name == "picks"]
    assert said.exc_info
    assert str(said.exc_info[1]) == "it is no JSON"


def test_a_batch_that_fails_altogether_is_an_error_of_the_function() -> None:
    with pytest.raises(BatchProcessingError):
        handle("picks", batch(message("m-1", "poison")))


def test_a_message_that_failed_is_handled_when_it_comes_back(database: InMemoryDynamoDb) -> None:
    # given more picks than there are on the shelf
    answer = handle("picks", batch(message("m-1", pick(1, quantity=101)), message("m-2", pick(2))))
    assert failed(answer) == ["m-1"]
    assert level(database) == 99

    # when a delivery came in between
    database.put(STOCK, {"sku": {"S": "BOLT"}, "level": {"N": "200"}})
    assert failed(handle("picks", batch(message("m-1", pick(1, quantity=101))))) == []

    # then it is not too late
    assert level(database) == 99


def test_a_crash_before_the_effect_leaves_the_message_to_be_handled(
    database: InMemoryDynamoDb,
) -> None:
    # given a crash after the message is locked, in an invocation that had no time left
    database.before = _crash_at("transact_write_items")
    with pytest.raises(CrashError):
        handle("picks", batch(message("m-1", pick(1))), left=-1)
    assert level(database) == 100

    # when it comes back
    database.before = lambda _: None
    assert failed(handle("picks", batch(message("m-1", pick(1))))) == []

    assert level(database) == 99


def test_a_crash_between_the_effect_and_its_record_has_the_effect_once(
    database: InMemoryDynamoDb,
) -> None:
    # given the window that no idempotency table closes: the articles are taken, no record says so
    effects: list[str] = []
    crash = _crash_at("update_item")

    def before(operation: str) -> None:
        effects.append(operation)
        crash(operation)

    database.before = before
    with pytest.raises(CrashError):
        handle("picks", batch(message("m-1", pick(1))), left=-1)
    assert level(database) == 99
    [record] = database.items(HANDLED).values()
    assert record["status"] == {"S": "INPROGRESS"}

    # when it comes back
    database.before = effects.append
    assert failed(handle("picks", batch(message("m-1", pick(1))))) == []

    # then the handler tried the effect again, and the ledger's condition refused it
    assert effects.count("transact_write_items") == 2
    assert level(database) == 99
    [record] = database.items(HANDLED).values()
    assert record["status"] == {"S": "COMPLETED"}


def test_a_record_that_could_not_be_written_fails_its_message(database: InMemoryDynamoDb) -> None:
    database.before = _throttle_at("update_item")
    with pytest.raises(BatchProcessingError):
        handle("picks", batch(message("m-1", pick(1))))

    assert level(database) == 99


def test_a_message_that_is_being_handled_elsewhere_waits(database: InMemoryDynamoDb) -> None:
    database.before = _crash_at("transact_write_items")
    with pytest.raises(CrashError):
        handle("picks", batch(message("m-1", pick(1))), left=10_000)
    database.before = lambda _: None

    with pytest.raises(BatchProcessingError) as raised:
        handle("picks", batch(message("m-1", pick(1))))

    [(kind, _, _)] = raised.value.child_exceptions
    assert kind is IdempotencyAlreadyInProgressError
    assert level(database) == 100


def test_a_message_that_a_redrive_gave_a_new_id_has_its_effect_once(
    database: InMemoryDynamoDb,
) -> None:
    handle("picks", batch(message("m-1", pick(1))))
    handle("picks", batch(message("m-2", pick(1))))

    assert level(database) == 99
    assert len(database.items(HANDLED)) == 2


def test_records_expire_later_than_a_message_can_come_back(database: InMemoryDynamoDb) -> None:
    handle("picks", batch(message("m-1", pick(1))))

    [record] = database.items(HANDLED).values()
    [key] = database.items(HANDLED)
    assert key.startswith("picks#")
    left = int(record["expiration"]["N"]) - int(record["in_progress_expiration"]["N"]) / 1000
    assert left > 14 * 24 * 60 * 60


def test_a_message_without_an_id_is_not_handled_unprotected(database: InMemoryDynamoDb) -> None:
    with pytest.raises(BatchProcessingError) as raised:
        handle("picks", batch(message("", pick(1))))

    [(kind, _, _)] = raised.value.child_exceptions
    assert kind is IdempotencyKeyError
    assert level(database) == 100


# Moves, from a FIFO queue


def move(pallet: str, to: str, step: int) -> dict[str, Any]:
    return {"pallet": pallet, "to": to, "step": step}


def place(database: InMemoryDynamoDb, key: str) -> str:
    return database.items(LEDGER)[key]["place"]["S"]


def test_moves_are_made_in_order(database: InMemoryDynamoDb) -> None:
    answer = handle(
        "moves",
        batch(
            message("m-1", move("P7", "A-1", 1), "P7"), message("m-2", move("P7", "A-2", 2), "P7")
        ),
    )

    assert failed(answer) == []
    assert place(database, "moved/P7") == "A-2"


def test_behind_a_move_that_fails_none_is_made(database: InMemoryDynamoDb) -> None:
    answer = handle(
        "moves",
        batch(
            message("m-1", move("P7", "A-1", 1), "P7"),
            message("m-2", "poison", "P7"),
            message("m-3", move("P7", "A-3", 3), "P7"),
            message("m-4", move("P8", "B-1", 1), "P8"),
        ),
    )

    assert failed(answer) == ["m-2", "m-3", "m-4"]
    assert place(database, "moved/P7") == "A-1"


def test_a_move_that_comes_back_late_does_not_undo_a_later_one(
    database: InMemoryDynamoDb,
) -> None:
    handle("moves", batch(message("m-2", move("P7", "A-2", 2), "P7")))
    handle("moves", batch(message("m-1", move("P7", "A-1", 1), "P7")))

    assert place(database, "moved/P7") == "A-2"


# Delivery notes, from S3 by way of SNS to two subscribers


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
    database.before = _crash_at("transact_write_items", time=2)
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


# Shipments, announced on EventBridge


def announced(event: str, shipment: object, carrier: str = "Swift") -> dict[str, Any]:
    return {
        "id": event,
        "detail-type": "Shipment dispatched",
        "detail": {"shipment": shipment, "carrier": carrier},
    }


def test_a_shipment_is_entered_once(database: InMemoryDynamoDb) -> None:
    effects: list[str] = []
    for _ in range(2):
        handle("shipments", announced("e-1", "s-1"))
        database.before = effects.append

    assert database.items(LEDGER)["shipment/s-1"]["says"] == {"S": "left with Swift"}
    assert effects == ["put_item"]  # the second time only its key is looked for


def test_a_shipment_that_is_announced_again_is_entered_once(database: InMemoryDynamoDb) -> None:
    handle("shipments", announced("e-1", "s-1"))
    handle("shipments", announced("e-2", "s-1", "Slow"))

    assert database.items(LEDGER)["shipment/s-1"]["says"] == {"S": "left with Swift"}
    assert len(database.items(HANDLED)) == 2


def test_a_bad_announcement_fails_for_lambda_to_keep(database: InMemoryDynamoDb) -> None:
    with pytest.raises(ValueError, match=exactly("shipment must be a text, got None")):
        handle("shipments", announced("e-1", None))

    assert database.items(HANDLED) == {}


# Scans, from a Kinesis stream


def scanned(sequence: str, reading: object, shard: str = "shardId-000000000000") -> dict[str, Any]:
    data = reading if isinstance(reading, str) else json.dumps(reading)
    return {
        "eventID": f"{shard}:{sequence}",
        "eventSource": "aws:kinesis",
        "kinesis": {
            "sequenceNumber": sequence,
            "partitionKey": "P7",
            "data": base64.b64encode(data.encode()).decode(),
        },
    }


def reading(where: str, minute: int) -> dict[str, str]:
    return {"pallet": "P7", "place": where, "at": f"2026-03-01T08:{minute:02}:00Z"}


def test_a_reading_tells_where_a_pallet_was_seen(database: InMemoryDynamoDb) -> None:
    answer = handle("scans", batch(scanned("1", reading("DOCK", 1)), scanned("2", reading("A", 2))))

    assert failed(answer) == []
    assert place(database, "seen/P7") == "A"


def test_a_reading_is_told_by_its_shard_and_sequence_number(database: InMemoryDynamoDb) -> None:
    first = scanned("1", reading("DOCK", 1))
    other = scanned("1", reading("DOCK", 1), "shardId-000000000001")
    for each in (first, first, other):
        handle("scans", batch(each))

    assert len(database.items(HANDLED)) == 2


def test_a_bad_reading_names_its_sequence_number_and_what_is_behind_it_is_handled_once(
    database: InMemoryDynamoDb,
) -> None:
    # given a reading that fails at first, for want of capacity, before a later one
    records = batch(scanned("1", reading("DOCK", 1)), scanned("2", reading("A", 2)))
    database.before = _throttle_at("update_item", time=1)
    assert failed(handle("scans", records)) == ["1"]

    # when the shard goes on from it
    effects: list[str] = []
    database.before = effects.append
    assert failed(handle("scans", records)) == []

    # then the older one has not overwritten the later one, and that was not handled again
    assert place(database, "seen/P7") == "A"
    assert effects == ["put_item", "update_item", "update_item", "put_item"]


def test_a_move_that_is_delivered_twice_is_handled_once(database: InMemoryDynamoDb) -> None:
    effects: list[str] = []
    for _ in range(2):
        handle("moves", batch(message("m-1", move("P7", "A-1", 1), "P7")))
        database.before = effects.append

    assert effects == ["put_item"]


# Reorders, from a stream of DynamoDB's


def changed(event: str, before: int | None, after: int | None) -> dict[str, Any]:
    def image(level: int) -> dict[str, Any]:
        return {"sku": {"S": "BOLT"}, "level": {"N": str(level)}}

    images = {
        name: image(level)
        for name, level in (("OldImage", before), ("NewImage", after))
        if level is not None
    }
    return {
        "eventID": event,
        "eventName": "MODIFY",
        "dynamodb": {"Keys": {"sku": {"S": "BOLT"}}, "SequenceNumber": event, **images},
    }


@pytest.mark.parametrize(
    ("before", "after", "ordered"),
    [(12, 9, 41), (None, 3, 47), (12, 10, None), (9, 8, None), (5, 20, None), (5, None, None)],
)
def test_articles_are_ordered_when_their_level_falls_below_the_reorder_point(
    database: InMemoryDynamoDb, before: int | None, after: int | None, ordered: int | None
) -> None:
    assert failed(handle("reorders", batch(changed("c-1", before, after)))) == []

    found = [int(entry["quantity"]["N"]) for entry in database.items(LEDGER).values()]
    assert found == ([] if ordered is None else [ordered])


def test_a_change_that_is_delivered_twice_orders_once(database: InMemoryDynamoDb) -> None:
    for _ in range(2):
        handle("reorders", batch(changed("c-1", 12, 9)))
    handle("reorders", batch(changed("c-2", 12, 9)))

    assert {*database.items(LEDGER)} == {"reorder/c-1", "reorder/c-2"}


def test_a_change_that_is_known_is_not_looked_at_again(database: InMemoryDynamoDb) -> None:
    effects: list[str] = []
    for _ in range(2):
        handle("reorders", batch(changed("c-1", 12, 9)))
        database.before = effects.append

    assert effects == ["put_item"]


def test_an_order_that_was_placed_before_a_crash_is_not_placed_again(
    database: InMemoryDynamoDb,
) -> None:
    placed = {"id": {"S": "reorder/c-1"}, "sku": {"S": "BOLT"}, "quantity": {"N": "1"}}
    database.put(LEDGER, placed)
    assert failed(handle("reorders", batch(changed("c-1", 12, 9)))) == []

    assert database.items(LEDGER) == {"reorder/c-1": placed}


def test_a_change_that_fails_names_its_sequence_number(database: InMemoryDynamoDb) -> None:
    database.before = _throttle_at("update_item", time=1)
    answer = handle("reorders", batch(changed("c-1", 12, 9), changed("c-2", 9, 8)))

    assert failed(answer) == ["c-1"]


# All of them


def test_metrics_are_published_of_what_was_done(capsys: pytest.CaptureFixture[str]) -> None:
    handle("picks", batch(message("m-1", pick(1)), message("m-2", pick(2))))

    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    [published] = [line for line in lines if "_aws" in line]
    assert published["service"] == "picks"
    assert (published["Messages"], published["Picks"]) == ([2], [1, 1])


@pytest.mark.parametrize(
    ("body", "refusal"),
    [
        ("{", "it is no JSON"),
        ("[]", "it is no JSON object"),
        ('{"sku": "BOLT", "quantity": 1}', "pick must be a text, got None"),
        ('{"pick": "p-1", "sku": "", "quantity": 1}', "sku must be a text, got ''"),
        (
            '{"pick": "p-1", "sku": "BOLT", "quantity": 0}',
            "quantity must be a whole number from 1, got 0",
        ),
        (
            '{"pick": "p-1", "sku": "BOLT", "quantity": true}',
            "quantity must be a whole number from 1, got True",
        ),
    ],
)
def test_a_malformed_pick_is_refused(body: str, refusal: str) -> None:
    with pytest.raises(ValueError, match=exactly(refusal)):
        source("domain.stock").pick(body)


@pytest.mark.parametrize("lines", ["null", "{}", "[1]"])
def test_a_delivery_note_without_lines_is_refused(lines: str) -> None:
    refusal = f"lines must be a list of objects, got {json.loads(lines)!r}"
    with pytest.raises(ValueError, match=exactly(refusal)):
        source("domain.stock").delivery(f'{{"note": "n-1", "lines": {lines}}}')


@pytest.mark.parametrize(
    ("at", "refusal"),
    [
        ("yesterday", "at must be a time, got 'yesterday'"),
        ("2026-03-01T08:00:00", "at must have a time zone, got '2026-03-01T08:00:00'"),
    ],
)
def test_a_reading_without_a_time_is_refused(at: str, refusal: str) -> None:
    text = json.dumps({"pallet": "P7", "place": "DOCK", "at": at}).encode()
    with pytest.raises(ValueError, match=exactly(refusal)):
        source("domain.pallets").reading(text)


def _crash_at(operation: str, time: int = 1) -> Callable[[str], None]:
    """Crashes before that operation is done for the n-th time."""
    return _raise_at(operation, time, CrashError())


def _throttle_at(operation: str, time: int = 1) -> Callable[[str], None]:
    """Fails that operation the n-th time."""
    return _raise_at(operation, time, RuntimeError("throttled"))


def _raise_at(operation: str, time: int, error: BaseException) -> Callable[[str], None]:
    seen: list[str] = []

    def before(name: str) -> None:
        seen.append(name)
        if name == operation and seen.count(name) == time:
            raise error

    return before
