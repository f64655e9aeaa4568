"""The shop, deployed as it is at each of its steps and driven from the outside.

The payment provider is a real HTTP server that misbehaves as it is told. What the local cloud can't
show is asserted on the template: the Fargate branch, alarms, and what a stream does with poison.
"""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from examples.shop.provider import Behaviour, running
from tests.local.shop import WHOLE, Buyers, Shop, sku, waited, whole

if TYPE_CHECKING:
    from collections.abc import Iterator

    from examples.shop.provider import Mode, Server
    from serverless_patterns.local import LocalCloud
    from serverless_patterns.testing.plugin import StartCloud


@pytest.fixture(scope="module")
def providers() -> Iterator[tuple[Server, Server]]:
    """The payment provider, and the one that stands in for it."""
    with running() as provider, running() as standby:
        yield provider, standby


@pytest.fixture(scope="module")
def cloud(start_local_cloud: StartCloud) -> LocalCloud:
    """A cloud of the shop's own: other tests have stacks of its name."""
    return start_local_cloud()


@pytest.fixture(scope="module")
def http() -> Iterator[httpx.Client]:
    with httpx.Client(timeout=60) as client:
        yield client


@pytest.fixture(scope="module")
def earlier() -> list[tuple[Shop, str]]:
    """The shop as it was at earlier steps, and an order of each."""
    return []


@pytest.fixture(scope="module", params=[1, 2, 3] if WHOLE else [1], ids="step_{}".format)
def shop(
    request: pytest.FixtureRequest,
    cloud: LocalCloud,
    http: httpx.Client,
    providers: tuple[Server, Server],
    earlier: list[tuple[Shop, str]],
) -> Shop:
    """One shop, which goes from step to step while orders come in: what was there stays."""
    shop = Shop(cloud, http, request.param, *providers)
    if not earlier:
        shop.deploy()
        return shop
    before, _ = earlier[-1]
    before.receive(f"MOVED-{shop.step}", 500)
    with Buyers(before, f"MOVED-{shop.step}") as buyers:
        shop.deploy()
    shop.moved = buyers.placed
    return shop


@pytest.fixture(autouse=True)
def _well_behaved(providers: tuple[Server, Server]) -> None:
    providers[0].charges.behaviour = Behaviour()


def test_an_order_is_accepted_settled_paid_and_counted(shop: Shop) -> None:
    article, customer = sku(), f"ada-{shop.step}"
    shop.receive(article, 10)
    today = datetime.now(UTC).date().isoformat()
    before = sold(shop, today)

    accepted = shop.order(article, 2, customer, **{"X-Correlation-Id": "follow-me"})
    order = accepted.json()["id"]
    settled = shop.settled(order)

    assert accepted.headers["X-Correlation-Id"] == settled["correlation_id"] == "follow-me"
    assert accepted.json()["status_url"] == accepted.headers["Location"] == f"/api/orders/{order}"
    assert (settled["state"], settled["total_cents"], settled["points"]) == ("settled", 1000, 10)
    assert shop.stock(article) == (8, 0)
    payment = shop.http.get(f"payments/{order}").json()
    assert (payment["state"], payment["charge"]) == ("paid", settled["charge"])
    assert shop.charges([order]) == [order]
    assert shop.http.get(f"points/{customer}").json() == {"customer": customer, "points": 10}
    waited(lambda: sold(shop, today)[0] > before[0])


def sold(shop: Shop, day: str) -> tuple[int, int]:
    hours = shop.http.get(f"sales/{day}").json()
    return sum(hour["orders"] for hour in hours), sum(hour["cents"] for hour in hours)


def test_what_was_there_before_a_step_is_there_after_it(
    shop: Shop, earlier: list[tuple[Shop, str]]
) -> None:
    for before, order in earlier:
        assert before.outputs == shop.outputs  # no URL, table, queue or bucket is another
        assert shop.status(order)["state"] == "settled"
        assert shop.http.get(f"payments/{order}").json()["state"] == "paid"
    article = sku()
    shop.receive(article, 1)
    order = shop.order(article).json()["id"]
    assert shop.settled(order)["state"] == "settled"
    earlier.append((shop, order))
    assert len(earlier) == shop.step


