"""Customers pay once for an order, whatever the real provider on loopback does."""

from __future__ import annotations

import io
import json
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from examples.shop.provider import Behaviour, running
from shop.errors import Conflict, NotFound
from shop.payment.interface import (
    Bill,
    CalledPayments,
    Declined,
    Paid,
    Unavailable,
    document,
    outcome,
)
from shop.payment.model import Cashier, PaymentRecords
from shop.payment.points import points
from shop.payment.provider import HttpProvider
from tests.messages import exactly
from tests.unit.shop.conftest import crash_at

if TYPE_CHECKING:
    from examples.shop.provider import Mode, Server
    from shop.payment.storage import DynamoDbPayments
    from tests.dynamodb import InMemoryDynamoDb

BILL = Bill("o-1", "ada", 1999, "c-1")


class Providers:
    """Providers by their names, one of which is chosen."""

    def __init__(self, **urls: str) -> None:
        self.now = "primary"
        self._all = {
            name: HttpProvider(url, timeout=0.2, retries=1, pause=0) for name, url in urls.items()
        }

    def chosen(self) -> str:
        return self.now

    def named(self, name: str) -> HttpProvider:
        return self._all[name]


class Points:
    def __init__(self) -> None:
        self.fails = False

    def earned(self, bill: Bill) -> int:
        if self.fails:
            raise Unavailable("the points failed")
        return points(bill.cents, 100)


@pytest.fixture
def cashier(payments: DynamoDbPayments, provider: Server) -> Cashier:
    return Cashier(payments, Providers(primary=provider.url), Points())


@pytest.fixture
def records(payments: DynamoDbPayments) -> PaymentRecords:
    return PaymentRecords(payments)


def test_a_bill_that_comes_twice_is_paid_once_and_earns_once(
    cashier: Cashier, records: PaymentRecords, provider: Server
) -> None:
    paid = [cashier.pay(BILL) for _ in range(3)]

    assert len(provider.charges.made) == provider.charges.asked == 1
    assert paid == [Paid(provider.charges.made[0]["charge"], 19)] * 3
    assert records.balance("ada").points == 19
    assert records.payment("o-1").state == "paid"
    assert records.balance("bob").points == 0
    with pytest.raises(NotFound, match=exactly("there is no payment of order o-2")):
        records.payment("o-2")


def test_a_bill_that_comes_twice_at_a_time_is_paid_once(
    cashier: Cashier, records: PaymentRecords, provider: Server
) -> None:
    with ThreadPoolExecutor(8) as threads:
        paid = [*threads.map(lambda _: cashier.pay(BILL), range(8))]

    assert len(set(paid)) == len(provider.charges.made) == 1
    assert records.balance("ada").points == 19


def test_who_comes_second_answers_what_the_first_has_kept(
    payments: DynamoDbPayments, records: PaymentRecords, provider: Server
) -> None:
    providers = Providers(primary=provider.url)

    class Late(Points):
        """Calculates while another settles the payment, by the rules of a campaign."""

        def earned(self, bill: Bill) -> int:
            kept = records.payment(bill.order)
            charge = str(HttpProvider(provider.url).charge(bill))
            payments.settle(
                kept.model_copy(update={"state": "paid", "charge": charge, "points": 38})
            )
            return super().earned(bill)

    paid = Cashier(payments, providers, Late()).pay(BILL)

    assert paid == Paid(provider.charges.made[0]["charge"], 38)
    assert records.balance("ada").points == 38


def test_a_charge_that_was_declined_stays_declined(cashier: Cashier, provider: Server) -> None:
    provider.charges.behaviour = Behaviour("decline")
    first = cashier.pay(BILL)
    provider.charges.behaviour = Behaviour()

    assert first == cashier.pay(BILL) == Declined("the card was declined")
    assert not provider.charges.made


def test_an_order_has_one_bill(cashier: Cashier) -> None:
    cashier.pay(BILL)

    with pytest.raises(Conflict, match=exactly("order o-1 is billed already, for something else")):
        cashier.pay(Bill("o-1", "ada", 2000, "c-1"))


@pytest.mark.parametrize(
    ("mode", "says"),
    [
        ("fail", "the provider answered 500"),
        ("slow", "the provider gave no answer: MaxRetryError"),
        ("lost", "the provider gave no answer: MaxRetryError"),
    ],
)
def test_what_is_not_known_is_asked_again_and_charged_once(
    cashier: Cashier, records: PaymentRecords, provider: Server, mode: Mode, says: str
) -> None:
    provider.charges.behaviour = Behaviour(mode, seconds=0.5)
    with pytest.raises(Unavailable, match=exactly(says)):
        cashier.pay(BILL)
    assert len(provider.charges.made) == (mode != "fail")
    assert records.payment("o-1").state == "pending"

    provider.charges.behaviour = Behaviour()

    assert isinstance(cashier.pay(BILL), Paid)
    assert len(provider.charges.made) == 1


def test_one_bad_answer_is_tried_again_at_once(cashier: Cashier, provider: Server) -> None:
    modes: list[Mode] = ["well", "fail"]
    provider.charges.mode = modes.pop  # type: ignore[method-assign]

    assert isinstance(cashier.pay(BILL), Paid)
    assert not modes


