from __future__ import annotations

import os
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from examples.web_frameworks.stacks import FRAMEWORKS
from serverless_patterns.local import LocalCloud, deploy
from serverless_patterns.local.web_adapter import adapter_binary
from tests.adapter import require_adapter
from tests.conftest import ROOT
from tests.frameworks.applications import adapter, missing, package, served
from tests.frameworks.events import FunctionUrl, HttpApi, LoadBalancer
from tests.frameworks.exchange import Direct
from tests.frameworks.runtime_api import RuntimeApi

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.frameworks.exchange import Answer, Request, Way

ALL = "SERVERLESS_PATTERNS_REQUIRES_FRAMEWORKS"


@dataclass(frozen=True)
class Application:
    """A framework's application, with the ways to it; each request goes each way once."""

    framework: str
    ways: dict[str, Way]
    answers: dict[tuple[str, Request], Answer] = field(default_factory=dict)

    def ask(self, way: str, request: Request) -> Answer:
        if (way, request) not in self.answers:
            self.answers[way, request] = self.ways[way].send(request)
        return self.answers[way, request]


def require(framework: str) -> None:
    """Skip a framework that this machine can't run, and fail where all have to."""
    if reason := missing(framework):
        reason = f"{framework} is left out: {reason}; run `make frameworks`"
        if os.environ.get(ALL):
            pytest.fail(reason)
        pytest.skip(reason)


@pytest.fixture(scope="session", params=FRAMEWORKS)
def application(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Application]:
    framework: str = request.param
    require_adapter(adapter_binary())
    require(framework)
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
            framework,
            {
                "direct": Direct(port),
                "http-api": HttpApi(buffered),
                "load-balancer": LoadBalancer(buffered),
                "streamed": FunctionUrl(through("streamed", AWS_LWA_INVOKE_MODE="response_stream")),
                "compressed": HttpApi(through("compressed", AWS_LWA_ENABLE_COMPRESSION="true")),
            },
        )


@pytest.fixture(scope="session")
def urls(local_cloud: LocalCloud) -> dict[str, str]:
    """Where the applications are that this machine can run, deployed to the local cloud."""
    there = [framework for framework in FRAMEWORKS if not missing(framework)]
    deploy(
        local_cloud,
        folder=ROOT,
        app="python -m tests.frameworks.app",
        context={"frameworks": ",".join(there)},
    )
    return local_cloud.outputs("Frameworks")
