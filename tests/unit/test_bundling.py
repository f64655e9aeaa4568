from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_lambda as lambda_

from serverless_patterns import PatternError, PythonCode, _quotas
from tests.messages import exactly
from tests.unit.conftest import names
from tests.wheels import make_wheel

if TYPE_CHECKING:
    from tests.unit.conftest import Bundle, MakeApp


def synthesized_asset(make_app: MakeApp, entry: Path, **context: Any) -> str:
    """The key under which the CDK CLI publishes the code of an entry."""
    app = make_app(bundle=True, **context)
    stack = cdk.Stack(app, "Shop")
    code = PythonCode(stack, "Worker", entry=entry, handler="index.handler")
    assert code.handler
    lambda_.Function(stack, "Worker", code=code, handler=code.handler, runtime=code.runtime)
    template = app.synth().get_stack_by_name("Shop").template
    functions = template["Resources"].values()
    key: str = next(r["Properties"]["Code"]["S3Key"] for r in functions if "Lambda" in r["Type"])
    return key


def test_an_asset_holds_the_sources_without_tests_caches_and_secrets(
    entry: Path, bundle: Bundle
) -> None:
    for name in (
        *("shop/cart.py", "shop/data.json", "shop/testing.py", "latest/news.py"),
        *("tests/test_cart.py", "shop/tests/data.json", "shop/test_cart.py", "shop/cart_test.py"),
        *("conftest.py", "shop/__pycache__/cart.cpython-311.pyc", ".env", ".git/config"),
        *("requirements-dev.txt", "shop.egg-info/PKG-INFO", "node_modules/x/index.js"),
    ):
        (entry / name).parent.mkdir(parents=True, exist_ok=True)
        (entry / name).write_text("")

    asset = bundle(entry)

    assert names(asset) == {
        *("index.py", "shop/cart.py", "shop/data.json", "shop/testing.py", "latest/news.py"),
    }


def test_what_is_left_out_can_be_chosen(entry: Path, bundle: Bundle) -> None:
    (entry / "tests").mkdir()
    (entry / "tests" / "plans.py").write_text("")
    (entry / "notes.md").write_text("")

    assert names(bundle(entry, exclude=["*.md"])) == {"index.py", "tests/plans.py"}


def test_a_project_with_a_src_folder_is_bundled_from_there(entry: Path, bundle: Bundle) -> None:
    (entry / "pyproject.toml").write_text('[project]\nname = "shop"\nversion = "1"\n')
    (entry / "src" / "shop").mkdir(parents=True)
    (entry / "src" / "shop" / "main.py").write_text("def handler(event, context): ...\n")

    assert names(bundle(entry, handler="shop.main.handler")) == {"shop/main.py"}


def test_the_same_input_is_installed_once(
    entry: Path, index: Path, bundle: Bundle, installs: list[str]
) -> None:
    make_wheel(index, "money")
    (entry / "requirements.txt").write_text("money\n")

    first = bundle(entry)
    again = bundle(entry)
    (entry / "index.py").write_text("def handler(event, context): return 2\n")
    changed = bundle(entry)

    assert first == again != changed
    assert installs == ["pip install"]


def test_a_second_synthesis_gives_the_same_key_and_installs_nothing(
    make_app: MakeApp, entry: Path, index: Path, installs: list[str]
) -> None:
    make_wheel(index, "money")
    (entry / "requirements.txt").write_text("money\n")

    assert synthesized_asset(make_app, entry) == synthesized_asset(make_app, entry)
    assert installs == ["pip install"]


def test_the_hash_depends_on_contents_and_not_on_place_time_or_caches(
    make_app: MakeApp, entry: Path, tmp_path: Path
) -> None:
    first = synthesized_asset(make_app, entry)
    elsewhere = tmp_path / "elsewhere"
    shutil.copytree(entry, elsewhere)
    os.utime(elsewhere / "index.py", (0, 0))
    (elsewhere / "__pycache__").mkdir()
    (elsewhere / "__pycache__" / "index.cpython-311.pyc").write_bytes(b"\x00")
    assert synthesized_asset(make_app, elsewhere) == first

    (elsewhere / "index.py").rename(elsewhere / "other.py")
    (elsewhere / "index.py").write_text("def handler(event, context): ...\n")
    assert synthesized_asset(make_app, elsewhere) != first


def test_the_hash_depends_on_the_target(make_app: MakeApp, entry: Path) -> None:
    (entry / "requirements.txt").write_text("# nothing yet\n")
    local = {"serverless-patterns:python-version": "3.11"}

    assert synthesized_asset(make_app, entry) != synthesized_asset(make_app, entry, **local)


