"""The agent that stands in for AppConfig's, over an AppConfig that is made up."""

from __future__ import annotations

import io
import json
import socket
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from serverless_patterns.local.agent_server import AgentServer
from serverless_patterns.local.appconfig_agent import POLL_SECONDS, AppConfigAgent
from serverless_patterns.runtime.appconfig import AppConfig

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PATH = "/applications/Shop/environments/live/configurations/flags"
FLAGS = {"sale": {"enabled": True, "percent": 20}, "gifts": {"enabled": True}}


def refused(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": code}}, "Operation")


@dataclass
class FakeAppConfig:
    """One configuration in AppConfig, both planes; each token is good for one poll.

    Attributes:
        content: What is deployed.
        kind: The type of the profile.
        id: The id of the profile, a new one when it is made anew.
        content_type: The content type of what is deployed.
        region: Where it is.
        is_down: Whether it can't be reached.
        pause: The seconds that it takes for everything.
        sessions: How many sessions were started.
        polls: How many polls there were.
    """

    content: bytes = json.dumps(FLAGS).encode()
    kind: str = "AWS.AppConfig.FeatureFlags"
    id: str = "p1"
    content_type: str = "application/json"
    region: str = "us-east-1"
    is_down: bool = False
    pause: float = 0
    sessions: int = 0
    polls: int = 0
    tokens: dict[str, tuple[str, bytes]] = field(default_factory=dict)

    def client(self, service: str, region: str) -> Any:
        assert service in ("appconfig", "appconfigdata")
        return self if region == self.region else Elsewhere()

    def start_configuration_session(self, **names: str) -> Any:
        self._reached()
        if [*names.values()] != ["Shop", "live", "flags"]:
            raise refused("ResourceNotFoundException")
        self.sessions += 1
        token = f"first-{self.sessions}"
        self.tokens[token] = self.id, b""
        return {"InitialConfigurationToken": token}

    def get_latest_configuration(self, *, ConfigurationToken: str) -> Any:  # noqa: N803
        self._reached()
        self.polls += 1
        if ConfigurationToken not in self.tokens:
            raise refused("BadRequestException")
        profile, known = self.tokens.pop(ConfigurationToken)
        is_known = profile != self.id or known == self.content  # one of the old id learns nothing
        token = f"next-{self.polls}"
        self.tokens[token] = profile, known if is_known else self.content
        return {
            "NextPollConfigurationToken": token,
            "Configuration": io.BytesIO(b"" if is_known else self.content),
            "ContentType": self.content_type,
            "VersionLabel": "v1",
        }

    def get_configuration_profile(self, **names: str) -> Any:
        self._reached()
        if names["ConfigurationProfileId"] != self.id:
            raise refused("ResourceNotFoundException")
        return {}

    def get_paginator(self, operation: str) -> Any:
        item = {"Id": "a1", "Name": "Shop"}
        if operation == "list_configuration_profiles":
            item = {"Id": self.id, "Name": "flags", "Type": self.kind}
        return Pages([{"Items": [{"Id": "x", "Name": "x", "Type": "x"}]}, {"Items": [item]}])

    def _reached(self) -> None:
        time.sleep(self.pause)
        if self.is_down:
            raise EndpointConnectionError(endpoint_url="http://127.0.0.1")


class Elsewhere:
    """A region without configurations."""

    def start_configuration_session(self, **_: str) -> Any:
        raise refused("ResourceNotFoundException")


@dataclass
class Pages:
    """What is listed, in pages."""

    pages: list[Any]

    def paginate(self, **_: str) -> list[Any]:
        return self.pages


@pytest.fixture
def appconfig() -> FakeAppConfig:
    return FakeAppConfig()


@pytest.fixture
def agent(appconfig: FakeAppConfig) -> AppConfigAgent:
    return AppConfigAgent(appconfig.client, lambda: ["us-east-1", "eu-west-1"])


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Lets seconds pass for the agent."""
    now = 1000.0
    monkeypatch.setattr("serverless_patterns.local.appconfig_agent.time.monotonic", lambda: now)

    def later(seconds: float) -> None:
        nonlocal now
        now += seconds

    return later


def asked(agent: AppConfigAgent, target: str = PATH) -> tuple[int, Any]:
    answer = agent.answer(target, {})
    return answer.status, json.loads(answer.body)


def test_a_configuration_is_answered_whole(agent: AppConfigAgent) -> None:
    answer = agent.answer(PATH, {})

    assert (answer.status, json.loads(answer.body)) == (200, FLAGS)
    assert answer.content_type == "application/json"
    assert answer.headers == {"Configuration-Version": "v1"}


def test_one_flag_is_answered_alone_and_several_by_their_names(agent: AppConfigAgent) -> None:
    assert asked(agent, f"{PATH}?flag=sale") == (200, FLAGS["sale"])
    assert asked(agent, f"{PATH}?flag=sale&flag=gifts") == (200, FLAGS)


def test_a_flag_that_is_off_tells_nothing_more_as_on_aws(
    agent: AppConfigAgent, appconfig: FakeAppConfig
) -> None:
    stored = {
        "sale": {"enabled": False, "percent": 20},
        "gifts": {"enabled": True, "limit": 3, "_createdAt": "now", "_updatedAt": "now"},
    }
    appconfig.content = json.dumps(stored).encode()

    assert asked(agent) == (
        200,
        {"sale": {"enabled": False}, "gifts": {"enabled": True, "limit": 3}},
    )


def test_free_form_configuration_is_answered_as_it_is(
    agent: AppConfigAgent, appconfig: FakeAppConfig
) -> None:
    appconfig.kind, appconfig.content_type = "AWS.Freeform", "application/x-yaml"
    appconfig.content = b"limit: 3\n"

    answer = agent.answer(PATH, {})

    assert (answer.body, answer.content_type) == (b"limit: 3\n", "application/x-yaml")
    message = "a flag was asked for of what is no AWS.AppConfig.FeatureFlags"
    assert asked(agent, f"{PATH}?flag=limit") == (400, {"Message": message})


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("http://[", "the path is none of /applications/A/environments/E/configurations/P"),
        (
            "/applications/../environments/../configurations/..",
            "there is no configuration .. of .. in ..",
        ),
        ("/", "the path is none of /applications/A/environments/E/configurations/P"),
        (f"{PATH}?flag=sail&flag=sale", "there is no flag sail"),
        (PATH.replace("flags", "a%20b"), "there is no configuration a b of Shop in live"),
    ],
)
def test_what_is_not_there_is_not_found(agent: AppConfigAgent, target: str, message: str) -> None:
    assert asked(agent, target) == (404, {"Message": message})


@pytest.mark.parametrize("content", [b"{", b"[1]", b'{"sale": true}', b"\xff"])
def test_what_is_no_document_of_flags_is_told(
    agent: AppConfigAgent, appconfig: FakeAppConfig, content: bytes
) -> None:
    appconfig.content = content

    told = (500, {"Message": "what is deployed is no document of AWS.AppConfig.FeatureFlags"})
    assert asked(agent) == told
    assert asked(agent, f"{PATH}?flag=sale") == told


def test_what_is_deleted_while_it_is_looked_for_is_not_found(
    agent: AppConfigAgent, appconfig: FakeAppConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(appconfig, "get_paginator", lambda _: Pages([{"Items": []}]))

    assert asked(agent) == (404, {"Message": "Shop was deleted"})


def test_what_is_not_deployed_yet_is_not_found(
    agent: AppConfigAgent, appconfig: FakeAppConfig
) -> None:
    appconfig.content = b""

    message = "no deployment of the configuration has reached this agent"
    assert asked(agent) == (404, {"Message": message})


def test_it_polls_no_more_often_than_the_poll_interval(
    agent: AppConfigAgent, appconfig: FakeAppConfig, later: Callable[[float], None]
) -> None:
    asked(agent)
    later(POLL_SECONDS * 0.9)
    asked(agent)
    polls = appconfig.polls
    later(POLL_SECONDS * 0.1)
    asked(agent)

    assert (polls, appconfig.polls, appconfig.sessions) == (1, 2, 1)


def test_a_change_shows_within_the_poll_interval(
    agent: AppConfigAgent, appconfig: FakeAppConfig, later: Callable[[float], None]
) -> None:
    asked(agent)
    appconfig.content = b'{"sale": {"enabled": false}}'
    unchanged = asked(agent)
    later(POLL_SECONDS)

    assert unchanged == (200, FLAGS)
    assert asked(agent) == (200, {"sale": {"enabled": False}})
    assert asked(agent) == (200, {"sale": {"enabled": False}})


def test_a_session_that_was_forgotten_is_started_again(
    agent: AppConfigAgent, appconfig: FakeAppConfig, later: Callable[[float], None]
) -> None:
    asked(agent)
    appconfig.tokens.clear()
    later(POLL_SECONDS)

    assert asked(agent) == (200, FLAGS)
    assert appconfig.sessions == 2


def test_a_profile_that_is_made_anew_under_its_name_is_found(
    agent: AppConfigAgent, appconfig: FakeAppConfig, later: Callable[[float], None]
) -> None:
    asked(agent)
    appconfig.id = "p2"
    appconfig.content = b'{"new": {"enabled": true}}'
    later(POLL_SECONDS)

    assert asked(agent) == (200, {"new": {"enabled": True}})


def test_the_last_configuration_is_answered_while_the_emulator_is_not_reached(
    agent: AppConfigAgent, appconfig: FakeAppConfig, later: Callable[[float], None]
) -> None:
    asked(agent)
    appconfig.is_down = True
    later(POLL_SECONDS)

    assert asked(agent) == (200, FLAGS)


def test_an_emulator_that_is_not_reached_at_first_is_told(
    agent: AppConfigAgent, appconfig: FakeAppConfig
) -> None:
    appconfig.is_down = True

    message = 'Could not connect to the endpoint URL: "http://127.0.0.1"'
    assert asked(agent) == (500, {"Message": message})


def test_a_configuration_in_another_region_is_found(
    agent: AppConfigAgent, appconfig: FakeAppConfig
) -> None:
    appconfig.region = "eu-west-1"

    assert asked(agent) == (200, FLAGS)


def test_many_that_ask_at_once_share_one_poll(
    agent: AppConfigAgent, appconfig: FakeAppConfig
) -> None:
    appconfig.pause = 0.01
    threads = [threading.Thread(target=asked, args=(agent,)) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (appconfig.sessions, appconfig.polls) == (1, 1)


@pytest.fixture
def port(agent: AppConfigAgent) -> Iterator[int]:
    """Where the agent answers over HTTP."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = AgentServer(listener, agent)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield listener.getsockname()[1]
    server.shutdown()
    server.server_close()
    thread.join()


def test_the_client_reads_flags_of_it(port: int) -> None:
    sale = AppConfig("Shop", "live", "flags", port=port).flag("sale")

    assert (sale.enabled, sale.attribute("percent", int)) == (True, 20)


def test_the_client_is_told_why_there_is_none(port: int) -> None:
    sale = AppConfig("Shop", "live", "others", port=port).flag("sale", default=False)

    assert "there is no configuration others of Shop in live" in sale.problem
