from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from serverless_patterns.local import Deployed, LocalCloud, deploy
from tests.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable

    DeployApp = Callable[..., Deployed]


@pytest.fixture(scope="session")
def deploy_app(local_cloud: LocalCloud) -> DeployApp:
    """Deploys an app of ``tests/local/apps``, with the feature flags of this repository."""

    def run(name: str, *stacks: str, cloud: LocalCloud = local_cloud, **context: str) -> Deployed:
        return deploy(
            cloud,
            folder=ROOT,
            app=f"python -m tests.local.apps.{name}",
            stacks=stacks,
            every_stack=not stacks,
            context=context,
        )

    return run
