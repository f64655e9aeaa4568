"""The bookstore's orders leave the monolith and come back, while a client calls every route.

IAM is enforced: a request in flight fails if its function loses a privilege too early.
"""

from __future__ import annotations

import json
import threading
import time
import uuid
from collections import Counter
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Self

import httpx
import pytest

from serverless_patterns.local import deploy
from tests.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from serverless_patterns.local import LocalCloud
    from serverless_patterns.testing.plugin import StartCloud

STACK = "Bookstore"
OUT = {"extract": "orders"}
DRAINING = {"draining": "orders"}
MONOLITH: dict[str, str] = {}
STEPS = [MONOLITH, OUT | DRAINING, OUT, DRAINING, MONOLITH]
"""The way out, and back: each privilege goes one deployment after the requests did."""

CLIENTS = 3
TIMEOUT = 60  # parallel cold starts of the emulator stall for seconds
BOOK = {"title": "C", "author": "Kernighan", "price_cents": 4500}
# What a deployment to the local cloud and CDK's analytics write into a template.
MARKS = {"AWS::CloudFormation::WaitConditionHandle", "AWS::CDK::Metadata"}


@dataclass
class Traffic:
    """What clients were answered that call every route without pause until they are stopped.

    Attributes:
        url: Where the application answers.
        answers: How often each route answered, by method, place in the application and status.
        failures: What was answered otherwise than the application does.
    """

    url: str
    answers: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    _stop: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __enter__(self) -> Self:
        self._threads = [threading.Thread(target=self._run) for _ in range(CLIENTS)]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def rounds(self, number: int) -> None:
        """Wait until the last route that a client calls was answered ``number`` times more."""
        last = "GET nowhere"
        wanted = self.answers[last] + number
        end = time.monotonic() + TIMEOUT
        while self.answers[last] < wanted and not self.failures and time.monotonic() < end:
            time.sleep(0.05)

    def _run(self) -> None:
        with httpx.Client(base_url=self.url, timeout=TIMEOUT) as client:
            while not self._stop.is_set():
                self._use(client)

    def _use(self, client: httpx.Client) -> None:
        """Call every route once, and what is none."""
        isbn = f"{uuid.uuid4().int % 10**13:013}"
        order = {"book_id": isbn, "quantity": 1}
        order_id = uuid.uuid4().hex
        self._call(client, "POST books", 201, json={"isbn": isbn, "stock": 5, **BOOK})
        self._call(client, "GET books", 200, params={"limit": 2})
        self._call(client, f"GET books/{isbn}", 200)
        self._call(client, "POST orders", 201, json=order, headers={"idempotency-key": order_id})
        self._call(client, f"GET orders/{order_id}", 200)
        change = {**BOOK, "stock": 9, "version": 2}  # the order made it version 2
        self._call(client, f"PUT books/{isbn}", 200, json=change)
        self._call(client, "GET nowhere", 404)

    def _call(self, client: httpx.Client, route: str, expected: int, **options: Any) -> None:
        method, _, path = route.partition(" ")
        try:
            response = client.request(method, f"api/{path}", **options)
            status, text = response.status_code, response.text
        except httpx.HTTPError as error:
            status, text = 0, repr(error)
        with self._lock:
            self.answers[f"{method} {path.partition('/')[0]}{'/*' if '/' in path else ''}"] += 1
            if status != expected:
                self.failures.append(f"{route}: {status} {text}")


@dataclass(frozen=True)
class Deployment:
    """The stack after a deployment.

    Attributes:
        template: The resources of its template by logical id.
        physical: The physical id of each.
        url: The API's URL.
    """

    template: Mapping[str, Any]
    physical: Mapping[str, str]
    url: str

    @classmethod
    def read(cls, cloud: LocalCloud) -> Deployment:
        client = cloud.client("cloudformation")
        body = client.get_template(StackName=STACK)["TemplateBody"]
        resources = (json.loads(body) if isinstance(body, str) else body)["Resources"]
        marks = {name for name, each in resources.items() if each["Type"] in MARKS}
        pages = client.get_paginator("list_stack_resources").paginate(StackName=STACK)
        physical = {
            each["LogicalResourceId"]: each["PhysicalResourceId"]
            for page in pages
            for each in page["StackResourceSummaries"]
        }
        return cls(
            {name: each for name, each in resources.items() if name not in marks},
            {name: each for name, each in physical.items() if name not in marks},
            cloud.outputs(STACK)["Url"],
        )

    def types(self, names: Iterable[str]) -> list[str]:
        return sorted(self.template[name]["Type"].removeprefix("AWS::") for name in names)

    def policies_for(self, action: str, table: str) -> set[str]:
        """The policies that allow an action on a table."""
        return {
            name
            for name, each in self.template.items()
            if each["Type"] == "AWS::IAM::Policy"
            for statement in each["Properties"]["PolicyDocument"]["Statement"]
            if action in statement["Action"] and f'"{table}' in json.dumps(statement["Resource"])
        }


