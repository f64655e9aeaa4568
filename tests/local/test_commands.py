"""The command line, as a user in a project of their own meets it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from serverless_patterns.testing.plugin import free_port
from tests.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Run = Callable[..., subprocess.CompletedProcess[str]]

APP = """
import aws_cdk as cdk
from serverless_patterns import ProxyApi, PythonFunction

app = cdk.App()
stack = cdk.Stack(app, "Mine")
function = PythonFunction(stack, "Greeter", entry="service")
api = ProxyApi(stack, "Api", handler=function, public="Everyone may be greeted")
cdk.CfnOutput(stack, "Url", value=api.url)
if app.node.try_get_context("two"):
    cdk.Stack(app, "Other")
app.synth()
"""
SERVICE = """
def handler(event, context):
    print("greeting", event["rawPath"])
    return {"statusCode": 200, "body": "hello"}
"""
PROGRAM = Path(sys.executable).with_name("serverless-patterns")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A user's project: an app, its code and the CDK CLI."""
    folder = tmp_path_factory.mktemp("project")
    (folder / "service").mkdir()
    (folder / "service" / "index.py").write_text(SERVICE)
    (folder / "app.py").write_text(APP)
    (folder / "node_modules").symlink_to(ROOT / "node_modules")
    return folder


@pytest.fixture(scope="module")
def run(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """Runs `serverless-patterns local` in the project, on a port of its own."""
    environment = os.environ | {
        "SERVERLESS_PATTERNS_PORT": str(free_port()),
        "SERVERLESS_PATTERNS_STATE_DIR": str(tmp_path_factory.mktemp("state")),
        "CDK_VALIDATION": "false",
    }

    def run(*arguments: str, program: tuple[str, ...] = (str(PROGRAM), "local")) -> object:
        return subprocess.run(
            [*program, *arguments],
            cwd=project,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )

    yield run  # type: ignore[misc]
    run("down")


@pytest.fixture(scope="module")
def deployed(run: Run) -> str:
    """What the deployment of the project's app prints."""
    assert run("up").returncode == 0
    done = run("deploy", "--app", "python app.py")
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_without_a_command_the_commands_are_listed(run: Run) -> None:
    listed = run().stderr + run().stdout

    for command in ("up", "deploy", "status", "logs", "urls", "reset", "down"):
        assert f"\n  {command} " in listed


def test_the_module_is_the_same_program(run: Run) -> None:
    module = run("--help", program=(sys.executable, "-m", "serverless_patterns.local"))

    assert (module.returncode, "deploy" in module.stdout) == (0, True)


@pytest.mark.parametrize(
    "command", [("status",), ("urls",), ("deploy",), ("logs", "greeter"), ("reset",)]
)
def test_a_command_that_needs_the_cloud_fails_in_one_line_without_it(
    run: Run, command: tuple[str, ...]
) -> None:
    run("down")
    failed = run(*command)

    assert failed.returncode == 1
    assert failed.stderr.startswith("Error: the local cloud is not running on port ")
    assert failed.stderr.count("\n") == 1


def test_a_deployment_tells_its_target_its_limits_and_its_urls(deployed: str) -> None:
    version = f"Python {sys.version_info.major}.{sys.version_info.minor}"

    assert f"functions are bundled for {version} on " in deployed
    assert "This deployment asks for what the local cloud does not enforce:" in deployed
    assert "\n  - throttling (Mine/Api/Stage)\n" in deployed
    assert "\nMine\n  Url = http://127.0.0.1:" in deployed


def test_the_printed_url_answers_and_the_logs_say_so(run: Run, deployed: str) -> None:
    [url] = [line.split(" = ")[1] for line in deployed.splitlines() if " Url = " in line]

    assert httpx.get(f"{url}world", timeout=30).text == "hello"
    assert url in run("urls").stdout
    assert "greeting /world" in run("logs", "greeter").stdout


def test_the_status_tells_what_runs(run: Run, deployed: str) -> None:
    assert deployed
    told = run("status").stdout

    assert told.startswith("Running: http://127.0.0.1:")
    assert "IAM is not enforced" in told
    assert told.endswith("Mine: CREATE_COMPLETE\n")


def test_an_unchanged_app_is_deployed_again_without_a_change(run: Run, deployed: str) -> None:
    assert deployed
    again = run("deploy", "--app", "python app.py")

    assert (again.returncode, "Mine: no changes" in again.stdout) == (0, True)


@pytest.mark.parametrize(
    ("command", "error"),
    [
        (("logs", "nobody"), "no function matches 'nobody'; there are Mine-Greeter"),
        (("deploy", "-c", "novalue"), "must be KEY=VALUE, got novalue"),
        (("deploy",), "--app is required either in command-line, in cdk.json or in ~/.cdk.json"),
        (
            ("deploy", "--app", "python app.py", "-c", "two=1"),
            "the app has 2 stacks (Mine, Other); name some, or add --all",
        ),
        (
            ("deploy", "--app", "python app.py", "Yours"),
            "no stack matches Yours; there are Mine",
        ),
        (("deploy", "--app", "python nothing.py"), "can't open file"),
        (
            ("deploy", "--app", f"{sys.executable} -c pass"),
            "the app wrote no cloud assembly; end it with `app.synth()`",
        ),
    ],
)
def test_what_cannot_be_done_is_told_with_a_non_zero_exit(
    run: Run, deployed: str, command: tuple[str, ...], error: str
) -> None:
    assert deployed
    failed = run(*command)

    assert failed.returncode in (1, 2)
    assert error in failed.stderr
    assert "Traceback" not in failed.stderr + failed.stdout


def test_reset_empties_the_cloud_and_down_ends_it(run: Run, deployed: str) -> None:
    assert deployed
    assert run("reset").stdout == "Emptied\n"
    assert "Mine" not in run("status").stdout
    assert run("down").stdout == "Stopped\n"
    assert run("down").stdout == "Not running\n"
