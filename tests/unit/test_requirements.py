from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from serverless_patterns import PatternError
from serverless_patterns._uv import run_uv
from tests.unit.conftest import HATCHLING, names
from tests.wheels import make_wheel

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.conftest import Bundle

PROJECT = '[project]\nname = "shop"\nversion = "1"\nrequires-python = ">=3.11"\n'


def refused(bundle: Bundle, entry: Path) -> str:
    with pytest.raises(PatternError) as error:
        bundle(entry)
    return str(error.value)


def test_a_changed_lock_is_installed(entry: Path, index: Path, bundle: Bundle) -> None:
    make_wheel(index, "money")
    make_wheel(index, "coins")
    project = entry / "pyproject.toml"
    project.write_text(f'{PROJECT}dependencies = ["money==1.0"]\n')
    assert run_uv("lock --quiet", cwd=entry).returncode == 0
    assert "coins.py" not in names(bundle(entry))

    project.write_text(f'{PROJECT}dependencies = ["money==1.0", "coins>=1"]\n')
    message = (
        "Shop/Worker: uv.lock must lock what pyproject.toml says, got another coins; run `uv lock`"
    )
    assert refused(bundle, entry) == message

    assert run_uv("lock --quiet", cwd=entry).returncode == 0
    assert {"money.py", "coins.py"} <= names(bundle(entry))


@pytest.mark.parametrize("bounds", ["<2,>=1", ">=1, <2", ">=v1.0", "~=1.0", "== 1.*", ""])
def test_a_current_lock_is_current_however_bounds_are_written(
    entry: Path, index: Path, bundle: Bundle, bounds: str
) -> None:
    make_wheel(index, "money", "1.0")
    (entry / "pyproject.toml").write_text(f'{PROJECT}dependencies = ["Money {bounds}"]\n')
    assert run_uv("lock --quiet", cwd=entry).returncode == 0

    assert "money.py" in names(bundle(entry))


@pytest.mark.usefixtures("shared")
def test_a_lock_says_where_everything_comes_from(
    entry: Path, bundle: Bundle, tmp_path: Path
) -> None:
    (tmp_path / "shared" / "pyproject.toml").write_text(
        '[project]\nname = "shared"\nversion = "1"\ndependencies = ["coins"]\n'
        f'[tool.uv.sources]\ncoins = {{ path = "../my coins" }}\n{HATCHLING}'
    )
    (tmp_path / "my coins").mkdir()
    (tmp_path / "my coins" / "coins.py").write_text("CENTS = 1\n")
    (tmp_path / "my coins" / "pyproject.toml").write_text(
        f'[project]\nname = "coins"\nversion = "1"\n{HATCHLING}'
    )
    (entry / "pyproject.toml").write_text(
        f'{PROJECT}dependencies = ["shared>=1"]\n'
        f'[tool.uv.sources]\nshared = {{ path = "{tmp_path}/shared" }}\n'
    )
    assert run_uv("lock --quiet", cwd=entry).returncode == 0
    assert {"coins.py", "shared/__init__.py"} <= names(bundle(entry))

    (tmp_path / "shared" / "shared" / "__init__.py").write_text("CENTS = 1000\n")
    assert (bundle(entry) / "shared" / "__init__.py").read_text() == "CENTS = 1000\n"


def test_a_lock_is_enough_where_dependencies_are_dynamic(
    entry: Path, index: Path, bundle: Bundle
) -> None:
    make_wheel(index, "money")
    project = entry / "pyproject.toml"
    project.write_text(f'{PROJECT}dependencies = ["money"]\n')
    assert run_uv("lock --quiet", cwd=entry).returncode == 0

    project.write_text(f'{PROJECT}dynamic = ["dependencies"]\n')
    assert "money.py" in names(bundle(entry))


def test_groups_for_development_stay_out(entry: Path, index: Path, bundle: Bundle) -> None:
    make_wheel(index, "money")
    (entry / "pyproject.toml").write_text(
        f'{PROJECT}[dependency-groups]\nlint = ["money"]\n[tool.uv]\ndefault-groups = ["lint"]\n'
    )
    assert run_uv("lock --quiet", cwd=entry).returncode == 0

    assert "money.py" not in names(bundle(entry))


