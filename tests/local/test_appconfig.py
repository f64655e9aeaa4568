"""Configuration that changes under a running application: no deployment, nothing starts cold."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

import httpx
import psutil
import pytest
from aws_lambda_powertools.utilities.feature_flags import AppConfigStore, FeatureFlags

from serverless_patterns.local import LocalCloud, LocalCloudError
from serverless_patterns.local.agents import PORT_VARIABLES
from serverless_patterns.local.aws import tool_environment
from serverless_patterns.local.process import is_taken
from serverless_patterns.runtime.appconfig import AppConfig
from serverless_patterns.testing.plugin import free_port
from tests.conftest import ROOT
from tests.messages import exactly

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.local.conftest import DeployApp

ISBN = "9780131103627"
BOOK = {"title": "C", "author": "Kernighan", "price_cents": 4500, "stock": 5}
FULL, REDUCED = 4500, 3600
SOON = 10
"""Seconds within which a flag shows: the agent polls each second, and this machine is busy."""
CLIENTS = 60


class Bookstore:
    """The deployed bookstore and its feature flags.

    Attributes:
        url: Where it answers.
    """

    def __init__(self, cloud: LocalCloud) -> None:
        self.cloud = cloud
        self.url = cloud.outputs("Flags")["Url"]
        self._appconfig = cloud.client("appconfig")
        parts: dict[str, str] = {}
        resources = cloud.client("cloudformation").describe_stack_resources(StackName="Flags")
        for resource in resources["StackResources"]:
            parts[resource["ResourceType"].removeprefix("AWS::AppConfig::")] = resource[
                "PhysicalResourceId"
            ]
        self._application = {"ApplicationId": parts["Application"]}
        self._environment = {**self._application, "EnvironmentId": parts["Environment"]}
        self._profile = {
            **self._application,
            "ConfigurationProfileId": parts["ConfigurationProfile"],
        }

    def price(self) -> int:
        answer = httpx.get(f"{self.url}api/books/{ISBN}", timeout=30)
        assert answer.status_code == 200
        price: int = answer.json()["price_cents"]
        return price

    def configure(self, *, sale: bool, minutes: int = 0, growth: int = 100) -> Callable[[], Any]:
        """Deploy flags, and return what tells how far that is."""
        value = {"enabled": sale, "percent": 20}
        document = {"version": "1", "flags": {"sale": {"name": "sale"}}, "values": {"sale": value}}
        version = self._appconfig.create_hosted_configuration_version(
            **self._profile,
            Content=json.dumps(document).encode(),
            ContentType="application/json",
        )["VersionNumber"]
        strategy = self._appconfig.create_deployment_strategy(
            Name=f"v{version}",
            DeploymentDurationInMinutes=minutes,
            GrowthFactor=growth,
            FinalBakeTimeInMinutes=0,
            ReplicateTo="NONE",
        )["Id"]
        number = self._appconfig.start_deployment(
            **self._environment,
            ConfigurationProfileId=self._profile["ConfigurationProfileId"],
            ConfigurationVersion=str(version),
            DeploymentStrategyId=strategy,
        )["DeploymentNumber"]
        return lambda: self._appconfig.get_deployment(**self._environment, DeploymentNumber=number)

    def hosts(self, content: Any) -> dict[str, str]:
        """Deploy free-form content beside the flags, and return the names to read it by."""
        profile = self._appconfig.create_configuration_profile(
            **self._application, Name="rules", LocationUri="hosted"
        )["Id"]
        version = self._appconfig.create_hosted_configuration_version(
            **self._application,
            ConfigurationProfileId=profile,
            Content=json.dumps(content).encode(),
            ContentType="application/json",
        )["VersionNumber"]
        strategy = self._appconfig.create_deployment_strategy(
            Name="rules", DeploymentDurationInMinutes=0, GrowthFactor=100, ReplicateTo="NONE"
        )["Id"]
        self._appconfig.start_deployment(
            **self._environment,
            ConfigurationProfileId=profile,
            ConfigurationVersion=str(version),
            DeploymentStrategyId=strategy,
        )
        return {
            "application": self._application["ApplicationId"],
            "environment": self._environment["EnvironmentId"],
            "profile": "rules",
        }

    def clients(self) -> list[FlagClient]:
        """Many that poll, as execution environments do, each in a session of its own."""
        data = self.cloud.client("appconfigdata")
        names = {
            "ApplicationIdentifier": self._application["ApplicationId"],
            "EnvironmentIdentifier": self._environment["EnvironmentId"],
            "ConfigurationProfileIdentifier": self._profile["ConfigurationProfileId"],
        }
        return [
            FlagClient(data, data.start_configuration_session(**names)["InitialConfigurationToken"])
            for _ in range(CLIENTS)
        ]

    def functions(self) -> Any:
        """What Lambda says of every function."""
        return self.cloud.client("lambda").list_functions()["Functions"]


class FlagClient:
    """One that polls AppConfig in a session of its own."""

    def __init__(self, data: Any, token: str) -> None:
        self._data = data
        self._token = token
        self.sale = False

    def poll(self) -> bool:
        answer = self._data.get_latest_configuration(ConfigurationToken=self._token)
        self._token = answer["NextPollConfigurationToken"]
        content = answer["Configuration"].read()
        if content:
            self.sale = json.loads(content)["sale"]["enabled"]
        return self.sale


def workers(cloud: LocalCloud) -> set[int]:
    """The processes of the emulator's execution environments."""
    server = psutil.Process(cloud.require_running().pid)
    return {process.pid for process in server.children(recursive=True)}