def test_orders_that_came_in_during_a_step_are_settled_once(shop: Shop) -> None:
    found = [shop.settled(order) for order in shop.moved]

    assert {each["state"] for each in found} <= {"settled"}
    assert shop.charges(shop.moved) == sorted(shop.moved)
    if shop.step > 1:
        assert len(shop.moved) > 5
        assert shop.stock(f"MOVED-{shop.step}") == (500 - len(shop.moved), 0)


def test_a_suppliers_file_is_received_but_for_its_bad_lines(shop: Shop) -> None:
    article = sku()
    content = f"sku,name,price_cents,quantity\n{article},Pot,900,4\n{article},Pot,900,none\n"
    s3 = shop.cloud.client("s3")
    key = f"march 2026/ü+{shop.step}.csv"
    bucket, reports = shop.outputs["SupplierFilesBucketName"], shop.outputs["ReportsBucketName"]
    s3.put_object(Bucket=bucket, Key=key, Body=content.encode())

    def report() -> Any:
        found = s3.list_objects_v2(Bucket=reports, Prefix=f"{key}/").get("Contents")
        return found and json.load(s3.get_object(Bucket=reports, Key=found[0]["Key"])["Body"])

    told = waited(report)
    assert (told["received"], told["refused"], told["lines"][0]["line"]) == (1, 1, 3)
    assert shop.stock(article) == (4, 0)


def test_an_article_that_runs_low_is_told(shop: Shop) -> None:
    article = sku()
    shop.receive(article, 6)
    shop.settled(shop.order(article, 2).json()["id"])

    def alert() -> Any:
        found = [each for each in shop.http.get("alerts").json() if each["sku"] == article]
        return found and found[0]

    assert waited(alert)["available"] == 4


def test_concurrent_buyers_get_what_is_there_and_no_more(shop: Shop) -> None:
    article = sku()
    shop.receive(article, 10)
    shop.provider.charges.behaviour = Behaviour("lost", share=0.2)
    with ThreadPoolExecutor(8) as buyers:
        orders = [
            answer.json()["id"] for answer in buyers.map(lambda _: shop.order(article), range(24))
        ]
    found = [shop.settled(order) for order in orders]

    settled = [each["id"] for each in found if each["state"] == "settled"]
    reasons = {each["reason"] for each in found if each["state"] == "refused"}
    assert (len(settled), reasons) == (10, {f"there are too few of {article}"})
    assert shop.charges(orders) == sorted(settled)
    assert shop.stock(article) == (0, 0)


def test_a_declined_card_gives_the_goods_back(shop: Shop) -> None:
    article = sku()
    shop.receive(article, 5)
    shop.provider.charges.behaviour = Behaviour("decline")
    order = shop.order(article, 5).json()["id"]

    refused = shop.settled(order)

    assert (refused["state"], refused["reason"]) == ("refused", "the card was declined")
    assert shop.stock(article) == (5, 0)
    assert shop.charges([order]) == []


@pytest.mark.parametrize("mode", ["fail", "slow", "lost", "twice"])
def test_an_order_survives_a_provider_that_misbehaves(shop: Shop, mode: Mode) -> None:
    article = sku()
    shop.receive(article, 3)
    shop.provider.charges.behaviour = Behaviour(mode, seconds=4)
    order = shop.order(article).json()["id"]
    if mode != "twice":
        waiting = waited(lambda: (found := shop.status(order))["reason"] and found)
        assert waiting["reason"] == "it waits for the payment provider"
        assert (waiting["state"], shop.stock(article)) == ("reserved", (2, 1))
    shop.provider.charges.behaviour = Behaviour()

    assert shop.settled(order)["state"] == "settled"
    assert shop.charges([order]) == [order]
    assert shop.stock(article) == (2, 0)


def test_an_order_that_comes_twice_is_one(shop: Shop) -> None:
    article = sku()
    shop.receive(article, 5)
    key = f"twice-{shop.step}"
    placed = [shop.order(article, 1, "ada", **{"Idempotency-Key": key}) for _ in range(2)]
    message = {**shop.status(key), "state": "accepted"}
    for _ in range(3):
        shop.cloud.client("sqs").send_message(
            QueueUrl=shop.outputs["OrdersQueueUrl"], MessageBody=json.dumps(message)
        )

    assert {answer.json()["id"] for answer in placed} == {key}
    assert shop.settled(key)["state"] == "settled"
    waited(lambda: shop.queued() == 0)
    assert shop.charges([key]) == [key]
    assert shop.stock(article) == (4, 0)


