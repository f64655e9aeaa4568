"""One line of requirements, and what on this machine it names."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote

from serverless_patterns._sources import copy_sources, source_parts

if TYPE_CHECKING:
    from collections.abc import Iterator

PROJECT_EXCLUDE = (
    ".git",
    ".venv",
    ".tox",
    ".nox",
    ".*_cache",
    "__pycache__",
    "*.py[co]",
    "*.egg-info",
    "/build",
    "/dist",
    "/venv",
    "node_modules",
    "cdk.out",
)
"""What no build of a local project needs, or an earlier one left behind."""

_LOCAL = re.compile(
    r"""
    (?P<editable>(?:-e|--editable)(?:[ ]|=)\s*)?
    (?:[\w.-]+\s*(?P<extras>\[[^\]]*\])?\s*@\s*)?
    (?P<url>file:(?://)?)?
    (?P<path>(?![\w+]+:)[^;\[\#]+?)
    (?:\#egg=[\w.-]+)?
    (?P<more_extras>\[[^\]]*\])?
    (?:\s+--.*?)?
    \s*(?P<marker>;.*)?
    """,
    re.VERBOSE,
)
_VARIABLE = re.compile(r"\$\{([A-Z0-9_]+)\}")


class RequirementLine(NamedTuple):
    """A line of requirements, and the folder that its paths start from."""

    text: str
    base: Path

    @property
    def package(self) -> str:
        """The normalized name it starts with."""
        return name_of(self.text)

    @property
    def is_editable(self) -> bool:
        """Whether it asks for an editable installation."""
        return bool(re.match(r"(-e|--editable)[ =]", self.text))

    @property
    def project(self) -> Path | None:
        """The folder of the local project that it names; editable makes no difference."""
        place = self._place
        return place if place and place.is_dir() else None

    @property
    def wheel(self) -> Path | None:
        """The local wheel that it names."""
        place = self._place
        return place if place and place.suffix == ".whl" and place.is_file() else None

    @property
    def file(self) -> tuple[str, Path] | None:
        """The option and the path, where it names a constraint file or a folder of wheels."""
        named = re.fullmatch(r"(-c|--constraint|-f|--find-links)[ =]?\s*(.+)", self._expanded)
        place = self._found(named[2].strip("\"'")) if named else None
        return (named[1], place) if named and place else None

    def installing(self, wheel: Path) -> str:
        """This line with ``wheel`` in place of the local project or wheel that it names."""
        named = _LOCAL.fullmatch(self._expanded)
        extras = (named["extras"] or named["more_extras"] or "") if named else ""
        marker = f" {named['marker']}" if named and named["marker"] else ""
        return f"{wheel.name.split('-', maxsplit=1)[0]}{extras} @ {wheel.as_uri()}{marker}"

    def parts(self) -> Iterator[str | bytes]:
        """What tells this line from another, wherever its folder stands."""
        if self.project:
            yield self.installing(Path("/project-"))
            yield from source_parts(self.project, PROJECT_EXCLUDE)
        elif self.wheel:
            yield self.installing(Path("/", self.wheel.name))
            yield self.wheel.read_bytes()
        else:
            yield self.text
            yield from self._file_parts()

    def copy_project(self, folder: Path) -> None:
        """Copy the local project into ``folder``: a build may write where it runs."""
        if self.project:
            copy_sources(self.project, folder, PROJECT_EXCLUDE)

    def _file_parts(self) -> Iterator[str | bytes]:
        if self.file:
            _, path = self.file
            for file in [path] if path.is_file() else sorted(path.glob("*.whl")):
                yield file.name
                yield file.read_bytes()

    @property
    def _expanded(self) -> str:
        """The text with its variables; the text itself, without their secrets, is what is told."""
        variables = {"PROJECT_ROOT": str(self.base.resolve()), **os.environ}
        return _VARIABLE.sub(lambda found: variables.get(found[1], found[0]), self.text)

    @property
    def _place(self) -> Path | None:
        named = _LOCAL.fullmatch(self._expanded)
        if not named or not (
            named["editable"] or named["url"] or "/" in named["path"] or named["path"][0] in ".~"
        ):
            return None
        return self._found((named["url"] or "") + named["path"].strip())

    def _found(self, path: str) -> Path | None:
        """What a path or a file URL leads to, from here or, as uv exports it, from a workspace."""
        if path.startswith("file:"):
            path = re.sub("^/+", "/", unquote(re.sub("^file:(//)?", "", path)))
        bases = [self.base, *(each for each in self.base.parents if (each / "uv.lock").is_file())]
        places = (base / Path(path).expanduser() for base in bases)
        return next((place.resolve() for place in places if place.exists()), None)


def name_of(requirement: str) -> str:
    """The normalized name that a requirement starts with."""
    name = re.split(r"[^\w.-]", requirement.strip(), maxsplit=1)[0]
    return re.sub(r"[-_.]+", "-", name).lower()
