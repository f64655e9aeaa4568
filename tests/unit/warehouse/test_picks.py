"""Picks, which come by a queue."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from aws_lambda_powertools.utilities.batch.exceptions import BatchProcessingError
from aws_lambda_powertools.utilities.idempotency.exceptions import (
    IdempotencyAlreadyInProgressError,
    IdempotencyKeyError,
)

from tests.messages import exactly
from tests.unit.warehouse.fakes import (
    HANDLED,
    LEDGER,
    STOCK,
    CrashError,
    batch,
    crash_at,
    failed,
    handle,
    level,
    message,
    pick,
    source,
    throttle_at,
)

if TYPE_CHECKING:
    from tests.dynamodb import InMemoryDynamoDb


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
    database.before = crash_at("transact_write_items")
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
    crash = crash_at("update_item")

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
    database.before = throttle_at("update_item")
    with pytest.raises(BatchProcessingError):
        handle("picks", batch(message("m-1", pick(1))))

    assert level(database) == 99


def test_a_message_that_is_being_handled_elsewhere_waits(database: InMemoryDynamoDb) -> None:
    database.before = crash_at("transact_write_items")
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