@whole
def test_a_poison_message_is_put_aside_alone(shop: Shop) -> None:
    article = sku()
    shop.receive(article, 5)
    letters = shop.queued("OrdersDeadLettersUrl")
    queue = shop.outputs["OrdersQueueUrl"]
    shop.cloud.client("sqs").send_message(QueueUrl=queue, MessageBody="poison")
    orders = [shop.order(article).json()["id"] for _ in range(5)]

    assert {shop.settled(order)["state"] for order in orders} == {"settled"}
    waited(lambda: shop.queued("OrdersDeadLettersUrl") == letters + 1)
    assert shop.queued() == 0


@whole
def test_an_order_that_was_given_up_is_settled_once_it_is_redriven(shop: Shop) -> None:
    article = sku()
    shop.receive(article, 2)
    shop.provider.charges.behaviour = Behaviour("fail")
    letters = shop.queued("OrdersDeadLettersUrl")
    order = shop.order(article).json()["id"]
    waited(lambda: shop.queued("OrdersDeadLettersUrl") == letters + 1)
    assert (shop.status(order)["state"], shop.stock(article)) == ("reserved", (1, 1))
    shop.provider.charges.behaviour = Behaviour()

    redrive(shop, order)

    assert shop.settled(order)["state"] == "settled"
    assert shop.charges([order]) == [order]
    assert shop.stock(article) == (1, 0)


def redrive(shop: Shop, order: str) -> None:
    """Move the dead letter of an order back, as a person would; poison stays."""
    sqs = shop.cloud.client("sqs")
    letters = shop.outputs["OrdersDeadLettersUrl"]

    def found() -> Any:
        messages = sqs.receive_message(
            QueueUrl=letters, MaxNumberOfMessages=10, VisibilityTimeout=1
        ).get("Messages", [])
        return [each for each in messages if order in each["Body"]]

    [letter] = waited(found)
    sqs.send_message(QueueUrl=shop.outputs["OrdersQueueUrl"], MessageBody=letter["Body"])
    sqs.delete_message(QueueUrl=letters, ReceiptHandle=letter["ReceiptHandle"])


def test_flags_switch_campaigns_and_the_provider_while_it_runs(shop: Shop) -> None:
    article, customer = sku(), f"bob-{shop.step}"
    shop.receive(article, 9)
    shop.flag(point_campaign={"enabled": True, "percent": 300}, standby_provider={"enabled": True})
    during = shop.settled(shop.order(article, 1, customer).json()["id"])
    shop.flag(point_campaign={"enabled": False}, standby_provider={"enabled": False})
    after = shop.settled(shop.order(article, 1, customer).json()["id"])

    assert (during["points"], after["points"]) == (15, 5)
    orders = [during["id"], after["id"]]
    assert shop.charges(orders, shop.standby) == [during["id"]]
    assert shop.charges(orders) == [after["id"]]
    assert shop.http.get(f"points/{customer}").json()["points"] == 20


def test_one_correlation_id_is_in_the_logs_of_every_function_of_an_order(shop: Shop) -> None:
    article, followed = sku(), f"order-{shop.step}-{time.time_ns()}"
    shop.receive(article, 6)
    order = shop.order(article, 3, **{"X-Correlation-Id": followed}).json()["id"]
    shop.settled(order)
    expected = {"Intake", "Tell", "Keep", "CountSales", "Points", "Api"}
    expected |= {"Calls"} if shop.step > 1 else set()

    waited(lambda: expected <= tellers(shop, followed))


def tellers(shop: Shop, followed: str) -> set[str]:
    """The services whose logs hold a correlation id."""
    logs = shop.cloud.client("logs")
    found = set()
    for group in logs.describe_log_groups()["logGroups"]:
        events = logs.filter_log_events(
            logGroupName=group["logGroupName"], filterPattern=f'"{followed}"'
        )["events"]
        for event in events:
            if followed in event["message"] and event["message"].lstrip().startswith("{"):
                found.add(json.loads(event["message"]).get("service"))
    return found
