"""The deployed shop, as its customers, suppliers, keeper and operator know it."""

from __future__ import annotations

import json
import os
import threading
import time
import uuid
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Self

import httpx
import pytest

from serverless_patterns.local import deploy
from tests.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from examples.shop.provider import Server
    from serverless_patterns.local import LocalCloud

WHOLE = bool(os.environ.get("SERVERLESS_PATTERNS_SHOP"))
"""Whether all of the shop is tested, not its first step alone."""

whole = pytest.mark.skipif(not WHOLE, reason="all of the shop takes 15 minutes: make shop")

SECONDS = 180
FINAL = ("settled", "refused")


@dataclass
class Shop:
    """The shop at a step.

    Attributes:
        cloud: Where it is deployed.
        http: What calls it.
        step: The step.
        provider: The payment provider.
        standby: The one that stands in for it.
        outputs: What its stacks tell.
        moved: The orders that came in while it went to this step.
    """

    cloud: LocalCloud
    http: httpx.Client
    step: int
    provider: Server
    standby: Server
    outputs: dict[str, str] = field(default_factory=dict)
    moved: list[str] = field(default_factory=list)

    def deploy(self) -> None:
        """Deploy it."""
        deployed = deploy(
            self.cloud,
            folder=ROOT,
            stacks=["ShopPayment", "Shop"],
            context={
                "shop_step": str(self.step),
                "shop_provider": self.provider.url,
                "shop_standby": self.standby.url,
                "shop_retry_seconds": "1",
            },
        )
        told = {**deployed.outputs["ShopPayment"], **self.cloud.outputs("Shop")}
        # Those that CDK makes for other stacks are as many as a step needs.
        self.outputs = {name: told[name] for name in told if not name.startswith("PublishOutput")}
        self.http.base_url = f"{self.outputs['Url']}api/"

    def receive(self, sku: str, quantity: int, cents: int = 500) -> None:
        """Receive goods."""
        goods = {"sku": sku, "name": sku, "price_cents": cents, "quantity": quantity}
        answer = self.http.post("goods", json=goods)
        assert answer.status_code == 201, answer.text

    def stock(self, sku: str) -> tuple[int, int]:
        """How many can be sold, and how many are kept for orders."""
        shelf = self.http.get(f"stock/{sku}").json()
        return shelf["available"], shelf["reserved"]

    def order(
        self, sku: str, quantity: int = 1, customer: str = "ada", **headers: str
    ) -> httpx.Response:
        """Place an order."""
        wanted = {"customer": customer, "lines": [{"sku": sku, "quantity": quantity}]}
        answer = self.http.post("orders", json=wanted, headers=headers)
        assert answer.status_code == 202, answer.text
        return answer

    def status(self, order: str) -> dict[str, Any]:
        """What the shop tells of an order."""
        answer = self.http.get(f"orders/{order}")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def settled(self, order: str) -> dict[str, Any]:
        """An order, once it is settled or refused."""

        def look() -> dict[str, Any] | None:
            found = self.status(order)
            return found if found["state"] in FINAL else None

        result: dict[str, Any] = waited(look)
        return result

    def charges(self, orders: Sequence[str], provider: Server | None = None) -> list[str]:
        """The orders, each as often as it was charged."""
        made = (provider or self.provider).charges.made
        return sorted(each["order"] for each in made if each["order"] in orders)

    def queued(self, name: str = "OrdersQueueUrl") -> int:
        """How many messages a queue holds, those that are hidden as well."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        found = self.cloud.client("sqs").get_queue_attributes(
            QueueUrl=self.outputs[name], AttributeNames=names
        )["Attributes"]
        return sum(int(found[each]) for each in names)

    def flag(self, **flags: dict[str, Any]) -> None:
        """Deploy flags, as an operator does, and wait until functions see them."""
        resources = self.cloud.client("cloudformation").describe_stack_resources(
            StackName="ShopPayment"
        )["StackResources"]
        parts = {each["ResourceType"]: each["PhysicalResourceId"] for each in resources}
        appconfig = self.cloud.client("appconfig")
        profile = {
            "ApplicationId": parts["AWS::AppConfig::Application"],
            "ConfigurationProfileId": parts["AWS::AppConfig::ConfigurationProfile"],
        }
        document = {
            "version": "1",
            "flags": {name: {"name": name} for name in flags},
            "values": flags,
        }
        version = appconfig.create_hosted_configuration_version(
            **profile, Content=json.dumps(document).encode(), ContentType="application/json"
        )["VersionNumber"]
        appconfig.start_deployment(
            **profile,
            EnvironmentId=parts["AWS::AppConfig::Environment"],
            ConfigurationVersion=str(version),
            DeploymentStrategyId=parts["AWS::AppConfig::DeploymentStrategy"],
        )
        time.sleep(3)  # the agent polls each second


class Buyers:
    """Buyers who order one of an article after another until they are stopped.

    One whose order isn't answered as it should be sends it again, under the same key.

    Attributes:
        placed: The orders that were accepted.
    """

    def __init__(self, shop: Shop, article: str) -> None:
        self.placed: list[str] = []
        self._shop = shop
        self._wanted = {"customer": "eve", "lines": [{"sku": article, "quantity": 1}]}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._buy)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _buy(self) -> None:
        while not self._stop.wait(0.3):
            order = uuid.uuid4().hex
            waited(partial(self._accepted, order))
            self.placed.append(order)

    def _accepted(self, order: str) -> bool:
        key = {"Idempotency-Key": order}
        try:
            answer = self._shop.http.post("orders", json=self._wanted, headers=key)
        except httpx.HTTPError:
            return False
        return answer.status_code == httpx.codes.ACCEPTED


def sku() -> str:
    """An article of a test's own."""
    return f"S-{uuid.uuid4().hex[:8].upper()}"


def waited(look: Callable[[], Any], seconds: float = SECONDS) -> Any:
    """What ``look`` finds, as soon as it finds something."""
    end = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < end, f"nothing after {seconds} s"
        time.sleep(0.2)
    return found
