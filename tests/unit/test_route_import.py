"""How an application is imported, and what is told of one that can't be."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from serverless_patterns import PatternError, RouteTable, _route_import
from tests.applications import listed, make_application
from tests.messages import exactly

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("cache_of_routes")


def test_what_it_reads_at_import_can_be_given(tmp_path: Path) -> None:
    source = "import os\nfrom starlette.applications import Starlette\n"
    source += "app = Starlette() if os.environ['TABLE'] == 'books' else None\n"
    entry = make_application(tmp_path, source, "starlette==1.10.0")
    given = {"TABLE": "books"}

    assert listed(RouteTable.from_app("shop.main:app", entry=entry, import_environment=given)) == []
    message = (
        f"shop.main:app: app must be importable, got KeyError: 'TABLE' ({entry}/shop/main.py:3); "
        "mend it, or give what it reads at import as import_environment"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        RouteTable.from_app("shop.main:app", entry=entry)


@pytest.mark.parametrize(
    ("source", "got"),
    [
        ("import pytest\napp = 1", "ModuleNotFoundError: No module named 'pytest' ({}:1)"),
        ("import sys\napp = 1\nsys.exit('no table')", "SystemExit: no table ({}:3)"),
        ("import os\napp = 1\nos._exit(3)", "no reason"),
    ],
)
def test_an_application_that_cannot_be_imported_says_why(
    tmp_path: Path, source: str, got: str
) -> None:
    entry = make_application(tmp_path, source)
    message = (
        f"shop.main:app: app must be importable, got {got.format(entry / 'shop' / 'main.py')}; "
        "mend it, or give what it reads at import as import_environment"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        RouteTable.from_app("shop.main:app", entry=entry)


def test_nothing_of_this_library_stands_in_for_the_applications_modules(tmp_path: Path) -> None:
    entry = make_application(tmp_path, "import routes\napp = 1")

    with pytest.raises(PatternError, match="No module named 'routes'"):
        RouteTable.from_app("shop.main:app", entry=entry)


def test_what_an_application_starts_at_import_is_not_waited_for(tmp_path: Path) -> None:
    source = (
        "import atexit, threading, time\nfrom starlette.applications import Starlette\n"
        "threading.Thread(target=time.sleep, args=(600,)).start()\n"
        "atexit.register(print, 'bye')\napp = Starlette()\n"
    )
    entry = make_application(tmp_path, source, "starlette==1.10.0")

    assert len(RouteTable.from_app("shop.main:app", entry=entry)) == 0


def test_another_framework_is_refused(tmp_path: Path) -> None:
    entry = make_application(tmp_path, "class Shop: ...\napp = Shop()\n")
    message = (
        "shop.main:app: app must be of a framework whose routes can be read: FastAPI, Starlette, "
        "Flask and Powertools resolvers, got shop.main.Shop; "
        "describe it with RouteTable.from_openapi"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        RouteTable.from_app("shop.main:app", entry=entry)


@pytest.mark.parametrize(
    ("source", "got"),
    [
        pytest.param(
            "from flask import Blueprint\napp = Blueprint('books', __name__)",
            "flask.blueprints.Blueprint",
            id="a part of an application",
        ),
        pytest.param(
            "class Wrapper:\n    app = None\n    def __call__(self): ...\napp = Wrapper()",
            "shop.main.Wrapper",
            id="middleware around nothing",
        ),
    ],
)
def test_what_is_no_application_is_told_by_its_type(tmp_path: Path, source: str, got: str) -> None:
    entry = make_application(tmp_path, source, "flask==3.1.3")
    message = f"{_SUPPORTED}, got {got}; describe it with RouteTable.from_openapi"
    with pytest.raises(PatternError, match=exactly(message)):
        RouteTable.from_app("shop.main:app", entry=entry)


@pytest.mark.parametrize(
    ("name", "got"),
    [
        pytest.param("Router", "api_gateway.Router", id="a router"),
        pytest.param("BedrockAgentResolver", "bedrock_agent.BedrockAgentResolver", id="an agent"),
        pytest.param("AppSyncResolver", "appsync.AppSyncResolver", id="GraphQL"),
    ],
)
def test_what_no_request_over_http_reaches_is_refused(tmp_path: Path, name: str, got: str) -> None:
    source = "from aws_lambda_powertools import event_handler\n"
    source += "from aws_lambda_powertools.event_handler.api_gateway import Router\n"
    source += f"app = {name if name == 'Router' else 'event_handler.' + name}()\n"
    entry = make_application(tmp_path, source, "aws-lambda-powertools[parser]==3.37.0")
    message = (
        f"{_SUPPORTED}, got aws_lambda_powertools.event_handler.{got}; "
        "describe it with RouteTable.from_openapi"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        RouteTable.from_app("shop.main:app", entry=entry)


@pytest.mark.parametrize("made", ["def app(name='shop'): ...", "class app: ..."])
def test_what_makes_an_application_is_none(tmp_path: Path, made: str) -> None:
    entry = make_application(tmp_path, made)
    message = (
        f"{_SUPPORTED}, got shop.main.app; name the application that it makes, assigned in the "
        "module, or describe it with RouteTable.from_openapi"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        RouteTable.from_app("shop.main:app", entry=entry)


def test_an_attribute_that_the_finished_module_lacks_is_told(tmp_path: Path) -> None:
    entry = make_application(tmp_path, "class container: ...\n")
    message = (
        "shop.main:container.app: app must name something that shop.main defines, got "
        "container.app, in which there is no app; name the application that is assigned in the "
        "module"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        RouteTable.from_app("shop.main:container.app", entry=entry)


def test_an_error_of_many_lines_is_told_in_one_and_not_at_length(tmp_path: Path) -> None:
    source = "app = 1\nraise ValueError('two\\n  lines ' + 'x' * 1000)\n"
    entry = make_application(tmp_path, source)
    message = (
        f"shop.main:app: app must be importable, got ValueError: two lines {'x' * 290}... "
        f"({entry}/shop/main.py:2); "
        "mend it, or give what it reads at import as import_environment"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        RouteTable.from_app("shop.main:app", entry=entry)


def test_a_syntax_error_in_another_of_its_modules_is_told_with_its_place(tmp_path: Path) -> None:
    entry = make_application(tmp_path, "import shop.other\napp = 1\n")
    (entry / "shop" / "other.py").write_text("\nif:\n")

    with pytest.raises(PatternError, match=r"got SyntaxError: .* \(.*/shop/other\.py:2\); mend it"):
        RouteTable.from_app("shop.main:app", entry=entry)


def test_whatever_it_prints_and_starts_at_import_is_no_matter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_route_import, "_SECONDS", 10)
    source = (
        "import os, subprocess, sys\nfrom starlette.applications import Starlette\n"
        "subprocess.Popen(['sleep', '15'])\nos.write(1, b'to the descriptor')\n"
        "os.system('echo from a child')\nassert sys.argv[1:] == []\n"
        "import boto3\nboto3.client('dynamodb')\n"
        "app = Starlette()\n"
    )
    entry = make_application(tmp_path, source, "starlette==1.10.0")

    assert listed(RouteTable.from_app("shop.main:app", entry=entry)) == []


def test_an_import_that_goes_on_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_route_import, "_SECONDS", 0.5)
    entry = make_application(tmp_path, "import time\napp = 1\ntime.sleep(600)\n")
    message = (
        "shop.main:app: app must be imported within 0.5 s, got an import that goes on; "
        "start servers and loops in `if __name__ == '__main__':`"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        RouteTable.from_app("shop.main:app", entry=entry)


@pytest.mark.parametrize(
    ("environment", "why"),
    [
        ({"LIMIT": 3}, "expected str, bytes or os.PathLike object, not int"),
        ({"A=B": "c"}, "illegal environment variable name"),
    ],
)
def test_an_environment_of_other_things_than_texts_is_refused(
    tmp_path: Path, environment: dict[str, str], why: str
) -> None:
    entry = make_application(tmp_path, "app = 1\n")
    message = (
        f"shop.main:app: import_environment must map names of variables to texts, "
        f"got {environment}: {why}; for example {{'TABLE': 'books'}}"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        RouteTable.from_app("shop.main:app", entry=entry, import_environment=environment)


_SUPPORTED = (
    "shop.main:app: app must be of a framework whose routes can be read: FastAPI, Starlette, "
    "Flask and Powertools resolvers"
)
