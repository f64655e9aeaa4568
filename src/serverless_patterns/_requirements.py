"""What a folder of sources asks for: its lock, its requirements or its project."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from serverless_patterns._cache import fingerprint
from serverless_patterns._errors import PatternError
from serverless_patterns._requirement_line import RequirementLine, name_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

_OTHER_MANIFESTS = ("Pipfile", "poetry.lock", "setup.py", "requirements.in")
_SIMPLE_SPECIFIER = re.compile(r"([=<>!~]=?=?)\s*([\d.*]+)(?=[\s,)]|$)")
_COMPILE = "run `uv pip compile {} -o requirements.txt`"


class _Refused(Exception):  # noqa: N818 - it never leaves this module
    """Why a manifest can't be followed."""

    def __init__(self, rule: str, got: str, remedy: str) -> None:
        super().__init__(rule)
        self.because = {"rule": rule, "got": got, "remedy": remedy}


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
            PatternError: If the requirements can't be read or followed.
        """
        readers: dict[str, Callable[[Path], Iterator[RequirementLine]]]
        readers = {"uv.lock": _locked, "requirements.txt": _listed, "pyproject.toml": _declared}
        for name, read in readers.items():
            manifest = entry / name
            if manifest.is_file():
                try:
                    lines = tuple(read(manifest))
                    if name != "uv.lock":  # which says where each package comes from
                        _check_projects(lines)
                    return cls(path, manifest, lines)
                except _Refused as refused:
                    raise PatternError(path, name, **refused.because) from refused
                except (OSError, ValueError, TypeError, AttributeError, KeyError) as error:
                    raise PatternError(
                        path, name, rule="be readable", got=error, remedy=f"mend {manifest}"
                    ) from error
        for name in _OTHER_MANIFESTS:
            if (entry / name).is_file():
                raise PatternError(
                    path,
                    "entry",
                    rule="say what it requires in uv.lock, requirements.txt or pyproject.toml",
                    got=name,
                    remedy=f"compile it to {entry / 'requirements.txt'}, which may be empty",
                )
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


def parse_requirements(
    text: str, base: Path, including: tuple[Path, ...] = ()
) -> Iterator[RequirementLine]:
    """The lines of a ``requirements.txt`` in ``base``, with those of the files it includes."""
    uncommented = re.sub(r"(?m)(^|[ \t])#.*$", "", text)
    for line in re.sub(r"\\[ \t]*\r?\n", " ", uncommented).splitlines():
        stripped = line.strip()
        included = re.fullmatch(r"(?:-r|--requirement)[ =]?\s*(.+)", stripped)
        if included:
            yield from _listed(base / included[1].strip("\"'"), including)
        elif stripped.startswith("--no-binary"):
            raise _Refused(
                rule="install wheels alone",
                got=stripped,
                remedy="leave that out: what is built here may not run on Lambda",
            )
        elif stripped:
            requirement = RequirementLine(stripped, base)
            if requirement.is_editable and requirement.project is None:
                raise _Refused(
                    rule="name a project in a folder as editable",
                    got=stripped,
                    remedy="name the folder, or the package and its version",
                )
            yield requirement


def _listed(requirements: Path, including: tuple[Path, ...] = ()) -> Iterator[RequirementLine]:
    place = requirements.resolve()
    if place in including:
        raise _Refused("include no file in itself", str(requirements), "remove that line")
    text = place.read_text(encoding="utf-8-sig")
    yield from parse_requirements(text, requirements.parent, (*including, place))


def _declared(project: Path) -> Iterator[RequirementLine]:
    content = tomllib.loads(project.read_text())
    declared = _dependencies(content)
    _check_sources(project, content, declared, named=set())
    yield from (RequirementLine(text, project.parent) for text in declared)


def _check_projects(lines: Sequence[RequirementLine]) -> None:
    """Refuse local projects that find theirs through uv, unless those are named as well."""
    projects = {line.project / "pyproject.toml" for line in lines if line.project}
    contents = {each: tomllib.loads(each.read_text()) for each in projects if each.is_file()}
    named = {name_of(content.get("project", {}).get("name", "")) for content in contents.values()}
    named |= {line.package for line in lines}
    for project, content in contents.items():
        declared = content.get("project", {}).get("dependencies", [])
        _check_sources(project, content, declared, named)


def _check_sources(
    project: Path, content: dict[str, Any], declared: Sequence[str], named: set[str]
) -> None:
    """Refuse dependencies that an index would be asked for, though they come from elsewhere."""
    sources = {name_of(name) for name in content.get("tool", {}).get("uv", {}).get("sources", {})}
    elsewhere = sorted((sources & {name_of(text) for text in declared}) - named)
    if elsewhere:
        raise _Refused(
            rule="be locked where tool.uv.sources says where packages come from",
            got=f"a source for {', '.join(elsewhere)} in {project}",
            remedy="run `uv lock`, or in a workspace `uv export --no-dev --no-emit-project "
            "-o requirements.txt`",
        )


def _dependencies(content: dict[str, Any]) -> list[str]:
    """The dependencies that a ``pyproject.toml`` declares."""
    project = content.get("project", {})
    if "dependencies" in project.get("dynamic", ()):
        raise _Refused("declare dependencies", "dynamic ones", _COMPILE.format("pyproject.toml"))
    if "project" not in content and "poetry" in content.get("tool", {}):
        raise _Refused(
            rule="declare dependencies as [project] does",
            got="[tool.poetry]",
            remedy="run `poetry export -o requirements.txt`",
        )
    declared = project.get("dependencies", [])
    if not isinstance(declared, list) or not all(isinstance(text, str) for text in declared):
        raise _Refused("list dependencies as texts", repr(declared), 'dependencies = ["name==1"]')
    return declared


def _locked(lock: Path) -> Iterator[RequirementLine]:
    content = lock.read_bytes()
    packages = tomllib.loads(content.decode()).get("package", [])
    yield RequirementLine(f"# {fingerprint([content])}", lock.parent)
    for package in packages:
        source = package.get("source", {})
        if "." in (source.get("virtual"), source.get("editable")):
            _check_is_current(lock.with_name("pyproject.toml"), package)
        else:
            local = source.get("directory") or source.get("editable") or source.get("path")
            if local:
                yield RequirementLine(f"{package['name']} @ {lock.parent / local}", lock.parent)


def _check_is_current(project: Path, locked: dict[str, Any]) -> None:
    """Refuse a lock that was made for other dependencies than the project now has."""
    content = tomllib.loads(project.read_text()) if project.is_file() else {}
    if not content or "dependencies" in content.get("project", {}).get("dynamic", ()):
        return
    known: dict[str, set[str]] = {}
    for each in locked.get("metadata", {}).get("requires-dist", []):
        if "extra ==" not in each.get("marker", ""):
            # Of what comes from elsewhere uv keeps no bounds.
            known.setdefault(name_of(each["name"]), set()).add(_bounds(each.get("specifier", "")))
    declared: dict[str, set[str]] = {}
    for text in _dependencies(content):
        declared.setdefault(name_of(text), set()).add(_bounds(text.partition(";")[0]))
    changed = sorted(
        name
        for name in {*declared, *known}
        if name not in known
        or name not in declared
        or ("" not in known[name] and known[name] != declared[name])
    )
    if changed:
        raise _Refused("lock what pyproject.toml says", f"another {changed[0]}", "run `uv lock`")


def _bounds(specifier: str) -> str:
    """Those bounds of a version that uv writes as they are, in one order."""
    plain = re.sub(r"(?<![\d.])v?0*(?=\d)", "", specifier.lower())
    return ",".join(sorted(map("".join, _SIMPLE_SPECIFIER.findall(plain))))
