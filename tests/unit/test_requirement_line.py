from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.unit.conftest import names
from tests.wheels import make_wheel

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.conftest import Bundle


SETUPTOOLS = '[build-system]\nrequires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"\n'


@pytest.mark.parametrize(
    "line",
    [
        *("../shared", "-e ../shared", "--editable=../shared", "shared @ ../shared"),
        *("../shared ; python_version > '3'", "./../shared/", "-e ../shared#egg=shared"),
        *("shared @ file:///${PROJECT_ROOT}/../shared", "-e file://${PROJECT_ROOT}/../shared"),
    ],
)
def test_a_local_project_is_a_wheel_however_it_is_named(
    entry: Path, shared: Path, bundle: Bundle, line: str
) -> None:
    assert shared.is_dir()
    (entry / "requirements.txt").write_text(f"{line}\n")

    found = names(bundle(entry))
    assert "shared/__init__.py" in found
    assert not [name for name in found if name.endswith((".pth", "direct_url.json"))]


@pytest.mark.usefixtures("shared")
def test_the_extras_and_the_marker_of_a_local_project_count(
    entry: Path, bundle: Bundle, tmp_path: Path
) -> None:
    make_wheel(tmp_path, "money")
    (entry / "requirements.txt").write_text("-f ..\n-e ../shared[money]\n")
    assert {"shared/__init__.py", "money.py"} <= names(bundle(entry))

    (entry / "requirements.txt").write_text("../shared ; python_version < '3'\n")
    assert names(bundle(entry)) == {"index.py"}


def test_a_local_project_is_built_from_a_copy(entry: Path, shared: Path, bundle: Bundle) -> None:
    (shared / "pyproject.toml").write_text(
        f'[project]\nname = "shared"\nversion = "1"\n{SETUPTOOLS}'
    )
    (shared / "shared" / "old_test.py").write_text("")
    (entry / "requirements.txt").write_text("../shared\n")
    before = names(shared)
    first = bundle(entry)
    assert names(shared) == before

    (shared / "shared" / "old_test.py").unlink()
    assert "shared/old_test.py" in names(first) - names(bundle(entry))


@pytest.mark.parametrize(
    "line", ["-f ../own\nmoney", "./../own/money-1.0-py3-none-any.whl", "money @ file:{}"]
)
@pytest.mark.usefixtures("index")
def test_a_wheel_that_was_built_again_is_installed_again(
    entry: Path, bundle: Bundle, tmp_path: Path, line: str
) -> None:
    folder = tmp_path / "own"
    folder.mkdir()
    wheel = folder / "money-1.0-py3-none-any.whl"
    (entry / "requirements.txt").write_text(f"{line.format(wheel)}\n")
    for text in ("one", "two"):
        make_wheel(folder, "money", files={"text.txt": text})
        assert (bundle(entry) / "text.txt").read_text() == text


def test_projects_that_say_the_same_of_folders_of_their_own_share_nothing(
    entry: Path, bundle: Bundle, tmp_path: Path
) -> None:
    for name in ("one", "two"):
        folder = tmp_path / f"{name} project"
        folder.mkdir()
        make_wheel(folder, "money", files={"text.txt": name})
        (folder / "index.py").write_text((entry / "index.py").read_text())
        (folder / "requirements.txt").write_text(
            "money @ file://${PROJECT_ROOT}/money-1.0-py3-none-any.whl\n"
        )
        assert (bundle(folder) / "text.txt").read_text() == name


def test_what_uv_exports_in_a_workspace_is_found(
    entry: Path, shared: Path, bundle: Bundle, tmp_path: Path
) -> None:
    assert shared.is_dir()
    (tmp_path / "uv.lock").write_text("")
    (entry / "requirements.txt").write_text("-e ./shared\n")

    assert "shared/__init__.py" in names(bundle(entry))