def test_a_source_of_uvs_is_not_replaced_by_an_index(
    entry: Path, shared: Path, bundle: Bundle
) -> None:
    project = entry / "pyproject.toml"
    project.write_text(
        f'{PROJECT}dependencies = ["shared"]\n'
        '[tool.uv.sources]\nshared = { path = "../shared" }\n'
    )
    message = (
        "Shop/Worker: pyproject.toml must be locked where tool.uv.sources says where packages come "
        f"from, got a source for shared in {project}; run `uv lock`, or in a workspace "
        "`uv export --no-dev --no-emit-project -o requirements.txt`"
    )
    assert refused(bundle, entry) == message

    assert run_uv("lock --quiet", cwd=entry).returncode == 0
    assert "shared/__init__.py" in names(bundle(entry))

    (shared / "shared" / "__init__.py").write_text("CENTS = 1000\n")
    assert (bundle(entry) / "shared" / "__init__.py").read_text() == "CENTS = 1000\n"


def test_a_source_of_a_local_project_is_not_replaced_either(
    entry: Path, shared: Path, bundle: Bundle
) -> None:
    (shared / "pyproject.toml").write_text(
        '[project]\nname = "shared"\nversion = "1"\ndependencies = ["coins"]\n'
        f'[tool.uv.sources]\ncoins = {{ path = "../coins" }}\n{HATCHLING}'
    )
    (entry / "requirements.txt").write_text("../shared\n")

    assert f"got a source for coins in {shared / 'pyproject.toml'}; " in refused(bundle, entry)


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        (
            "pyproject.toml",
            f'{PROJECT}dynamic = ["dependencies"]\n',
            "pyproject.toml must declare dependencies, got dynamic ones; "
            "run `uv pip compile pyproject.toml -o requirements.txt`",
        ),
        (
            "pyproject.toml",
            '[tool.poetry.dependencies]\nmoney = "1"\n',
            "pyproject.toml must declare dependencies as [project] does, got [tool.poetry]; "
            "run `poetry export -o requirements.txt`",
        ),
        (
            "pyproject.toml",
            f'{PROJECT}dependencies = "money"\n',
            "pyproject.toml must list dependencies as texts, got 'money'; "
            'dependencies = ["name==1"]',
        ),
        (
            "Pipfile",
            "",
            "entry must say what it requires in uv.lock, requirements.txt or pyproject.toml, got "
            "Pipfile; compile it to {entry}/requirements.txt, which may be empty",
        ),
        (
            "requirements.txt",
            "--no-binary money\nmoney\n",
            "requirements.txt must install wheels alone, got --no-binary money; "
            "leave that out: what is built here may not run on Lambda",
        ),
        (
            "requirements.txt",
            "-e nowhere\n",
            "requirements.txt must name a project in a folder as editable, got -e nowhere; "
            "name the folder, or the package and its version",
        ),
        (
            "requirements.txt",
            "-r requirements.txt\n",
            "requirements.txt must include no file in itself, got {entry}/requirements.txt; "
            "remove that line",
        ),
        ("pyproject.toml", "project = [1]\n", "pyproject.toml must be readable, got "),
    ],
)
def test_what_cannot_be_followed_is_refused(
    entry: Path, bundle: Bundle, name: str, text: str, message: str
) -> None:
    (entry / name).write_text(text)

    assert refused(bundle, entry).startswith(f"Shop/Worker: {message.format(entry=entry)}")


def test_comments_continue_no_line(entry: Path, index: Path, bundle: Bundle) -> None:
    make_wheel(index, "money")
    make_wheel(index, "coins")
    (entry / "requirements.txt").write_text("# C:\\tmp\\\nmoney  # one \\\ncoins \\\n  >= 1\n")

    assert {"money.py", "coins.py"} <= names(bundle(entry))


def test_an_application_needs_an_adapter_that_starts_its_lifespan(
    entry: Path, index: Path, bundle: Bundle
) -> None:
    make_wheel(index, "mangum", "0.17")
    make_wheel(index, "apig_wsgi", "9.9")
    (entry / "requirements.txt").write_text("mangum==0.17\napig-wsgi\n")
    (entry / "main.py").write_text("app = object()\n")

    with pytest.raises(PatternError, match=r"mangum>=0\.19"):
        bundle(entry, handler="main:app")
