"""The client of AppConfig's agent, against a real server that is well, slow, dead or wrong."""

from __future__ import annotations

import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest

from serverless_patterns.runtime.appconfig import AppConfig, ConfigurationError
from tests.messages import exactly
from tests.unit.runtime.conftest import HANGS

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.unit.runtime.conftest import ExtensionServer

FLAGS = {"sale": {"enabled": True, "percent": 20, "label": "Sale", "tags": ["a"], "vip": False}}
WHAT = "configuration 'flags' of 'Shop' in 'live'"
ABSENT = (
    "attach AppConfigExtension to the function, or start the agent of "
    "`serverless-patterns local up`"
)
REFUSED = (
    "see that the names are right, that a deployment of it has completed, and "
    "that the function's role may read it"
)
SLOW = "give a longer timeout, or name the configuration in the extension's prefetch list"


@pytest.fixture
def flags(server: ExtensionServer) -> AppConfig:
    return AppConfig("Shop", "live", "flags", port=server.port, timeout=0.3, refresh_timeout=0.1)


def test_it_asks_the_agent_for_one_configuration(server: ExtensionServer) -> None:
    server.says({})
    AppConfig("My shop", "live/eu", "größe", port=server.port).configuration()

    [request] = server.requests
    assert request == (
        "GET /applications/My%20shop/environments/live%2Feu/configurations/gr%C3%B6%C3%9Fe "
        f"HTTP/1.0\r\nHost: localhost:{server.port}\r\n\r\n"
    )