def test_an_answer_that_comes_twice_is_not_taken_for_the_next(
    cashier: Cashier, provider: Server
) -> None:
    provider.charges.behaviour = Behaviour("twice")
    paid = [cashier.pay(Bill(f"o-{number}", "ada", 100, "c")) for number in range(9)]

    made = [(charge["order"], charge["charge"]) for charge in provider.charges.made]
    assert [(f"o-{number}", each.charge) for number, each in enumerate(paid)] == made  # type: ignore[union-attr]


def test_nobody_who_listens_is_a_provider_that_gives_no_answer() -> None:
    with running() as server:
        url = server.url

    with pytest.raises(Unavailable, match=exactly("the provider gave no answer: MaxRetryError")):
        HttpProvider(url, timeout=0.2, retries=0).charge(BILL)


@pytest.mark.parametrize(
    "answer",
    [
        {"charge": "ch", "order": "o-2", "customer": "ada", "cents": 1999},
        {"charge": 7, "order": "o-1", "customer": "ada", "cents": 1999},
        {},
    ],
)
def test_an_answer_to_another_question_is_none(
    provider: Server, monkeypatch: pytest.MonkeyPatch, answer: dict[str, Any]
) -> None:
    monkeypatch.setattr(provider.charges, "charge", lambda *_, **__: (201, answer))

    says = "the provider answered something else than it was asked"
    with pytest.raises(Unavailable, match=exactly(says)):
        HttpProvider(provider.url).charge(BILL)


def test_a_payment_stays_with_the_provider_that_was_asked_first(
    payments: DynamoDbPayments, provider: Server
) -> None:
    with running() as standby:
        providers = Providers(primary=provider.url, standby=standby.url)
        cashier = Cashier(payments, providers, Points())
        provider.charges.behaviour = Behaviour("lost")
        with pytest.raises(Unavailable):
            cashier.pay(BILL)
        provider.charges.behaviour = Behaviour()
        providers.now = "standby"

        cashier.pay(BILL)
        cashier.pay(Bill("o-2", "ada", 100, "c"))

        assert [each["order"] for each in provider.charges.made] == ["o-1"]
        assert [each["order"] for each in standby.charges.made] == ["o-2"]


def test_points_that_fail_are_earned_when_it_is_asked_again(
    payments: DynamoDbPayments, provider: Server
) -> None:
    earned = Points()
    cashier = Cashier(payments, Providers(primary=provider.url), earned)
    earned.fails = True
    with pytest.raises(Unavailable):
        cashier.pay(BILL)
    earned.fails = False

    assert cashier.pay(BILL) == Paid(provider.charges.made[0]["charge"], 19)
    assert len(provider.charges.made) == 1


def test_a_crash_anywhere_charges_once(
    cashier: Cashier, records: PaymentRecords, provider: Server, database: InMemoryDynamoDb
) -> None:
    for crashed in range(1, 9):
        bill = Bill(f"o-{crashed}", "ada", 100, "c")
        database.before = crash_at(crashed)
        try:
            cashier.pay(bill)
        except SystemExit:
            database.before = lambda _: None
            cashier.pay(bill)
    database.before = lambda _: None

    assert [charge["order"] for charge in provider.charges.made] == [
        f"o-{number}" for number in range(1, 9)
    ]
    assert records.balance("ada").points == 8


@pytest.mark.parametrize(
    ("cents", "percent", "earned"), [(1999, 100, 19), (1999, 250, 47), (99, 100, 0), (500, 0, 0)]
)
def test_points_are_earned_by_the_full_unit(cents: int, percent: int, earned: int) -> None:
    assert points(cents, percent) == earned


def test_there_are_no_points_below_zero() -> None:
    says = "cents and percent must be 0 or more, got -1 and 100"
    with pytest.raises(ValueError, match=exactly(says)):
        points(-1, 100)


class Lambda:
    """A client of Lambda that answers as a function did."""

    def __init__(self, answer: dict[str, Any], *, fails: bool = False) -> None:
        self._answer = {"Payload": io.BytesIO(json.dumps(answer).encode())}
        self._answer |= {"FunctionError": "Unhandled"} if fails else {}  # type: ignore[dict-item]
        self.asked: dict[str, Any] = {}

    def invoke(self, **request: Any) -> dict[str, Any]:
        self.asked = {**request, "Payload": json.loads(request["Payload"])}
        return self._answer


@pytest.mark.parametrize("answer", [Paid("ch-1", 4), Declined("no"), Unavailable("down")])
def test_a_call_answers_what_the_cashier_would(answer: Paid | Declined | Unavailable) -> None:
    client = Lambda(document(answer))
    called = CalledPayments(client, "Payment")

    if isinstance(answer, Unavailable):
        with pytest.raises(Unavailable, match=exactly("down")):
            called.pay(BILL)
    else:
        assert called.pay(BILL) == answer
    assert client.asked == {
        "FunctionName": "Payment",
        "Payload": {"order": "o-1", "customer": "ada", "cents": 1999, "correlation_id": "c-1"},
    }


def test_a_call_that_fails_says_nothing() -> None:
    called = CalledPayments(Lambda({"errorMessage": "boom"}, fails=True), "Payment")

    with pytest.raises(Unavailable, match=exactly("payment failed: boom")):
        called.pay(BILL)
    with pytest.raises(Unavailable, match=exactly("payment gave no answer")):
        outcome({})


def test_a_provider_behaves_as_it_can_alone() -> None:
    says = "mode must be one of well, slow, fail, lost, twice, decline, got odd"
    with pytest.raises(ValueError, match=exactly(says)):
        Behaviour("odd")  # type: ignore[arg-type]
