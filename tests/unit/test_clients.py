"""Where the commands `redrive` and `replay` look for a queue: the options that both have."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from botocore.config import Config
from click.testing import CliRunner

from serverless_patterns import _clients, redrive_cli, replay_cli
from serverless_patterns._clients import Clients
from serverless_patterns._queues.redrive_queue import RedriveError
from serverless_patterns.local import LocalCloud

if TYPE_CHECKING:
    from collections.abc import Callable

ARN = "arn:aws:sqs:eu-west-1:123456789012:"
URL = "https://sqs.eu-west-1.amazonaws.com/123456789012/"
COMMANDS = {
    "redrive": (redrive_cli.main, ("dead",)),
    "replay": (replay_cli.main, ("--queue-url", "http://localhost:4566/000000000000/failed")),
}

both = pytest.mark.parametrize("name", COMMANDS)


def run(name: str, *arguments: str) -> tuple[int, str]:
    command, needed = COMMANDS[name]
    done = CliRunner().invoke(command, [*needed, *arguments])
    return done.exit_code, done.stderr


def clients(queue: str | None = None, **options: Any) -> Clients:
    return Clients.of(queue, **{"region": None, "endpoint_url": None, "local": False, **options})


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What boto3 is asked for."""
    asked: list[dict[str, Any]] = []
    monkeypatch.setattr("boto3.client", lambda *_, **options: asked.append(options))
    return asked


@pytest.mark.parametrize(
    ("queue", "options", "region"),
    [
        (f"{ARN}dead", {}, "eu-west-1"),
        (f"{URL}dead", {}, "eu-west-1"),
        (f"{ARN}dead", {"region": "eu-west-2"}, "eu-west-2"),
        ("https://sqs-fips.us-east-2.amazonaws.com/123456789012/dead", {}, "us-east-2"),
        ("https://vpce-1a.sqs.eu-north-1.vpce.amazonaws.com/1/dead", {}, "eu-north-1"),
        ("https://ap-south-1.queue.amazonaws.com/123456789012/dead", {}, "ap-south-1"),
        ("https://sqs.cn-north-1.amazonaws.com.cn/123456789012/dead", {}, "cn-north-1"),
        ("http://localhost:4566/000000000000/dead", {}, None),
        ("dead", {}, None),
        (None, {}, None),
    ],
)
def test_the_queue_tells_its_region(
    asked: list[dict[str, Any]], queue: str | None, options: dict[str, Any], region: str | None
) -> None:
    clients(queue, **options)("sqs")

    assert asked == [{"region_name": region, "endpoint_url": None, "config": None}]


def test_what_is_asked_for_another_region_is_asked_there(asked: list[dict[str, Any]]) -> None:
    config = Config()
    made = clients(f"{ARN}dead", endpoint_url="http://127.0.0.1:1")
    made("kinesis", region_name="us-east-1", config=config)

    assert asked == [
        {"region_name": "us-east-1", "endpoint_url": "http://127.0.0.1:1", "config": config}
    ]


@both
def test_a_region_that_nothing_tells_is_asked_for(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    for variable in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(variable, raising=False)

    assert run(name) == (1, "Error: You must specify a region.\n")


@both
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ("--local", "--endpoint-url", "http://127.0.0.1:1"),
            "the local cloud has its own endpoint; omit http://127.0.0.1:1",
        ),
        (
            ("--endpoint-url", "localhost:4566"),
            "Invalid value for '--endpoint-url': must be http:// or https:// and a host, got "
            "'localhost:4566'",
        ),
        (
            ("--region", "eu west 1"),
            "Invalid value for '--region': must be a region such as eu-west-1, got 'eu west 1'",
        ),
        (
            ("--region", ""),
            "Invalid value for '--region': must be a region such as eu-west-1, got ''",
        ),
    ],
)
def test_bad_options_are_refused_alike(name: str, arguments: tuple[str, ...], message: str) -> None:
    code, said = run(name, *arguments)

    assert (code, said.splitlines()[-1]) == (2, f"Error: {message}")


@both
def test_a_local_cloud_that_does_not_run_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory, name: str
) -> None:
    monkeypatch.setenv("SERVERLESS_PATTERNS_STATE_DIR", str(tmp_path_factory.mktemp("state")))
    monkeypatch.setenv("SERVERLESS_PATTERNS_PORT", "4999")

    assert run(name, "--local") == (
        1,
        "Error: the local cloud is not running on port 4999; start it with "
        "`serverless-patterns local --port 4999 up`\n",
    )


@pytest.fixture
def cloud_with(monkeypatch: pytest.MonkeyPatch) -> Callable[[str | None], None]:
    """Puts a local cloud of two regions in place, one of which may have the queue."""

    class Cloud:
        state = SimpleNamespace(regions=["us-east-1", "eu-west-1"])

        def require_running(self) -> None: ...

        def client(self, service: str, region: str, config: Config | None = None) -> Any:
            return service, region, config

    def put(there: str | None) -> None:
        def find(client: tuple[str, str, None], queue: str) -> None:
            if client[1] != there:
                raise RedriveError(f"there is no queue {queue} in {client[1]}")

        monkeypatch.setattr(_clients, "LocalCloud", Cloud)
        monkeypatch.setattr("serverless_patterns._clients.Queue.find", find)

    return put


@pytest.mark.parametrize("there", ["us-east-1", "eu-west-1", None])
def test_the_local_cloud_is_searched_in_every_region_that_was_deployed_to(
    cloud_with: Callable[[str | None], None], there: str | None
) -> None:
    cloud_with(there)

    assert clients("dead", local=True)("sqs") == ("sqs", there or "eu-west-1", None)


@pytest.mark.parametrize(
    ("queue", "region", "asked"),
    [
        (None, None, "us-east-1"),
        (None, "eu-west-2", "eu-west-2"),
        (f"{ARN}dead", None, "eu-west-1"),
    ],
)
def test_the_local_cloud_is_not_searched_for_what_is_told(
    cloud_with: Callable[[str | None], None], queue: str | None, region: str | None, asked: str
) -> None:
    cloud_with(None)

    assert clients(queue, region=region, local=True)("s3") == ("s3", asked, None)


def test_a_client_of_the_local_cloud_is_configured_as_asked() -> None:
    cloud = LocalCloud()
    patient = cloud.client("lambda", "eu-west-1", Config(read_timeout=901))

    assert (patient.meta.config.read_timeout, patient.meta.config.proxies) == (901, {})
    assert patient.meta.region_name == "eu-west-1"
    assert cloud.client("lambda", "eu-west-1").meta.config.read_timeout == 60
