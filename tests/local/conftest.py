from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from serverless_patterns.local import Deployed, LocalCloud, deploy
from serverless_patterns.testing.plugin import free_port
from tests.conftest import ROOT
from tests.local.project import ABROAD, APP, LOOKS, SERVICE, SLOW

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    DeployApp = Callable[..., Deployed]
    Run = Callable[..., subprocess.CompletedProcess[str]]
    Start = Callable[..., subprocess.Popen[str]]

PROGRAM = Path(sys.executable).with_name("serverless-patterns")


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


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A user's project: an app, its code and the CDK CLI."""
    folder = tmp_path_factory.mktemp("project")
    (folder / "service").mkdir()
    (folder / "service" / "index.py").write_text(SERVICE)
    (folder / "app.py").write_text(APP)
    (folder / "abroad.py").write_text(ABROAD)
    (folder / "looks.py").write_text(LOOKS)
    (folder / "slow.py").write_text(SLOW)
    (folder / "node_modules").symlink_to(ROOT / "node_modules")
    return folder


@pytest.fixture(scope="module")
def start(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    """Starts `serverless-patterns local` in the project, on a port of its own."""
    environment = os.environ | {
        "SERVERLESS_PATTERNS_PORT": str(free_port()),
        "SERVERLESS_PATTERNS_STATE_DIR": str(tmp_path_factory.mktemp("state")),
        "CDK_VALIDATION": "false",
    }

    def start(
        *arguments: str, program: tuple[str, ...] = (str(PROGRAM), "local"), **more: str
    ) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [*program, *arguments],
            cwd=project,
            env=environment | more,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    yield start
    with start("down") as process:
        process.communicate()


@pytest.fixture(scope="module")
def run(start: Start) -> Run:
    """Runs it to its end."""

    def run(*arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
        with start(*arguments, **options) as process:
            printed, errors = process.communicate()
        return subprocess.CompletedProcess(arguments, process.returncode, printed, errors)

    return run


@pytest.fixture(scope="module")
def deployed(run: Run) -> str:
    """What the deployment of the project's app prints."""
    assert run("up").returncode == 0
    done = run("deploy", "--app", "python app.py")
    assert done.returncode == 0, done.stderr
    return done.stdout