def test_the_environment_names_the_configuration_and_the_port(
    server: ExtensionServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("APPLICATION", "ENVIRONMENT", "PROFILE"):
        monkeypatch.setenv(f"SECOND_APPCONFIG_{name}", name.lower())
    monkeypatch.setenv("AWS_APPCONFIG_EXTENSION_HTTP_PORT", str(server.port))
    server.says({"a": 1})

    read = AppConfig.from_environment("SECOND_").configuration()

    assert read.content == {"a": 1}
    path = "/applications/application/environments/environment/configurations/profile "
    assert path in server.requests[0]


def test_an_environment_without_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("APPCONFIG_APPLICATION", "Shop")
    monkeypatch.delenv("APPCONFIG_ENVIRONMENT", raising=False)
    monkeypatch.delenv("APPCONFIG_PROFILE", raising=False)

    message = (
        "the environment has no APPCONFIG_ENVIRONMENT, APPCONFIG_PROFILE; attach "
        "AppConfigExtension to the function, or name application, environment and profile to "
        "AppConfig"
    )
    with pytest.raises(ConfigurationError, match=exactly(message)):
        AppConfig.from_environment()


@pytest.mark.parametrize("port", ["0", "65536", "http", "-1"])
def test_a_port_that_is_none_is_told(port: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("APPLICATION", "ENVIRONMENT", "PROFILE"):
        monkeypatch.setenv(f"APPCONFIG_{name}", "x")
    monkeypatch.setenv("AWS_APPCONFIG_EXTENSION_HTTP_PORT", port)

    message = (
        "AWS_APPCONFIG_EXTENSION_HTTP_PORT must be a port from 1 to 65535, "
        f"got {port!r}; omit it to get 2772"
    )
    with pytest.raises(ConfigurationError, match=exactly(message)):
        AppConfig.from_environment()


def test_json_is_read_with_its_version(server: ExtensionServer, flags: AppConfig) -> None:
    server.says({"limit": 3})

    read = flags.configuration()

    assert (read.content, read.content_type, read.version) == (
        {"limit": 3},
        "application/json",
        "7",
    )
    assert (read.is_stale, read.problem) == (False, "")
    assert 0 <= read.age < 1


def test_other_content_is_text(server: ExtensionServer, flags: AppConfig) -> None:
    server.says("limit: drei\n# größer".encode(), kind="application/x-yaml; charset=utf-8")

    read = flags.configuration()

    assert (read.content, read.content_type) == ("limit: drei\n# größer", "application/x-yaml")


def test_a_change_is_read_at_once(server: ExtensionServer, flags: AppConfig) -> None:
    server.says({"sale": {"enabled": False}})
    assert not flags.flag("sale")
    server.says(FLAGS)

    assert flags.flag("sale")


def test_a_flag_has_attributes_of_the_types_asked_for(
    server: ExtensionServer, flags: AppConfig
) -> None:
    server.says(FLAGS)

    sale = flags.flag("sale")

    assert (sale.name, sale.enabled, sale.problem) == ("sale", True, "")
    assert sale.attribute("percent", int) == 20
    assert sale.attribute("label", str) == "Sale"
    assert sale.attribute("tags", list) == ["a"]
    assert sale.attribute("vip", bool) is False
    assert type(sale.attribute("percent", float)) is float
    assert sale.attribute("missing", int, 5) == 5


@pytest.mark.parametrize(
    ("name", "kind", "got"),
    [("label", int, "'Sale'"), ("vip", int, "False"), ("percent", str, "20")],
)
def test_an_attribute_of_another_type_is_told(
    server: ExtensionServer, flags: AppConfig, name: str, kind: type[Any], got: str
) -> None:
    server.says(FLAGS)

    message = (
        f"flag sale: attribute {name} must be {kind.__name__}, got {got}; "
        "deploy one of that type, with a constraint that keeps it so"
    )
    with pytest.raises(ConfigurationError, match=exactly(message)):
        flags.flag("sale").attribute(name, kind)


def test_an_attribute_that_is_not_there_is_told(server: ExtensionServer, flags: AppConfig) -> None:
    server.says(FLAGS)

    message = (
        "flag sale has no attribute 'percents'; its attributes are: label, percent, tags, vip; "
        "give a default, as a flag that is off has none"
    )
    with pytest.raises(ConfigurationError, match=exactly(message)):
        flags.flag("sale").attribute("percents", int)


def test_a_flag_that_is_not_there_is_told(server: ExtensionServer, flags: AppConfig) -> None:
    server.says(FLAGS)

    message = f"{WHAT} has no flag 'sail'; its flags are: sale; define it, or give a default"
    with pytest.raises(ConfigurationError, match=exactly(message)):
        flags.flag("sail")


@pytest.mark.parametrize("content", [{"sale": 20}, {"sale": {"on": True}}, ["sale"]])
def test_what_is_no_flag_is_told(server: ExtensionServer, flags: AppConfig, content: Any) -> None:
    server.says(content)

    message = (
        f"{WHAT} has no flag 'sale' that is on or off; read what is no feature flag with "
        "configuration()"
    )
    with pytest.raises(ConfigurationError, match=exactly(message)):
        flags.flag("sale")


def test_a_default_holds_where_there_is_nothing(dead_port: int) -> None:
    flags = AppConfig("Shop", "live", "flags", port=dead_port)

    sale = flags.flag("sale", default=True)

    assert (sale.enabled, sale.age, dict(sale.attributes)) == (True, None, {})
    assert sale.problem.startswith(f"there is no {WHAT}: ")


def test_a_default_does_not_hide_what_is_known(server: ExtensionServer, flags: AppConfig) -> None:
    server.says({"sale": {"enabled": False}})

    assert flags.flag("sale", default=True).enabled is False


def test_a_slow_agent_is_waited_for_no_longer_than_the_timeout(
    server: ExtensionServer, flags: AppConfig
) -> None:
    server.says(FLAGS)
    server.pause = HANGS

    started = time.monotonic()
    message = f"there is no {WHAT}: AppConfig's agent did not answer within 0.3 s; {SLOW}"
    with pytest.raises(ConfigurationError, match=exactly(message)):
        flags.configuration()
    assert time.monotonic() - started < HANGS


def test_an_agent_that_trickles_is_waited_for_no_longer(
    server: ExtensionServer, flags: AppConfig
) -> None:
    server.says(FLAGS)
    server.pieces, server.pause = 1, HANGS / len(server.answer)

    started = time.monotonic()
    message = f"there is no {WHAT}: AppConfig's agent did not answer within 0.3 s; {SLOW}"
    with pytest.raises(ConfigurationError, match=exactly(message)):
        flags.configuration()
    assert time.monotonic() - started < HANGS


def test_an_answer_in_pieces_is_put_together(server: ExtensionServer, flags: AppConfig) -> None:
    server.says(FLAGS)
    server.pieces, server.pause = 40, 0.001

    assert flags.configuration().content == FLAGS


def test_the_last_answer_stands_in_for_a_slow_agent_with_its_age(
    server: ExtensionServer, flags: AppConfig, later: Callable[[float], None]
) -> None:
    server.says(FLAGS)
    flags.configuration()
    server.pause = HANGS
    later(50)

    read = flags.configuration()
    sale = flags.flag("sale")

    assert (read.content, read.is_stale) == (FLAGS, True)
    assert read.problem == "AppConfig's agent did not answer within 0.1 s"
    assert 50 <= read.age < 50 + HANGS
    assert (sale.enabled, sale.problem) == (True, read.problem)
    assert len(server.requests) == 2  # the second read did not ask again


def test_an_agent_that_recovers_is_asked_again(
    server: ExtensionServer, flags: AppConfig, later: Callable[[float], None]
) -> None:
    server.says(FLAGS)
    flags.configuration()
    server.says(b"", status="500 Internal Server Error")
    assert flags.configuration().is_stale
    server.says({})
    assert flags.configuration().is_stale  # it isn't asked for a second
    later(1)

    read = flags.configuration()

    assert (read.content, read.is_stale) == ({}, False)
    assert len(server.requests) == 3


def test_a_dead_agent_is_told(dead_port: int) -> None:
    message = (
        f"there is no {WHAT}: AppConfig's agent can't be reached on localhost:{dead_port} "
        f"(Connection refused); {ABSENT}"
    )
    with pytest.raises(ConfigurationError, match=exactly(message)):
        AppConfig("Shop", "live", "flags", port=dead_port).configuration()


@pytest.mark.parametrize(
    ("status", "body", "told"),
    [
        ("404 Not Found", b'{"Message":\n "no profile"}', '404 ({"Message": "no profile"})'),
        ("400 Bad Request", b"", "400"),
        ("500 Internal Server Error", b"x" * 400, f"500 ({'x' * 300})"),
        ("302 Found", b"", "302"),
    ],
)
def test_what_is_refused_is_told_with_the_agents_words(
    server: ExtensionServer, flags: AppConfig, status: str, body: bytes, told: str
) -> None:
    server.says(body, status=status)

    message = f"there is no {WHAT}: AppConfig's agent answered {told}; {REFUSED}"
    with pytest.raises(ConfigurationError, match=exactly(message)):
        flags.configuration()


@pytest.mark.parametrize("body", [b'{"sale": ', b"\xff\xfe", b"<html>"])
def test_a_malformed_configuration_is_told(
    server: ExtensionServer, flags: AppConfig, body: bytes
) -> None:
    server.says(body)

    with pytest.raises(ConfigurationError) as raised:
        flags.configuration()
    assert str(raised.value).startswith(f"there is no {WHAT}: it is no application/json (")
    assert str(raised.value).endswith("); deploy one that a validator has checked")


def test_a_malformed_answer_does_not_replace_the_last_good_one(
    server: ExtensionServer, flags: AppConfig
) -> None:
    server.says(FLAGS)
    flags.configuration()
    server.says(b"{")

    assert flags.flag("sale").enabled


def test_an_empty_configuration_is_told(server: ExtensionServer, flags: AppConfig) -> None:
    server.says(b"")

    message = f"there is no {WHAT}: it is empty; deploy a version of it"
    with pytest.raises(ConfigurationError, match=exactly(message)):
        flags.configuration()


@pytest.mark.parametrize(
    "answer",
    [b"", b"garbage", b"HTTP/1.1 OK\r\n\r\n{}", b"SSH-2.0\r\n\r\n", b"HTTP/1.1 200 OK\r\n"],
)
def test_what_is_no_http_is_told(server: ExtensionServer, flags: AppConfig, answer: bytes) -> None:
    server.answer = answer

    message = (
        f"there is no {WHAT}: AppConfig's agent answered what is no HTTP; "
        f"see that nothing but AppConfig's agent listens on port {server.port}"
    )
    with pytest.raises(ConfigurationError, match=exactly(message)):
        flags.configuration()


def test_an_answer_that_breaks_off_is_told(server: ExtensionServer, flags: AppConfig) -> None:
    server.says(FLAGS)
    server.answer = server.answer[:-1]

    message = f"there is no {WHAT}: AppConfig's agent broke off its answer; {SLOW}"
    with pytest.raises(ConfigurationError, match=exactly(message)):
        flags.configuration()


def test_an_answer_in_chunks_is_told(server: ExtensionServer, flags: AppConfig) -> None:
    server.answer = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"

    message = (
        f"there is no {WHAT}: AppConfig's agent answered in chunks, which HTTP/1.0 doesn't know; "
        f"see that nothing but AppConfig's agent listens on port {server.port}"
    )
    with pytest.raises(ConfigurationError, match=exactly(message)):
        flags.configuration()


def test_an_oversized_answer_is_read_no_further(server: ExtensionServer, flags: AppConfig) -> None:
    server.says(b'"' + b"x" * (64 * 2**20) + b'"')
    server.pieces = 2**20

    message = (
        f"there is no {WHAT}: AppConfig's agent answered more than 4 MB; make it smaller, or "
        "split it"
    )
    with pytest.raises(ConfigurationError, match=exactly(message)):
        flags.configuration()
    assert server.sent < 32 * 2**20


def test_the_largest_configuration_of_appconfig_is_read(
    server: ExtensionServer, flags: AppConfig
) -> None:
    server.says("x" * (2 * 2**20))

    assert len(flags.configuration().content) == 2 * 2**20


def test_a_proxy_of_the_environment_is_not_asked(
    server: ExtensionServer, flags: AppConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    server.says({})

    assert flags.configuration().content == {}


def test_its_import_brings_neither_aws_cdk_nor_an_http_library() -> None:
    code = (
        "import sys\nfrom serverless_patterns.runtime import appconfig, parameters\n"
        "print([name for name in sys.modules if name.split('.')[0] in "
        "('aws_cdk', 'boto3', 'http', 'urllib', 'inspect', 'ssl', 'jsii')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout == "[]\n"
