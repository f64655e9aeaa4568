"""Goods come, are kept for orders, and go; none is sold that isn't there."""

from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from shop import tables
from shop.errors import Conflict, NotFound
from shop.inventory.alerts import ran_low
from shop.inventory.deliveries import receive
from shop.inventory.interface import Line, Reserved, Short
from shop.inventory.model import Alert, Goods, Reservation
from tests.messages import exactly

if TYPE_CHECKING:
    from shop.inventory.model import Stockroom
    from shop.inventory.storage import DynamoDbStock
    from tests.dynamodb import InMemoryDynamoDb

HEADER = "sku,name,price_cents,quantity\n"


def counts(room: Stockroom, sku: str = "TEA") -> tuple[int, int]:
    shelf = room.level(sku)
    return shelf.available, shelf.reserved


def test_a_delivery_that_comes_twice_counts_once(room: Stockroom) -> None:
    goods = Goods(sku="TEA", name="Tea", price_cents=450, quantity=5)

    assert [room.receive("d-1", goods, "c"), room.receive("d-1", goods, "c")] == [True, False]
    assert (counts(room), room.level("TEA").price_cents) == ((15, 0), 450)


def test_goods_are_kept_at_the_price_of_that_moment(room: Stockroom) -> None:
    kept = room.reserve("o-1", [Line("TEA", 4), Line("CUP", 1)], "c")
    room.receive("d-2", Goods(sku="TEA", name="Tea", price_cents=900, quantity=1), "c")

    assert kept == room.reserve("o-1", [Line("TEA", 4)], "c") == Reserved(3200)
    assert (counts(room), counts(room, "CUP")) == ((7, 4), (2, 1))


def test_an_order_gets_all_or_nothing_and_stays_refused(room: Stockroom) -> None:
    refused = room.reserve("o-1", [Line("TEA", 4), Line("CUP", 4)], "c")
    room.receive("d-2", Goods(sku="CUP", name="Cup", price_cents=1200, quantity=9), "c")

    assert refused == room.reserve("o-1", [Line("TEA", 4), Line("CUP", 4)], "c") == Short("CUP")
    assert refused.reason == "there are too few of CUP"
    assert counts(room) == (10, 0)


def test_of_an_article_that_there_is_not_there_are_too_few(room: Stockroom) -> None:
    assert room.reserve("o-1", [Line("POT", 1)], "c") == Short("POT")
    with pytest.raises(NotFound, match=exactly("there is no article POT")):
        room.level("POT")


def test_goods_that_are_kept_go_or_come_back_once(room: Stockroom) -> None:
    for order in ("ship", "release"):
        room.reserve(order, [Line("TEA", 3)], "c")
    for _ in range(2):
        room.ship("ship", "c")
        room.release("release", "c")

    assert counts(room) == (7, 0)
    with pytest.raises(Conflict, match=exactly("what was kept for order ship is shipped")):
        room.release("ship", "c")
    with pytest.raises(Conflict, match=exactly("nothing is kept for order other")):
        room.ship("other", "c")


@pytest.mark.parametrize("state", ["shipped", "released"])
def test_of_two_that_close_a_reservation_at_a_time_one_moves_the_goods(
    room: Stockroom, stock: DynamoDbStock, state: str
) -> None:
    room.reserve("o-1", [Line("TEA", 3)], "c")
    seen = stock.reservation("o-1")
    assert seen is not None

    assert [stock.close(seen, state, "c") for _ in range(2)] == [True, False]
    assert counts(room) == ((7, 0) if state == "shipped" else (10, 0))


def test_a_refusal_and_a_reservation_exclude_each_other(
    room: Stockroom, stock: DynamoDbStock
) -> None:
    """One of two that ask for an order found too few; the other was faster or slower."""
    lines = (Line("TEA", 1),)
    stock.reserve(Reservation("kept", "reserved", lines, 500), "c")
    stock.refuse(Reservation("kept", "refused", missing="TEA"))
    stock.refuse(Reservation("refused", "refused", missing="TEA"))
    stock.reserve(Reservation("refused", "reserved", lines, 500), "c")

    assert room.reserve("kept", lines, "c") == Reserved(500)
    assert room.reserve("refused", lines, "c") == Short("TEA")
    assert counts(room) == (9, 1)


def test_concurrent_buyers_get_what_is_there_and_no_more(room: Stockroom) -> None:
    with ThreadPoolExecutor(8) as buyers:
        kept = [
            *buyers.map(
                lambda each: room.reserve(f"o-{each % 20}", [Line("TEA", 1)], "c"), range(40)
            )
        ]

    assert counts(room) == (0, 10)
    assert len({n % 20 for n, each in enumerate(kept) if isinstance(each, Reserved)}) == 10