def test_a_stack_that_is_not_bundled_installs_nothing(
    make_app: MakeApp, entry: Path, installs: list[str], cache: Path
) -> None:
    (entry / "requirements.txt").write_text("money==1.0\n")

    synthesized_asset(make_app, entry, **{"aws:cdk:bundling-stacks": []})

    assert installs == []
    assert not cache.exists()


def test_an_asset_shares_no_file_that_a_rebuild_could_change(
    entry: Path, index: Path, bundle: Bundle
) -> None:
    make_wheel(index, "money")
    (entry / "requirements.txt").write_text("money\n")
    (entry / "money.py").write_text("VERSION = 'mine'\n")
    assert (bundle(entry) / "money.py").read_text() == "VERSION = 'mine'\n"

    (entry / "money.py").unlink()
    assert (bundle(entry) / "money.py").read_text() == "VERSION = '1.0'\n"


def test_an_asset_over_the_quota_is_refused(
    entry: Path, bundle: Bundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_quotas, "LAMBDA_UNZIPPED_BYTES", 2**20)
    (entry / "model.bin").write_bytes(bytes(3 * 2**20))

    message = (
        "Shop/Worker: entry must make an asset of at most 1 MB, got 3 MB with its wheels; "
        "require less (boto3 is part of the runtime), or use a container image"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        bundle(entry)


@pytest.mark.parametrize(("made", "got"), [(False, "does not exist"), (True, "is a file")])
def test_a_missing_entry_is_refused(
    tmp_path: Path, bundle: Bundle, *, made: bool, got: str
) -> None:
    entry = tmp_path / "nowhere"
    if made:
        entry.write_text("")

    message = (
        f"Shop/Worker: entry must be a folder with Python sources, got {entry}, which {got}; "
        "a path starts where the app is run: Path(__file__).parent makes it yours"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        bundle(entry)


@pytest.mark.parametrize(
    ("context", "message"),
    [
        (
            {"serverless-patterns:architecture": "amd64"},
            "context serverless-patterns:architecture must be one of arm64, x86_64, got 'amd64'; "
            "omit it to get arm64",
        ),
        (
            {"serverless-patterns:python-version": "3"},
            "context serverless-patterns:python-version must be a Python version such as 3.11, "
            "got '3'; omit it to get the runtime's",
        ),
    ],
)
def test_context_that_names_no_target_is_refused(
    entry: Path, bundle: Bundle, context: dict[str, str], message: str
) -> None:
    with pytest.raises(PatternError, match=exactly(f"Shop/Worker: {message}")):
        bundle(entry, context=context)


def test_an_application_gets_an_entry_module_and_what_it_runs_on(
    entry: Path, index: Path, make_app: MakeApp
) -> None:
    make_wheel(index, "mangum", "9.9")
    make_wheel(index, "apig_wsgi", "9.9")
    (entry / "requirements.txt").write_text("Mangum==9.9\napig.wsgi==9.9\n")
    (entry / "main.py").write_text("app = object()\n")
    stack = cdk.Stack(make_app(bundle=True), "Shop")

    code = PythonCode(stack, "Worker", entry=entry, handler="main:app")

    asset = Path(code.path)
    assert code.handler == "serverless_patterns_entry.handler"
    assert names(asset) >= {"serverless_patterns_entry.py", "mangum.py", "apig_wsgi.py", "main.py"}
    assert (asset / "main.py").read_text() == "app = object()\n"


def test_the_hash_of_an_application_depends_on_its_attribute(
    entry: Path, bundle: Bundle, index: Path
) -> None:
    make_wheel(index, "mangum", "9.9")
    make_wheel(index, "apig_wsgi", "9.9")
    (entry / "requirements.txt").write_text("mangum==9.9\napig-wsgi==9.9\n")
    (entry / "main.py").write_text("app = admin = object()\n")

    assert bundle(entry, handler="main:app") != bundle(entry, handler="main:admin")


def test_an_application_needs_a_python_that_its_adapter_runs_on(
    entry: Path, bundle: Bundle
) -> None:
    (entry / "main.py").write_text("app = object()\n")

    message = (
        "Shop/Worker: runtime must be python3.10 or newer to run an application, got python3.9; "
        "omit it to get the newest"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        bundle(entry, handler="main:app", runtime=lambda_.Runtime.PYTHON_3_9)


def test_code_without_a_handler_is_not_checked_for_one(entry: Path, make_app: MakeApp) -> None:
    stack = cdk.Stack(make_app(), "Shop")

    assert PythonCode(stack, "Worker", entry=entry).handler is None
