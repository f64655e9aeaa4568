"""What a folder of sources asks for: its lock, its requirements or its project."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from serverless_patterns._cache import fingerprint
from serverless_patterns._errors import PatternError
from serverless_patterns._sources import source_parts

if TYPE_CHECKING:
    from collections.abc import Iterator


class RequirementLine(NamedTuple):
    """A line of requirements, and the folder that its paths start from."""

    text: str
    base: Path

    @property
    def package(self) -> str:
        """The normalized name it starts with."""
        name = re.split(r"[^\w.-]", self.text, maxsplit=1)[0]
        return re.sub(r"[-_.]+", "-", name).lower()

    @property
    def project(self) -> Path | None:
        """The folder of the local project that it names; editable makes no difference."""
        named = re.fullmatch(
            r"(?:(?:-e|--editable)[ =]?\s*)?(?:[\w.-]+\s*@\s*)?(?:file://)?([./~][^;\s]*)(?:\s*;.*)?",
            self.text,
        )
        folder = self.base / Path(named[1]).expanduser() if named else self.base
        return folder.resolve() if named and folder.is_dir() else None

    @property
    def file(self) -> tuple[str, Path] | None:
        """The option and the path, where it names a constraint file or a folder of wheels."""
        named = re.fullmatch(r"(-c|--constraint|-f|--find-links)[ =]?\s*(\S+)", self.text)
        path = self.base / named[2] if named else self.base
        return (named[1], path.resolve()) if named and path.exists() else None

    def parts(self) -> Iterator[str | bytes]:
        """What tells this line from another, wherever its folder stands."""
        yield self.text
        if self.project:
            yield from source_parts(self.project)
        elif self.file and self.file[1].is_file():
            yield self.file[1].read_bytes()


@dataclass(frozen=True)
class Requirements:
    """What a folder of sources asks for.

    Attributes:
        path: The path of the construct that bundles the folder, for errors.
        manifest: The ``uv.lock``, ``requirements.txt`` or ``pyproject.toml`` that is followed.
        lines: What it asks for, included files and all.
    """

    path: str
    manifest: Path
    lines: tuple[RequirementLine, ...] = field(repr=False)

    @classmethod
    def of(cls, path: str, entry: Path) -> Requirements | None:
        """The requirements of ``entry``: its lock, else its requirements, else its project.

        Raises:
            PatternError: If the requirements can't be read.
        """
        readers = {"uv.lock": _locked, "requirements.txt": _listed, "pyproject.toml": _declared}
        for name, read in readers.items():
            manifest = entry / name
            if manifest.is_file():
                try:
                    return cls(path, manifest, tuple(read(manifest)))
                except (OSError, ValueError) as error:
                    raise PatternError(
                        path, name, rule="be readable", got=error, remedy=f"mend {manifest}"
                    ) from error
        return None

    @classmethod
    def none(cls, path: str, entry: Path) -> Requirements:
        """The requirements of a folder that states none."""
        return cls(path, entry / "requirements.txt", ())

    def parts(self) -> Iterator[str | bytes]:
        """What tells these requirements from others, wherever their folder stands."""
        yield self.manifest.name
        for line in self.lines:
            yield from line.parts()


def parse_requirements(text: str, base: Path) -> Iterator[RequirementLine]:
    """The lines of a ``requirements.txt`` in ``base``, with those of the files it includes."""
    for line in re.sub(r"\\\r?\n", " ", text).splitlines():
        stripped = re.sub(r"(^|\s)#.*$", "", line).strip()
        included = re.fullmatch(r"(?:-r|--requirement)[ =]?\s*(\S+)", stripped)
        if included:
            yield from _listed(base / included[1])
        elif stripped:
            yield RequirementLine(stripped, base)


def _listed(requirements: Path) -> Iterator[RequirementLine]:
    yield from parse_requirements(requirements.read_text(), requirements.parent)


def _declared(project: Path) -> Iterator[RequirementLine]:
    declared = tomllib.loads(project.read_text()).get("project", {}).get("dependencies", [])
    yield from (RequirementLine(text, project.parent) for text in declared)


def _locked(lock: Path) -> Iterator[RequirementLine]:
    for package in tomllib.loads(lock.read_text()).get("package", []):
        source = package.get("source", {})
        local = source.get("directory") or source.get("editable") or "."
        text = package["name"] if local == "." else f"./{local}"
        yield RequirementLine(text, lock.parent)
    yield RequirementLine(f"# {fingerprint([lock.read_bytes()])}", lock.parent)
