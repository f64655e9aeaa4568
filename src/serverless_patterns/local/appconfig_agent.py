"""What AppConfig's agent answers on loopback, from the emulator's AppConfig.

Where AWS runs an agent beside every execution environment, one stands here for all of them: in a
rollout they change together, and whoever asks may read.
"""

from __future__ import annotations

import json
import re
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote

from botocore.exceptions import BotoCoreError, ClientError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

POLL_SECONDS = 1.0
"""The shortest poll interval that a function's own agent takes."""

_PATH = re.compile(r"/applications/([^/]+)/environments/([^/]+)/configurations/([^/]+)")
_FLAGS = "AWS.AppConfig.FeatureFlags"
_OF_THE_STORE = ("_createdAt", "_updatedAt")


@dataclass(frozen=True)
class AgentAnswer:
    """An answer over HTTP.

    Attributes:
        status: Its status.
        body: Its body.
        content_type: The content type of that.
        headers: Its other headers.
    """

    status: int
    body: bytes
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def refusal(cls, status: int, message: str) -> AgentAnswer:
        """The answer to what can't be had."""
        return cls(status, json.dumps({"Message": message}).encode())


class _GoneError(Exception):
    """A configuration isn't there, or no more."""


@dataclass
class _Session:
    """One configuration, polled.

    Attributes:
        data: The client of the data plane.
        control: The client of the control plane.
        application: The application's id.
        profile: What is known of the configuration profile.
        token: What to poll with next.
        content: The configuration, once there is one.
        content_type: Its content type.
        version: Its version's label, where it has one.
        polled: When it was polled last.
    """

    data: Any
    control: Any
    application: str
    profile: Mapping[str, Any]
    token: str
    content: bytes = b""
    content_type: str = "application/json"
    version: str = ""
    polled: float = -POLL_SECONDS

    @property
    def holds_flags(self) -> bool:
        return self.profile.get("Type") == _FLAGS

    def poll(self) -> None:
        """Take up what was deployed since.

        Raises:
            ClientError: If the emulator has forgotten the session, or the configuration.
        """
        profile = {
            "ApplicationId": self.application,
            "ConfigurationProfileId": self.profile["Id"],
        }
        self.control.get_configuration_profile(**profile)  # a session outlives what it polls
        answer = self.data.get_latest_configuration(ConfigurationToken=self.token)
        self.token = answer["NextPollConfigurationToken"]
        content = answer["Configuration"].read()
        if content:
            self.content = _retrieved(content) if self.holds_flags else content
            self.content_type = answer["ContentType"]
            self.version = answer.get("VersionLabel", "")
        self.polled = time.monotonic()


class AppConfigAgent:
    """Answers the paths of AppConfig's agent.

    Args:
        client: Makes the boto3 client of a service in a region.
        regions: Tells the regions that configurations may be in.
    """

    def __init__(
        self, client: Callable[[str, str], Any], regions: Callable[[], Sequence[str]]
    ) -> None:
        self._client = client
        self._regions = regions
        self._sessions: dict[tuple[str, ...], _Session] = {}
        self._locks: dict[tuple[str, ...], threading.Lock] = {}

    def answer(self, target: str, headers: Mapping[str, str]) -> AgentAnswer:
        """The answer to ``GET target``."""
        del headers  # those that choose a variant of a flag: the emulator has none
        path, _, query = target.partition("?")
        match = _PATH.fullmatch(path)
        if match is None:
            return AgentAnswer.refusal(
                404, "the path is none of /applications/A/environments/E/configurations/P"
            )
        names = tuple(unquote(part) for part in match.groups())
        try:
            session = self._current(names)
        except _GoneError as error:
            return AgentAnswer.refusal(404, str(error))
        except (BotoCoreError, ClientError) as error:
            return AgentAnswer.refusal(500, str(error))
        if not session.content:
            message = "no deployment of the configuration has reached this agent"
            return AgentAnswer.refusal(404, message)
        return _chosen(session, parse_qs(query).get("flag", []))

    def _current(self, names: tuple[str, ...]) -> _Session:
        """The session, polled within the poll interval."""
        with self._locks.setdefault(names, threading.Lock()):
            session = self._sessions.get(names)
            if session and time.monotonic() - session.polled < POLL_SECONDS:
                return session
            try:
                session = session or self._started(names)
                session.poll()
            except ClientError:  # it was deleted, deployed anew, or the emulator emptied
                self._sessions.pop(names, None)
                session = self._started(names)
                session.poll()
            except BotoCoreError:
                if session is None or not session.content:
                    raise
            self._sessions[names] = session
            return session

    def _started(self, names: tuple[str, ...]) -> _Session:
        application, environment, profile = names
        for region in self._regions():
            data = self._client("appconfigdata", region)
            control = self._client("appconfig", region)
            try:
                started = data.start_configuration_session(
                    ApplicationIdentifier=application,
                    EnvironmentIdentifier=environment,
                    ConfigurationProfileIdentifier=profile,
                )
            except ClientError as error:
                if error.response["Error"]["Code"] != "ResourceNotFoundException":
                    raise
                continue
            applications = control.get_paginator("list_applications").paginate()
            app = _named(applications, application)
            pages = control.get_paginator("list_configuration_profiles").paginate(
                ApplicationId=app["Id"]
            )
            found = _named(pages, profile)
            return _Session(data, control, app["Id"], found, started["InitialConfigurationToken"])
        raise _GoneError(f"there is no configuration {profile} of {application} in {environment}")


def _named(pages: Any, name: str) -> Mapping[str, Any]:
    """What is called ``name``; an id before a name, as AppConfig takes them.

    Raises:
        _GoneError: If it was deleted meanwhile.
    """
    items: list[Mapping[str, Any]] = [item for page in pages for item in page["Items"]]
    for key in ("Id", "Name"):
        for item in items:
            if item[key] == name:
                return item
    raise _GoneError(f"{name} was deleted")


def _retrieved(content: bytes) -> bytes:
    """Flags as AppConfig tells them: of one that is off nothing more, where the emulator does."""
    flags = _flags_in(content)
    if flags is None:
        return content
    return json.dumps(
        {
            name: {key: value for key, value in flag.items() if key not in _OF_THE_STORE}
            if flag.get("enabled")
            else {"enabled": False}
            for name, flag in flags.items()
        }
    ).encode()


def _flags_in(content: bytes) -> dict[str, dict[str, Any]] | None:
    """The flags by their names; None - the emulator took what AppConfig refuses."""
    try:
        flags = json.loads(content)
    except (ValueError, RecursionError):
        return None
    is_of_flags = isinstance(flags, dict) and all(isinstance(each, dict) for each in flags.values())
    return flags if is_of_flags else None


def _chosen(session: _Session, wanted: Sequence[str]) -> AgentAnswer:
    """The whole configuration, the flag that is wanted, or the flags by their names."""
    body = session.content
    flags = _flags_in(body) if session.holds_flags else {}
    if flags is None:
        return AgentAnswer.refusal(500, f"what is deployed is no document of {_FLAGS}")
    if wanted:
        if not session.holds_flags:
            return AgentAnswer.refusal(400, f"a flag was asked for of what is no {_FLAGS}")
        missing = [name for name in wanted if name not in flags]
        if missing:
            return AgentAnswer.refusal(404, f"there is no flag {', '.join(missing)}")
        chosen = {name: flags[name] for name in wanted}
        body = json.dumps(chosen if len(chosen) > 1 else chosen[wanted[0]]).encode()
    headers = {"Configuration-Version": session.version} if session.version else {}
    return AgentAnswer(200, body, session.content_type, headers)
