"""Orders are settled or refused: nothing is sold or charged twice, whatever crashes between."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from shop.errors import Conflict, Malformed, NotFound
from shop.inventory.model import Goods
from shop.orders.interface import Sale, sale
from shop.orders.model import Clerk, Desk, NewOrder, Order
from shop.orders.storage import DynamoDbOrders
from shop.payment.interface import Bill, Declined, Paid, Unavailable
from tests.messages import exactly
from tests.unit.shop.conftest import crash_at

if TYPE_CHECKING:
    from shop.inventory.model import Stockroom
    from tests.dynamodb import InMemoryDynamoDb


class Payments:
    """Payment that answers as it is told, and remembers what it charged."""

    def __init__(self) -> None:
        self.answers: dict[str, Paid | Declined] = {}
        self.fails = False
        self.declines = False

    def pay(self, bill: Bill) -> Paid | Declined:
        if self.fails:
            raise Unavailable("the provider answered 500")
        answer = Declined("the card was declined") if self.declines else Paid("ch", 1)
        return self.answers.setdefault(bill.order, answer)


class Sent:
    """A queue or a stream: what was sent there."""

    def __init__(self) -> None:
        self.orders: list[Order] = []
        self.sales: list[Sale] = []

    def send(self, order: Order) -> None:
        self.orders.append(order)

    def tell(self, sale: Sale) -> None:
        self.sales.append(sale)


@pytest.fixture
def orders(database: InMemoryDynamoDb) -> DynamoDbOrders:
    return DynamoDbOrders(database, "Orders")


@pytest.fixture
def sent() -> Sent:
    return Sent()


@pytest.fixture
def paying() -> Payments:
    return Payments()


@pytest.fixture
def clerk(orders: DynamoDbOrders, room: Stockroom, paying: Payments, sent: Sent) -> Clerk:
    return Clerk(orders, room, paying, sent)


@pytest.fixture
def desk(orders: DynamoDbOrders, sent: Sent) -> Desk:
    return Desk(orders, sent)


def new(quantity: int = 2, sku: str = "TEA") -> NewOrder:
    return NewOrder.model_validate(
        {"customer": "ada", "lines": [{"sku": sku, "quantity": quantity}]}
    )


def counts(room: Stockroom) -> tuple[int, int]:
    shelf = room.level("TEA")
    return shelf.available, shelf.reserved


def test_an_order_is_accepted_once_for_a_key(desk: Desk, sent: Sent) -> None:
    placed = [desk.place(new(), "o-1", f"c-{number}") for number in range(2)]

    assert placed[0] == placed[1] == desk.get("o-1") == sent.orders[0]
    assert (placed[0].state, len(sent.orders)) == ("accepted", 1)
    with pytest.raises(Conflict, match=exactly("order o-1 is there already, for something else")):
        desk.place(new(3), "o-1", "c")
    with pytest.raises(NotFound, match=exactly("there is no order o-2")):
        desk.get("o-2")


def test_an_order_is_sent_before_it_is_kept(
    desk: Desk, sent: Sent, database: InMemoryDynamoDb, clerk: Clerk
) -> None:
    """Killed in between, it is handled nevertheless, and found when it is placed again."""
    database.before = crash_at(2)  # the first operation looks for it
    with pytest.raises(SystemExit):
        desk.place(new(), "o-1", "c")
    database.before = lambda _: None
    clerk.settle(sent.orders[0])

    assert desk.place(new(), "o-1", "c").state == "settled"
    assert len(sent.orders) == 1


def test_an_order_is_settled_and_told_of(
    desk: Desk, clerk: Clerk, room: Stockroom, sent: Sent
) -> None:
    order = clerk.settle(desk.place(new(), "o-1", "c-1"))

    assert order == desk.get("o-1")
    assert (order.state, order.total_cents, order.charge, order.points) == (
        "settled",
        1000,
        "ch",
        1,
    )
    assert counts(room) == (8, 0)
    assert sent.sales == [Sale("o-1", order.at, 1000, 2, "c-1")]
    assert sale(sent.sales[0].record()) == sent.sales[0]


def test_an_order_of_an_article_twice_wants_both(clerk: Clerk, desk: Desk, room: Stockroom) -> None:
    lines = [{"sku": "TEA", "quantity": 2}, {"sku": "TEA", "quantity": 3}]
    wanted = NewOrder.model_validate({"customer": "ada", "lines": lines})

    clerk.settle(desk.place(wanted, "o-1", "c"))

    assert counts(room) == (5, 0)


def test_too_few_goods_refuse_an_order_before_it_is_paid(
    clerk: Clerk, desk: Desk, room: Stockroom, paying: Payments
) -> None:
    order = clerk.settle(desk.place(new(11), "o-1", "c"))

    assert (order.state, order.reason) == ("refused", "there are too few of TEA")
    assert (counts(room), paying.answers) == ((10, 0), {})


def test_a_declined_charge_gives_the_goods_back(
    clerk: Clerk, desk: Desk, room: Stockroom, paying: Payments, sent: Sent
) -> None:
    paying.declines = True
    order = clerk.settle(desk.place(new(), "o-1", "c"))

    assert (order.state, order.reason) == ("refused", "the card was declined")
    assert counts(room) == (10, 0)
    assert not sent.sales


def test_an_order_waits_for_the_provider_with_its_goods(
    clerk: Clerk, desk: Desk, room: Stockroom, paying: Payments
) -> None:
    placed = desk.place(new(), "o-1", "c")
    paying.fails = True
    with pytest.raises(Unavailable, match=exactly("the provider answered 500")):
        clerk.settle(placed)
    waiting = desk.get("o-1")
    paying.fails = False

    assert (waiting.state, waiting.reason) == ("reserved", "it waits for the payment provider")
    assert counts(room) == (8, 2)
    assert (clerk.settle(placed).state, desk.get("o-1").reason) == ("settled", "")
    assert counts(room) == (8, 0)


@pytest.mark.parametrize("declines", [False, True])
def test_a_crash_anywhere_is_made_good_when_the_order_comes_again(
    clerk: Clerk,
    desk: Desk,
    room: Stockroom,
    paying: Payments,
    database: InMemoryDynamoDb,
    *,
    declines: bool,
) -> None:
    paying.declines = declines
    crashes = 0
    for number in range(1, 16):
        tea = Goods(sku="TEA", name="Tea", price_cents=500, quantity=1)
        room.receive(f"again/{number}", tea, "c")
        before = counts(room)
        placed = desk.place(new(1), f"o-{number}", "c")
        database.before = crash_at(number)
        try:
            clerk.settle(placed)
        except SystemExit:
            crashes += 1
        database.before = lambda _: None
        settled = clerk.settle(placed)

        assert settled.state == ("refused" if declines else "settled")
        assert counts(room) == (before[0] - (not declines), 0)
    assert 8 < crashes < 15


def test_messages_that_come_twice_at_a_time_settle_each_order_once(
    clerk: Clerk, desk: Desk, room: Stockroom, paying: Payments
) -> None:
    placed = [desk.place(new(1), f"o-{number}", "c") for number in range(15)] * 3

    with ThreadPoolExecutor(8) as threads:
        [*threads.map(clerk.settle, placed)]

    states = [desk.get(f"o-{number}").state for number in range(15)]
    assert (states.count("settled"), states.count("refused")) == (10, 5)
    assert len(paying.answers) == 10
    assert counts(room) == (0, 0)


def test_what_is_settled_stays_settled(clerk: Clerk, desk: Desk, orders: DynamoDbOrders) -> None:
    settled = clerk.settle(desk.place(new(), "o-1", "c"))

    assert not orders.advance(settled.model_copy(update={"state": "refused"}))
    assert desk.get("o-1") == settled


def test_orders_come_in_pages(desk: Desk) -> None:
    for number in range(3):
        desk.place(new(), f"o-{number}", "c")
    first = desk.page(2, None)
    rest = desk.page(2, first.next)

    assert [order.id for order in (*first.orders, *rest.orders)] == ["o-0", "o-1", "o-2"]
    assert rest.next is None


@pytest.mark.parametrize(
    ("record", "says"),
    [
        (b"sold", "Expecting value: line 1 column 1 (char 0)"),
        (b"[]", "shop.orders.interface.Sale() argument after ** must be a mapping, not list"),
        (
            b'{"order": "o-1", "at": "", "cents": 1, "pieces": 1}',
            "Sale.__init__() missing 1 required positional argument: 'correlation_id'",
        ),
    ],
)
def test_what_is_no_sale_is_malformed(record: bytes, says: str) -> None:
    with pytest.raises(Malformed, match=exactly(f"it is no sale: {says}")):
        sale(record)
