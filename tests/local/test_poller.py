"""Messages through a poller whose handler fails and crashes: none is lost, none counts twice."""

from __future__ import annotations

import json
import os
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from serverless_patterns.local.aws import tool_environment
from tests.local.conftest import PROGRAM

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from serverless_patterns.local import LocalCloud
    from tests.local.conftest import DeployApp

MESSAGES = 10_000
POISON_EVERY = 200
WAVE = 500
"""How many messages are in the queue at most: the emulator looks through all for each batch."""

SETTLES = 300
"""Seconds within which the emulator ends what takes it some 40."""


class Pollers:
    """The deployed pollers."""

    def __init__(self, cloud: LocalCloud, outputs: Mapping[str, str]) -> None:
        self._outputs = outputs
        self._sqs = cloud.client("sqs")
        self._dynamodb = cloud.client("dynamodb")
        self._lambda = cloud.client("lambda")
        self._environment = os.environ | tool_environment(cloud.endpoint)

    def send(self, name: str, orders: Iterable[Mapping[str, Any]]) -> None:
        """Send orders, ten at a time, from a few threads."""
        listed = [*orders]
        queue = self._outputs[f"{name}Queue"]

        def send(start: int) -> None:
            entries: list[dict[str, str]] = []
            for index, order in enumerate(listed[start : start + 10]):
                entry = {"Id": str(index), "MessageBody": json.dumps(order)}
                if "group" in order:
                    entry |= {
                        "MessageGroupId": order["group"],
                        "MessageDeduplicationId": order["id"],
                    }
                entries.append(entry)
            answer = self._sqs.send_message_batch(QueueUrl=queue, Entries=entries)
            assert not answer.get("Failed")

        for start in range(0, len(listed), WAVE):
            wait_until(lambda: self._count(queue) < WAVE)
            with ThreadPoolExecutor(2) as threads:
                [*threads.map(send, range(start, min(start + WAVE, len(listed)), 10))]

    def wait_for_idle(self, name: str) -> None:
        """Wait until every message was handled or dead-lettered."""
        wait_until(lambda: self._count(self._outputs[f"{name}Queue"]) == 0)

    def dead_letters(self, name: str) -> list[str]:
        """The ids of the orders in a dead-letter queue, which stay there."""
        url = self._sqs.get_queue_url(QueueName=self._letters(name).rpartition(":")[2])["QueueUrl"]
        received: list[Any] = []
        while batch := self._sqs.receive_message(
            QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=60
        ).get("Messages"):
            received += batch
        for message in received:
            self._sqs.change_message_visibility(
                QueueUrl=url, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=0
            )
        return [json.loads(message["Body"])["id"] for message in received]

    def fix(self, name: str) -> None:
        """Let poison do no harm any more, as a deployment of the fix would."""
        function = self._outputs[f"{name}Handler"]
        variables = self._lambda.get_function_configuration(FunctionName=function)["Environment"]
        fixed = {"Variables": {**variables["Variables"], "FIXED": "yes"}}
        self._lambda.update_function_configuration(FunctionName=function, Environment=fixed)

    def redrive(self, name: str) -> str:
        """Move dead letters back with the command, and return what it prints."""
        done = subprocess.run(
            [PROGRAM, "redrive", self._letters(name)],
            env=self._environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def effects(self) -> dict[str, int]:
        """How many times each order was counted."""
        pages = self._dynamodb.get_paginator("scan").paginate(
            TableName=self._outputs["EffectsTable"]
        )
        return {
            item["id"]["S"]: int(item["times"]["N"]) for page in pages for item in page["Items"]
        }

    def _letters(self, name: str) -> str:
        return self._outputs[f"{name}DeadLetters"]

    def _count(self, url: str) -> int:
        attributes = self._sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])[
            "Attributes"
        ]
        return int(attributes["ApproximateNumberOfMessages"]) + int(
            attributes["ApproximateNumberOfMessagesNotVisible"]
        )


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SETTLES
    while not condition():
        assert time.monotonic() < deadline, f"not within {SETTLES} s"
        time.sleep(0.2)


@pytest.fixture(scope="module")
def pollers(deploy_app: DeployApp, local_cloud: LocalCloud) -> Pollers:
    return Pollers(local_cloud, deploy_app("poller").outputs["Poller"])


def test_of_10000_messages_none_is_lost_and_none_counts_twice(pollers: Pollers) -> None:
    """1 in 200 is poisoned; the handler crashes before its effect and after the record of it."""
    # All in the first half, as it takes five receives until they are given up.
    poison = {f"soak-{number}" for number in range(0, MESSAGES // 2, POISON_EVERY // 2)}
    ids = [f"soak-{number}" for number in range(MESSAGES)]
    pollers.send("Soak", ({"id": each, "poison": each in poison} for each in ids))
    pollers.wait_for_idle("Soak")

    assert soaked(pollers) == {each: 1 for each in ids if each not in poison}
    assert sorted(pollers.dead_letters("Soak")) == sorted(poison)

    pollers.fix("Soak")
    assert pollers.redrive("Soak").startswith(f"{len(poison)} messages moved from ")
    pollers.wait_for_idle("Soak")

    assert soaked(pollers) == dict.fromkeys(ids, 1)
    assert pollers.dead_letters("Soak") == []


def soaked(pollers: Pollers) -> dict[str, int]:
    return {each: times for each, times in pollers.effects().items() if each.startswith("soak")}


def test_a_crash_between_effect_and_record_repeats_an_effect_unless_it_is_conditional(
    pollers: Pollers,
) -> None:
    orders: list[dict[str, Any]] = [
        {"id": "window-plain", "crashes": "between"},
        {"id": "window-conditional", "crashes": "between", "conditional": True},
    ]
    pollers.send("Window", orders)
    pollers.wait_for_idle("Window")

    effects = pollers.effects()
    assert {order["id"]: effects[order["id"]] for order in orders} == {
        "window-plain": 2,
        "window-conditional": 1,
    }


def test_a_fifo_group_goes_on_after_its_poison_and_that_comes_back(pollers: Pollers) -> None:
    orders: list[dict[str, Any]] = [
        {"id": f"fifo-{group}-{number}", "group": group, "crashes": "never"}
        for group in ("a", "b")
        for number in range(3)
    ]
    orders[1]["poison"] = True
    pollers.send("Fifo", orders)
    pollers.wait_for_idle("Fifo")
    poison = orders[1]["id"]
    handled = {each for each in pollers.effects() if each.startswith("fifo")}

    assert handled == {order["id"] for order in orders} - {poison}
    assert pollers.dead_letters("Fifo") == [poison]

    pollers.fix("Fifo")
    assert pollers.redrive("Fifo").startswith("1 message moved from ")
    pollers.wait_for_idle("Fifo")

    assert pollers.effects()[poison] == 1
    assert pollers.dead_letters("Fifo") == []
