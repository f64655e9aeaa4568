"""Feature flags and configuration of AWS AppConfig, from the agent beside the function."""

from __future__ import annotations

import json
import os

from serverless_patterns.runtime._extension import (
    Answer,
    ConfigurationError,
    Extension,
    Failure,
    port_from_environment,
    quoted,
)

TYPE_CHECKING = False  # as type checkers know it; importing `typing` takes milliseconds
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, TypeVar

    T = TypeVar("T")

__all__ = ["AppConfig", "Configuration", "ConfigurationError", "Flag"]

PORT = 2772
_NAMES = ("APPLICATION", "ENVIRONMENT", "PROFILE")
_PORT_NAME = "AWS_APPCONFIG_EXTENSION_HTTP_PORT"


class Configuration:
    """A configuration, as the agent answered last.

    Attributes:
        content: What JSON says; a text of any other content type.
        content_type: The content type that the configuration was deployed with.
        version: The version that AppConfig gave it, where the agent tells it.
        age: The seconds since the agent answered with it. It may be older by the agent's own poll
            interval.
        problem: Why it is an earlier answer, such as a slow agent; empty - it isn't.
    """

    __slots__ = ("age", "content", "content_type", "problem", "version")

    def __init__(self, answer: Answer) -> None:
        self.content, self.content_type, self.version = answer.value
        self.age = answer.age
        self.problem = answer.problem

    @property
    def is_stale(self) -> bool:
        """Whether it is an earlier answer, since there is none now."""
        return bool(self.problem)


class Flag:
    """A feature flag.

    Attributes:
        name: Its name.
        enabled: Whether it is on.
        attributes: Its attributes by name. AppConfig tells them of a flag that is on.
        age: The seconds since the agent answered with it; ``None`` for a default.
        problem: Why it is an earlier answer or a default; empty - it is neither.
    """

    __slots__ = ("age", "attributes", "enabled", "name", "problem")

    def __init__(
        self,
        name: str,
        *,
        enabled: bool,
        attributes: Mapping[str, Any],
        age: float | None,
        problem: str,
    ) -> None:
        self.name = name
        self.enabled = enabled
        self.attributes = attributes
        self.age = age
        self.problem = problem

    def __bool__(self) -> bool:
        return self.enabled

    def attribute(self, name: str, kind: type[T], default: T | None = None) -> T:
        """An attribute that is sure to be of a type.

        Args:
            name: Its name.
            kind: ``str``, ``bool``, ``int``, ``float`` (which a whole number is as well) or
                ``list``.
            default: What it is where the flag has none, as a flag that is off.
                Default - it must have it.

        Raises:
            ConfigurationError: If it is of another type, or there is neither.
        """
        value = self.attributes.get(name, default)
        if value is None:
            there = ", ".join(sorted(self.attributes)) or "none"
            raise ConfigurationError(
                f"flag {self.name} has no attribute {name!r}; its attributes are: {there}; "
                "give a default, as a flag that is off has none"
            )
        if kind is float and type(value) is int:
            return kind(value)  # type: ignore[call-arg]
        if not isinstance(value, kind) or (type(value) is bool and kind is not bool):
            raise ConfigurationError(
                f"flag {self.name}: attribute {name} must be {kind.__name__}, got {value!r}; "
                "deploy one of that type, with a constraint that keeps it so"
            )
        return value


