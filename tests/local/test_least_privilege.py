"""An application whose reading route tries to write, cut in two ways, with IAM enforced."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

import httpx
import pytest

if TYPE_CHECKING:
    from serverless_patterns.local import LocalCloud
    from serverless_patterns.testing.plugin import StartCloud
    from tests.local.conftest import DeployApp


@pytest.fixture(scope="module")
def enforcing(deploy_app: DeployApp, start_local_cloud: StartCloud) -> LocalCloud:
    cloud = start_local_cloud(enforce_iam=True)
    deploy_app("privileges", cloud=cloud)
    return cloud


@pytest.fixture
def note() -> str:
    return uuid.uuid4().hex


def ask(cloud: LocalCloud, cut: str, method: str, note: str) -> dict[str, object]:
    url = f"{cloud.outputs('Privileges')[f'{cut}Url']}notes/{note}"
    answer = httpx.request(method, url, timeout=60)
    assert answer.status_code == 200, answer.text
    told: dict[str, object] = answer.json()
    return told


def test_a_reading_route_of_a_monolith_may_write_since_another_route_does(
    enforcing: LocalCloud, note: str
) -> None:
    assert ask(enforcing, "Monolith", "GET", note) == {"found": False, "write": "written"}
    assert ask(enforcing, "Monolith", "GET", note) == {"found": True, "write": "written"}


def test_a_reading_route_with_a_function_of_its_own_may_not_write(
    enforcing: LocalCloud, note: str
) -> None:
    refused = "AccessDeniedException"

    assert ask(enforcing, "Route", "GET", note) == {"found": False, "write": refused}
    assert ask(enforcing, "Route", "GET", note) == {"found": False, "write": refused}


def test_a_writing_route_with_a_function_of_its_own_writes(
    enforcing: LocalCloud, note: str
) -> None:
    assert ask(enforcing, "Route", "PUT", note) == {"write": "written"}
    assert ask(enforcing, "Route", "GET", note)["found"] is True
