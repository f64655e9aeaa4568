"""Parameters and secrets, from AWS's extension beside the function."""

from __future__ import annotations

import binascii
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
    from collections.abc import Callable, Mapping
    from typing import Any

__all__ = ["ConfigurationError", "Parameters", "Value"]

PORT = 2773
_PORT_NAME = "PARAMETERS_SECRETS_EXTENSION_HTTP_PORT"
# With SnapStart, Lambda gives a function the second in place of the first.
_TOKENS = ("AWS_SESSION_TOKEN", "AWS_CONTAINER_AUTHORIZATION_TOKEN")


class Value:
    """The value of a parameter or a secret, which no representation shows.

    Attributes:
        name: What it is the value of.
        content: The value: bytes of a binary secret, else a text.
        age: The seconds since the extension answered with it. It may be older by the extension's
            own time to live.
        problem: Why it is an earlier answer, such as a slow extension; empty - it isn't.
    """

    __slots__ = ("age", "content", "name", "problem")

    def __init__(self, name: str, answer: Answer) -> None:
        self.name = name
        self.content: str | bytes = answer.value
        self.age = answer.age
        self.problem = answer.problem

    def __repr__(self) -> str:
        return f"<Value of {self.name}>"

    @property
    def is_stale(self) -> bool:
        """Whether it is an earlier answer, since there is none now."""
        return bool(self.problem)

    @property
    def text(self) -> str:
        """The value as a text.

        Raises:
            ConfigurationError: If it is binary.
        """
        if isinstance(self.content, bytes):
            raise ConfigurationError(f"{self.name} is binary; take its content, which is bytes")
        return self.content

    def json(self) -> Any:
        """What the value says in JSON, as the secrets of databases do.

        Raises:
            ConfigurationError: If it is no JSON.
        """
        try:
            return json.loads(self.content)
        except (ValueError, RecursionError):
            raise ConfigurationError(f"{self.name} is no JSON; take its text") from None


class Parameters:
    """What Parameter Store and Secrets Manager hold for a function.

    The extension beside the function keeps what it has read for its time to live, so a read costs
    no call of AWS in between. When the extension is slow or fails, its last answer stands in,
    and its age is told.

    Args:
        port: The port of the extension. Default - ``PARAMETERS_SECRETS_EXTENSION_HTTP_PORT``, else
            2773.
        timeout: Seconds to wait for the first answer, for which the extension calls AWS.
        refresh_timeout: Seconds to wait for any later answer, for which an earlier can stand in.

    Raises:
        ConfigurationError: If ``PARAMETERS_SECRETS_EXTENSION_HTTP_PORT`` is no port, or a timeout
            is none.

    See:
        https://docs.aws.amazon.com/systems-manager/latest/userguide/ps-integration-lambda-extensions.html
    """

    def __init__(
        self, *, port: int | None = None, timeout: float = 3.0, refresh_timeout: float = 0.5
    ) -> None:
        self._extension = Extension(
            "the Parameters and Secrets extension",
            port=port_from_environment(_PORT_NAME, PORT) if port is None else port,
            timeout=timeout,
            refresh_timeout=refresh_timeout,
            absent="attach ParametersExtension to the function, or start the agent of "
            "`serverless-patterns local up`",
            refused="see that it exists and that the function's role may read and decrypt it",
            slow="give a longer timeout",
        )

    def parameter(
        self, name: str, *, version: int | None = None, label: str | None = None
    ) -> Value:
        """A parameter of Parameter Store, decrypted.

        Args:
            name: Its name or ARN.
            version: Its version. Default - the newest, or that of ``label``.
            label: A label of a version. Default - none.

        Raises:
            ConfigurationError: If there is no answer, nor an earlier one.
        """
        query = {"name": name, "version": version, "label": label, "withDecryption": "true"}
        return self._value(
            "/systemsmanager/parameters/get", query, f"parameter {name}", _parameter_value
        )

    def secret(
        self, secret_id: str, *, version_id: str | None = None, version_stage: str | None = None
    ) -> Value:
        """A secret of Secrets Manager.

        Args:
            secret_id: Its name or ARN.
            version_id: The id of a version. Default - the one in ``version_stage``.
            version_stage: The stage of a version. Default - ``AWSCURRENT``.

        Raises:
            ConfigurationError: If there is no answer, nor an earlier one.
        """
        query = {"secretId": secret_id, "versionId": version_id, "versionStage": version_stage}
        return self._value("/secretsmanager/get", query, f"secret {secret_id}", _secret_value)

    def _value(
        self,
        path: str,
        query: Mapping[str, str | int | None],
        what: str,
        read: Callable[[Any], str | bytes],
    ) -> Value:
        pairs = (f"{key}={quoted(str(value))}" for key, value in query.items() if value is not None)
        token = next((os.environ[name] for name in _TOKENS if os.environ.get(name)), "")
        answer = self._extension.get(
            f"{path}?{'&'.join(pairs)}",
            what,
            lambda body, _: _read(body, read),
            {"X-Aws-Parameters-Secrets-Token": token},
        )
        return Value(what, answer)


def _read(body: bytes, read: Callable[[Any], str | bytes]) -> str | bytes:
    try:
        return read(json.loads(body))
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        # Nothing of it is shown: it may hold a secret.
        raise Failure(
            "the answer has no value of one", "see that nothing else listens on that port"
        ) from None


def _parameter_value(answer: Any) -> str:
    return str(answer["Parameter"]["Value"])


def _secret_value(answer: Any) -> str | bytes:
    if answer.get("SecretString") is not None:
        return str(answer["SecretString"])
    return binascii.a2b_base64(answer["SecretBinary"])
