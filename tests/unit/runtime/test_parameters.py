"""The client of the Parameters and Secrets extension, against a real server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from serverless_patterns.runtime.parameters import ConfigurationError, Parameters
from tests.messages import exactly
from tests.unit.runtime.conftest import HANGS

if TYPE_CHECKING:
    from tests.unit.runtime.conftest import ExtensionServer

EXTENSION = "the Parameters and Secrets extension"


@pytest.fixture(autouse=True)
def token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SESSION_TOKEN", "the-token")


@pytest.fixture
def parameters(server: ExtensionServer) -> Parameters:
    return Parameters(port=server.port, timeout=0.3, refresh_timeout=0.1)


def test_a_parameter_is_asked_for_decrypted_and_with_the_token(
    server: ExtensionServer, parameters: Parameters
) -> None:
    server.says({"Parameter": {"Name": "/shop/url", "Value": "https://shop"}})

    value = parameters.parameter("/shop/url")

    assert (value.text, value.is_stale) == ("https://shop", False)
    assert server.requests[0].splitlines()[:3] == [
        "GET /systemsmanager/parameters/get?name=%2Fshop%2Furl&withDecryption=true HTTP/1.0",
        f"Host: localhost:{server.port}",
        "X-Aws-Parameters-Secrets-Token: the-token",
    ]


def test_a_version_or_a_label_is_asked_for(server: ExtensionServer, parameters: Parameters) -> None:
    server.says({"Parameter": {"Value": "1"}})
    parameters.parameter("a", version=3)
    parameters.parameter("a", label="live")

    queries = [request.split()[1].partition("?")[2] for request in server.requests]
    assert queries == [
        "name=a&version=3&withDecryption=true",
        "name=a&label=live&withDecryption=true",
    ]


def test_under_snapstart_the_container_token_is_sent(
    server: ExtensionServer, parameters: Parameters, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_SESSION_TOKEN")
    monkeypatch.setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN", "another")
    server.says({"Parameter": {"Value": "1"}})
    parameters.parameter("a")

    assert "X-Aws-Parameters-Secrets-Token: another\r\n" in server.requests[0]


def test_a_secret_is_read_as_text_and_as_json(
    server: ExtensionServer, parameters: Parameters
) -> None:
    server.says({"SecretString": '{"username": "ada"}'})

    secret = parameters.secret("shop/db", version_stage="AWSPREVIOUS")

    assert (secret.text, secret.json()) == ('{"username": "ada"}', {"username": "ada"})
    query = "/secretsmanager/get?secretId=shop%2Fdb&versionStage=AWSPREVIOUS "
    assert query in server.requests[0]


def test_a_binary_secret_is_bytes(server: ExtensionServer, parameters: Parameters) -> None:
    server.says({"SecretString": None, "SecretBinary": "AAH/"})

    secret = parameters.secret("key")

    assert secret.content == b"\x00\x01\xff"
    message = "secret key is binary; take its content, which is bytes"
    with pytest.raises(ConfigurationError, match=exactly(message)):
        secret.text  # noqa: B018 - it raises


def test_a_value_that_is_no_json_is_told_without_showing_it(
    server: ExtensionServer, parameters: Parameters
) -> None:
    server.says({"SecretString": "hunter2"})
    secret = parameters.secret("db")

    with pytest.raises(ConfigurationError, match=exactly("secret db is no JSON; take its text")):
        secret.json()
    assert repr(secret) == "<Value of secret db>"


def test_each_value_has_its_own_last_answer(
    server: ExtensionServer, parameters: Parameters
) -> None:
    server.says({"Parameter": {"Value": "first"}})
    parameters.parameter("a")
    server.says({"Parameter": {"Value": "second"}})
    parameters.parameter("b")
    server.says(b"", status="500 Internal Server Error")

    values = [parameters.parameter(name) for name in ("a", "b")]

    assert [value.text for value in values] == ["first", "second"]
    assert [value.problem for value in values] == [f"{EXTENSION} answered 500"] * 2


def test_a_refusal_is_told(server: ExtensionServer, parameters: Parameters) -> None:
    server.says(b"ParameterNotFound", status="400 Bad Request")

    message = (
        f"there is no parameter a: {EXTENSION} answered 400 (ParameterNotFound); "
        "see that it exists and that the function's role may read and decrypt it"
    )
    with pytest.raises(ConfigurationError, match=exactly(message)):
        parameters.parameter("a")


def test_a_slow_extension_is_told(server: ExtensionServer, parameters: Parameters) -> None:
    server.pause = HANGS
    server.says({"Parameter": {"Value": "1"}})

    message = (
        f"there is no secret a: {EXTENSION} did not answer within 0.3 s; give a longer timeout"
    )
    with pytest.raises(ConfigurationError, match=exactly(message)):
        parameters.secret("a")


def test_an_absent_extension_is_told(dead_port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PARAMETERS_SECRETS_EXTENSION_HTTP_PORT", str(dead_port))

    message = (
        f"there is no parameter a: {EXTENSION} can't be reached on localhost:{dead_port} "
        "(Connection refused); attach ParametersExtension to the function, or start the agent of "
        "`serverless-patterns local up`"
    )
    with pytest.raises(ConfigurationError, match=exactly(message)):
        Parameters().parameter("a")


@pytest.mark.parametrize(
    "answer", [{}, [], {"Parameter": "1"}, {"SecretBinary": 5}, b"no json", {"SecretBinary": "x"}]
)
def test_an_answer_without_a_value_is_told_without_showing_it(
    server: ExtensionServer, parameters: Parameters, answer: Any
) -> None:
    server.says(answer)

    for what, ask in (("parameter", parameters.parameter), ("secret", parameters.secret)):
        message = (
            f"there is no {what} a: the answer has no value of one; "
            "see that nothing else listens on that port"
        )
        with pytest.raises(ConfigurationError, match=exactly(message)):
            ask("a")