def agents(cloud: LocalCloud) -> list[psutil.Process]:
    """The processes that stand in for extensions, of one cloud."""
    return [
        process
        for process in psutil.process_iter(["cmdline"])
        if {"serverless_patterns.local.agent_server", str(cloud.state.folder)}
        <= {*(process.info["cmdline"] or ())}
    ]


def wait_for(condition: Callable[[], bool], seconds: float = SOON) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(0.1)


@pytest.fixture(scope="module")
def deployed(deploy_app: DeployApp, local_cloud: LocalCloud) -> Bookstore:
    deploy_app("flags")
    store = Bookstore(local_cloud)
    answer = httpx.post(f"{store.url}api/books", json={"isbn": ISBN, **BOOK}, timeout=30)
    assert answer.status_code == 201
    return store


@pytest.fixture
def bookstore(deployed: Bookstore) -> Bookstore:
    """The bookstore, without a sale."""
    deployed.configure(sale=False)
    wait_for(lambda: deployed.price() == FULL)
    return deployed


def test_a_flag_flips_what_the_bookstore_does_while_it_is_called(
    bookstore: Bookstore, local_cloud: LocalCloud
) -> None:
    functions, environments = bookstore.functions(), workers(local_cloud)
    prices: list[int] = []
    ended = threading.Event()

    def call() -> None:
        while not ended.is_set():
            prices.append(bookstore.price())

    caller = threading.Thread(target=call)
    caller.start()
    try:
        wait_for(lambda: len(prices) > 10)
        bookstore.configure(sale=True)
        wait_for(lambda: REDUCED in prices)
        flipped = len(prices)
        wait_for(lambda: len(prices) > flipped + 10)
    finally:
        ended.set()
        caller.join()

    first = prices.index(REDUCED)
    assert {*prices[:first]} == {FULL}
    assert {*prices[first:]} == {REDUCED}
    assert bookstore.functions() == functions
    assert workers(local_cloud) == environments


def test_the_code_in_the_docs_starts_a_sale(bookstore: Bookstore, local_cloud: LocalCloud) -> None:
    page = (ROOT / "docs" / "configuration.md").read_text()
    [code] = [
        each
        for each in re.findall(r"```python\n(.*?)```", page, re.DOTALL)
        if "start_deployment" in each
    ]
    settings = tool_environment(f"http://127.0.0.1:{local_cloud.port}")

    subprocess.run([sys.executable, "-c", code], env=os.environ | settings, check=True)

    wait_for(lambda: bookstore.price() == REDUCED)


def test_an_order_is_placed_at_the_price_of_the_sale(bookstore: Bookstore) -> None:
    bookstore.configure(sale=True)
    wait_for(lambda: bookstore.price() == REDUCED)

    order = {"book_id": ISBN, "quantity": 2}
    answer = httpx.post(f"{bookstore.url}api/orders", json=order, timeout=30)

    assert (answer.status_code, answer.json()["total_cents"]) == (201, 2 * REDUCED)


def test_a_linear_rollout_reaches_a_growing_share_of_polls_and_completes(
    bookstore: Bookstore,
) -> None:
    clients = bookstore.clients()
    assert not any(client.poll() for client in clients)
    deployment = bookstore.configure(sale=True, minutes=1, growth=20)
    shares: list[int] = []

    def is_complete() -> bool:
        told: str = deployment()["State"]
        shares.append(sum(client.poll() for client in clients))
        return told == "COMPLETE"

    wait_for(is_complete, 120)

    assert shares == sorted(shares)
    assert shares[-1] == CLIENTS
    assert len({*shares} - {0, CLIENTS}) >= 3
    wait_for(lambda: bookstore.price() == REDUCED)


