from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from serverless_patterns._cache import cached

if TYPE_CHECKING:
    from pathlib import Path

DAY = 86_400


def fill(folder: Path) -> None:
    (folder / "made.txt").write_text("made")


def test_what_was_not_used_for_30_days_is_removed(cache: Path) -> None:
    used, unused = (cached("things", key, fill) for key in ("used", "unused"))
    for folder in (used, unused):
        os.utime(folder, (0, time.time() - 31 * DAY))

    cached("things", "used", fill)
    cached("things", "new", fill)

    assert sorted(folder.name for folder in (cache / "things").iterdir()) == ["new", "used"]


def test_the_first_of_two_processes_wins(cache: Path) -> None:
    def late(folder: Path) -> None:
        fill(folder)
        cached("things", "same", fill)
        (folder / "made.txt").write_text("too late")

    assert (cached("things", "same", late) / "made.txt").read_text() == "made"
    assert [folder.name for folder in (cache / "things").iterdir()] == ["same"]


def test_a_folder_that_was_emptied_is_filled_again(cache: Path) -> None:
    (cached("things", "same", fill) / "made.txt").unlink()

    assert (cached("things", "same", fill) / "made.txt").read_text() == "made"
    assert cache.is_dir()
