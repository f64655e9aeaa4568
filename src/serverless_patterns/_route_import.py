"""Applications imported in a process of their own, to be asked what they answer."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from serverless_patterns._errors import PatternError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from serverless_patterns._handler import Handler

_READER = Path(__file__).with_name("_route_reader.py")
_SUPPORTED = "FastAPI, Starlette, Flask and Powertools resolvers"
_SECONDS = 60
# Clients of boto3 are made at import, and on Lambda there always is a region.
_OF_LAMBDA = {"AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "us-east-1"}


def import_application(
    app: str, handler: Handler, paths: Sequence[Path], environment: Mapping[str, str]
) -> list[dict[str, Any]]:
    """What an application answers, as ``_route_reader.py`` tells it.

    Args:
        app: The application as the user named it, for errors.
        handler: The same, read.
        paths: Where modules are imported from; the first holds the application's own.
        environment: Variables that it reads when it is imported.

    Raises:
        PatternError: If it can't be imported, or is of no framework whose routes can be read.
    """
    answer = _ask(app, handler, paths, environment)
    if "found" not in answer:
        raise PatternError(app, "app", **_refusal(handler, answer))
    return list(answer["found"])


def _ask(
    app: str, handler: Handler, paths: Sequence[Path], environment: Mapping[str, str]
) -> dict[str, Any]:
    # Without `site` none of this environment's packages stand in for what the entry forgot.
    root = str(paths[0].resolve())
    command = [sys.executable, "-S", "-P", str(_READER), handler.module, handler.attribute, root]
    own = {"PYTHONPATH": os.pathsep.join(str(path.resolve()) for path in paths)}
    kept = {name: os.environ[name] for name in ("HOME", "PATH", "TMPDIR") if name in os.environ}
    kept |= {"PYTHONDONTWRITEBYTECODE": "1", **_OF_LAMBDA}
    with tempfile.TemporaryFile() as words:  # a pipe would wait for what was started at import
        try:
            done = subprocess.run(
                command,
                env={**kept, **environment, **own},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=words,
                check=False,
                timeout=_SECONDS,
            )
        except subprocess.TimeoutExpired as error:
            raise PatternError(
                app,
                "app",
                rule=f"be imported within {_SECONDS} s",
                got="an import that goes on",
                remedy="start servers and loops in `if __name__ == '__main__':`",
            ) from error
        except (TypeError, ValueError) as error:
            raise PatternError(
                app,
                "import_environment",
                rule="map names of variables to texts",
                got=f"{dict(environment)}: {error}",
                remedy="for example {'TABLE': 'books'}",
            ) from error
        if done.returncode or not done.stdout:
            words.seek(0)
            last = words.read().decode(errors="replace").strip().splitlines() or ["no reason"]
            return {"error": last[-1], "place": ""}
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def _refusal(handler: Handler, answer: Mapping[str, Any]) -> dict[str, str]:
    """Why there are no routes of an application."""
    if "missing" in answer:
        return {
            "rule": f"name something that {handler.module} defines",
            "got": f"{handler.attribute}, in which there is no {answer['missing']}",
            "remedy": "name the application that is assigned in the module",
        }
    if "unknown" in answer:
        remedy = "describe it with RouteTable.from_openapi"
        if answer["is_maker"]:
            remedy = f"name the application that it makes, assigned in the module, or {remedy}"
        return {
            "rule": f"be of a framework whose routes can be read: {_SUPPORTED}",
            "got": answer["unknown"],
            "remedy": remedy,
        }
    return {
        "rule": "be importable",
        "got": f"{answer['error']} ({answer['place']})" if answer["place"] else answer["error"],
        "remedy": "mend it, or give what it reads at import as import_environment",
    }
