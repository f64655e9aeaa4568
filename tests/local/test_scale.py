"""An application of as many routes as an HTTP API has integrations for, a function for each."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import httpx
import pytest

from benchmarks.scale_app import write_application

if TYPE_CHECKING:
    from serverless_patterns.testing.plugin import StartCloud
    from tests.local.conftest import DeployApp

ROUTES = 298
SAMPLE = [*range(0, ROUTES, 16), ROUTES - 1]


@pytest.fixture(scope="module")
def url(
    deploy_app: DeployApp,
    start_local_cloud: StartCloud,
    tmp_path_factory: pytest.TempPathFactory,
) -> str:
    cloud = start_local_cloud()  # its own: as many functions stay warm as are called
    entry = write_application(tmp_path_factory.mktemp("scale") / "service", ROUTES)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CDK_VALIDATION", "false")
        deploy_app("scale", cloud=cloud, entry=str(entry))
    return cloud.outputs("Scale")["Url"]


def test_298_routes_deploy_in_nested_stacks_and_each_answers_for_itself(url: str) -> None:
    def ask(number: int) -> tuple[int, object]:
        answer = httpx.post(f"{url}things{number}/a%20b", timeout=60)
        return answer.status_code, answer.json()

    with ThreadPoolExecutor(2) as callers:
        answers = [*callers.map(ask, SAMPLE)]

    assert answers == [(200, {"route": number, "id": "a b"}) for number in SAMPLE]


def test_the_catch_all_answers_what_is_no_route_of_the_298(url: str) -> None:
    assert httpx.get(f"{url}nowhere", timeout=60).status_code == 404
    assert httpx.get(f"{url}things0/a", timeout=60).status_code == 405
