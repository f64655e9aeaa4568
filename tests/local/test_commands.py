"""The command line, as a user in a project of their own meets it."""

from __future__ import annotations

import json
import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import psutil
import pytest

if TYPE_CHECKING:
    from tests.local.conftest import Run, Start


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


def test_a_change_of_outputs_alone_is_deployed(run: Run, deployed: str) -> None:
    assert "Mood = None" in deployed
    assert "Mood = fine" in run("deploy", "--app", "python app.py", "-c", "mood=fine").stdout
    assert "Mood = None" in run("deploy", "--app", "python app.py").stdout


def test_what_the_emulator_answers_to_lookups_stays_out_of_the_project(
    run: Run, deployed: str, project: Path
) -> None:
    assert deployed
    context = project / "cdk.context.json"
    done = run("deploy", "--app", "python looks.py")
    assert (done.returncode, context.exists()) == (0, False), done.stderr

    context.write_text('{"mood": "fine"}')
    assert run("deploy", "--app", "python looks.py").returncode == 0
    assert context.read_text() == '{"mood": "fine"}'
    context.unlink()


def test_an_app_that_was_synthesized_before_is_refused(
    run: Run, deployed: str, project: Path
) -> None:
    assert deployed
    (project / "before").mkdir()
    (project / "before" / "Mine.template.json").write_text('{"Resources": {}}')
    stack = {
        "type": "aws:cloudformation:stack",
        "environment": "aws://unknown-account/unknown-region",
        "properties": {"templateFile": "Mine.template.json"},
    }
    manifest = {"version": "36.0.0", "artifacts": {"Mine": stack}}
    (project / "before" / "manifest.json").write_text(json.dumps(manifest))
    failed = run("deploy", "--app", "before")

    assert failed.returncode == 1
    assert "the app is a folder that was synthesized before" in failed.stderr


def test_a_function_that_was_never_invoked_has_no_logs(run: Run, deployed: str) -> None:
    assert deployed
    assert run("deploy", "--app", "python looks.py").returncode == 0
    silent = run("logs", "looks-silent")

    assert (silent.returncode, silent.stdout, silent.stderr) == (0, "", "")


def test_a_stack_with_an_account_and_a_region_of_its_own_is_found_again(
    run: Run, deployed: str
) -> None:
    assert deployed
    done = run("deploy", "--app", "python abroad.py")
    assert done.returncode == 0, done.stderr

    [url] = [line.split(" = ")[1] for line in done.stdout.splitlines() if " Url = " in line]
    assert url in run("urls").stdout
    assert httpx.get(f"{url}there", timeout=30).text == "hello"
    assert "Abroad: CREATE_COMPLETE" in run("status").stdout
    assert "greeting /there" in run("logs", "abroad").stdout


def test_the_users_own_account_and_proxy_are_left_alone(
    run: Run, deployed: str, tmp_path: Path
) -> None:
    assert deployed
    (tmp_path / "config").write_text("[profile mine\nbroken")
    mine = {
        "AWS_PROFILE": "mine",
        "AWS_CONFIG_FILE": str(tmp_path / "config"),
        "AWS_SESSION_TOKEN": "mine",
        "AWS_ENDPOINT_URL_CLOUDFORMATION": "http://127.0.0.1:9",
        "HTTP_PROXY": "http://127.0.0.1:9",
        "http_proxy": "http://127.0.0.1:9",
    }

    again = run("deploy", "--app", "python app.py", **mine)
    assert (again.returncode, "Mine: no changes" in again.stdout) == (0, True), again.stderr
    assert "\nMine: " in run("status", **mine).stdout


def test_a_deployment_that_is_ended_leaves_nothing_behind(
    run: Run, start: Start, deployed: str, project: Path
) -> None:
    assert deployed
    started = project / "started"
    folder = Path(run("status").stdout.partition("log ")[2].partition("\n")[0]).parent
    with start("deploy", "--app", "python slow.py") as deploying:
        while not started.exists():
            assert deploying.poll() is None
            time.sleep(0.1)
        children = psutil.Process(deploying.pid).children(recursive=True)
        deploying.terminate()

    assert deploying.returncode == 128 + signal.SIGTERM
    assert children
    assert not [child for child in children if child.is_running()]
    assert not [*folder.glob("assembly-*")]


@pytest.mark.parametrize(
    ("command", "error"),
    [
        (("logs", "nobody"), "no function matches 'nobody'; there are Abroad-Greeter"),
        (("deploy", "-c", "novalue"), "must be KEY=VALUE, got novalue"),
        (("deploy", "-c", "=value"), "must be KEY=VALUE, got =value"),
        (("deploy", "--all", "Mine"), "name stacks or add --all, not both: Mine"),
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


def test_a_state_folder_that_is_none_is_told_in_a_line(run: Run, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    failed = run("up", SERVERLESS_PATTERNS_STATE_DIR=str(tmp_path / "file"))

    assert failed.returncode == 1
    assert failed.stderr.startswith("Error: [Errno 20] Not a directory: ")
    assert failed.stderr.count("\n") == 1


def test_reset_empties_the_cloud_and_down_ends_it(run: Run, deployed: str) -> None:
    assert deployed
    assert run("reset").stdout == "Emptied\n"
    assert "Mine" not in run("status").stdout
    assert run("down").stdout == "Stopped\n"
    assert run("down").stdout == "Not running\n"
