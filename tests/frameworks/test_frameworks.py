"""One table of requests, sent to seven applications directly and through the adapter."""

from __future__ import annotations

import os
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import pytest

from examples.web_frameworks.stacks import FRAMEWORKS
from tests.frameworks.applications import ADAPTER, adapter, missing, package, served
from tests.frameworks.events import FunctionUrl, HttpApi, LoadBalancer
from tests.frameworks.exchange import Direct
from tests.frameworks.rows import ALL_BYTES, GZIP, LINES, ROWS, Row, get
from tests.frameworks.runtime_api import RuntimeApi

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.frameworks.exchange import Answer, Request, Way

THROUGH = ["http-api", "load-balancer", "streamed"]
# What Rust's runtime client, which the adapter is made with, says of a stream without a type.
TYPE_IF_NONE = {"content-type": ["application/octet-stream"]}


@dataclass(frozen=True)
class Application:
    """A framework's application, with the ways to it; each request goes each way once."""

    ways: dict[str, Way]
    answers: dict[tuple[str, Request], Answer] = field(default_factory=dict)

    def ask(self, way: str, request: Request) -> Answer:
        if (way, request) not in self.answers:
            self.answers[way, request] = self.ways[way].send(request)
        return self.answers[way, request]


def leave_out(reason: str, *, must_run: bool) -> None:
    """Skip what this machine can't run, and fail where it has to."""
    if must_run:
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="module", params=FRAMEWORKS)
def application(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Application]:
    framework: str = request.param
    if not ADAPTER.is_file():
        leave_out(
            f"the adapter is not installed at {ADAPTER}: run `make adapter`",
            must_run=bool(os.environ.get("CI")),
        )
    if reason := missing(framework):
        leave_out(
            f"{framework} is left out: {reason}; run `make frameworks`",
            must_run=os.environ.get("FRAMEWORKS") == "all",
        )
    folder = tmp_path_factory.mktemp(framework)
    packaged = package(framework, folder / "cdk.out")
    with ExitStack() as stack:
        port = stack.enter_context(served(packaged, folder / "application.log"))

        def through(name: str, **settings: str) -> RuntimeApi:
            api = stack.enter_context(RuntimeApi())
            log = folder / f"{name}.log"
            stack.enter_context(adapter(packaged, port, api.address, log, **settings))
            return api

        buffered = through("buffered")
        yield Application(
            {
                "direct": Direct(port),
                "http-api": HttpApi(buffered),
                "load-balancer": LoadBalancer(buffered),
                "streamed": FunctionUrl(through("streamed", AWS_LWA_INVOKE_MODE="response_stream")),
                "compressed": HttpApi(through("compressed", AWS_LWA_ENABLE_COMPRESSION="true")),
            }
        )


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_an_application_does_what_those_of_the_other_frameworks_do(
    application: Application, row: Row
) -> None:
    answer = application.ask("direct", row.request)

    assert row.status in {None, answer.status}
    assert row.check(answer), answer


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
@pytest.mark.parametrize("way", THROUGH)
def test_the_adapter_changes_nothing(application: Application, way: str, row: Row) -> None:
    request = row.request
    if way == "http-api" and row.decoded:
        # API Gateway decodes the path, which makes of it the request for another.
        request = replace(request, path=row.decoded)

    direct = application.ask("direct", request)
    through = application.ask(way, row.request)

    if way == "http-api":
        direct = direct.first_headers  # the adapter keeps no others of a name for it
    expected = direct.compared()
    if way == "streamed":
        expected["headers"] = TYPE_IF_NONE | expected["headers"]
    assert through.compared() == expected


def test_a_streamed_answer_comes_in_parts(application: Application) -> None:
    answer = application.ask("streamed", get("/stream"))

    assert answer.body.decode() == LINES
    assert answer.moments[-1] - answer.moments[0] > 0.25


def test_the_adapter_compresses_what_the_application_does_not(application: Application) -> None:
    through = application.ask("compressed", get("/download", "", GZIP))

    assert through.header("content-encoding") == "gzip"
    assert through.decoded == ALL_BYTES