@dataclass(frozen=True)
class Journey:
    """A way out and back under traffic."""

    steps: list[Deployment]
    traffic: Traffic


def take(cloud: LocalCloud, context: Mapping[str, str]) -> Deployment:
    deploy(cloud, folder=ROOT, stacks=[STACK], context=context)
    return Deployment.read(cloud)


@pytest.fixture(scope="module")
def journey(start_local_cloud: StartCloud) -> Journey:
    cloud = start_local_cloud(enforce_iam=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CDK_VALIDATION", "false")  # five syntheses: it would cost half a minute
        steps = [take(cloud, MONOLITH)]
        with Traffic(steps[0].url) as traffic:
            traffic.rounds(CLIENTS)
            for context in STEPS[1:]:
                steps.append(take(cloud, context))
                traffic.rounds(2 * CLIENTS)
    return Journey(steps, traffic)


def test_no_request_fails_while_orders_leave_and_come_back(journey: Journey) -> None:
    answers = journey.traffic.answers

    assert journey.traffic.failures == []
    assert answers.total() > 200
    routes = {"GET books", "POST books", "GET books/*", "PUT books/*", "POST orders"}
    assert {*answers} == routes | {"GET orders/*", "GET nowhere"}
    assert min(answers.values()) >= (1 + 2 * len(STEPS[1:])) * CLIENTS


def test_the_url_and_what_was_there_before_stay_the_very_same(journey: Journey) -> None:
    monolith, *others = journey.steps

    types = Counter(monolith.types(monolith.physical))
    assert (types["ApiGatewayV2::Api"], types["ApiGatewayV2::Stage"]) == (1, 1)
    assert (types["Lambda::Function"], types["DynamoDB::GlobalTable"]) == (1, 2)
    for step in others:
        assert step.url == monolith.url
        assert monolith.physical.items() <= step.physical.items()


def test_each_step_changes_in_the_template_what_it_is_for_and_nothing_else(
    journey: Journey,
) -> None:
    leaves = ["ApiGatewayV2::Route"] * 2
    # What API Gateway still sends it must be let in, and find it.
    stays = [
        *("ApiGatewayV2::Integration", "IAM::Policy", "IAM::Role", "Lambda::Function"),
        *("Lambda::Permission", "Logs::LogGroup"),
    ]
    changes = []
    for before, after in pairwise(journey.steps):
        kept = before.template.keys() & after.template.keys()
        changes.append(
            {
                "comes": after.types(after.template.keys() - kept),
                "goes": before.types(before.template.keys() - kept),
                "changes": after.types(
                    name for name in kept if before.template[name] != after.template[name]
                ),
            }
        )

    assert changes == [
        {"comes": sorted(leaves + stays), "goes": [], "changes": []},
        {"comes": [], "goes": [], "changes": ["IAM::Policy"]},
        {"comes": [], "goes": leaves, "changes": ["IAM::Policy"]},
        {"comes": [], "goes": stays, "changes": []},
    ]


def test_privileges_go_one_deployment_after_the_requests_that_need_them(journey: Journey) -> None:
    monolith = journey.steps[0].policies_for("dynamodb:PutItem", "Orders")
    left = journey.steps[2].policies_for("dynamodb:PutItem", "Orders")

    assert len(monolith) == len(left) == 1
    assert monolith != left
    assert [each.policies_for("dynamodb:PutItem", "Orders") for each in journey.steps] == [
        monolith,
        monolith | left,
        left,
        monolith | left,
        monolith,
    ]