def test_a_transaction_that_others_are_in_the_way_of_is_tried_again(
    room: Stockroom, database: InMemoryDynamoDb, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "_PAUSE", 0)
    conflicts = iter([True, True, False])
    write = database.transact_write_items

    def contended(**request: object) -> None:
        if next(conflicts):
            reasons: Any = [{"Code": "None"}, {"Code": "TransactionConflict"}]
            raise database.exceptions.TransactionCanceledException(
                {"Error": {"Code": "x"}, "CancellationReasons": reasons},
                "TransactWriteItems",
            )
        write(**request)

    monkeypatch.setattr(database, "transact_write_items", contended)

    assert room.reserve("o-1", [Line("TEA", 1)], "c") == Reserved(500)
    monkeypatch.setattr(database, "transact_write_items", write)
    conflicts = iter([True] * 6)
    monkeypatch.setattr(database, "transact_write_items", contended)
    with pytest.raises(tables.BusyError, match=exactly("others write the same items")):
        room.reserve("o-2", [Line("TEA", 1)], "c")
    assert counts(room) == (9, 1)


def test_shelves_come_in_pages(room: Stockroom) -> None:
    first = room.page(1, None)
    rest = room.page(1, first.next)

    assert [shelf.sku for shelf in (*first.shelves, *rest.shelves)] == ["CUP", "TEA"]
    assert rest.next is None


def test_a_file_is_received_but_for_its_bad_lines(room: Stockroom) -> None:
    content = (
        f"\ufeff{HEADER}POT,Pot,2500,5\npot,Pot,2500,5\nPOT,Pot,2500,many\nPOT,Pot,2500,-1\n"
        "POT,Pot,2500\nPOT,Pot,2500,5,6\nPOT,Pot,2500,2\n"
    ).encode()
    reports = [receive(room, "a.csv", "v1", io.BytesIO(content), "c") for _ in range(2)]

    assert reports[0] == reports[1]
    assert (counts(room, "POT"), reports[0].received, reports[0].refused) == ((7, 0), 2, 5)
    assert [(line.line, line.reason) for line in reports[0].lines] == [
        (3, "sku: String should match pattern '^[A-Z0-9][A-Z0-9-]{0,31}$', got 'pot'"),
        (4, "quantity: Input should be a valid integer, unable to parse string as an integer, "
            "got 'many'"),
        (5, "quantity: Input should be greater than 0, got '-1'"),
        (6, "quantity: Input should be a valid integer, got None"),
        (7, "it has more fields than the file has columns"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"sku,name\nPOT,Pot\n", "the file has no column price_cents, quantity"),
        (b"", "the file has no column sku, name, price_cents, quantity"),
        (
            HEADER.encode() + b"\xff",
            "the file is no CSV in UTF-8: 'utf-8' codec can't decode byte 0xff in position 30: "
            "invalid start byte",
        ),
    ],
)
def test_what_is_no_such_file_is_refused_as_a_whole(
    room: Stockroom, content: bytes, reason: str
) -> None:
    report = receive(room, "a.csv", "v1", io.BytesIO(content), "c").document()

    assert report == {
        "key": "a.csv",
        "received": 0,
        "refused": 1,
        "lines": [{"line": 0, "reason": reason}],
    }


def test_a_report_keeps_a_thousand_lines_and_counts_them_all(room: Stockroom) -> None:
    content = (HEADER + "pot,Pot,1,1\n" * 1100).encode()
    report = receive(room, "a.csv", "v1", io.BytesIO(content), "c")

    assert (report.refused, len(report.lines)) == (1100, 1000)


@pytest.mark.parametrize(
    ("before", "after", "alerts"),
    [(11, 9, True), (10, 9, True), (9, 8, False), (9, 12, False), (12, 10, False), (None, 3, True)],
)
def test_an_article_runs_low_once(before: int | None, after: int, alerts: bool) -> None:  # noqa: FBT001
    old = {} if before is None else {"available": before}

    alert = ran_low(old, {"sku": "TEA", "available": after, "version": 7}, 10)

    assert alert == (Alert(sku="TEA", available=after, version=7) if alerts else None)
    assert ran_low({"available": 11}, {}, 10) is None


def test_an_alert_that_comes_late_changes_nothing(room: Stockroom) -> None:
    alerts = [Alert(sku="TEA", available=10 - n, version=n) for n in (2, 1, 3)]

    assert [room.alert(alert) for alert in alerts] == [True, False, True]
    assert room.alerts() == [alerts[2]]
