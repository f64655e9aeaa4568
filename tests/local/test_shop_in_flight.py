"""The shop while it is throttled, killed, deployed again and cut: everything adds up after it.

Buyers go on ordering throughout. One whose order isn't answered sends it again, under its key.
"""

from __future__ import annotations

import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any, Self

import httpx
import psutil
import pytest

from examples.shop.provider import Behaviour, running
from serverless_patterns.local import deploy
from tests.conftest import ROOT
from tests.local.busy_table import busy_table
from tests.local.shop import Shop, sku, waited, whole
from tests.local.shop_books import Bookkeeper, accepted, sales

if TYPE_CHECKING:
    from collections.abc import Iterator

    from serverless_patterns.local import LocalCloud
    from serverless_patterns.testing.plugin import StartCloud

pytestmark = whole
BUYERS = 4
TIMEOUT = 20
"""Seconds that Intake has here, not the 60 of the template: so much later, an order whose handler
was killed is free again. Its message is hidden as long, rather than six minutes."""


@pytest.fixture(scope="module")
def cloud(start_local_cloud: StartCloud) -> LocalCloud:
    return start_local_cloud()


@pytest.fixture(scope="module")
def shop(cloud: LocalCloud) -> Iterator[Shop]:
    with running() as provider, running() as standby, httpx.Client(timeout=60) as http:
        shop = Shop(cloud, http, 1, provider, standby)
        shop.deploy()
        shop.receive(article := sku(), 1)
        shop.settled(shop.order(article).json()["id"])  # every function has started once
        waited(lambda: sales(shop) == 1)
        yield shop


class Rush:
    """Buyers who each order one piece, again and again, until they are stopped or it is enough.

    Attributes:
        placed: The orders that were accepted.
    """

    def __init__(self, bookkeeper: Bookkeeper, pause: float, most: int) -> None:
        self.placed: list[str] = []
        self._place = partial(accepted, bookkeeper.shop, bookkeeper.article, bookkeeper.customer)
        self._pause = pause
        self._most = most
        self._stop = threading.Event()
        self._buyers = ThreadPoolExecutor(BUYERS)

    def __enter__(self) -> Self:
        self._done = [self._buyers.submit(self._buy) for _ in range(BUYERS)]
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._buyers.shutdown()
        for each in self._done:
            each.result()

    def _buy(self) -> None:
        while not self._stop.wait(self._pause) and len(self.placed) < self._most:
            order = uuid.uuid4().hex
            waited(partial(self._place, order))
            self.placed.append(order)


def kept_by(shop: Shop, name: str, received: int) -> Bookkeeper:
    return Bookkeeper(shop, sku(), f"{name}-{uuid.uuid4().hex[:6]}", received)


def intake(shop: Shop) -> str:
    """The name of the function that settles orders."""
    functions = shop.cloud.client("lambda").list_functions()["Functions"]
    [found] = [each["FunctionName"] for each in functions if "-Intake" in each["FunctionName"]]
    return str(found)


def hurry(shop: Shop) -> None:
    """Shorten what a killed handler's orders wait for, in the proportion of the template."""
    shop.cloud.client("lambda").update_function_configuration(
        FunctionName=intake(shop), Timeout=TIMEOUT
    )
    shop.cloud.client("sqs").set_queue_attributes(
        QueueUrl=shop.outputs["OrdersQueueUrl"],
        Attributes={"VisibilityTimeout": str(TIMEOUT + 1)},
    )


def workers(cloud: LocalCloud, function: str) -> list[psutil.Process]:
    """The processes that run a function of this cloud, children of its server."""
    children = psutil.Process(cloud.require_running().pid).children(recursive=True)
    return [each for each in children if runs(each, function)]


def runs(process: psutil.Process, function: str) -> bool:
    try:
        return any(f"/ministack-lambda-{function}" in part for part in process.cmdline())
    except psutil.Error:  # it has ended
        return False


def kill(cloud: LocalCloud, function: str) -> int:
    """Kill a function wherever it runs, and tell how many processes that were."""
    found = workers(cloud, function)
    for each in found:
        each.kill()
    return len(found)


