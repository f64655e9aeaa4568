"""Applications made at test time, whose routes are read."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from serverless_patterns import RouteTable


def make_application(folder: Path, source: str, *requirements: str) -> Path:
    (folder / "shop").mkdir()
    (folder / "shop" / "main.py").write_text(source)
    (folder / "requirements.txt").write_text("\n".join(requirements))
    return folder


def listed(table: RouteTable) -> list[str]:
    return [f"{each.method} {each.path}{' async' * each.is_async}" for each in table]