def test_an_agent_that_died_leaves_its_last_answer_until_up_starts_it_again(
    bookstore: Bookstore, local_cloud: LocalCloud
) -> None:
    record = local_cloud.require_running()
    [agent] = agents(local_cloud)
    agent.kill()
    agent.wait()
    bookstore.configure(sale=True)
    time.sleep(1.5)
    assert bookstore.price() == FULL

    assert not local_cloud.up()

    wait_for(lambda: bookstore.price() == REDUCED)
    assert local_cloud.require_running() == record


@pytest.mark.usefixtures("deployed")
def test_parameters_and_secrets_are_read_as_they_are_now(local_cloud: LocalCloud) -> None:
    names = local_cloud.outputs("Flags")
    event = {"parameter": names["ParameterName"], "secret": names["SecretArn"]}

    def read() -> Any:
        answer = local_cloud.client("lambda").invoke(
            FunctionName=names["ReaderName"], Payload=json.dumps(event).encode()
        )
        return json.load(answer["Payload"])

    assert read() == {"parameter": "first", "secret": {"user": "ada"}}
    local_cloud.client("ssm").put_parameter(
        Name=names["ParameterName"], Value="second", Overwrite=True
    )
    local_cloud.client("secretsmanager").put_secret_value(
        SecretId=names["SecretArn"], SecretString='{"user": "bob"}'
    )
    assert read() == {"parameter": "second", "secret": {"user": "bob"}}


def test_powertools_reads_its_flags_beside_the_client(
    deployed: Bookstore, local_cloud: LocalCloud
) -> None:
    rules = {
        "sale": {
            "default": False,
            "rules": {
                "vip": {
                    "when_match": True,
                    "conditions": [{"action": "EQUALS", "key": "tier", "value": "gold"}],
                }
            },
        }
    }
    names = deployed.hosts(rules)
    store = AppConfigStore(
        environment=names["environment"],
        application=names["application"],
        name=names["profile"],
        boto3_client=local_cloud.client("appconfigdata"),
    )
    port = local_cloud.require_running().appconfig_port
    client = AppConfig(*names.values(), port=port)

    features = FeatureFlags(store=store)

    assert client.configuration().content == rules
    assert features.evaluate(name="sale", context={"tier": "gold"}, default=False) is True
    assert features.evaluate(name="sale", context={"tier": "tin"}, default=True) is False


@pytest.fixture
def own_cloud(tmp_path: Path) -> Iterator[LocalCloud]:
    cloud = LocalCloud(free_port(), tmp_path)
    yield cloud
    cloud.down()


def test_its_agents_listen_where_functions_look_and_end_with_it(own_cloud: LocalCloud) -> None:
    own_cloud.up()
    record = own_cloud.require_running()
    ports = [record.appconfig_port, record.parameters_port]
    [agent] = agents(own_cloud)
    environment = psutil.Process(record.pid).environ()
    listening = {
        (connection.laddr.ip, connection.laddr.port)
        for connection in agent.net_connections()
        if connection.status == psutil.CONN_LISTEN
    }

    assert [environment[name] for name in PORT_VARIABLES] == [str(port) for port in ports]
    assert listening == {("127.0.0.1", port) for port in ports}
    own_cloud.down()
    assert agents(own_cloud) == []
    assert not any(is_taken(port) for port in ports)


def test_agents_that_cannot_start_are_told_with_their_last_word(
    own_cloud: LocalCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("serverless_patterns.local.agents._SERVER", "there_is_none")

    message = (
        "the agents of the local cloud did not start: "
        f"{sys.executable}: No module named there_is_none"
    )
    with pytest.raises(LocalCloudError, match=exactly(message)):
        own_cloud.up()
    assert own_cloud.state.record is None


def test_clouds_beside_each_other_have_agents_of_their_own(
    own_cloud: LocalCloud, local_cloud: LocalCloud
) -> None:
    own_cloud.up()
    own_cloud.client("ssm").put_parameter(Name="own", Value="1", Type="String")
    headers = {"X-Aws-Parameters-Secrets-Token": ""}
    answers = [
        httpx.get(
            f"http://127.0.0.1:{cloud.require_running().parameters_port}"
            "/systemsmanager/parameters/get?name=own",
            headers=headers,
            timeout=30,
        )
        for cloud in (own_cloud, local_cloud)
    ]

    assert [answer.status_code for answer in answers] == [200, 400]