def test_orders_wait_for_a_table_that_is_throttled(shop: Shop) -> None:
    client, name = shop.cloud.client("lambda"), intake(shop)
    before = client.get_function_configuration(FunctionName=name)["Environment"]
    with (
        busy_table(shop.cloud.endpoint, shop.outputs["StockTableName"]) as table,
        kept_by(shop, "throttled", 12) as bookkeeper,
    ):
        asked = {"Variables": {**before["Variables"], "AWS_ENDPOINT_URL_DYNAMODB": table.url}}
        client.update_function_configuration(FunctionName=name, Environment=asked)
        table.busy.set()
        with Rush(bookkeeper, pause=0.2, most=20) as rush:
            waited(lambda: table.refused > 5)
            assert shop.stock(bookkeeper.article) == (12, 0)
            table.busy.clear()
            waited(lambda: len(rush.placed) > 16)
        books = bookkeeper.books(rush.placed)
        client.update_function_configuration(FunctionName=name, Environment=before)

    assert books.broken() == []
    assert len(books.settled) == 12
    assert books.refused


def test_a_killed_function_loses_no_order_and_charges_none_twice(shop: Shop) -> None:
    hurry(shop)
    charges = shop.provider.charges
    with kept_by(shop, "killed", 24) as bookkeeper:
        charges.behaviour = Behaviour("slow", seconds=1.5)  # it charges at once
        made = len(charges.made)
        with Rush(bookkeeper, pause=0.3, most=40) as rush:
            waited(lambda: len(charges.made) > made and len(rush.placed) > 4)
            in_flight = [each["order"] for each in charges.made[made:]]
            killed = kill(shop.cloud, intake(shop))
            charges.behaviour = Behaviour()
            states = {shop.status(order)["state"] for order in in_flight}
            for _ in range(5):
                time.sleep(0.5)
                kill(shop.cloud, "Shop-Api")
            waited(lambda: len(rush.placed) > 28)
        books = bookkeeper.books(rush.placed)

    assert killed
    assert "reserved" in states  # it was charged, and nobody had kept that
    assert books.broken() == []
    assert len(books.settled) == 24
    assert books.refused


def test_a_deployment_in_mid_flight_loses_no_order(shop: Shop) -> None:
    name = intake(shop)
    with kept_by(shop, "deployed", 400) as bookkeeper:
        with Rush(bookkeeper, pause=1, most=200) as rush:
            redeploy(shop, retry_seconds=2)
            hurry(shop)
        books = bookkeeper.books(rush.placed)
    after = shop.cloud.client("lambda").get_function_configuration(FunctionName=name)

    assert after["Environment"]["Variables"]["RETRY_SECONDS"] == "2"
    assert len(rush.placed) > 10
    assert books.broken() == []


def redeploy(shop: Shop, *, retry_seconds: int) -> None:
    """Deploy the shop at its step, with another pause between attempts."""
    context: dict[str, Any] = {
        "shop_step": str(shop.step),
        "shop_provider": shop.provider.url,
        "shop_standby": shop.standby.url,
        "shop_retry_seconds": str(retry_seconds),
    }
    deploy(shop.cloud, folder=ROOT, stacks=["ShopPayment", "Shop"], context=context)


def test_payment_leaves_while_orders_come_in(shop: Shop) -> None:
    apart = Shop(shop.cloud, shop.http, 2, shop.provider, shop.standby)
    with kept_by(shop, "moved", 400) as bookkeeper:
        with Rush(bookkeeper, pause=1, most=200) as rush:
            apart.deploy()
            hurry(apart)
            so_far = len(rush.placed)
            waited(lambda: len(rush.placed) > so_far + 8)
        books = bookkeeper.books(rush.placed)

    assert apart.outputs == shop.outputs
    assert so_far > 10
    assert books.broken() == []
    function = shop.cloud.client("lambda").get_function_configuration(FunctionName=intake(shop))
    assert "PAYMENT_FUNCTION" in function["Environment"]["Variables"]
