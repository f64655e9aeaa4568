"""The pytest plugin: fixtures for snapshots and for deployments to the local cloud.

pytest loads it into every run, so it imports what a fixture needs when the fixture is asked for.
"""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from serverless_patterns.local import LocalCloud

    StartCloud = Callable[..., LocalCloud]


@pytest.fixture(scope="session")
def start_local_cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StartCloud]:
    """Starts local clouds on free ports; they are stopped when the session ends.

    Call it with the keywords of ``LocalCloud.up``. Each call starts another cloud.
    """
    from serverless_patterns.local import LocalCloud  # noqa: PLC0415 - slow to import

    clouds: list[LocalCloud] = []

    def start(*, persist: bool = False, enforce_iam: bool = False) -> LocalCloud:
        cloud = LocalCloud(free_port(), tmp_path_factory.mktemp("local-cloud"))
        clouds.append(cloud)
        cloud.up(persist=persist, enforce_iam=enforce_iam)
        return cloud

    yield start
    for cloud in clouds:
        cloud.down()


@pytest.fixture(scope="session")
def local_cloud(start_local_cloud: StartCloud) -> LocalCloud:
    """A local cloud of the session's own, on a free port."""
    return start_local_cloud()


@pytest.fixture
def template_snapshot(snapshot: Any) -> Any:
    """Compares a template with the JSON file that was reviewed; `--snapshot-update` renews it."""
    from syrupy.extensions.json import JSONSnapshotExtension  # noqa: PLC0415 - slow to import

    return snapshot.use_extension(JSONSnapshotExtension)


def free_port() -> int:
    """A port of the loopback interface that nobody holds right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
