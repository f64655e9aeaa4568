"""Moves, which come by a FIFO queue, in order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.unit.warehouse.fakes import batch, failed, handle, message, place

if TYPE_CHECKING:
    from tests.dynamodb import InMemoryDynamoDb


def move(pallet: str, to: str, step: int) -> dict[str, Any]:
    return {"pallet": pallet, "to": to, "step": step}


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


def test_a_move_that_is_delivered_twice_is_handled_once(database: InMemoryDynamoDb) -> None:
    effects: list[str] = []
    for _ in range(2):
        handle("moves", batch(message("m-1", move("P7", "A-1", 1), "P7")))
        database.before = effects.append

    assert effects == ["put_item"]
