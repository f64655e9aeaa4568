from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from serverless_patterns import PatternError
from tests.messages import exactly
from tests.unit.conftest import names
from tests.wheels import make_wheel

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.unit.conftest import Bundle


@pytest.fixture
def closed_umask() -> Iterator[None]:
    before = os.umask(0o077)
    yield
    os.umask(before)


def test_links_are_followed_and_never_for_ever(entry: Path, tmp_path: Path, bundle: Bundle) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    (shared / "money.py").write_text("CENTS = 100\n")
    (entry / "shared").symlink_to(shared)
    (shared / "again").symlink_to(shared)

    assert names(bundle(entry)) == {"index.py", "shared/money.py"}


def test_a_folder_that_is_linked_twice_is_there_twice(
    entry: Path, tmp_path: Path, bundle: Bundle
) -> None:
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared" / "money.py").write_text("CENTS = 100\n")
    for name in ("books", "orders"):
        (entry / name).symlink_to(tmp_path / "shared")

    assert names(bundle(entry)) == {"index.py", "books/money.py", "orders/money.py"}


def test_a_pattern_that_starts_with_a_slash_counts_from_the_root(
    entry: Path, bundle: Bundle
) -> None:
    for name in ("notes", "shop/notes"):
        (entry / name).mkdir(parents=True)
        (entry / name / "index.md").write_text("")

    assert names(bundle(entry, exclude=["/notes"])) == {"index.py", "shop/notes/index.md"}


def test_the_executable_bit_counts(entry: Path, bundle: Bundle) -> None:
    plain = bundle(entry)
    (entry / "index.py").chmod(0o755)

    assert bundle(entry) != plain


@pytest.mark.usefixtures("closed_umask")
def test_lambda_may_read_what_a_umask_closed(entry: Path, index: Path, bundle: Bundle) -> None:
    make_wheel(index, "money")
    (entry / "requirements.txt").write_text("money\n")
    (entry / "shop").mkdir()
    (entry / "shop" / "run.sh").write_text("")
    (entry / "shop" / "run.sh").chmod(0o700)

    asset = bundle(entry)

    modes = {
        path.relative_to(asset).as_posix(): path.stat().st_mode & 0o777 for path in asset.rglob("*")
    }
    assert modes["money.py"] == 0o644
    assert modes["shop"] == modes["shop/run.sh"] == 0o755


def test_what_is_no_file_is_refused(entry: Path, bundle: Bundle) -> None:
    os.mkfifo(entry / "pipe")

    message = (
        "Shop/Worker: entry must hold files that can be read, and copied beside what they require, "
        f"got {entry / 'pipe'} is neither a file nor a folder, or leads nowhere; mend or exclude "
        "them; SERVERLESS_PATTERNS_CACHE_DIR names another place for copies"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        bundle(entry)


def test_a_source_in_the_way_of_a_package_is_refused(
    entry: Path, index: Path, bundle: Bundle
) -> None:
    make_wheel(index, "money", files={"coins/__init__.py": ""})
    (entry / "requirements.txt").write_text("money\n")
    (entry / "coins").write_text("")

    with pytest.raises(PatternError, match=r"copied beside what they require, got .*coins"):
        bundle(entry)


def test_a_cache_that_cannot_be_written_is_refused(
    entry: Path, bundle: Bundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SERVERLESS_PATTERNS_CACHE_DIR", "/dev/null/cache")

    with pytest.raises(PatternError, match=r"entry must hold .*, got .*/dev/null/cache.*; "):
        bundle(entry)


def test_a_cache_within_the_sources_is_refused(
    entry: Path, bundle: Bundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SERVERLESS_PATTERNS_CACHE_DIR", str(entry / "cache"))

    message = (
        f"Shop/Worker: entry must not hold the cache that assets are made in, got {entry / 'cache'}"
        "; set SERVERLESS_PATTERNS_CACHE_DIR to a folder elsewhere"
    )
    with pytest.raises(PatternError, match=exactly(message)):
        bundle(entry)


def test_one_text_is_no_list_of_patterns(entry: Path, bundle: Bundle) -> None:
    message = "Shop/Worker: exclude must be a list of texts, got '*.md'; write ['*.md']"
    with pytest.raises(PatternError, match=exactly(message)):
        bundle(entry, exclude="*.md")