class AppConfig:
    """One configuration profile in one environment of an AppConfig application.

    The agent beside the function polls AppConfig and answers from its cache, so each read is
    current within the agent's poll interval, and costs no call of AWS and no cold start. When the
    agent is slow or fails, its last answer stands in, and its age is told.

    Args:
        application: The name or id of the application.
        environment: The name or id of the environment.
        profile: The name or id of the configuration profile.
        port: The port that the agent listens on.
        timeout: Seconds to wait for the first answer, for which the agent calls AppConfig.
        refresh_timeout: Seconds to wait for any later answer, for which an earlier can stand in.

    Raises:
        ConfigurationError: If there is no such port, or a timeout is none.

    See:
        https://docs.aws.amazon.com/appconfig/latest/userguide/appconfig-integration-lambda-extensions.html
    """

    def __init__(
        self,
        application: str,
        environment: str,
        profile: str,
        *,
        port: int = PORT,
        timeout: float = 3.0,
        refresh_timeout: float = 0.25,
    ) -> None:
        self._what = f"configuration {profile!r} of {application!r} in {environment!r}"
        self._target = (
            f"/applications/{quoted(application)}/environments/{quoted(environment)}"
            f"/configurations/{quoted(profile)}"
        )
        self._agent = Extension(
            "AppConfig's agent",
            port=port,
            timeout=timeout,
            refresh_timeout=refresh_timeout,
            absent="attach AppConfigExtension to the function, or start the agent of "
            "`serverless-patterns local up`",
            refused="see that the names are right, that a deployment of it has completed, and "
            "that the function's role may read it",
            slow="give a longer timeout, or name the configuration in the extension's prefetch "
            "list",
        )

    @classmethod
    def from_environment(
        cls, prefix: str = "", *, timeout: float = 3.0, refresh_timeout: float = 0.25
    ) -> AppConfig:
        """The configuration that ``AppConfigExtension.attach`` named in the environment.

        Args:
            prefix: What stands before the names of its variables, as ``attach`` was told:
                ``LIMITS_``, for example.
            timeout: Seconds to wait for the first answer.
            refresh_timeout: Seconds to wait for any later answer.

        Raises:
            ConfigurationError: If the environment names none, or a timeout is none.
        """
        names = [f"{prefix}APPCONFIG_{name}" for name in _NAMES]
        missing = [name for name in names if not os.environ.get(name)]
        if missing:
            raise ConfigurationError(
                f"the environment has no {', '.join(missing)}; attach AppConfigExtension to the "
                "function, or name application, environment and profile to AppConfig"
            )
        application, environment, profile = (os.environ[name] for name in names)
        return cls(
            application,
            environment,
            profile,
            port=port_from_environment(_PORT_NAME, PORT),
            timeout=timeout,
            refresh_timeout=refresh_timeout,
        )

    def configuration(self) -> Configuration:
        """The configuration as it is now, or as it last was known.

        Raises:
            ConfigurationError: If there is neither.
        """
        return self._configuration(insists=True)

    def flag(self, name: str, *, default: bool | None = None) -> Flag:
        """A feature flag as it is now, or as it last was known.

        Args:
            name: Its name.
            default: Whether it is on where there is no such flag, nor any configuration.
                Default - there must be one.

        Raises:
            ConfigurationError: If there is neither, or the configuration is none of flags.
        """
        try:
            # Several flags in a row would each wait for an agent that is slow.
            found = self._configuration(insists=default is None)
            flag = self._flag(found, name)
        except ConfigurationError as error:
            if default is None:
                raise
            return Flag(name, enabled=default, attributes={}, age=None, problem=str(error))
        return flag

    def _configuration(self, *, insists: bool) -> Configuration:
        return Configuration(self._agent.get(self._target, self._what, _read, insists=insists))

    def _flag(self, found: Configuration, name: str) -> Flag:
        flags = found.content if isinstance(found.content, dict) else {}
        value = flags.get(name)
        if isinstance(value, dict) and isinstance(value.get("enabled"), bool):
            attributes = {key: value[key] for key in value if key != "enabled"}
            return Flag(
                name,
                enabled=value["enabled"],
                attributes=attributes,
                age=found.age,
                problem=found.problem,
            )
        if name in flags or not isinstance(found.content, dict):
            raise ConfigurationError(
                f"{self._what} has no flag {name!r} that is on or off; read what is no feature "
                "flag with configuration()"
            )
        raise ConfigurationError(
            f"{self._what} has no flag {name!r}; its flags are: "
            f"{', '.join(sorted(flags)) or 'none'}; define it, or give a default"
        )


def _read(body: bytes, headers: Mapping[str, str]) -> tuple[Any, str, str]:
    content_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    version = headers.get("configuration-version", "")
    if not body:
        raise Failure("it is empty", "deploy a version of it")
    try:
        text = body.decode()
        is_json = content_type.endswith(("/json", "+json"))
        return (json.loads(text) if is_json else text), content_type, version
    except (ValueError, RecursionError) as error:
        raise Failure(
            f"it is no {content_type or 'text'} ({error})",
            "deploy one that a validator has checked",
        ) from None
