from __future__ import annotations

import tarfile
from typing import TYPE_CHECKING

import pytest
from aws_cdk import aws_lambda as lambda_

from serverless_patterns import PatternError
from serverless_patterns._uv import run_uv
from tests.messages import exactly
from tests.unit.conftest import names
from tests.wheels import make_wheel

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.conftest import Bundle


@pytest.mark.parametrize("manifest", ["requirements.txt", "pyproject.toml"])
def test_what_an_entry_requires_is_installed_beside_it(
    entry: Path, index: Path, bundle: Bundle, manifest: str
) -> None:
    make_wheel(index, "money", script="money")
    text = {
        "requirements.txt": "money==1.0\n",
        "pyproject.toml": '[project]\nname = "shop"\nversion = "1"\ndependencies = ["money"]\n',
    }
    (entry / manifest).write_text(text[manifest])

    found = names(bundle(entry)) - {"pyproject.toml"}
    assert found >= {"index.py", "money.py", "money-1.0.dist-info/METADATA"}
    assert not any(name.startswith("bin/") or "__pycache__" in name for name in found)
    record = (bundle(entry) / "money-1.0.dist-info" / "RECORD").read_text()
    assert "money.py" in record
    assert "bin/" not in record


def test_hashes_are_verified(entry: Path, index: Path, bundle: Bundle) -> None:
    digest = make_wheel(index, "money")
    (entry / "requirements.txt").write_text(f"money==1.0 \\\n    --hash=sha256:{digest}\n")
    assert "money.py" in names(bundle(entry))

    (entry / "requirements.txt").write_text(f"money==1.0 --hash=sha256:{'0' * 64}\n")
    with pytest.raises(PatternError, match="Hash mismatch"):
        bundle(entry)


def test_included_files_and_constraints_count(
    entry: Path, index: Path, bundle: Bundle, tmp_path: Path
) -> None:
    make_wheel(index, "money", "1.0")
    make_wheel(index, "money", "2.0")
    (tmp_path / "base.txt").write_text("money\n")
    (entry / "constraints.txt").write_text("money<2\n")
    (entry / "requirements.txt").write_text("-r ../base.txt\n-c constraints.txt\n")
    assert "money-1.0.dist-info/METADATA" in names(bundle(entry))

    (entry / "constraints.txt").write_text("money>=2\n")
    assert "money-2.0.dist-info/METADATA" in names(bundle(entry))


def test_a_lock_is_followed_before_anything_else(entry: Path, index: Path, bundle: Bundle) -> None:
    make_wheel(index, "money", "1.0")
    (entry / "pyproject.toml").write_text(
        '[project]\nname = "shop"\nversion = "1"\nrequires-python = ">=3.11"\n'
        'dependencies = ["money"]\n'
    )
    (entry / "requirements.txt").write_text("nothing-like-it==9\n")
    assert run_uv("lock --quiet", cwd=entry).returncode == 0
    make_wheel(index, "money", "2.0")

    assert "money-1.0.dist-info/METADATA" in names(bundle(entry))


def test_the_target_decides_which_wheels_are_taken(
    entry: Path, index: Path, bundle: Bundle
) -> None:
    for tag in (
        *("cp314-cp314-manylinux_2_34_aarch64", "cp314-cp314-manylinux_2_34_x86_64"),
        "cp312-cp312-manylinux_2_34_aarch64",
        *("cp311-cp311-manylinux_2_17_aarch64", "cp311-cp311-manylinux_2_17_x86_64"),
    ):
        make_wheel(index, "money", tag=tag, files={"tag.txt": tag})
    (entry / "requirements.txt").write_text("money\n")
    x86 = lambda_.Architecture.X86_64
    local = {
        "serverless-patterns:python-version": "3.11",
        "serverless-patterns:python-platform": "x86_64-manylinux_2_17",
    }

    taken = [
        bundle(entry),
        bundle(entry, architecture=x86),
        bundle(entry, runtime=lambda_.Runtime.PYTHON_3_12),
        bundle(entry, runtime=lambda_.Runtime.PYTHON_3_11),
        bundle(entry, context=local),
    ]
    assert [(asset / "tag.txt").read_text() for asset in taken] == [
        "cp314-cp314-manylinux_2_34_aarch64",
        "cp314-cp314-manylinux_2_34_x86_64",
        "cp312-cp312-manylinux_2_34_aarch64",
        "cp311-cp311-manylinux_2_17_aarch64",
        "cp311-cp311-manylinux_2_17_x86_64",
    ]


@pytest.mark.parametrize(
    "tag", ["cp39-cp39-win_amd64", "py3-none-win_amd64", "cp314-cp314-manylinux_2_34_x86_64"]
)
def test_a_package_without_a_wheel_is_refused_by_name(
    entry: Path, index: Path, bundle: Bundle, tag: str
) -> None:
    make_wheel(index, "money", tag=tag)
    (entry / "requirements.txt").write_text("money==1.0\n")

    message = (
        "Shop/Worker: requirements.txt must name packages that have a wheel for Python 3.14 on "
        "aarch64-manylinux_2_34, got money; pin a release that has one, choose its binary variant "
        "(psycopg2-binary for psycopg2), or build the wheel yourself and add `--find-links FOLDER`"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        bundle(entry)


def test_a_package_with_sources_only_is_refused_by_name(
    entry: Path, index: Path, bundle: Bundle
) -> None:
    with tarfile.open(index / "money-1.0.tar.gz", "w:gz") as archive:
        archive.add(entry / "index.py", "money-1.0/money.py")
    (entry / "requirements.txt").write_text("money\n")

    with pytest.raises(PatternError, match=r" that have a wheel for .*, got money; "):
        bundle(entry)


def test_a_requirement_that_cannot_be_had_is_refused_with_uvs_reason(
    entry: Path, index: Path, bundle: Bundle
) -> None:
    make_wheel(index, "money", "1.0")
    (entry / "requirements.txt").write_text("money>=2\n")

    with pytest.raises(PatternError) as refused:
        bundle(entry)
    assert str(refused.value).startswith(
        "Shop/Worker: requirements.txt must be installable for Python 3.14 on "
        "aarch64-manylinux_2_34, got Because only money==1.0 is available and you require money>=2"
    )
    assert str(refused.value).endswith(f"mend {entry / 'requirements.txt'}")


def test_a_refused_bundle_leaves_nothing_in_the_cache(
    entry: Path, index: Path, bundle: Bundle, cache: Path
) -> None:
    (entry / "requirements.txt").write_text("money\n")
    with pytest.raises(PatternError):
        bundle(entry)
    assert not names(cache)

    make_wheel(index, "money")
    assert "money.py" in names(bundle(entry))


def test_an_unreadable_manifest_is_refused(entry: Path, bundle: Bundle) -> None:
    (entry / "pyproject.toml").write_text("[project\n")

    with pytest.raises(PatternError, match=r"Shop/Worker: pyproject\.toml must be readable, got "):
        bundle(entry)
