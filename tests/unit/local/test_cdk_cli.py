from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest

from serverless_patterns.local import LocalCloudError
from serverless_patterns.local.cdk_cli import CdkCli
from tests.messages import exactly

if TYPE_CHECKING:
    from pathlib import Path

    from _pytest.monkeypatch import MonkeyPatch

INSTALL = "install it with `npm install aws-cdk@2.1148.1`"


def install_cli(folder: Path, version: str, script: str) -> Path:
    """A CDK CLI that prints what a test wants, where npm would put it."""
    package = folder / "node_modules" / "aws-cdk"
    (package / "bin").mkdir(parents=True)
    (package / "package.json").write_text(json.dumps({"version": version}))
    (package / "bin" / "cdk").write_text(f"#!/bin/sh\n{script}\n")
    (package / "bin" / "cdk").chmod(0o755)
    binaries = folder / "node_modules" / ".bin"
    binaries.mkdir()
    (binaries / "cdk").symlink_to(package / "bin" / "cdk")
    return folder


def run(folder: Path, *arguments: str) -> str:
    return CdkCli(folder, {"MOOD": "fine"}, folder / "deploy.log").run(*arguments)


def test_the_cli_of_the_project_runs_there_with_the_clouds_environment(tmp_path: Path) -> None:
    install_cli(tmp_path, "2.1148.1", 'echo "$PWD $MOOD $*"')
    (tmp_path / "app").mkdir()

    printed = run(tmp_path / "app", "list", "Shop")

    assert printed.startswith(f"{tmp_path / 'app'} fine list Shop ")
    assert printed in (tmp_path / "app" / "deploy.log").read_text()


def test_a_missing_cli_is_told_with_the_remedy(tmp_path: Path, monkeypatch: MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", os.defpath)
    message = f"there is no CDK CLI in node_modules or on PATH; {INSTALL}"

    with pytest.raises(LocalCloudError, match=exactly(message)):
        CdkCli(tmp_path, {}, tmp_path / "log")


def test_a_cli_that_cannot_read_the_assembly_is_told_with_the_remedy(tmp_path: Path) -> None:
    install_cli(tmp_path, "3.0.0", "true")
    found = tmp_path / "node_modules" / ".bin" / "cdk"
    message = f"CDK CLI 3.0.0 ({found}) can't read what aws-cdk-lib 2 writes; {INSTALL}"

    with pytest.raises(LocalCloudError, match=exactly(message)):
        CdkCli(tmp_path, {}, tmp_path / "log")


NAG = """\
ERROR The SQS queue does not require requests to use SSL. (AwsSolutions)
   S/Q/Resource aws-cdk-lib.aws_sqs.CfnQueue
   Acknowledge with 'AwsSolutions::AwsSolutions-SQS4'

Synthesis finished with errors
"""


@pytest.mark.parametrize(
    ("printed", "reason"),
    [
        (
            "Traceback (most recent call last):\n"
            '  File "app.py", line 3, in <module>\n'
            "serverless_patterns._errors.PatternError: S/F: entry must be there, got x; make it\n"
            "python app.py: Subprocess exited with error 1\n",
            "S/F: entry must be there, got x; make it",
        ),
        (
            "jsii.errors.JavaScriptError: \n"
            "  «StackNameInvalidFormat» Stack name must match\n"
            "      ...aws-cdk-lib, jsii runtime, node internals...\n"
            "The above exception was the direct cause of the following exception:\n\n"
            "RuntimeError: Stack name must match the regular expression\n"
            "python app.py: Subprocess exited with error 1\n",
            "Stack name must match the regular expression",
        ),
        (
            "ModuleNotFoundError: No module named 'nosuch'\n"
            "python app.py: Subprocess exited with error 1\n",
            "ModuleNotFoundError: No module named 'nosuch'",
        ),
        (
            "ENOENT: no such file or directory, open '/x/cdk.out/manifest.json'\n",
            "the app wrote no cloud assembly; end it with `app.synth()`",
        ),
        (
            "--app is required either in command-line, in cdk.json or in ~/.cdk.json\n",
            "--app is required either in command-line, in cdk.json or in ~/.cdk.json",
        ),
        (
            "/bin/sh: 1: nosuchprog: not found\nnosuchprog x: Subprocess exited with error 127\n",
            "/bin/sh: 1: nosuchprog: not found",
        ),
        (
            "  File \"/x/app.py\", line 3\n    x = (\nSyntaxError: '(' was never closed\n"
            "python app.py: Subprocess exited with error 1\n",
            "SyntaxError: '(' was never closed (/x/app.py:3)",
        ),
        (
            "please set TABLE\npython app.py: Subprocess exited with error 1\n",
            "please set TABLE",
        ),
        (NAG, f"the app breaks rules that it registered:\n{NAG.partition(chr(10) * 2)[0]}"),
        ("", "the CDK CLI failed without a word"),
    ],
)
def test_a_failure_is_told_in_short(tmp_path: Path, printed: str, reason: str) -> None:
    (tmp_path / "printed").write_text(printed)
    install_cli(tmp_path, "2.1148.1", f"cat '{tmp_path}/printed' >&2; exit 1")

    log = tmp_path / "deploy.log"
    with pytest.raises(LocalCloudError, match=exactly(f"{reason} (all of it: {log})")):
        run(tmp_path, "synth")
