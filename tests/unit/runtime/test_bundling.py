"""How the package comes into an asset: copied, where the application's own sources import it."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from serverless_patterns import RouteTable
from serverless_patterns._runtime_client import client_parts
from tests.applications import make_application
from tests.unit.conftest import names
from tests.wheels import make_wheel

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.conftest import Bundle

CLIENT = {
    "serverless_patterns/__init__.py",
    "serverless_patterns/runtime/__init__.py",
    "serverless_patterns/runtime/_extension.py",
    "serverless_patterns/runtime/_loopback.py",
    "serverless_patterns/runtime/appconfig.py",
    "serverless_patterns/runtime/parameters.py",
}
HANDLER = "\n\ndef handler(event, context):\n    return {}\n"
IMPORTS = [
    "from serverless_patterns.runtime.appconfig import AppConfig",
    "from serverless_patterns.runtime import appconfig",
    "from serverless_patterns import runtime",
    "from serverless_patterns import (\n    runtime,\n)",
    "import serverless_patterns.runtime.parameters as parameters",
]


def imported(asset: Path, code: str) -> subprocess.CompletedProcess[str]:
    """What code prints that sees the asset and the standard library alone."""
    return subprocess.run(
        [sys.executable, "-S", "-P", "-c", code],
        env={"PYTHONPATH": str(asset)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("statement", IMPORTS)
def test_an_application_that_imports_it_gets_it(
    entry: Path, bundle: Bundle, statement: str
) -> None:
    (entry / "index.py").write_text(statement + HANDLER)

    asset = bundle(entry)

    assert names(asset) == {"index.py", *CLIENT}
    done = imported(asset, "import index, sys; print('aws_cdk' in sys.modules)")
    assert (done.stdout, done.stderr) == ("False\n", "")


def test_it_is_imported_without_aws_cdk_and_anything_installed(entry: Path, bundle: Bundle) -> None:
    (entry / "index.py").write_text(IMPORTS[0] + HANDLER)

    done = imported(
        bundle(entry),
        "from serverless_patterns.runtime.appconfig import AppConfig, ConfigurationError\n"
        "from serverless_patterns.runtime.parameters import Parameters\n"
        "try: AppConfig.from_environment()\n"
        "except ConfigurationError as error: print(str(error)[:15])\n"
        "try: import aws_cdk\n"
        "except ModuleNotFoundError: print('no aws_cdk')",
    )

    assert (done.stdout, done.stderr) == ("the environment\nno aws_cdk\n", "")


@pytest.mark.parametrize(
    "text", ["", "import serverless_patterns", "from serverless_patterns import runtimes"]
)
def test_any_other_application_does_not(entry: Path, bundle: Bundle, text: str) -> None:
    (entry / "index.py").write_text(text + HANDLER)

    assert names(bundle(entry)) == {"index.py"}


def test_what_imports_it_in_an_excluded_file_does_not_count(entry: Path, bundle: Bundle) -> None:
    (entry / "test_index.py").write_text(IMPORTS[0])

    assert names(bundle(entry)) == {"index.py"}


def test_an_application_that_requires_the_whole_library_keeps_it(
    entry: Path, bundle: Bundle, index: Path
) -> None:
    whole = {"serverless_patterns/__init__.py": "WHOLE = True\n"}
    make_wheel(index, "serverless_patterns", files=whole)
    (entry / "requirements.txt").write_text("serverless-patterns\n")
    (entry / "index.py").write_text(IMPORTS[0] + HANDLER)

    asset = bundle(entry)

    assert (asset / "serverless_patterns" / "__init__.py").read_text() == "WHOLE = True\n"


def test_another_release_of_it_makes_another_asset(
    entry: Path, bundle: Bundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    (entry / "index.py").write_text(IMPORTS[0] + HANDLER)
    before = bundle(entry)
    parts = [*client_parts(), "more"]
    monkeypatch.setattr("serverless_patterns._bundle.client_parts", lambda: parts)

    assert bundle(entry) != before


@pytest.mark.usefixtures("cache_of_routes")
def test_routes_are_read_of_an_application_that_imports_it(
    tmp_path: Path,
) -> None:
    entry = make_application(
        tmp_path,
        f"{IMPORTS[0]}\nfrom starlette.applications import Starlette\n"
        "from starlette.routing import Route\n\n\n"
        "async def greet(request): ...\n\n\n"
        'app = Starlette(routes=[Route("/hello", greet)])\n',
        "starlette==1.10.0",
    )

    table = RouteTable.from_app("shop.main:app", entry=entry)

    assert [route.path for route in table] == ["/hello"]
